"""What stays beside a fine-tuned end: the same end as it was pretrained, with a head of its own.

Where the settings say so, that head is also given how the pretrained features vary together over a
photo's places (`flowercore.backbones.surgery.with_covariance`). Imports Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flowercore.backbones import registry, surgery
from flowercore.errors import StorageError
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.head import Head
from flowercore.training.logistic import fit
from flowercore.training.one_core import on_one_core

if TYPE_CHECKING:
    import keras

# Photos in one forward pass.
_FORWARD = 32
# Of the penalty on the frozen head, in units of one training photo's loss (docs/decisions.md).
_PENALTY = 0.01

Check = Callable[[], None]
Progress = Callable[[int, int], None]
Looked = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class FrozenEnd:
    """A pretrained end and its head.

    Attributes:
        end: From activations to a feature map, whose first channels are the backbone's own.
        head: On the average of that map.
        tensors: What `build` needs beside the backbone; empty for the pretrained end alone.
    """

    end: keras.Model
    head: Head
    tensors: dict[str, np.ndarray]

    def logits(self, activations: np.ndarray) -> np.ndarray:
        """Return what it says of photos, float64 (N, C).

        Args:
            activations: Shape (N, h, w, c), maybe a memory map.
        """
        found = [maps.mean(axis=(1, 2)) @ self.head.kernel for maps in _maps(self.end, activations)]
        return np.concatenate(found).astype(np.float64) + self.head.bias


def learn(
    start: Head,
    examples: Examples,
    judged: Sequence[int],
    config: TrainConfig,
    *,
    progress: Progress | None = None,
    check: Check,
) -> FrozenEnd | None:
    """Learn what stays beside a fine-tuned end, from the training photos alone.

    Args:
        start: The head that was trained on the frozen backbone.
        examples: What to learn from.
        judged: The views in which photos are judged.
        config: Settings.
        progress: Called with (photos done, photos in all); each is looked at several times.
        check: Called now and then; raises to stop.

    Returns:
        What stays, or None where the settings want nothing beside.

    Raises:
        WeightsError: If the backbone's weights are missing or not the expected ones.
    """
    if not config.frozen_beside:
        return None
    _, pretrained = surgery.cut(registry.get(config.backbone), config.fine_tune_from)
    if not config.covariance:
        return FrozenEnd(pretrained, start, {})
    shown = [examples.activations[examples.train, view] for view in judged]
    seen, times = 0, 1 + len(shown)

    def looked(photos: int) -> None:
        nonlocal seen
        seen += photos
        check()
        if progress is not None:
            progress(seen // times, len(examples.train))

    mean, components = _principal_components(pretrained, shown[0], config.covariance, looked)
    end = surgery.with_covariance(pretrained, mean, components)
    features = np.concatenate([_features(end, one, looked) for one in shown])
    labels = np.tile(examples.labels[examples.train], len(shown))
    # Averages and roots of covariances are of different sizes; the penalty is to weigh both alike.
    sizes = np.ones(features.shape[1], np.float32)
    for part in (slice(0, len(mean)), slice(len(mean), None)):
        sizes[part] = np.sqrt(np.square(features[:, part]).sum(axis=1).mean()) or 1
    classes = start.kernel.shape[1]
    head = fit(features / sizes, labels, classes, config, penalty=_PENALTY, check=check)
    head = Head(head.kernel / sizes[:, np.newaxis], head.bias)
    return FrozenEnd(end, head, {"mean": mean, "components": components})


def build(config: TrainConfig, tensors: Mapping[str, np.ndarray]) -> keras.Model:
    """Build the pretrained end that stays beside a fine-tuned one.

    Args:
        config: Settings of the run.
        tensors: `FrozenEnd.tensors`, maybe with others.

    Raises:
        StorageError: If the tensors are not those of these settings.
        WeightsError: If the backbone's weights are missing or not the expected ones.
    """
    _, pretrained = surgery.cut(registry.get(config.backbone), config.fine_tune_from)
    if not config.covariance:
        return pretrained
    dimension = pretrained.output_shape[-1]
    wanted = {"mean": (dimension,), "components": (dimension, config.covariance)}
    if any(name not in tensors or tensors[name].shape != wanted[name] for name in wanted):
        raise StorageError(
            "The run's file head.safetensors does not hold the components that its settings name: "
            "it was edited, or comes from another version. Train again; other runs are not "
            "affected."
        )
    # The starter keeps them in half precision.
    mean, components = (tensors[name].astype(np.float32) for name in ("mean", "components"))
    return surgery.with_covariance(pretrained, mean, components)


@on_one_core
def _principal_components(
    end: keras.Model, activations: np.ndarray, count: int, looked: Looked
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (D,) of features over places and photos, and their components (D, K)."""
    dimension = end.output_shape[-1]
    total, products, places = np.zeros(dimension), np.zeros((dimension, dimension)), 0
    for maps in _maps(end, activations):
        looked(len(maps))
        flat = maps.reshape(-1, dimension)
        total += flat.sum(axis=0, dtype=np.float64)
        products += flat.T @ flat
        places += len(flat)
    mean = total / places
    _, vectors = np.linalg.eigh(products / places - np.outer(mean, mean))
    components = vectors[:, : -count - 1 : -1]
    # An eigenvector's sign is anybody's: the same photos are to give the same file.
    signs = np.sign(components[np.abs(components).argmax(axis=0), np.arange(count)])
    return mean.astype(np.float32), (components * signs).astype(np.float32)


def _features(end: keras.Model, activations: np.ndarray, looked: Looked) -> np.ndarray:
    found = []
    for maps in _maps(end, activations):
        looked(len(maps))
        found.append(maps.mean(axis=(1, 2)))
    return np.concatenate(found)


def _maps(end: keras.Model, activations: np.ndarray) -> Iterator[np.ndarray]:
    for first in range(0, len(activations), _FORWARD):
        part = activations[first : first + _FORWARD].astype(np.float32)
        yield end(part, training=False).numpy()
