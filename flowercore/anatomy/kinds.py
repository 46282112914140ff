"""What each kind of layer does, in words."""

from __future__ import annotations

from dataclasses import dataclass

from flowercore.anatomy.layers import Layer


@dataclass(frozen=True)
class Kind:
    """A kind of layer.

    Attributes:
        title: What it is called.
        text: What it does, in a sentence.
    """

    title: str
    text: str


POINTWISE = Kind(
    "Pointwise convolution",
    "A convolution with a kernel of one pixel: it mixes the channels at each place.",
)
KINDS = {
    "InputLayer": Kind("Photo", "The pixels, 0 to 255 in red, green and blue."),
    "Flip": Kind("Channel order", "Turns red, green, blue into blue, green, red."),
    "Rescaling": Kind("Preprocessing", "Scales and shifts the pixels to what the network expects."),
    "Conv2D": Kind(
        "Convolution",
        "Each filter looks at a small square of all channels at once, place by place.",
    ),
    "SeparableConv2D": Kind(
        "Separable convolution",
        "First each channel by itself over the places, then all channels together at each place.",
    ),
    "DepthwiseConv2D": Kind(
        "Depthwise convolution", "Looks at a small square of each channel by itself, mixing none."
    ),
    "BatchNormalization": Kind(
        "Batch normalization", "Shifts and scales each channel by statistics of the training."
    ),
    "Activation": Kind("ReLU", "Makes negative numbers zero."),
    "ReLU": Kind("ReLU6", "Makes negative numbers zero, and cuts off what is above six."),
    "MaxPooling2D": Kind("Max pooling", "Keeps the largest number of each small square."),
    "Add": Kind("Addition", "Adds what came by the shortcut: the residual connection."),
}
"""By Keras's name of the layer's class."""


def kind_of(layer: Layer) -> Kind:
    """Return what a layer does.

    Args:
        layer: Of one of the tables.

    Raises:
        KeyError: If there are no words for its kind.
    """
    if layer.kind == "Conv2D" and layer.kernel == (1, 1):
        return POINTWISE
    return KINDS[layer.kind]
