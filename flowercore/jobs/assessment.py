"""A finished run judged on the photos of another dataset, photo by photo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from flowercore.data import catalog
from flowercore.data.dataset import Dataset, Photo, contradictions
from flowercore.errors import DatasetError, StorageError
from flowercore.evaluation.class_mapping import completed
from flowercore.evaluation.judgement import judgement
from flowercore.evaluation.metrics import Evaluation
from flowercore.jobs.raw_answers import answers
from flowercore.jobs.task_work import TaskReporter
from flowercore.runs import assessments, results, store
from flowercore.runs.assessments import EXACT, NEAR, Facts
from flowercore.training.learned_twins import LearnedTwins, learned_twins

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""
Check = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Assessment:
    """What a run said of the photos of a dataset.

    Attributes:
        classes: The run's classes.
        facts: What was judged and how.
        table: A row a photo; see `flowercore.runs.assessments.COLUMNS`.
    """

    classes: tuple[str, ...]
    facts: Facts
    table: pd.DataFrame

    def evaluation(self, *, leave_out_twins: bool = False) -> Evaluation:
        """Return the numbers.

        Args:
            leave_out_twins: Whether twins of what the run learned from do not count.

        Raises:
            DatasetError: If no photo is left.
        """
        table = self.table[self.table["twin"] == ""] if leave_out_twins else self.table
        found = judgement(table, self.classes)
        if found is None:
            raise DatasetError(
                "Without the twins of training photos at least one photo must be left. Received: "
                f"{len(self.table):,} photos, all of them twins. Count them as well, or choose "
                "other photos."
            )
        return found.evaluation


def evaluate(arguments: dict[str, Any], reporter: TaskReporter) -> dict[str, Any]:
    """Judge a run on a dataset and keep what it says, as a task of a worker.

    Args:
        arguments: ``run``, the id of a run with a trained head; ``data``, the name of a dataset;
            ``mapping``, the run's class by class of the dataset, empty for one that is left out.
            What it does not name is mapped by name.
        reporter: Hears how far it is.

    Returns:
        How many photos were judged, and how many of them are twins.

    Raises:
        FlowercoreError: If it cannot be done.
    """
    run_id, data = str(arguments["run"]), str(arguments["data"])
    found = on_dataset(
        run_id,
        data,
        arguments.get("mapping"),
        progress=reporter.step,
        check=reporter.check,
    )
    reporter.check()
    keep(run_id, data, found)
    facts = found.facts
    return {"judged": facts.judged, "exact": facts.exact, "near": facts.near}


def on_dataset(
    run_id: str,
    data: str,
    mapping: Mapping[str, str] | None = None,
    *,
    progress: Progress | None = None,
    check: Check | None = None,
) -> Assessment:
    """Judge every readable photo of a dataset whose class is mapped to one of the run's.

    Args:
        run_id: A run with a trained head.
        data: Name of a dataset, or a folder.
        mapping: The run's class by class of the dataset, empty for one that is left out; of
            those that it does not name, as `flowercore.evaluation.class_mapping` suggests.
        progress: Called with (what is being done, done, total).
        check: Called now and then; raises to stop.

    Raises:
        NotFoundError: If there is no such run or dataset, or the run has no head.
        DatasetError: If a class is unknown, none is mapped, or no photo can be read.
        StorageError: If files of the run are damaged, or the home folder cannot be used.
    """
    run = store.get(run_id)
    if run.status == "damaged":
        raise StorageError(run.reason)
    # Whether it can answer at all is known before minutes of looking.
    results.head(run.id)
    if progress is not None:
        progress("Reading the list of photos", 0, 0)
    whole = catalog.load(data)
    mapping = completed(whole.classes, run.classes, mapping)
    wanted = tuple(photo for photo in whole.photos if mapping[photo.label])

    def count(done: int, total: int) -> None:
        if progress is not None:
            progress("Looking at the photos", done, total)

    said = answers(run, replace(whole, photos=wanted), progress=count, check=check)
    if not said.photos:
        raise DatasetError(
            "A dataset must hold a photo that can be read. Received: "
            f"none.{f' {said.skipped[0].reason}' if said.skipped else ''}"
        )
    judged = replace(whole, photos=said.photos)
    twins = learned_twins(run, judged, progress=progress, check=check)
    table = _table(judged, mapping, said.probabilities, run.classes, twins)
    counts = Counter(twins.kinds)
    there = [one for one in whole.skipped if mapping.get(Photo.given_in(one.name))]
    facts = Facts(
        data=whole.name,
        origin=whole.origin,
        identity=whole.identity,
        mapping=mapping,
        left_out=dict(Counter(one.label for one in whole.photos if not mapping[one.label])),
        created=store.now(),
        notes=[*_notes(judged, mapping), *twins.notes],
        unreadable=[asdict(one) for one in (*there, *said.skipped)],
        judged=len(said.photos),
        exact=counts[EXACT],
        near=counts[NEAR],
    )
    return Assessment(run.classes, facts, table)


def keep(run_id: str, data: str, found: Assessment) -> None:
    """Keep an assessment in the run's folder, if its dataset is one of the catalog.

    Args:
        run_id: The run.
        data: Name of the dataset, or a folder.
        found: What the run said of it.

    Raises:
        NotFoundError: If the run is gone.
        StorageError: If the disk refuses.
    """
    for entry in catalog.entries():
        if entry.name == data:
            assessments.write(run_id, replace(found.facts, owner=entry.owner), found.table)


def _table(
    judged: Dataset,
    mapping: Mapping[str, str],
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    twins: LearnedTwins,
) -> pd.DataFrame:
    photos = judged.photos
    return pd.DataFrame(
        {
            "key": [photo.key for photo in photos],
            "sha256": [photo.sha256 for photo in photos],
            "given": [photo.label for photo in photos],
            "label": [mapping[photo.label] for photo in photos],
            "predicted": [classes[best] for best in probabilities.argmax(axis=1)],
            **{f"p_{name}": probabilities[:, place] for place, name in enumerate(classes)},
            "twin": list(twins.kinds),
        }
    )


def _notes(judged: Dataset, mapping: Mapping[str, str]) -> list[str]:
    mapped = tuple(replace(one, label=mapping[one.label]) for one in judged.photos)
    count = sum(len(same) for same in contradictions(replace(judged, photos=mapped)))
    if not count:
        return []
    return [
        f"{count:,} photos lie byte for byte in more than one class: they cannot all be judged "
        "right."
    ]
