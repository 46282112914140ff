"""How long a training takes on this machine, from what was measured here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import pandas as pd

from flowercore.backbones.registry import Backbone
from flowercore.errors import FlowercoreError
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.teaching import kept

KIND = "timing"
HEAD, LOOK = "", "look"
"""Names beside those of blocks: the head alone, and one pass through the frozen network."""
_VERSION = "1"


@dataclass(frozen=True)
class Pace:
    """How long one photo takes.

    Attributes:
        seconds: For one photo in one epoch.
        runs: How many trainings here it comes from; 0 where it was measured for this.
        between: Whether it lies between two blocks that were measured, and not on one.
    """

    seconds: float
    runs: int = 0
    between: bool = False


def places(backbone: Backbone, count: int) -> list[str]:
    """Return evenly spaced blocks of a backbone, the first and the last among them.

    Args:
        backbone: The network.
        count: How many, at least 2; fewer where it has fewer blocks.
    """
    last = len(backbone.blocks) - 1
    found = [backbone.blocks[round(last * one / (count - 1))].name for one in range(count)]
    return list(dict.fromkeys(found))


def of_runs(backbone: Backbone, runs: Iterable[Run]) -> dict[str, Pace]:
    """Return what trainings here took, by the block from which they trained.

    Args:
        backbone: Whose trainings.
        runs: All runs, the newest first. Those that did not finish are passed over.
    """
    found: dict[str, list[float]] = {}
    for run in runs:
        photos = run.counts.get("train", 0)
        if run.status != "finished" or run.config.get("backbone") != backbone.name or not photos:
            continue
        if run.config.get("batch_norm", "inference") != "inference":
            continue
        try:
            history = results.history(run.id)
        except FlowercoreError:  # damaged: it tells nothing
            continue
        for phase, block in (("head", HEAD), ("tail", run.config.get("fine_tune_from", ""))):
            epochs = history.loc[history["phase"] == phase, "seconds"]
            if len(epochs):
                found.setdefault(block, []).append(_usual(epochs) / photos)
    return {block: Pace(median(every), len(every)) for block, every in found.items()}


def _usual(epochs: pd.Series) -> float:
    # The first epoch of a fine-tuning builds its graph as well: the median passes over it.
    return float(epochs.median())


def pace(
    backbone: Backbone, block: str, runs: Mapping[str, Pace], measured: Mapping[str, float]
) -> Pace | None:
    """Return how long a photo takes in an epoch, or None if nothing near was measured here.

    Trainings come first: they are the real thing. Between two blocks that are known it is taken
    to grow evenly from block to block.

    Args:
        backbone: The network.
        block: From where it is trained; `HEAD` for the head alone.
        runs: From `of_runs`.
        measured: From `read`.
    """
    known = {name: Pace(seconds) for name, seconds in measured.items() if name != LOOK} | dict(runs)
    if block in known or block == HEAD:
        return known.get(block)
    names = [one.name for one in backbone.blocks]
    place = names.index(block)
    there = [index for index, name in enumerate(names) if name in known]
    before = [index for index in there if index < place]
    after = [index for index in there if index > place]
    if not before or not after:
        return None
    first, last = before[-1], after[0]
    share = (place - first) / (last - first)
    a, b = known[names[first]].seconds, known[names[last]].seconds
    return Pace(a + share * (b - a), between=True)


def write(backbone: Backbone, seconds: Mapping[str, float]) -> None:
    """Keep what was measured.

    Args:
        backbone: The network.
        seconds: For a photo (and an epoch), by block, `HEAD` and `LOOK`.

    Raises:
        StorageError: If the disk refuses.
    """
    kept.write(KIND, (_VERSION, backbone.fingerprint), {"seconds": dict(seconds)})


def read(backbone: Backbone) -> dict[str, float]:
    """Return what `write` wrote; empty if nothing was measured.

    Raises:
        StorageError: If its file is damaged.
    """
    return kept.read(KIND, (_VERSION, backbone.fingerprint), _seconds) or {}


def _seconds(values: dict[str, Any]) -> dict[str, float]:
    found = {str(name): float(one) for name, one in values["seconds"].items()}
    if not all(0 < one < 3600 for one in found.values()):
        raise ValueError("no seconds")
    return found
