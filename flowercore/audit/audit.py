"""Looking through a dataset for all that may be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import pandas as pd

from flowercore.audit.class_looks import class_looks
from flowercore.audit.findings import KINDS, PROBLEMS, Audit, ClassLook, table
from flowercore.audit.label_quality import suspects
from flowercore.audit.layout import layout
from flowercore.audit.outliers import outliers
from flowercore.audit.quality import quality
from flowercore.audit.seen import see
from flowercore.audit.twins import twins
from flowercore.backbones import registry, runtime
from flowercore.data import looks
from flowercore.data.dataset import Dataset
from flowercore.data.names import shown
from flowercore.training.features import dataset_features

__all__ = ["Audit", "ClassLook", "audit"]

UNEVEN = 3.0
"""Photos of the commonest class by those of the rarest, above which a note is made."""

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""


def audit(
    dataset: Dataset,
    backbone: str = registry.DEFAULT,
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> Audit:
    """Find twins, bad photos, strangers and wrong labels, and lay all photos out on a map.

    For worker processes: it loads scikit-learn and SciPy. The same dataset gives the same tables.

    Args:
        dataset: As its edits make it.
        backbone: Whose features are looked at; it is prepared if need be. Which photos show the
            same is judged by thresholds that were measured with the default one.
        progress: Called with (what is being done, done, total).
        check: Called now and then; raises to stop.

    Returns:
        What was found.

    Raises:
        StorageError: If the home folder cannot be used.
        WeightsError: If the backbone's weights cannot be had.
    """
    steps = _Steps(progress, check)
    with steps.step("Looking at the photos") as count:
        seen_looks = looks.survey(dataset, progress=count, check=check)
    with steps.step("Computing features") as count:
        runtime.prepare(backbone, check=check)
        features = dataset_features(dataset, backbone, progress=count, check=check)
    with steps.step("Looking for twins"):
        seen = see(features, seen_looks, check)
        twin_table, problems = twins(seen)
    with steps.step("Judging the photos"):
        problems += quality(dataset, seen_looks, registry.get(backbone).input_size)
        problems += outliers(seen, check)
    with steps.step("Doubting the labels") as count:
        doubted, notes = suspects(seen, progress=count, check=check)
    with steps.step("Drawing the map"):
        places = layout(seen.photos, seen.vectors, check)
    with steps.step("Averaging the classes"):
        averages = class_looks(dataset, seen_looks, check)
    found = _ranked(problems + doubted)
    counts = {
        "photos": len(dataset.photos),
        "classes": len(dataset.classes),
        "left out": len(dataset.skipped),
        "excluded": len(dataset.excluded),
    }
    return Audit(
        dataset=dataset.name,
        identity=dataset.identity,
        backbone=backbone,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        counts=counts | {kind: int((found["kind"] == kind).sum()) for kind in KINDS},
        notes=(*_balance(dataset), *notes),
        photos=seen_looks,
        problems=found,
        twins=twin_table,
        map=places,
        class_looks=averages,
        seconds=steps.seconds,
    )


class _Steps:
    """Tells what is being done, and measures how long it takes."""

    def __init__(self, progress: Progress | None, check: Callable[[], None] | None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._check = check

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int, int], None]]:
        if self._check is not None:
            self._check()

        def count(done: int, total: int) -> None:
            if self._progress is not None:
                self._progress(name, done, total)

        count(0, 0)
        began = perf_counter()
        yield count
        self.seconds[name] = round(perf_counter() - began, 3)


def _ranked(problems: list[dict[str, Any]]) -> pd.DataFrame:
    """Order problems by kind and score, the worst first, and number them within their kind."""
    ordered = sorted(
        problems, key=lambda one: (KINDS.index(one["kind"]), -one["score"], one["key"])
    )
    ranks = dict.fromkeys(KINDS, 0)
    for one in ordered:
        ranks[one["kind"]] += 1
        one["rank"] = ranks[one["kind"]]
        one.setdefault("suggested", "")
    return table(ordered, PROBLEMS)


def _balance(dataset: Dataset) -> list[str]:
    counts = sorted(dataset.counts().items(), key=lambda item: item[1])
    if len(counts) < 2 or counts[-1][1] <= UNEVEN * counts[0][1]:
        return []
    (rare, fewest), (common, most) = counts[0], counts[-1]
    return [
        f"The classes are uneven: {shown(common)} has {most:,} photos, {shown(rare)} {fewest:,}. "
        "A model will lean towards the larger ones."
    ]
