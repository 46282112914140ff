"""A receptive field is what changes a cell, and nothing else does: by counting, and for real."""

from __future__ import annotations

import numpy as np
import pytest

from flowercore.anatomy.receptive_field import (
    Step,
    effective_stride,
    extent,
    receptive_field,
    same,
)
from flowercore.backbones import registry, runtime
from flowercore.backbones.depths import Depth, depths, windows
from flowercore.teaching.feature_maps import field

DEPTHS = depths(registry.DEFAULT)
SIZE = registry.get(registry.DEFAULT).input_size


def reached(size: int, layers: list[tuple[int, int]]) -> np.ndarray:
    """Follow each pixel through layers that are padded to ``same``: bool (cells, pixels)."""
    seen = np.eye(size, dtype=bool)
    for kernel, stride in layers:
        cells = -(-len(seen) // stride)
        zeros = max((cells - 1) * stride + kernel - len(seen), 0)
        padded = np.pad(seen, ((zeros // 2, zeros - zeros // 2), (0, 0)))
        starts = range(0, cells * stride, stride)
        seen = np.stack([padded[start : start + kernel].any(axis=0) for start in starts])
    return seen


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_a_cell_can_be_reached_from(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(20, 90))
    layers = [(int(rng.integers(1, 6)), int(rng.integers(1, 3))) for _ in range(4)]
    layers = [(max(kernel, stride), stride) for kernel, stride in layers]
    steps = same(size, layers)
    table = reached(size, layers)
    for cell, row in enumerate(table):
        first, last = receptive_field(steps, cell)
        assert last - first + 1 == extent(steps)
        pixels = np.flatnonzero(row)
        assert (pixels[0], pixels[-1]) == (max(first, 0), min(last, size - 1))
    if len(table) > 1:
        moved = receptive_field(steps, 1)[0] - receptive_field(steps, 0)[0]
        assert moved == effective_stride(steps)


def test_vgg16_sees_what_is_published_of_it() -> None:
    # 212 pixels and a stride of 32 after its last pooling (table 1 of Araujo and others).
    steps = [
        step
        for convolutions in (2, 2, 3, 3, 3)
        for step in [*[Step(3, 1, 1)] * convolutions, Step(2, 2)]
    ]
    assert (extent(steps), effective_stride(steps)) == (212, 32)


def test_without_layers_a_cell_is_a_pixel() -> None:
    assert (extent([]), effective_stride([]), receptive_field([], 7)) == (1, 1, (7, 7))


@pytest.mark.parametrize("depth", DEPTHS, ids=lambda depth: depth.layer)
def test_a_depth_has_the_cells_that_its_layers_leave(depth: Depth) -> None:
    steps = same(SIZE, windows(depth))
    assert effective_stride(steps) * depth.side == SIZE
    assert extent(steps) == {112: 3, 56: 19, 28: 67, 14: 147, 7: 851}[depth.side]


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(8).integers(0, 256, (2, SIZE, SIZE, 3)).astype(np.uint8)


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("depth", DEPTHS[:4], ids=lambda depth: depth.layer)
@pytest.mark.parametrize("share", [0.0, 0.46, 1.0], ids=["first", "inner", "last"])
def test_the_real_network_sees_what_is_said_and_no_more(
    depth: Depth, share: float, noise: np.ndarray
) -> None:
    cell = (round(share * (depth.side - 1)), round((1 - share) * (depth.side - 1)))
    seen = field(depth, cell)
    photo, other = noise
    before = values(depth, photo, cell)
    assert before.max() > 0

    outside = other.copy()
    within = (slice(seen.top, seen.bottom + 1), slice(seen.left, seen.right + 1))
    outside[within] = photo[within]
    np.testing.assert_array_equal(values(depth, outside, cell), before)

    for rim in (
        (within[0], slice(seen.left, seen.left + 1)),
        (within[0], slice(seen.right, seen.right + 1)),
        (slice(seen.top, seen.top + 1), within[1]),
        (slice(seen.bottom, seen.bottom + 1), within[1]),
    ):
        changed = photo.copy()
        changed[rim] = 255 - changed[rim]
        assert (values(depth, changed, cell) != before).any(), rim


def values(depth: Depth, photo: np.ndarray, cell: tuple[int, int]) -> np.ndarray:
    return runtime.depth_maps(registry.DEFAULT, photo)[depth.name][cell]
