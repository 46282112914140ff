"""A network as a person draws it: blocks in a row, with equal ones drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from flowercore.anatomy.layers import INPUT, Anatomy, Layer, Shape, anatomy


@dataclass(frozen=True)
class Module:
    """A block, or several that follow each other and are built alike.

    Attributes:
        blocks: Their names.
        layers: Those of the first one.
        way: Convolutions and poolings of the first one that follow each other.
        shortcut: Layers of the residual connection, which leads past the way; empty where it hands
            on what came in, or where there is none.
        residual: Whether there is a residual connection.
        parameters: Weights of all blocks together.
        multiply_adds: Of all blocks together, for one photo.
    """

    blocks: tuple[str, ...]
    layers: tuple[Layer, ...]
    way: tuple[Layer, ...]
    shortcut: tuple[Layer, ...]
    residual: bool
    parameters: int
    multiply_adds: int

    @property
    def name(self) -> str:
        """Name of the first block: no other module has it."""
        return self.blocks[0]

    @property
    def repeats(self) -> int:
        """How many blocks it stands for."""
        return len(self.blocks)

    @property
    def flow(self) -> str:
        """What the blocks belong to; may be empty."""
        return self.layers[0].flow

    @property
    def input_shape(self) -> Shape:
        """Height, width and channels of what comes in."""
        return self.layers[0].input_shape

    @property
    def output_shape(self) -> Shape:
        """Height, width and channels of what goes out."""
        return self.layers[-1].output_shape


@lru_cache(maxsize=8)
def modules(name: str) -> tuple[Module, ...]:
    """Return the modules of a network, from the first block to the last.

    Args:
        name: One of `flowercore.anatomy.layers.NAMES`.

    Raises:
        NotFoundError: If there is no table of that name.
    """
    return modules_of(anatomy(name))


def modules_of(network: Anatomy) -> tuple[Module, ...]:
    """Return the modules of a network, from the first block to the last.

    Args:
        network: Its layers.
    """
    blocks: dict[str, list[Layer]] = {}
    for layer in network.layers:
        if layer.block != INPUT:
            blocks.setdefault(layer.block, []).append(layer)
    alike = groupby(blocks.items(), key=lambda block: _structure(block[1]))
    return tuple(_module(dict(group)) for _, group in alike)


def _structure(layers: list[Layer]) -> tuple[object, ...]:
    """Return all that makes a block what it is, but for its names."""
    places = {layer.name: place for place, layer in enumerate(layers)}
    return tuple(
        (
            *(layer.kind, layer.kernel, layer.stride, layer.padding),
            *(layer.input_shape, layer.output_shape, layer.parameters),
            tuple(places.get(name) for name in layer.inputs),
        )
        for layer in layers
    )


def _module(blocks: dict[str, list[Layer]]) -> Module:
    first = next(iter(blocks.values()))
    shortcut = _shortcut(first)
    every = [layer for layers in blocks.values() for layer in layers]
    drawn = [layer for layer in first if layer.kernel is not None and layer not in shortcut]
    return Module(
        blocks=tuple(blocks),
        layers=tuple(first),
        way=tuple(drawn),
        shortcut=shortcut,
        residual=any(len(layer.inputs) > 1 for layer in first),
        parameters=sum(layer.parameters for layer in every),
        multiply_adds=sum(layer.multiply_adds for layer in every),
    )


def _shortcut(layers: list[Layer]) -> tuple[Layer, ...]:
    """Return the layers of the shorter of the two ways to a block's addition."""
    there = {layer.name: layer for layer in layers}
    ways = []
    for source in next((layer.inputs for layer in layers if len(layer.inputs) > 1), ()):
        way: list[Layer] = []
        name = source
        while name in there:
            way.append(there[name])
            (name,) = there[name].inputs
        ways.append(tuple(reversed(way)))
    return min(ways, key=len, default=())
