"""What a network sees of a photo at a depth: which channels speak, where, and from how far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from flowercore.anatomy.receptive_field import extent, receptive_field, same
from flowercore.backbones import registry
from flowercore.backbones.depths import Depth, windows
from flowercore.data.photo import square_box
from flowercore.prediction.heat import coloured
from flowercore.teaching.pictures import Box

_SIZE = registry.get(registry.DEFAULT).input_size


@dataclass(frozen=True)
class Field:
    """The receptive field of a cell.

    Attributes:
        extent: Its side, pixels of the network's input, were the photo endless.
        left: First pixel that it has of the photo, from 0 on.
        top: Likewise.
        right: Last pixel, likewise.
        bottom: Likewise.
    """

    extent: int
    left: int
    top: int
    right: int
    bottom: int

    def on(self, width: int, height: int) -> Box:
        """Return where it lies on a photo of so many pixels, of which the network sees a part."""
        left, top, right, bottom = square_box(width, height)
        across, down = (right - left) / _SIZE, (bottom - top) / _SIZE
        return (
            left + self.left * across,
            top + self.top * down,
            left + (self.right + 1) * across,
            top + (self.bottom + 1) * down,
        )


def field(depth: Depth, cell: tuple[int, int]) -> Field:
    """Return what a cell can have seen of the default backbone's input.

    Args:
        depth: Where the feature map is.
        cell: Row and column of the cell, from 0 on.
    """
    steps = same(_SIZE, windows(depth))
    (top, bottom), (left, right) = (receptive_field(steps, place) for place in cell)
    last = _SIZE - 1
    return Field(extent(steps), max(left, 0), max(top, 0), min(right, last), min(bottom, last))


def liveliest(maps: np.ndarray, count: int) -> list[int]:
    """Return the channels that tell most about a photo: those whose map varies most.

    A channel that gives the same everywhere says nothing of where something is. The outermost cells
    are left out: there padding makes differences that are not in the photo.

    Args:
        maps: Of shape (h, w, C), h and w at least 3.
        count: How many, at most C.

    Returns:
        Their places among all channels, the most varied first.
    """
    spread = maps[1:-1, 1:-1].std(axis=(0, 1))
    return np.argsort(-spread, kind="stable")[:count].tolist()


def strongest(channel: np.ndarray) -> tuple[int, int]:
    """Return row and column of a map's largest activation; of several the one nearest the middle.

    There are several wherever ReLU6 has cut off what lies above 6.

    Args:
        channel: A map, shape (h, w).
    """
    cells = np.argwhere(channel == channel.max())
    away = np.square(cells - (np.array(channel.shape) - 1) / 2).sum(axis=1)
    row, column = cells[int(away.argmin())]
    return int(row), int(column)


def tiles(maps: np.ndarray, channels: list[int], side: int) -> list[Image.Image]:
    """Show channels as small pictures in the colours of `flowercore.prediction.heat`.

    All have one scale: pale yellow is the largest activation of any channel of the maps.

    Args:
        maps: Activations of shape (h, w, C).
        channels: Which of them.
        side: Of each picture, pixels.
    """
    levels = (scaled(maps[:, :, channels], ceiling(maps)) * 255 + 0.5).astype(np.uint8)
    return [
        coloured(Image.fromarray(level)).resize((side, side), Image.Resampling.NEAREST)
        for level in np.moveaxis(levels, 2, 0)
    ]


def ceiling(maps: np.ndarray) -> float:
    """Return the largest activation, which is drawn pale yellow; 1 where all are 0."""
    return float(maps.max()) or 1.0


def scaled(values: np.ndarray, most: float) -> np.ndarray:
    """Return activations as float32 of 0..1."""
    return np.clip(values / np.float32(most), 0, 1).astype(np.float32)
