"""A finished run measured on photos that it was not made for."""

from __future__ import annotations

import numpy as np

from flowercore.backbones import runtime
from flowercore.data import catalog
from flowercore.data.dataset import Photo, Progress
from flowercore.data.photo import read_photo_bytes
from flowercore.errors import DatasetError
from flowercore.evaluation.metrics import Evaluation, evaluate
from flowercore.prediction.predictor import Prediction, PredictionFailure, Predictor
from flowercore.runs import store
from flowercore.settings import settings
from flowercore.training.passes import through

_BATCH = 32


def on_dataset(run_id: str, data: str, progress: Progress | None = None) -> Evaluation:
    """Measure a run on every readable photo of a dataset.

    Args:
        run_id: A run with a trained head.
        data: Name of a dataset, or a folder.
        progress: Called with (photos done, photos in all).

    Returns:
        The evaluation, over the run's classes.

    Raises:
        NotFoundError: If there is no such run or dataset, or the run has no head.
        DatasetError: If the dataset has classes that the run does not know, or no photo.
    """
    run = store.get(run_id)
    dataset = catalog.load(data)
    unknown = [name for name in dataset.classes if name not in run.classes]
    if unknown:
        raise DatasetError(
            f"A dataset's classes must be among the run's ({', '.join(run.classes)}). "
            f"Received: {', '.join(unknown)}."
        )
    runtime.prepare(run.config["backbone"])
    predictor = Predictor.for_run(run_id)

    def judged(photo: Photo) -> Prediction | PredictionFailure:
        return predictor.predict([(photo.key, read_photo_bytes(dataset.path(photo)))])[0]

    numbers = {name: number for number, name in enumerate(run.classes)}
    labels, probabilities, done = [], [], 0
    for batch in through(dataset.photos, judged, threads=settings().threads, batch=_BATCH):
        for photo, answer in batch:
            if isinstance(answer, Prediction):
                labels.append(numbers[photo.label])
                probabilities.append(list(answer.probabilities.values()))
        done += len(batch)
        if progress:
            progress(done, len(dataset.photos))
    if not labels:
        raise DatasetError("A dataset must hold a photo that can be read. Received: none.")
    return evaluate(np.array(labels), np.array(probabilities), run.classes)
