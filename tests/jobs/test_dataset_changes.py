"""A dataset is not taken away under those who work with it, nor by those whose it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.audit import store as audits
from flowercore.data import catalog
from flowercore.errors import DatasetError, JobError, NotFoundError
from flowercore.jobs import dataset_changes, tasks
from flowercore.runs import holder, store
from tests.pages.audited_home import check


@pytest.fixture(autouse=True)
def mine(tiny_dataset: Callable[..., Path], home: Path) -> None:
    """Datasets of ann's and of everybody's."""
    catalog.import_source(tiny_dataset(), "mine", owner="ann")
    catalog.import_source(tiny_dataset(), "ours")


def names() -> list[str]:
    return [entry.name for entry in catalog.entries()]


def test_what_a_training_or_a_task_uses_stays_until_its_end() -> None:
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run({"data": "mine"}, visitor="ann", held_by=name)
        for change in (
            lambda: dataset_changes.delete("mine", "ann"),
            lambda: dataset_changes.rename("mine", "other", "ann"),
        ):
            with pytest.raises(JobError, match=r"in use cannot be .*A training works with it"):
                change()
        dataset_changes.rename("ours", "others")
        run = store.update(run, status="finished")
        task = tasks.new("audit", {"data": "mine"}, visitor="ann", held_by=name)
        with pytest.raises(JobError, match="A task works with it"):
            dataset_changes.delete("mine", "ann")
        tasks.update(task, state="finished")
        dataset_changes.delete("mine", "ann")
    assert names() == ["others"]
    # The run of the deleted set stays.
    assert [one.id for one in store.runs()] == [run.id]


def test_only_whose_it_is_and_the_operator_may() -> None:
    with pytest.raises(NotFoundError):  # ben does not even see it
        dataset_changes.delete("mine", "ben")
    with pytest.raises(DatasetError, match="for looking only"):
        dataset_changes.delete("ours", "ann")
    with pytest.raises(DatasetError, match="for looking only"):
        dataset_changes.rename("ours", "x", "")
    assert names() == ["mine", "ours"]
    assert dataset_changes.rename("mine", "anns", "ann") == "anns"
    dataset_changes.delete("anns")
    dataset_changes.delete("ours")
    assert names() == []


def test_the_audit_goes_with_its_dataset() -> None:
    seen = check("mine").identity
    dataset_changes.rename("mine", "other", "ann")
    assert audits.load("mine") is None
    found = audits.load("other")
    assert found is not None
    assert (found.dataset, found.identity) == ("other", seen)
    dataset_changes.delete("other", "ann")
    assert audits.load("other") is None
