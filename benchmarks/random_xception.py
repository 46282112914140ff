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
from flowercore.jobs import worker
from flowercore.runs.store import Run

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


def train(run_id: str) -> Run:
    """Carry out a run as a worker does; any job may be the first of a new worker."""
    register()
    return worker.train(run_id)


def main() -> int:
    """Run a command."""
    from flowercore.__main__ import main as command_line

    register()
    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
