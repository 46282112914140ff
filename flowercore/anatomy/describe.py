"""From a Keras model to its layer table. Imports Keras where the model does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowercore.anatomy.counting import multiply_adds
from flowercore.anatomy.layers import INPUT, Anatomy, Layer, Shape
from flowercore.backbones.facts import Backbone, Block

if TYPE_CHECKING:
    import keras

PREPROCESSING = "preprocessing"
"""The layer up to which a network only makes of a photo what its first convolution is to get."""
_BEFORE = Block(INPUT, None, 0)


def describe(model: keras.Model, backbone: Backbone) -> Anatomy:
    """Write down what a network is made of.

    Args:
        model: Built from the facts; whatever its weights are.
        backbone: The facts.

    Returns:
        Its layers, in the order in which they are computed.
    """
    operations = list(model.operations)
    makers = {id(tensor): one.name for one in operations for tensor in _list(one.output)}
    inputs = {one.name: _inputs(one, makers) for one in operations}
    blocks = _blocks(inputs, backbone)
    return Anatomy(
        backbone.name,
        tuple(_layer(one, inputs[one.name], blocks[one.name]) for one in operations),
    )


def _inputs(operation: Any, makers: dict[int, str]) -> tuple[str, ...]:
    return tuple(makers[id(tensor)] for tensor in _list(operation.input))


def _blocks(inputs: dict[str, tuple[str, ...]], backbone: Backbone) -> dict[str, Block]:
    """Return the block of each layer: the last one whose boundary comes before the layer."""
    starts = [(PREPROCESSING, backbone.blocks[0])]
    starts += [(str(block.boundary), block) for block in backbone.blocks[1:]]
    found = dict.fromkeys(inputs, _BEFORE)
    for boundary, block in starts:
        behind: set[str] = set()
        for name, sources in inputs.items():
            if boundary in sources or behind & set(sources):
                behind.add(name)
        found.update(dict.fromkeys(behind, block))
    return found


def _layer(operation: Any, inputs: tuple[str, ...], block: Block) -> Layer:
    kind = type(operation).__name__
    # Pooling calls its kernel a pool.
    kernel = getattr(operation, "kernel_size", None) or getattr(operation, "pool_size", None)
    after = _shape(operation.output)
    taken = _list(operation.input)
    before = _shape(taken[0]) if taken else after  # nothing comes before the photo
    return Layer(
        name=operation.name,
        kind=kind,
        kernel=None if kernel is None else tuple(kernel),
        stride=None if kernel is None else tuple(operation.strides),
        padding=None if kernel is None else operation.padding,
        input_shape=before,
        output_shape=after,
        parameters=operation.count_params() if hasattr(operation, "count_params") else 0,
        multiply_adds=multiply_adds(kind, kernel, before, after),
        inputs=inputs,
        block=block.name,
        flow=block.note,
    )


def _shape(tensor: Any) -> Shape:
    return tuple(int(side) for side in tensor.shape[1:])


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
