"""The course notebook's way to train, in plain Keras: one process, measured by its parts.

    python -m benchmarks.notebook_model TASK.json FOUND.json

All photos are loaded as float arrays, resized, divided by 255 and standardised by the training
photos' mean and deviation; each epoch sends them through the frozen network again. The task names
the files of each part, so that both sides of a comparison have the same split.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Task:
    """What is to be trained.

    Attributes:
        backbone: Name in the registry.
        size: Side of the network's input, pixels.
        classes: How many.
        parts: Path and class number of each photo, for train, validation and test.
        epochs: Passes over the training photos.
        measured: How many of them are carried out; for fewer than all the head learns the rest from
            what the frozen network gives once, which is the same training.
        batch_size: Photos a gradient step.
        learning_rate: Of Adam.
        seed: Decides weights of the head and order of photos.
    """

    backbone: str
    size: int
    classes: int
    parts: dict[str, list[tuple[str, int]]]
    epochs: int
    measured: int
    batch_size: int
    learning_rate: float
    seed: int

    def to_json(self) -> str:
        """Return the task as text."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Found:
    """Seconds of each part, and what came out.

    Attributes:
        imports: Seconds until Keras is there.
        photos: Seconds to load, resize and standardise.
        model: Seconds to build the network with its weights.
        epochs: Seconds of each epoch that was carried out, validation included; the first one
            with what comes before it.
        evaluation: Seconds on the test photos.
        accuracy: On the test photos.
    """

    imports: float
    photos: float
    model: float
    epochs: tuple[float, ...]
    evaluation: float
    accuracy: float

    def fitting(self, epochs: int) -> float:
        """Return the seconds of so many epochs: of those after the first, each takes the mean."""
        first, *later = self.epochs
        if len(self.epochs) >= epochs:
            return sum(self.epochs[:epochs])
        return first + (epochs - 1) * (sum(later) / len(later))

    def in_a_kernel(self, epochs: int) -> float:
        """Return the seconds of a notebook whose imports are done."""
        return self.photos + self.model + self.fitting(epochs) + self.evaluation


def arrays(task: Task) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Load the photos of each part as the notebook does: float32 of shape (N, S, S, 3)."""
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for part, photos in task.parts.items():
        loaded = []
        for path, _ in photos:
            with Image.open(path) as photo:
                square = photo.convert("RGB").resize((task.size, task.size))
            loaded.append(np.asarray(square, np.float32) / 255)
        found[part] = np.stack(loaded), np.array([number for _, number in photos])
    mean, deviation = found["train"][0].mean(), found["train"][0].std()
    return {part: ((x - mean) / deviation, labels) for part, (x, labels) in found.items()}


def main() -> None:
    """Train and write down how long it took."""
    task = Task(**json.loads(Path(sys.argv[1]).read_text("utf-8")))
    began = perf_counter()
    from flowercore.backbones import registry, weights

    weights.import_keras()
    import keras

    imports = perf_counter() - began
    keras.utils.set_random_seed(task.seed)
    began = perf_counter()
    parts = arrays(task)
    photos = perf_counter() - began

    began = perf_counter()
    whole = weights.load(registry.get(task.backbone))
    # Standardised photos go to the first convolution as they are, as in the notebook.
    base = keras.Model(whole.get_layer("preprocessing").output, whole.output)
    base.trainable = False
    keras.utils.set_random_seed(task.seed)
    pooled = keras.layers.GlobalAveragePooling2D()
    dense = keras.layers.Dense(task.classes, activation="softmax")
    model = keras.Sequential([base, pooled, dense])
    _compile(model, task)
    building = perf_counter() - began

    class Clock(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            # The first epoch includes what comes before it: arrays are handed over, a graph built.
            self.began = perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            now = perf_counter()
            seconds.append(now - self.began)
            self.began = now

    seconds: list[float] = []
    initial = None
    if task.measured < task.epochs:
        model.build((None, task.size, task.size, 3))
        initial = dense.get_weights()
    model.fit(
        *parts["train"],
        batch_size=task.batch_size,
        epochs=min(task.measured, task.epochs),
        validation_data=parts["validation"],
        verbose=0,
        callbacks=[Clock()],
    )
    began = perf_counter()
    _, accuracy = model.evaluate(*parts["test"], verbose=0)
    evaluation = perf_counter() - began
    if initial is not None:
        dense.set_weights(initial)
        accuracy = _head_alone(keras.Sequential([base, pooled]), dense, parts, task)
    found = Found(imports, photos, building, tuple(seconds), evaluation, float(accuracy))
    Path(sys.argv[2]).write_text(json.dumps(asdict(found)), "utf-8")


def _compile(model: Any, task: Task) -> None:
    import keras

    model.compile(
        keras.optimizers.Adam(task.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def _head_alone(base: Any, dense: Any, parts: dict[str, Any], task: Task) -> float:
    import keras

    known = {part: base.predict(parts[part][0], verbose=0) for part in ("train", "test")}
    head = keras.Sequential([keras.Input(known["train"].shape[1:]), dense])
    _compile(head, task)
    head.fit(
        known["train"],
        parts["train"][1],
        batch_size=task.batch_size,
        epochs=task.epochs,
        verbose=0,
    )
    return float(head.evaluate(known["test"], parts["test"][1], verbose=0)[1])


if __name__ == "__main__":
    main()
