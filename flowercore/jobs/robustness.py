"""Measuring how much a run can bear: its test photos, spoilt in every way, through its network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from flowercore.data import catalog
from flowercore.data.corruptions import KINDS, STRENGTHS, Corruption
from flowercore.data.dataset import Dataset
from flowercore.data.views import View, corrupted
from flowercore.errors import DatasetError, JobError, NotFoundError, StorageError
from flowercore.evaluation.judgement import judgement
from flowercore.evaluation.robustness import Level, Robustness
from flowercore.files import require_free_space
from flowercore.jobs.raw_answers import Answers, each_way, ready
from flowercore.jobs.task_work import TaskReporter
from flowercore.runs import results, robustness_file, store
from flowercore.runs.store import Run

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""
Check = Callable[[], None]

_LOOKING = "Looking at spoilt photos"
# Photos whose features of one kind are held at once: 5,000 of them would take half a gigabyte.
_AT_ONCE = 500


def robustness(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Measure what a run can bear and keep it, as a task of a worker.

    Args:
        arguments: ``run``, the id of a run with a trained head.
        reporter: Hears how far it is.

    Returns:
        How many photos it was measured on, and how many of the test photos were not there.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    run_id = str(arguments["run"])
    found = measure(run_id, progress=reporter.step, check=reporter.check)
    reporter.check()
    keep(run_id, found)
    return {"photos": found.plain.count, "missing": found.missing}


def keep(run_id: str, found: Robustness) -> None:
    """Keep what was measured in the run's folder.

    Raises:
        NotFoundError: If the run is gone.
        StorageError: If the disk refuses.
    """
    robustness_file.write(run_id, found.to_dict())


def measure(
    run_id: str, *, progress: Progress | None = None, check: Check | None = None
) -> Robustness:
    """Judge a run on its test photos, as they are and in every kind and strength of spoilt.

    Args:
        run_id: A run with a trained head and test photos.
        progress: Called with (what is being done, done, total).
        check: Called between batches; raises to stop. Features so far stay in the cache.

    Raises:
        NotFoundError: If there is no such run, it has no head or no test photos, or they are gone.
        DatasetError: If none of them can be read.
        JobError: If it is still active.
        StorageError: If its files are damaged, or the home folder cannot be used.
    """
    run = store.get(run_id)
    if run.status == "damaged":
        raise StorageError(run.reason)
    if run.active:
        raise JobError(f"A run is measured when it has ended. Received: one that is {run.status}.")
    results.head(run.id)
    if progress is not None:
        progress("Reading the list of photos", 0, 0)
    dataset, true, missing = _test_photos(run)
    predictor = ready(run, check)
    _require_room(run, len(dataset.photos), len(predictor.views))
    whole = len(dataset.photos)

    def asked(passes: int, photos: Dataset, ways: Sequence[Sequence[View]]) -> Answers:
        found = []
        for start in range(0, len(photos.photos), _AT_ONCE):

            def count(done: int, _: int, before: int = passes * whole + start) -> None:
                if progress is not None:
                    progress(_LOOKING, before + done, (1 + len(KINDS)) * whole)

            part = replace(photos, photos=photos.photos[start : start + _AT_ONCE])
            found.append(each_way(predictor, run, part, ways, progress=count, check=check))
        return _joined(found)

    plain = asked(0, dataset, [predictor.views])
    readable = replace(dataset, photos=plain.photos)
    levels = {"": _levels(readable, plain, true)}
    for passes, kind in enumerate(KINDS, start=1):
        ways = [_spoilt(predictor.views, kind, strength) for strength in STRENGTHS]
        levels[kind] = _levels(readable, asked(passes, readable, ways), true)
    (unspoilt,) = levels.pop("")
    return Robustness(unspoilt, levels, missing, len(plain.skipped), store.now())


def _test_photos(run: Run) -> tuple[Dataset, dict[str, int], int]:
    """Return those test photos that are still as they were, their classes, and how many are not."""
    table = results.predictions(run.id)
    judged = judgement(table[table["split"] == "test"], run.classes)
    if judged is None:
        raise NotFoundError(
            "What a run can bear is measured on its own test photos. Received: a run that kept "
            "none. Train one with a test split above 0."
        )
    dataset = catalog.load(run.config["data"], mended=False)
    there = {(photo.key, photo.sha256): photo for photo in dataset.photos}
    wanted = list(zip(judged.photos["key"], judged.photos["sha256"], strict=True))
    photos = tuple(there[one] for one in wanted if one in there)
    if not photos:
        raise NotFoundError(
            "What a run can bear is measured on its own test photos. Received: a dataset in which "
            f"all {len(wanted):,} of them are gone or changed. Train again."
        )
    true = dict(zip(judged.photos["key"], judged.true.tolist(), strict=True))
    return replace(dataset, photos=photos), true, len(wanted) - len(photos)


def _joined(parts: Sequence[Answers]) -> Answers:
    return Answers(
        tuple(photo for part in parts for photo in part.photos),
        np.concatenate([part.probabilities for part in parts]),
        tuple(one for part in parts for one in part.skipped),
    )


def _spoilt(plain: Sequence[View], kind: str, strength: int) -> list[View]:
    return [corrupted(view, Corruption(kind, strength)) for view in plain]


def _levels(dataset: Dataset, said: Answers, true: Mapping[str, int]) -> tuple[Level, ...]:
    if not said.photos or len(said.photos) < len(dataset.photos):
        raise DatasetError(
            "The test photos must be readable while a run is measured on them. "
            f"Received: {said.skipped[0].reason}"
        )
    numbers = np.array([true[photo.key] for photo in said.photos], np.int64)
    ways = said.probabilities.shape[1]
    return tuple(Level.of(numbers, said.probabilities[:, way]) for way in range(ways))


def _require_room(run: Run, photos: int, views: int) -> None:
    # The features that the cache is about to keep.
    if results.compiled_tail(run.id) is None:
        vector = 4 * len(results.head(run.id)["kernel"])
        require_free_space(photos * views * len(KINDS) * len(STRENGTHS) * vector)
