"""What a run's model says of the photos of a dataset, before any temperature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.data.dataset import Dataset, Photo, Progress, Skipped
from flowercore.data.photo import read_photo_bytes
from flowercore.errors import PhotoError
from flowercore.prediction.predictor import Predictor
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training.features import BATCH, dataset_features
from flowercore.training.passes import through

Check = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a run says of those N photos that can be read.

    Attributes:
        photos: The photos, in the dataset's order.
        probabilities: float64, shape (N, C), in the order of the run's classes: the same as
            Predict's before its temperature.
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
    tuned = results.compiled_tail(run.id) is not None
    _prepare(run, tuned, check)
    predictor = Predictor.for_run(run.id)
    if tuned:
        return _through_tail(predictor, dataset, progress, check)
    features = dataset_features(
        dataset,
        run.config["backbone"],
        predictor.views,
        standardisation=predictor.standardisation,
        progress=progress,
        check=check,
    )
    # Photo by photo, as Predict does: the same photo gets the same bits.
    said = [predictor.raw(views) for views in features.vectors]
    return Answers(features.photos, np.array(said), features.skipped)


def _prepare(run: Run, tuned: bool, check: Check | None) -> None:
    name = run.config["backbone"]
    if not tuned:
        runtime.prepare(name, check=check)
        return
    block = registry.get(name).block(run.config["fine_tune_from"])
    if block.boundary is not None:
        runtime.prepare(name, block.name, check=check)


def _through_tail(
    predictor: Predictor, dataset: Dataset, progress: Progress | None, check: Check | None
) -> Answers:
    def said(photo: Photo) -> np.ndarray:
        data = read_photo_bytes(dataset.path(photo))
        return predictor.raw(predictor.features(photo.key, data))

    found: dict[str, np.ndarray | PhotoError] = {}
    for batch in through(dataset.photos, said, threads=settings().threads, batch=BATCH):
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
    return Answers(tuple(photos), np.array(probabilities), tuple(skipped))
