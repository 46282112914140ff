"""The feature cache: read again, shared by processes, made anew when it is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import registry
from flowercore.data.dataset import Dataset, scan
from flowercore.settings import settings
from flowercore.training.features import dataset_features, known_features

Tiny = Callable[..., Path]


@pytest.fixture
def data(prepared: Path, tiny_dataset: Tiny) -> Dataset:
    return scan(tiny_dataset(classes=2, per_class=3), name="tiny", origin="a test")


def test_what_was_computed_is_read_again(data: Dataset) -> None:
    assert known_features(data, registry.DEFAULT).photos == ()
    first = dataset_features(data, registry.DEFAULT)
    again = dataset_features(data, registry.DEFAULT)
    assert (first.computed, again.computed) == (6, 0)
    np.testing.assert_array_equal(first.vectors, again.vectors)
    np.testing.assert_array_equal(known_features(data, registry.DEFAULT).vectors, first.vectors)


def test_several_hosts_share_a_cache_without_shared_memory(
    data: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mode() -> str:
        with closing(sqlite3.connect(home / "cache" / "features.sqlite")) as connection:
            return connection.execute("PRAGMA journal_mode").fetchone()[0]

    first = dataset_features(data, registry.DEFAULT)
    assert mode() == "wal"
    monkeypatch.setenv("FLOWERCORE_SCHEDULER", "tcp://127.0.0.1:1")
    settings.cache_clear()
    assert dataset_features(data, registry.DEFAULT).computed == 0
    assert mode() == "delete"
    (home / "cache" / "features.sqlite").unlink()
    again = dataset_features(data, registry.DEFAULT)
    assert mode() == "delete"
    np.testing.assert_array_equal(first.vectors, again.vectors)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_damaged_cache_is_made_anew(data: Dataset, home: Path, content: bytes) -> None:
    first = dataset_features(data, registry.DEFAULT)
    for file in (home / "cache").glob("features.sqlite*"):
        file.unlink()
    (home / "cache" / "features.sqlite").write_bytes(content)
    again = dataset_features(data, registry.DEFAULT)
    assert again.computed == 6
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert dataset_features(data, registry.DEFAULT).computed == 0
