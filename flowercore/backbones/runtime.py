"""Frozen forward passes in LiteRT: compiled once a machine, then without TensorFlow.

One interpreter with one thread computes one photo at a time, and as many interpreters run side by
side as there are threads. A photo's features then do not depend on its neighbours in a batch, and
decoding one photo overlaps with computing another.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from flowercore.backbones import registry
from flowercore.errors import StorageError
from flowercore.files import home_folder, require_free_space, write_bytes
from flowercore.settings import settings


def _model_path(name: str) -> Path:
    backbone = registry.get(name)
    return settings().home / "backbones" / f"{backbone.name}-{backbone.identity}.tflite"


def ready(name: str) -> bool:
    """Tell whether a backbone is compiled on this machine.

    Args:
        name: Name in the registry.

    Raises:
        NotFoundError: If there is no backbone of that name.
    """
    return _model_path(name).is_file()


def prepare(name: str) -> Path:
    """Compile a backbone to LiteRT if that was not done yet. Imports TensorFlow when it must.

    Two processes may call it at once: the second waits for the first.

    Args:
        name: Name in the registry.

    Returns:
        Path of the compiled model in the home folder.

    Raises:
        NotFoundError: If there is no backbone of that name.
        WeightsError: If its weights are missing or not the expected ones.
        StorageError: If the home folder cannot be written.
    """
    path = _model_path(name)
    if path.is_file():
        return path
    home_folder("backbones")
    with FileLock(path.with_suffix(".lock")):
        if not path.is_file():
            require_free_space(200_000_000)
            write_bytes(path, _compile(name))
    return path


def _compile(name: str) -> bytes:
    from flowercore.backbones import weights

    model = weights.load(registry.get(name))
    return compile_to_litert(model)


def compile_to_litert(model: Any) -> bytes:
    """Compile a Keras backbone to a LiteRT model with outputs ``features`` and ``feature_map``.

    Args:
        model: Keras model from pixels, shape (N, S, S, 3), to a feature map, shape (N, h, w, D).

    Returns:
        The LiteRT file: float32, one signature, input ``pixels``; ``features`` is the global
        average of ``feature_map``.
    """
    import tensorflow as tf

    size = model.input_shape[1]

    @tf.function
    def serve(pixels: Any) -> dict[str, Any]:
        feature_map = model(pixels, training=False)
        return {"features": tf.reduce_mean(feature_map, [1, 2]), "feature_map": feature_map}

    holder = tf.Module()
    # The converter freezes only variables that its trackable owns, and does not see Keras's own.
    holder.variables_of_model = [variable.value for variable in model.variables]
    concrete = serve.get_concrete_function(
        pixels=tf.TensorSpec((1, size, size, 3), tf.float32, name="pixels")
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], holder)
    return converter.convert()


class _Interpreter:
    def __init__(self, model: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
        runner = self._interpreter.get_signature_runner()
        # The order of outputs changes from compilation to compilation; their names do not.
        self._outputs = {k: v["index"] for k, v in runner.get_output_details().items()}
        self._input = runner.get_input_details()["pixels"]["index"]

    def run(self, pixels: np.ndarray, *outputs: str) -> list[np.ndarray]:
        self._interpreter.set_tensor(self._input, pixels[np.newaxis].astype(np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(self._outputs[name])[0] for name in outputs]


class FeatureExtractor:
    """A compiled backbone. Safe to use from many threads.

    Args:
        model: Content of a LiteRT file made by `compile_to_litert`.
        threads: Photos that are computed side by side.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        self.threads = threads
        self._model = model
        self._idle: queue.LifoQueue[_Interpreter] = queue.LifoQueue()
        self._permits = threading.Semaphore(threads)

    @contextmanager
    def _interpreter(self) -> Iterator[_Interpreter]:
        with self._permits:
            try:
                interpreter = self._idle.get_nowait()
            except queue.Empty:
                interpreter = _Interpreter(self._model)
            try:
                yield interpreter
            finally:
                self._idle.put(interpreter)

    def one(self, pixels: np.ndarray) -> np.ndarray:
        """Compute the features of one photo.

        Args:
            pixels: Values of 0..255, shape (S, S, 3).

        Returns:
            float32 vector of shape (D,).
        """
        with self._interpreter() as interpreter:
            return interpreter.run(pixels, "features")[0]

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Compute the features of several photos.

        Args:
            pixels: Values of 0..255, shape (N, S, S, 3).

        Returns:
            float32 array of shape (N, D).
        """
        if len(pixels) == 1:
            return self.one(pixels[0])[np.newaxis]
        with ThreadPoolExecutor(self.threads) as pool:
            return np.stack(list(pool.map(self.one, pixels)))

    def maps(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute features and the feature maps that they are the average of.

        Args:
            pixels: Values of 0..255, shape (N, S, S, 3).

        Returns:
            float32 arrays of shapes (N, D) and (N, h, w, D).
        """
        with self._interpreter() as interpreter:
            pairs = [interpreter.run(photo, "features", "feature_map") for photo in pixels]
        return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])


def extractor(name: str) -> FeatureExtractor:
    """Return this process's extractor for a compiled backbone.

    Args:
        name: Name in the registry.

    Raises:
        NotFoundError: If there is no backbone of that name.
        StorageError: If it was not compiled on this machine yet (see `prepare`).
    """
    path = _model_path(name)
    if not path.is_file():
        raise StorageError(
            f"The backbone {name} must be prepared once on this machine. "
            "Run: python -m flowercore prepare"
        )
    return _extractor(str(path), settings().threads)


@lru_cache(maxsize=4)
def _extractor(path: str, threads: int) -> FeatureExtractor:
    return FeatureExtractor(Path(path).read_bytes(), threads)
