"""Writes the layer tables anew: ``python -m flowercore.anatomy.write``. Imports TensorFlow."""

from __future__ import annotations

from flowercore.anatomy.describe import describe
from flowercore.anatomy.layers import NAMES, table
from flowercore.backbones import registry, weights


def main() -> None:
    """Build each network with random weights and write down what it is made of."""
    for name in NAMES:
        backbone = registry.get(name)
        found = describe(weights.build(backbone), backbone)
        table(name).write_text(found.to_json(), "utf-8")
        print(
            f"{name}: {len(found.layers)} layers, {found.parameters:,} parameters, "
            f"{found.multiply_adds:,} multiply-adds, depth {found.depth}"
        )


if __name__ == "__main__":
    main()
