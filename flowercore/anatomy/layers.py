"""The layer tables: what each network is made of, read without TensorFlow."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from flowercore.anatomy.counting import CONVOLUTIONS
from flowercore.errors import NotFoundError

NAMES = ("xception", "efficientnet-lite0", "vgg16")
"""Backbones of the registry that have a table, in the order in which they are shown."""
FOLDER = Path(__file__).parent / "tables"
INPUT = "input"
"""Stands for the block of what comes before the first block: the photo and its preprocessing."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes:
        name: As Keras calls it.
        kind: Keras's name of its class.
        kernel: Height and width in pixels; None for a layer without a kernel. For pooling, of the
            part of the map that becomes one number.
        stride: Pixels from one place to the next, down and across; None without a kernel.
        padding: ``same`` or ``valid``; None without a kernel.
        input_shape: Height, width and channels; of the first input where there are several.
        output_shape: Height, width and channels.
        parameters: Weights, those that training does not change included.
        multiply_adds: For one photo; see `flowercore.anatomy.counting`.
        inputs: Names of the layers whose output it takes.
        block: Block of the registry that it lies in; `INPUT` before the first.
        flow: What the block belongs to, such as ``middle flow``; may be empty.
    """

    name: str
    kind: str
    kernel: Shape | None
    stride: Shape | None
    padding: str | None
    input_shape: Shape
    output_shape: Shape
    parameters: int
    multiply_adds: int
    inputs: tuple[str, ...]
    block: str
    flow: str

    @property
    def convolution(self) -> bool:
        """Whether it is a convolution of any kind."""
        return self.kind in CONVOLUTIONS

    def row(self) -> list[Any]:
        """Return its facts as plain values, in the order of the attributes."""
        return [
            list(value) if isinstance(value, tuple) else value
            for value in (getattr(self, field.name) for field in fields(self))
        ]

    @classmethod
    def from_row(cls, row: list[Any]) -> Layer:
        """Read what `row` returned."""
        facts: dict[str, Any] = {
            field.name: tuple(value) if isinstance(value, list) else value
            for field, value in zip(fields(cls), row, strict=True)
        }
        return cls(**facts)


@dataclass(frozen=True)
class Anatomy:
    """A network without its classifier, layer by layer.

    Attributes:
        name: Of the backbone in the registry.
        layers: From the photo to the last feature map; each comes after those that it takes from.
    """

    name: str
    layers: tuple[Layer, ...]

    @cached_property
    def parameters(self) -> int:
        """Weights in all."""
        return sum(layer.parameters for layer in self.layers)

    @cached_property
    def multiply_adds(self) -> int:
        """Multiply-adds for one photo."""
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def input_shape(self) -> Shape:
        """Height, width and channels of the photo."""
        return self.layers[0].output_shape

    @property
    def output_shape(self) -> Shape:
        """Height, width and channels of the last feature map."""
        return self.layers[-1].output_shape

    @cached_property
    def depth(self) -> int:
        """Convolutions that follow each other on the longest way; a separable one counts once."""
        longest: dict[str, int] = {}
        for layer in self.layers:
            before = max((longest[name] for name in layer.inputs), default=0)
            longest[layer.name] = before + layer.convolution
        return longest[self.layers[-1].name]

    def to_json(self) -> str:
        """Return the table as JSON, a layer a line, so that a change shows where it is."""
        columns = json.dumps([field.name for field in fields(Layer)])
        rows = ",\n".join(f"    {json.dumps(layer.row())}" for layer in self.layers)
        return (
            f'{{\n  "backbone": {json.dumps(self.name)},\n  "columns": {columns},\n'
            f'  "layers": [\n{rows}\n  ]\n}}\n'
        )


def table(name: str) -> Path:
    """Return where the table of a backbone lies.

    Args:
        name: Of the backbone.
    """
    return FOLDER / f"{name}.json"


@lru_cache(maxsize=len(NAMES))
def anatomy(name: str) -> Anatomy:
    """Read the layer table of a backbone.

    Args:
        name: One of `NAMES`.

    Raises:
        NotFoundError: If there is no table of that name.
    """
    if name not in NAMES:
        raise NotFoundError(
            f"A layer table must be of one of {', '.join(NAMES)}. Received: {name!r}."
        )
    found = json.loads(table(name).read_text("utf-8"))
    return Anatomy(found["backbone"], tuple(map(Layer.from_row, found["layers"])))
