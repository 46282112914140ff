"""The first layers of every network: from pixels of 0..255 to what it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowercore.backbones.facts import Backbone


def pixels_and_input(backbone: Backbone) -> tuple[Any, Any]:
    """Make the input of a network and its preprocessing.

    Args:
        backbone: Facts from the registry.

    Returns:
        Two Keras tensors of shape (N, S, S, 3): pixels of 0..255 in the order red, green, blue;
        and what the network's first convolution is to get. The layer between is called
        ``preprocessing``.
    """
    from keras import Input, layers, ops

    size, facts = backbone.input_size, backbone.preprocessing
    pixels = Input((size, size, 3), name="pixels")
    ordered = ops.flip(pixels, axis=-1) if facts.bgr else pixels
    rescaling = layers.Rescaling(list(facts.scale), list(facts.offset), name="preprocessing")
    return pixels, rescaling(ordered)
