"""Xception as it is initialised, for measuring where its ImageNet weights are not at hand.

    python -m benchmarks.random_xception COMMAND ...

The command line of Flower Lab with this network in its registry. How long a network takes does not
depend on its weights.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from flowercore.backbones import registry
from flowercore.backbones.facts import RandomWeights

NAME = "xception-random"


def register() -> None:
    """Put the network into this process's registry."""
    facts = replace(
        registry.get("xception"),
        name=NAME,
        title="Xception without pretraining",
        weights=RandomWeights(seed=42),
    )
    registry._BY_NAME[NAME] = facts


def main() -> int:
    """Run a command."""
    from flowercore.__main__ import main as command_line

    register()
    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
