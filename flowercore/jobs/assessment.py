"""A finished run measured on photos that it was not made for."""

from __future__ import annotations

import numpy as np

from flowercore.backbones import runtime
from flowercore.data import catalog
from flowercore.data.dataset import Progress
from flowercore.errors import DatasetError
from flowercore.evaluation.metrics import Evaluation, evaluate
from flowercore.runs import results, store
from flowercore.training.features import dataset_features
from flowercore.training.head import Head


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
    head = Head(**results.head(run_id))
    dataset = catalog.load(data)
    unknown = [name for name in dataset.classes if name not in run.classes]
    if unknown:
        raise DatasetError(
            f"A dataset's classes must be among the run's ({', '.join(run.classes)}). "
            f"Received: {', '.join(unknown)}."
        )
    backbone = run.config["backbone"]
    runtime.prepare(backbone)
    features = dataset_features(dataset, backbone, progress=progress)
    if not features.photos:
        raise DatasetError("A dataset must hold a photo that can be read. Received: none.")
    numbers = {name: number for number, name in enumerate(run.classes)}
    labels = np.array([numbers[photo.label] for photo in features.photos])
    return evaluate(labels, head.probabilities(features.vectors), run.classes)
