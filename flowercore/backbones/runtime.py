"""Frozen forward passes: a backbone is compiled once a machine, then runs without TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from flowercore.backbones import litert, registry
from flowercore.backbones.depths import Depth, depths
from flowercore.backbones.litert import Compiled
from flowercore.data.dataset import Progress
from flowercore.errors import ConfigError, StorageError
from flowercore.files import home_folder, require_free_space, write_bytes
from flowercore.settings import settings


def _model_path(name: str, until: str) -> Path:
    backbone = registry.get(name)
    part = f"-until-{until}" if until else _looked_into(name)
    return settings().home / "backbones" / f"{backbone.name}-{backbone.identity}{part}.tflite"


def _looked_into(name: str) -> str:
    # Not part of the identity: what was computed before stays right, only outputs are added.
    layers = "|".join(depth.layer for depth in depths(name))
    return f"-depths-{hashlib.sha256(layers.encode()).hexdigest()[:8]}" if layers else ""


def ready(name: str, until: str = "") -> bool:
    """Tell whether a backbone is compiled on this machine.

    Args:
        name: Name in the registry.
        until: Block before which it ends; empty for the whole backbone.

    Raises:
        NotFoundError: If there is no backbone of that name.
    """
    return _model_path(name, until).is_file()


def prepare(
    name: str,
    until: str = "",
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> Path:
    """Compile a backbone to LiteRT if that was not done yet. Imports TensorFlow when it must.

    Two processes may call it at once: the second waits for the first.

    Args:
        name: Name in the registry.
        until: Block before which it ends, for the frozen part of a fine-tuning; empty for the
            whole backbone.
        progress: Called with (bytes done, bytes in all) while weights are fetched.
        check: Called now and then while weights are fetched; raises to stop.

    Returns:
        Path of the compiled model in the home folder. Its outputs are named as in
        `flowercore.backbones.litert`: a part of a backbone gives activations.

    Raises:
        NotFoundError: If there is no backbone of that name.
        ConfigError: If it has no such block, or nothing lies before it.
        WeightsError: If its weights are missing or not the expected ones.
        StorageError: If the home folder cannot be written.
    """
    path = _model_path(name, until)
    if path.is_file():
        return path
    home_folder("backbones")
    with FileLock(path.with_suffix(".lock")):
        if not path.is_file():
            require_free_space(200_000_000)
            write_bytes(path, _compile(name, until, progress, check))
    return path


def _compile(
    name: str, until: str, progress: Progress | None, check: Callable[[], None] | None
) -> bytes:
    from flowercore.backbones import surgery, weights

    backbone = registry.get(name)
    weights.obtain(backbone, progress=progress, check=check)
    if until:
        trunk, _ = surgery.cut(backbone, until)
        if trunk is None:
            raise ConfigError(f"Nothing lies before the first block. Received: {until!r}.")
        return litert.compile_model(trunk, "pixels", lambda outputs: {litert.ACTIVATIONS: outputs})
    model, looked = weights.load(backbone), depths(name)
    if not looked:
        return litert.compile_model(model, "pixels", litert.pooled)
    import keras

    layers = [model.get_layer(depth.layer).output for depth in looked]
    model = keras.Model(model.input, [*layers, model.output])
    return litert.compile_model(model, "pixels", partial(_pooled_and_between, looked))


def _pooled_and_between(looked: Sequence[Depth], outputs: Sequence[Any]) -> dict[str, Any]:
    *between, last = outputs
    named = {depth.name: values for depth, values in zip(looked, between, strict=True)}
    return litert.pooled(last) | named


class FeatureExtractor:
    """From pixels to features. Safe to use from many threads.

    Args:
        network: What gives features and feature map: a whole backbone, or the fine-tuned end of
            one.
        trunk: The frozen beginning whose activations such an end takes; None for a whole backbone.
    """

    def __init__(self, network: Compiled, trunk: Compiled | None = None) -> None:
        self.threads = network.threads
        self._network = network
        self._trunk = trunk

    def _run(self, pixels: np.ndarray, *outputs: str) -> list[np.ndarray]:
        if self._trunk is not None:
            (values,) = self._trunk.run(pixels, litert.ACTIVATIONS)
            # As they are kept for training: the same photo must get the same bits everywhere.
            pixels = values.astype(np.float16)
        return self._network.run(pixels, *outputs)

    def one(self, pixels: np.ndarray) -> np.ndarray:
        """Compute the features of one photo.

        Args:
            pixels: Values of 0..255, shape (S, S, 3).

        Returns:
            float32 vector of shape (D,).
        """
        return self._run(pixels, litert.FEATURES)[0]

    def each(self, photos: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Compute the features of many photos in the calling thread.

        Args:
            photos: Pixels of each, as for `one`; taken when its turn is near.

        Yields:
            For each photo, in order, the same bits as `one`.
        """
        if self._trunk is None:
            return self._network.run_all(photos, litert.FEATURES)
        return map(self.one, photos)

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Compute the features of several photos.

        Args:
            pixels: Values of 0..255, shape (N, S, S, 3).

        Returns:
            float32 array of shape (N, D).
        """
        if len(pixels) == 1:
            return self.one(pixels[0])[np.newaxis]
        parts = np.array_split(pixels, self.threads)
        with ThreadPoolExecutor(self.threads) as pool:
            found = pool.map(lambda part: list(self.each(part)), parts)
            return np.stack([one for part in found for one in part])

    def maps(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute features and the feature maps that they are the average of.

        Args:
            pixels: Values of 0..255, shape (N, S, S, 3).

        Returns:
            float32 arrays of shapes (N, D) and (N, h, w, D).
        """
        pairs = [self._run(photo, litert.FEATURES, litert.FEATURE_MAP) for photo in pixels]
        return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])


