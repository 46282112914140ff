"""Where one looks into a network: a few depths, from the first layer to the last.

A backbone that is listed here gives its feature maps there as outputs of their own when it is
compiled; the others give their last one alone. All of them are activations: nothing is below 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowercore.backbones import registry
from flowercore.backbones.efficientnet_lite import inverted_residuals


@dataclass(frozen=True)
class Depth:
    """One depth of a network.

    Attributes:
        name: Of the output in the compiled network.
        layer: Keras layer whose output it is.
        side: Places of the feature map, down and across.
        channels: Filters that each have a map.
    """

    name: str
    layer: str
    side: int
    channels: int


_DEPTHS: dict[str, tuple[Depth, ...]] = {
    registry.DEFAULT: (
        Depth("depth_stem", "stem_relu", 112, 32),
        Depth("depth_block2b", "block2b_depthwise_relu", 56, 144),
        Depth("depth_block3b", "block3b_depthwise_relu", 28, 240),
        Depth("depth_block4c", "block4c_depthwise_relu", 14, 480),
        Depth("depth_head", "head_relu", 7, 1280),
    ),
}


def depths(name: str) -> tuple[Depth, ...]:
    """Return the depths at which a backbone can be looked into, the first layer first.

    Args:
        name: Name in the registry; a backbone without depths gives none.
    """
    return _DEPTHS.get(name, ())


def windows(depth: Depth) -> list[tuple[int, int]]:
    """Return kernel and stride of each layer from the pixels to a depth of the default backbone.

    It is the longest path: through the blocks and not past them.

    Args:
        depth: One of its `depths`.
    """
    passed = [("stem_relu", 3, 2)]
    for block in inverted_residuals():
        if block.expansion != 1:
            passed.append((f"{block.name}_expand_relu", 1, 1))
        passed.append((f"{block.name}_depthwise_relu", block.kernel, block.stride))
        passed.append((f"{block.name}_project_bn", 1, 1))
    passed.append(("head_relu", 1, 1))
    end = [name for name, _, _ in passed].index(depth.layer)
    return [(kernel, stride) for _, kernel, stride in passed[: end + 1]]
