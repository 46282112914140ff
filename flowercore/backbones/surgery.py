"""Cutting a network in two at a block: what stays frozen, and what is trained. Imports Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flowercore.backbones import weights
from flowercore.backbones.registry import Backbone

if TYPE_CHECKING:
    import keras

# Steps of the iteration by which a matrix is brought to the power of -1/2 (docs/decisions.md).
_STEPS = 5


def cut(backbone: Backbone, block: str) -> tuple[keras.Model | None, keras.Model]:
    """Cut a backbone with its weights before a block.

    Args:
        backbone: Facts from the registry.
        block: Name of the first block of the second part.

    Returns:
        The part before the block, from pixels to activations, or None if that is nothing; and the
        part from the block on, from activations (or pixels) to the last feature map.

    Raises:
        ConfigError: If there is no such block.
        WeightsError: If the weights are missing or not the expected ones.
    """
    boundary = backbone.block(block).boundary
    model = weights.load(backbone)
    if boundary is None:
        return None, model
    import keras

    activations = model.get_layer(boundary).output
    return keras.Model(model.input, activations), keras.Model(activations, model.output)


def side_by_side(pretrained: keras.Model, fine_tuned: keras.Model) -> keras.Model:
    """Put two ends of a network beside each other.

    Args:
        pretrained: From activations to a feature map (N, h, w, D).
        fine_tuned: Likewise, from the same activations to a map of the same height and width.

    Returns:
        A network from the activations to a map that holds the channels of the first end and then
        those of the second. What of them can be trained stays as it is.
    """
    import keras

    activations = keras.Input(pretrained.input_shape[1:], name="activations")
    ends = {"pretrained": pretrained, "fine_tuned": fine_tuned}
    maps = [keras.Model(end.input, end.output, name=n)(activations) for n, end in ends.items()]
    return keras.Model(activations, keras.layers.Concatenate(name="side_by_side")(maps))


def with_covariance(end: keras.Model, mean: np.ndarray, components: np.ndarray) -> keras.Model:
    """Let an end of a network also give how its features vary together over a photo's places.

    Which features occur at one place says more than how much there is of each in all. The
    covariance of their principal components over the places tells it, its matrix square root more
    evenly: P. Li, J. Xie, Q. Wang and Z. Gao, "Towards faster training of global covariance pooling
    networks by iterative matrix square root normalization" (2018), arXiv 1712.01034.

    The root of a covariance C is C^(-1/2) C, and C the average of p p^T over the places. So the
    root is an average too, of C^(-1/2) p p^T, made symmetric: a feature map like any other, in
    which each place has its share.

    Args:
        end: From activations to a feature map (N, h, w, D).
        mean: Of the features over places and photos, (D,).
        components: Their K principal components, (D, K).

    Returns:
        From the same activations to a map (N, h, w, D + K (K + 1) / 2): the features as they were,
        and the upper triangle of the root. Nothing of what came can be trained.
    """
    import keras
    from keras import layers, ops

    count = components.shape[1]
    _, height, width, dimension = end.output_shape
    places = height * width
    activations = keras.Input(end.input_shape[1:], name="activations")
    features = keras.Model(end.input, end.output, name="features")(activations)
    project = layers.Dense(count, name="components", trainable=False)
    p = project(ops.reshape(features, (-1, places, dimension)))
    project.set_weights([components, -mean @ components])
    covariance = ops.matmul(ops.transpose(p, (0, 2, 1)), p) / places
    # The iteration of Newton and Schulz finds the root of what is at most 1: the trace is not less.
    trace = ops.sum(ops.square(p), axis=(1, 2), keepdims=True) / places + 1e-12
    inverse_root = _inverse_root(covariance / trace, count)
    q = ops.matmul(p, inverse_root) / ops.sqrt(trace)
    rows, columns = np.triu_indices(count)

    def pairs(one: Any, other: Any) -> Any:
        return ops.multiply(ops.take(one, rows, axis=-1), ops.take(other, columns, axis=-1))

    second = (pairs(q, p) + pairs(p, q)) / 2
    second = ops.reshape(second, (-1, height, width, len(rows)))
    joined = layers.Concatenate(name="with_covariance")([features, second])
    return keras.Model(activations, joined)


def _inverse_root(matrix: Any, count: int) -> Any:
    """Return a symmetric matrix of trace 1 to the power of -1/2, but for its least eigenvalues.

    Those that are all but zero stay so: each step raises them by half.
    """
    from keras import ops

    identity = np.eye(count, dtype=np.float32)

    def halfway(product: Any) -> Any:
        return ops.add(ops.multiply(product, -0.5), 1.5 * identity)

    inverse = step = halfway(matrix)
    root = ops.matmul(matrix, step)
    for _ in range(_STEPS - 1):
        step = halfway(ops.matmul(inverse, root))
        root, inverse = ops.matmul(root, step), ops.matmul(step, inverse)
    return inverse


def freeze_statistics(model: keras.Model) -> None:
    """Keep BatchNormalization in inference mode: its statistics are of a million photos.

    A few hundred photos in batches of 16 would replace them by noise (the Keras guide on transfer
    learning and fine-tuning says the same).
    """
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
