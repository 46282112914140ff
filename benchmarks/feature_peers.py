"""Other ways to compute features than the product's: Keras, TensorFlow, ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

BATCH = 32
# Features of one network on one machine: sums in another order differ by so much.
_SAME = 1e-4


def peers(pixels: Sequence[np.ndarray]) -> dict[str, Callable[[], int]]:
    """Return the forward passes of other frameworks, with the same weights and checked for it.

    Args:
        pixels: Photos of 0..255, (S, S, 3) each.

    Returns:
        What goes through all photos, by name.
    """
    from flowercore.backbones import registry, runtime, weights

    weights.import_keras()
    import keras
    import tensorflow as tf

    base = weights.load(registry.get(registry.DEFAULT))
    model = keras.Model(base.input, keras.layers.GlobalAveragePooling2D()(base.output))
    photos = np.stack(pixels).astype(np.float32)
    graph = tf.function(lambda batch: model(batch, training=False))
    wanted = runtime.extractor(registry.DEFAULT).one(pixels[0])

    def by_keras() -> int:
        return len(model.predict(photos, batch_size=BATCH, verbose=0))

    def by_graph() -> int:
        return sum(len(graph(tf.constant(batch)).numpy()) for batch in _batches(photos, BATCH))

    _same("Keras", model.predict(photos[:1], verbose=0)[0], wanted)
    found: dict[str, Callable[[], int]] = {
        f"Keras predict, batches of {BATCH}": by_keras,
        f"tf.function, batches of {BATCH}": by_graph,
    }
    for size in (1, BATCH):
        session = _onnx_session(model)

        def by_onnx(size: int = size, session: Any = session) -> int:
            return sum(
                len(session.run(None, {"pixels": batch})[0]) for batch in _batches(photos, size)
            )

        _same("ONNX Runtime", session.run(None, {"pixels": photos[:1]})[0][0], wanted)
        found[f"ONNX Runtime, batches of {size}"] = by_onnx
    return found


def _batches(photos: np.ndarray, size: int) -> list[np.ndarray]:
    return [photos[start : start + size] for start in range(0, len(photos), size)]


def _same(name: str, found: np.ndarray, wanted: np.ndarray) -> None:
    difference = float(np.abs(found - wanted).max())
    if difference > _SAME:
        raise RuntimeError(f"{name} must give the same features. Received: {difference} off.")


def _onnx_session(model: Any) -> Any:
    import onnxruntime

    from benchmarks.onnx_graph import graph_of
    from benchmarks.report import cores

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    return onnxruntime.InferenceSession(
        graph_of(model), options, providers=["CPUExecutionProvider"]
    )