def extractor(name: str) -> FeatureExtractor:
    """Return this process's extractor for a whole compiled backbone.

    Args:
        name: Name in the registry.

    Raises:
        NotFoundError: If there is no backbone of that name.
        StorageError: If it was not compiled on this machine yet (see `prepare`).
    """
    return FeatureExtractor(_prepared(name, ""))


def depth_maps(name: str, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the feature maps of one photo at each depth of a backbone.

    Args:
        name: Name in the registry.
        pixels: Values of 0..255, shape (S, S, 3).

    Returns:
        By the name of each of the backbone's `flowercore.backbones.depths.depths`: float32 of shape
        (side, side, channels). Nothing for a backbone without depths.

    Raises:
        NotFoundError: If there is no backbone of that name.
        StorageError: If it was not compiled on this machine yet (see `prepare`).
    """
    names = [depth.name for depth in depths(name)]
    return dict(zip(names, _prepared(name, "").run(pixels, *names), strict=True))


def trunk(name: str, until: str) -> Compiled:
    """Return the compiled part of a backbone before a block; see `prepare`.

    Raises:
        NotFoundError: If there is no backbone of that name.
        StorageError: If that part was not compiled on this machine yet.
    """
    return _prepared(name, until)


def tuned_extractor(name: str, until: str, tail: Path) -> FeatureExtractor:
    """Return the extractor of a backbone whose end was fine-tuned.

    Args:
        name: Name in the registry.
        until: First block that was trained.
        tail: LiteRT file of the trained end.

    Raises:
        NotFoundError: If there is no backbone of that name.
        StorageError: If the frozen part was not compiled on this machine yet.
    """
    beginning = None if registry.get(name).block(until).boundary is None else trunk(name, until)
    return FeatureExtractor(litert.load(tail), beginning)


def whole_extractor(network: Path) -> FeatureExtractor:
    """Return the extractor of a whole compiled network that is not in the registry.

    Args:
        network: Its LiteRT file.

    Raises:
        StorageError: If it cannot be used.
    """
    return FeatureExtractor(litert.load(network))


def _prepared(name: str, until: str) -> Compiled:
    path = _model_path(name, until)
    if not path.is_file():
        part = f" before block {until}" if until else ""
        raise StorageError(
            f"The backbone {name}{part} must be prepared once on this machine. "
            f"Run: python -m flowercore prepare --backbone {name}"
        )
    return _loaded(str(path), settings().threads)


@lru_cache(maxsize=2)
def _loaded(path: str, threads: int) -> Compiled:
    return Compiled(Path(path).read_bytes(), threads)
