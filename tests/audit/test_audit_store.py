"""An audit comes back as it was kept, and a damaged one counts as none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flowercore.audit import store
from flowercore.audit.findings import MAP, PROBLEMS, TWINS, Audit, ClassLook, table


@pytest.fixture
def audit() -> Audit:
    palette = (((1, 2, 3), 0.75), ((200, 100, 0), 0.25))
    photos = pd.DataFrame(
        {
            "key": pd.Series(["a/x.jpg", "b/y.jpg"], dtype=object),
            "brightness": [0.1 + 0.2, np.nan],
            "palette": pd.Series([palette, None], dtype=object),
            "phash": pd.Series(["0123456789abcdef", None], dtype=object),
            "error": pd.Series([None, "It is cut off."], dtype=object),
        }
    )
    problem = {"key": "b/y.jpg", "sha256": "f" * 64, "kind": "unreadable", "rank": 1, "score": 1.0}
    twin = {"group": 0, "key": "a/x.jpg", "sha256": "0" * 64, "label": "a", "exact": True}
    point = dict.fromkeys(MAP, 0.5) | {"key": "a/x.jpg", "sha256": "0" * 64}
    return Audit(
        dataset="mine <ü>",
        identity="1" * 64,
        backbone="efficientnet-lite0",
        created="2026-11-24T10:00:00+00:00",
        counts={"photos": 2, "unreadable": 1},
        notes=("One class is small.",),
        photos=photos,
        problems=table([{**problem, "why": "It is cut off.", "suggested": ""}], PROBLEMS),
        twins=table([{**twin, "similarity": 1.0}], TWINS),
        map=table([point], MAP),
        class_looks={"a": ClassLook(b"jpeg", palette, 0.3), "b": ClassLook(None, (), None)},
        seconds={"features": 1.5},
    )


def assert_same(one: Audit | None, other: Audit) -> None:
    assert one is not None
    for name, value in vars(other).items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(getattr(one, name), value, check_exact=True)
        else:
            assert getattr(one, name) == value


def kept(home: Path) -> list[Path]:
    return sorted((home / "audits").iterdir())


def test_it_comes_back_as_it_was(audit: Audit) -> None:
    assert store.load(audit.dataset) is None
    store.save(audit)
    assert_same(store.load(audit.dataset), audit)


def test_tables_without_rows_keep_their_types(audit: Audit) -> None:
    empty = replace(
        audit,
        photos=audit.photos[:0],
        problems=table([], PROBLEMS),
        twins=table([], TWINS),
        map=table([], MAP),
        class_looks={},
        notes=(),
    )
    store.save(empty)
    assert_same(store.load(audit.dataset), empty)


def test_the_last_one_counts_and_the_same_is_the_same_bytes(audit: Audit, home: Path) -> None:
    store.save(audit)
    first = kept(home)[0].read_bytes()
    before = store.stamp(audit.dataset)
    store.save(replace(audit, identity="2" * 64, notes=()))
    assert store.load(audit.dataset).identity == "2" * 64
    assert store.stamp(audit.dataset) != before
    store.save(audit)
    assert [path.read_bytes() for path in kept(home)] == [first]


def test_names_never_become_paths(audit: Audit, home: Path) -> None:
    for name in ("../../etc", "/etc/passwd", "a" * 300, "CON", "\udcff", ""):
        store.save(replace(audit, dataset=name))
        assert store.load(name).dataset == name
    assert len(kept(home)) == 6
    assert all(path.suffix == ".zip" for path in kept(home))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
def test_half_a_file_is_none(audit: Audit, home: Path, share: float) -> None:
    store.save(audit)
    (path,) = kept(home)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert store.load(audit.dataset) is None


def test_damaged_bytes_raise_nothing(audit: Audit, home: Path) -> None:
    store.save(audit)
    (path,) = kept(home)
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        store.load(audit.dataset)  # raises nothing


def test_an_audit_of_another_version_is_none(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store, "_FORMAT", 9)
        store.save(audit)
        assert store.load(audit.dataset) is not None
    assert store.load(audit.dataset) is None


def test_a_renamed_dataset_keeps_its_audit_and_a_deleted_one_does_not(
    audit: Audit, home: Path
) -> None:
    store.save(audit)
    store.move(audit.dataset, "new")
    assert store.load(audit.dataset) is None
    assert_same(store.load("new"), replace(audit, dataset="new"))
    store.move("never there", "other")
    store.delete("new")
    store.delete("new")
    assert kept(home) == []
    assert store.stamp("new") is None
