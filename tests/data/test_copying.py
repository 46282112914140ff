"""A copy of one's own looks the same, is owned, and takes no room a second time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog, copying, edits
from flowercore.data.dataset import Dataset
from flowercore.errors import DatasetError, NotFoundError


@pytest.fixture
def shared(home: Path, tiny_dataset: Callable[..., Path]) -> Dataset:
    return catalog.import_source(tiny_dataset(classes=2, per_class=4), "shared").dataset


def test_a_copy_has_the_same_photos_and_edits_and_an_owner(shared: Dataset) -> None:
    edits.add(shared, [shared.photos[0].key], edits.EXCLUDE)
    copy = copying.copy_dataset("shared", "my shared", owner="me")
    assert copy.identity == catalog.load("shared").identity == catalog.load("my shared").identity
    assert copying.copied_from(catalog.load("my shared")) == "shared"
    assert copying.copied_from(shared) is None
    owners = {entry.name: entry.owner for entry in catalog.entries()}
    assert owners == {"shared": "", "my shared": "me"}


def test_mending_the_copy_leaves_the_original_alone(shared: Dataset) -> None:
    copy = copying.copy_dataset("shared", "copy")
    edits.add(copy, [copy.photos[0].key], edits.RELABEL, label="dandelion")
    assert catalog.load("shared").identity == shared.identity
    assert catalog.load("copy").identity != shared.identity


def test_the_photos_share_their_room_on_the_disk(shared: Dataset) -> None:
    copy = copying.copy_dataset("shared", "copy")
    for one in shared.photos:
        assert copy.path(one).samefile(shared.path(one))


def test_where_the_disk_knows_no_links_photos_are_copied(
    shared: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "link", refuse)
    copy = copying.copy_dataset("shared", "copy")
    assert copy.identity == shared.identity
    assert not copy.path(copy.photos[0]).samefile(shared.path(copy.photos[0]))


@pytest.mark.parametrize("name", ["shared", "SHARED", "garden", "../x", ""])
def test_a_name_that_cannot_be_is_refused(shared: Dataset, name: str) -> None:
    with pytest.raises(DatasetError):
        copying.copy_dataset("shared", name)


def test_what_is_not_there_cannot_be_copied(home: Path) -> None:
    with pytest.raises(NotFoundError):
        copying.copy_dataset("none", "copy")
