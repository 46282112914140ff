"""Whether an exported model says what its run said: tried on the run's own test photos."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from flowercore.backbones import litert, registry
from flowercore.data import views
from flowercore.data.dataset import Dataset, Progress, scan
from flowercore.data.photo import read_photo_bytes
from flowercore.errors import DatasetError, NotFoundError, PhotoError, StorageError
from flowercore.evaluation.calibration import scaled
from flowercore.runs import results
from flowercore.runs.store import Run

Classifier = Callable[[np.ndarray], np.ndarray]
"""From pixels, uint8 of shape (N, S, S, 3), to probabilities of shape (N, C)."""

PIXELS, PROBABILITIES = "pixels", "probabilities"
"""Names of input and output in the signature of an exported LiteRT model."""

_BATCH = 16


@dataclass(frozen=True)
class Agreement:
    """How far one exported model is from its run.

    Attributes:
        labels_differ: Photos that it calls otherwise than the run did.
        largest_difference: Largest difference of a probability, over all photos and classes.
    """

    labels_differ: int
    largest_difference: float


@dataclass(frozen=True)
class Parity:
    """What trying the exported models came to.

    Attributes:
        photos: Test photos that were tried.
        absent: Test photos that could not be: gone, changed or unreadable by now.
        models: Agreement by file name; empty where nothing could be tried.
        reason: Why nothing could be tried; empty otherwise.
    """

    photos: int = 0
    absent: int = 0
    models: dict[str, Agreement] = field(default_factory=dict)
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and words, ready for JSON."""
        return asdict(self)


def keras_classifier(path: Path) -> Classifier:
    """Load an exported Keras model as anybody would: from its file, in safe mode."""
    import keras

    model = keras.models.load_model(path)
    return lambda pixels: np.asarray(model(pixels, training=False))


def litert_classifier(path: Path) -> Classifier:
    """Load an exported LiteRT model from its file."""
    network = litert.load(path)
    return lambda pixels: np.stack([network.run(one, PROBABILITIES)[0] for one in pixels])


def measure(
    run: Run, classifiers: Mapping[str, Classifier], *, progress: Progress | None = None
) -> Parity:
    """Try exported models on those of the run's test photos that are still there unchanged.

    Args:
        run: The run that they come from.
        classifiers: The models by file name.
        progress: Called with (photos done, photos in all).

    Returns:
        What came out, or why nothing could be tried.
    """
    try:
        said = _test_predictions(run)
        dataset = scan(
            Path(run.dataset["root"]), name=run.dataset["name"], origin=run.dataset["origin"]
        )
    except (NotFoundError, StorageError) as error:
        return Parity(reason=str(error))
    except DatasetError:
        return Parity(reason="The run's photos are not where they were when it was trained.")
    columns = [f"p_{name}" for name in run.classes]
    temperature = results.calibration(run.id).get("temperature", 1)
    differ = dict.fromkeys(classifiers, 0)
    largest = dict.fromkeys(classifiers, 0.0)
    tried = 0
    for start in range(0, len(said), _BATCH):
        rows, pixels = _unchanged(run, dataset, said.iloc[start : start + _BATCH])
        tried += len(rows)
        for name, classify in classifiers.items() if len(rows) else ():
            found = classify(pixels)
            labels = np.array(run.classes)[found.argmax(axis=1)]
            differ[name] += int((labels != rows["predicted"].to_numpy()).sum())
            gap = np.abs(found - scaled(rows[columns].to_numpy(), temperature)).max()
            largest[name] = max(largest[name], float(gap))
        if progress is not None:
            progress(min(start + _BATCH, len(said)), len(said))
    absent = len(said) - tried
    if tried == 0:
        reason = "None of the run's test photos is still there unchanged."
        return Parity(absent=absent, reason=reason)
    models = {name: Agreement(differ[name], largest[name]) for name in classifiers}
    return Parity(tried, absent, models)


def _test_predictions(run: Run) -> pd.DataFrame:
    table = results.predictions(run.id)
    needed = {"key", "sha256", "split", "predicted", *(f"p_{name}" for name in run.classes)}
    if not needed <= set(table.columns):
        raise StorageError("The run's file predictions.parquet does not fit its classes.")
    table = table[table["split"] == "test"]
    if table.empty:
        raise NotFoundError("The run held no photo back for a test.")
    return table


def _unchanged(run: Run, dataset: Dataset, rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the rows whose photo is still the one that the run saw, and their pixels."""
    shown = [_pixels(run, dataset, row["key"], row["sha256"]) for _, row in rows.iterrows()]
    there = [one is not None for one in shown]
    return rows[there], np.array([one for one in shown if one is not None])


def _pixels(run: Run, dataset: Dataset, key: str, sha256: str) -> np.ndarray | None:
    # The mirror image, where the run wants it, is made by the model itself.
    squeezed = run.config.get("preprocessing") == "notebook"
    judged = views.judged(squeezed=squeezed, flip_average=False)
    size = registry.get(run.config["backbone"]).input_size
    try:
        data = read_photo_bytes(dataset.path(key))
        if hashlib.sha256(data).hexdigest() != sha256:
            return None
        return views.pixels(data, judged, name=key, size=size)[0]
    except (NotFoundError, PhotoError):
        return None
