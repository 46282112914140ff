"""Faults planted in a copy of the real photos are found, and little else is called a fault."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from flowercore.audit.audit import Audit, audit
from flowercore.audit.twins import leaks
from flowercore.data.dataset import scan
from flowercore.settings import settings
from tests.audit.planting import ACROSS, Planted, plant

# No seed that anything was tuned with.
SEED = 20261124

pytestmark = pytest.mark.real_photos


@pytest.fixture(scope="module")
def found(
    tmp_path_factory: pytest.TempPathFactory,
    compiled_backbones: Path,
    real_photos: Path,
    not_flowers: Path,
) -> Iterator[tuple[Planted, Audit]]:
    """Audit the planted dataset once for all tests of this file."""
    folder = tmp_path_factory.mktemp("planted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLOWERCORE_HOME", str(folder / "home"))
        settings.cache_clear()
        shutil.copytree(compiled_backbones, folder / "home" / "backbones")
        planted = plant(folder / "photos", real_photos, not_flowers, SEED)
        yield planted, audit(scan(planted.root, name="planted", origin="a test"))
    settings.cache_clear()


def keys(audit: Audit, kind: str, first: int | None = None) -> list[str]:
    rows = audit.problems[audit.problems["kind"] == kind].sort_values("rank")
    return rows["key"].tolist()[:first]


def groups(audit: Audit) -> dict[str, int]:
    return dict(zip(audit.twins["key"], audit.twins["group"], strict=True))


def test_copies_byte_for_byte(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    group = groups(audit)
    assert all(group.get(copy, -1) == group.get(of, -2) for copy, of in planted.exact.items())
    exact = set(audit.twins.loc[audit.twins["exact"], "key"])
    assert exact == planted.exact.keys() | set(planted.exact.values())
    assert set(keys(audit, "exact-twin")) == exact


def test_copies_that_were_saved_anew(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    group = groups(audit)
    same = [group.get(copy, -1) == group.get(of, -2) for copy, of in planted.near.items()]
    assert sum(same) >= 14


def test_no_two_different_photos_are_twins(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    copies = planted.exact | planted.near
    assert set(groups(audit)) <= copies.keys() | set(copies.values())
    # In the groups of two that were planted, and in no larger ones.
    assert audit.twins["group"].value_counts().unique().tolist() == [2]


def test_what_leaks_into_the_test(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    leaked = leaks(audit.twins, planted.parts)
    assert len(leaked.leaked) == ACROSS
    assert {key for key, _ in leaked.leaked} <= planted.exact.keys() | planted.near.keys()
    assert leaked.tested == sum(part == "test" for part in planted.parts.values())
    assert leaked.across_classes == 0


def test_photos_that_show_nothing(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    assert set(keys(audit, "unreadable")) == set(planted.unreadable)
    assert set(keys(audit, "dark")) == set(planted.black)


def test_swapped_labels(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    assert len(set(keys(audit, "suspect-label", 40)) & planted.swapped.keys()) >= 15
    rows = audit.problems[audit.problems["kind"] == "suspect-label"].set_index("key")
    hit = rows.loc[rows.index.intersection(list(planted.swapped))]
    right = [planted.swapped[key] == suggested for key, suggested in hit["suggested"].items()]
    assert sum(right) >= 0.75 * len(right)


def test_things_that_are_no_flowers(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    assert len(set(keys(audit, "outlier", 30)) & set(planted.strangers)) >= 8


def test_most_photos_are_called_good(found: tuple[Planted, Audit]) -> None:
    planted, audit = found
    quality = audit.problems["kind"].isin(["dark", "bright", "blurry", "tiny", "odd-shape"])
    assert quality.sum() <= len(planted.black) + 10
    assert (audit.problems["kind"] == "outlier").sum() <= 0.1 * len(audit.photos)
    assert (audit.problems["kind"] == "suspect-label").sum() <= 0.12 * len(audit.photos)


def test_the_tables_are_whole(found: tuple[Planted, Audit]) -> None:
    _, audit = found
    assert not audit.problems.isna().any(axis=None)
    assert not audit.twins.isna().any(axis=None)
    assert not audit.map.isna().any(axis=None)
    assert len(audit.map) == audit.photos["error"].isna().sum()
    assert audit.problems["score"].between(0, 1).all()
    for _, rows in audit.problems.groupby("kind"):
        assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
        assert rows["score"].is_monotonic_decreasing
    assert audit.counts["exact-twin"] == 30
    assert pd.api.types.is_integer_dtype(audit.problems["rank"])
