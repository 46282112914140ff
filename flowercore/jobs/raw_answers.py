"""What a run's model says of the photos of a dataset, before any temperature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.data.dataset import Dataset, Photo, Progress, Skipped
from flowercore.data.photo import read_photo_bytes
from flowercore.data.views import View
from flowercore.errors import PhotoError
from flowercore.prediction.predictor import Predictor
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training.computing import BATCH
from flowercore.training.features import dataset_features
from flowercore.training.passes import singly, through

Check = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a run says of those N photos that can be read.

    Attributes:
        photos: The photos, in the dataset's order.
        probabilities: float64, shape (N, C), in the order of the run's classes: the same as
            Predict's before its temperature. Of `each_way`, (N, W, C).
        skipped: Photos that cannot be read, with the reason.
    """

    photos: tuple[Photo, ...]
    probabilities: np.ndarray
    skipped: tuple[Skipped, ...]


def answers(
    run: Run, dataset: Dataset, *, progress: Progress | None = None, check: Check | None = None
) -> Answers:
    """Ask a run about the photos of a dataset.

    Where the head alone was trained, features come from the cache and go into it: to ask a second
    time takes no time. Those of a fine-tuned end are one run's alone, and nobody keeps them.

    Args:
        run: A run that has ended with a trained head.
        dataset: Whose photos.
        progress: Called with (photos done, photos in all).
        check: Called now and then; raises to stop.

    Raises:
        NotFoundError: If the run has no head.
        StorageError: If its files are damaged, or the home folder cannot be used.
    """
    predictor = ready(run, check)
    found = each_way(predictor, run, dataset, [predictor.views], progress=progress, check=check)
    return Answers(found.photos, found.probabilities[:, 0], found.skipped)


def ready(run: Run, check: Check | None = None) -> Predictor:
    """Return what answers with a run's head, after preparing its backbone on this machine.

    Args:
        run: A run that has ended with a trained head.
        check: Called now and then; raises to stop.

    Raises:
        NotFoundError: If the run has no head.
        StorageError: If its files are damaged, or the home folder cannot be used.
    """
    _prepare(run, results.fine_tuned(run.id), check)
    return Predictor.for_run(run.id)


def each_way(
    predictor: Predictor,
    run: Run,
    dataset: Dataset,
    ways: Sequence[Sequence[View]],
    *,
    progress: Progress | None = None,
    check: Check | None = None,
) -> Answers:
    """Ask a run about photos that are shown in several ways; see `answers`.

    Args:
        predictor: Of the run, from `ready`.
        run: The run.
        dataset: Whose photos.
        ways: W ways of showing a photo, each as many views, whose probabilities are averaged.
        progress: Called with (photos done, photos in all).
        check: Called now and then; raises to stop.

    Returns:
        Answers whose probabilities are of shape (N, W, C).
    """
    views = [view for way in ways for view in way]
    if results.compiled_tail(run.id) is not None:
        return _through_tail(predictor, dataset, views, len(ways), progress, check)
    features = dataset_features(
        dataset,
        run.config["backbone"],
        views,
        standardisation=predictor.standardisation,
        progress=progress,
        check=check,
    )
    said = [_said(predictor, vectors, len(ways)) for vectors in features.vectors]
    return Answers(features.photos, _stacked(predictor, said, len(ways)), features.skipped)


def _said(predictor: Predictor, vectors: Sequence[np.ndarray] | np.ndarray, ways: int) -> list:
    # Photo by photo, as Predict does: the same photo gets the same bits.
    each = len(vectors) // ways
    return [predictor.raw(vectors[way * each : (way + 1) * each]) for way in range(ways)]


def _stacked(predictor: Predictor, said: Sequence[list], ways: int) -> np.ndarray:
    return np.array(said).reshape(len(said), ways, len(predictor.classes))


def _prepare(run: Run, tuned: bool, check: Check | None) -> None:
    name = run.config["backbone"]
    if not tuned:
        runtime.prepare(name, check=check)
        return
    block = registry.get(name).block(results.tail_from(run))
    if block.boundary is not None:
        runtime.prepare(name, block.name, check=check)


def _through_tail(
    predictor: Predictor,
    dataset: Dataset,
    views: Sequence[View],
    ways: int,
    progress: Progress | None,
    check: Check | None,
) -> Answers:
    def said(photo: Photo) -> list:
        data = read_photo_bytes(dataset.path(photo))
        return _said(predictor, predictor.features(photo.key, data, views, photo.sha256), ways)

    found: dict[str, list | PhotoError] = {}
    for batch in through(dataset.photos, singly(said), threads=settings().threads, batch=BATCH):
        found.update((photo.key, answer) for photo, answer in batch)
        if progress is not None:
            progress(len(found), len(dataset.photos))
        if check is not None:
            check()
    photos, probabilities, skipped = [], [], []
    for photo in dataset.photos:
        answer = found[photo.key]
        if isinstance(answer, PhotoError):
            skipped.append(Skipped(photo.key, str(answer)))
        else:
            photos.append(photo)
            probabilities.append(answer)
    return Answers(tuple(photos), _stacked(predictor, probabilities, ways), tuple(skipped))
