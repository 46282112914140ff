"""What comes out of `benchmarks.notebook_way`: ratios, accuracy, whether they may be compared."""

from __future__ import annotations

import statistics
from argparse import Namespace
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import random_xception
from benchmarks.report import Row, Section, Table
from benchmarks.setting import GARDEN

if TYPE_CHECKING:
    from benchmarks.notebook_model import Found
    from flowercore.backbones.facts import Backbone

# Accuracy that ours may lack before times are compared no more.
ALLOWED = 0.01
# What is aimed at, times faster: in a fresh process, at the first click, at every click after.
TARGETS: dict[str, tuple[int | None, ...]] = {
    "efficientnet-lite0": (15, 30, 200),
    random_xception.NAME: (None, 20, None),
}
OURS = (
    "ours, fresh process, nothing cached, imports included",
    "ours, warm worker, nothing cached",
    "ours, warm worker, features cached",
)


@dataclass
class Times:
    """Seconds of one turn.

    Attributes:
        notebook: The other side, by its parts.
        ours: Fresh, first click, each click after.
        steps: What the first click took, by step.
    """

    notebook: Found | None = None
    ours: tuple[float, ...] = ()
    steps: dict[str, float] = field(default_factory=dict)


def section(
    arguments: Namespace,
    facts: Backbone,
    compiled: float | None,
    turns: list[Times],
    accuracies: tuple[list[float], list[float]],
    counts: dict[str, int],
) -> Section:
    """Say what came out.

    Args:
        arguments: Of the command line.
        facts: The backbone.
        compiled: Seconds to compile it; None if it was there.
        turns: The times.
        accuracies: Of ours and of the notebook's way, one a turn.
        counts: Photos in each part of the split.
    """
    epochs = arguments.epochs
    sides = [one.notebook for one in turns if one.notebook]
    fresh = [one.imports + one.in_a_kernel(epochs) for one in sides]
    kernel = [one.in_a_kernel(epochs) for one in sides]
    rows = [
        Row("the notebook's way, imports included", tuple(fresh), "s"),
        Row("the notebook's way in a kernel with imports done", tuple(kernel), "s"),
    ]
    targets = TARGETS.get(facts.name, (None, None, None))
    for number, (name, target) in enumerate(zip(OURS, targets, strict=True)):
        seconds = tuple(one.ours[number] for one in turns)
        against = fresh if number == 0 else kernel
        ratios = [other / own for other, own in zip(against, seconds, strict=True)]
        more = {
            "times faster": f"{statistics.median(ratios):.1f}",
            "from, to": f"{min(ratios):.1f} to {max(ratios):.1f}",
            "aimed at": f"{target}" if target else "",
        }
        rows.append(Row(name, seconds, "s", more))
    ours, others = accuracies
    less = statistics.mean(others) - statistics.mean(ours)
    steps = [
        Row(f"the notebook's way: {name}", tuple(getattr(one, name) for one in sides), "s")
        for name in ("imports", "photos", "model", "evaluation")
    ]
    steps.append(
        Row(
            f"the notebook's way: {epochs} epochs",
            tuple(one.fitting(epochs) for one in sides),
            "s",
        )
    )
    steps += [
        Row(f"ours at the first click: {name}", tuple(one.steps[name] for one in turns), "s")
        for name in ("features", "training", "total")
    ]
    if compiled is not None:
        steps.append(Row("ours: compiling the network, once a machine", (compiled,), "s"))
    right = tuple(
        Row(name, tuple(100 * one for one in values), "%")
        for name, values in (("the notebook's way", others), ("ours", ours))
    )
    remarks = [verdict(less, len(ours))]
    if arguments.epochs_measured < epochs:
        remarks.append(
            f"Extrapolated: {arguments.epochs_measured} epochs of the notebook's way were carried "
            f"out; of the {epochs}, each after the first counts as the mean of those. Its accuracy "
            "is that of a head trained on what the frozen network gave once, the same training."
        )
    photos = ", ".join(f"{count} {part}" for part, count in sorted(counts.items()))
    text = (
        f"{facts.title} at {facts.input_size} px, {sum(counts.values())} photos "
        f"of {_source(arguments)} ({photos}), {epochs} epochs, batches of 16. Turns: {len(turns)}, "
        "each with another seed; which side goes first alternates. A fresh process is compared "
        "with imports on both sides, a warm worker with a notebook whose imports are done. Ours "
        "includes hashing the photos, the search for near-duplicates, calibration, the photos' "
        "novelty, and every file of a run."
    )
    name = arguments.backbone
    command = "python -m benchmarks.notebook_way"
    command += "" if name == "efficientnet-lite0" else f" --backbone {name}"
    command += "" if arguments.data == GARDEN else " --data FOLDER"
    return Section(
        f"The notebook's way against ours: {facts.title}, photos of {_source(arguments)}",
        command,
        (
            Table("seconds", tuple(rows)),
            Table("accuracy on the test photos", right),
            Table("seconds by step", tuple(steps)),
        ),
        text,
        tuple(remarks),
    )


def _source(arguments: Namespace) -> str:
    return "the painted garden" if arguments.data == GARDEN else "a folder"


def verdict(less: float, seeds: int) -> str:
    """Say whether times may be compared.

    Args:
        less: By how much ours is less accurate; below 0 if it is more.
        seeds: Over how many seeds.
    """
    points = f"{abs(100 * less):.1f} points {'less' if less > 0 else 'more'} accurate"
    if round(1000 * less) == 0:
        points = "as accurate"
    over = f"over {seeds} seed{'' if seeds == 1 else 's'}"
    if less > ALLOWED:
        return f"**VOID**: ours is {points} {over}; faster is worth nothing then."
    return f"Ours is {points} {over}: the comparison holds (void from 1 point less)."
