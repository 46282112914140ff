"""The workshop's small network, to be trained from scratch: three convolution blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowercore.backbones.facts import Backbone
from flowercore.backbones.first_layers import pixels_and_input

if TYPE_CHECKING:
    import keras

FILTERS = (32, 64, 128)
KERNEL = 3
POOL = 2


def build(backbone: Backbone) -> keras.Model:
    """Build the network with random weights.

    Args:
        backbone: Facts from the registry.

    Returns:
        A model from pixels of 0..255, shape (N, S, S, 3), to the output of the last block, shape
        (N, S/8, S/8, 128).
    """
    from keras import Model, layers

    pixels, x = pixels_and_input(backbone)
    for number, filters in enumerate(FILTERS, start=1):
        name = f"conv{number}"
        x = layers.Conv2D(filters, KERNEL, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(POOL, name=f"pool{number}")(x)
    return Model(pixels, x, name="small_convnet")
