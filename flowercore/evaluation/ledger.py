"""All runs side by side: what each is, how it differs from the others, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from flowercore.backbones import registry
from flowercore.errors import FlowercoreError
from flowercore.evaluation import wording
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig

SPLIT_LENGTH = 8
"""How much of the hash of a split, or of a dataset, tells it from others."""


@dataclass(frozen=True)
class Row:
    """One run in the ledger.

    Attributes:
        run: Its id.
        name: What a person calls it.
        status: See `flowercore.runs.store.Run`.
        reason: Why it stopped, failed or is damaged, or why its accuracy cannot be told.
        data: Name of its dataset.
        version: Beginning of the hash of the photos and labels that it saw; empty before it is
            known.
        split: Beginning of the hash of which photo is in which part; empty before it is known.
        backbone: Title of its backbone; empty if its settings cannot be read.
        trained: What was trained: ``head``, ``from block5a on`` or ``everything``.
        settings: In words, the settings in which the runs of the ledger differ; empty where this
            run has nothing special.
        accuracy: On its test photos; None where there is no test.
        accuracy_interval: 95 % interval of the accuracy.
        seconds: What the whole took; None before it ended.
        created: When it was asked for, ISO 8601 in UTC.
        recipe: The recipe that its settings come from; empty for none.
        experiment: Shared by the runs of one recipe; empty for a single run.
        note: What a person wrote about it.
    """

    run: str
    name: str
    status: str
    reason: str | None
    data: str
    version: str
    split: str
    backbone: str
    trained: str
    settings: str
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None
    seconds: float | None
    created: str
    recipe: str
    experiment: str
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values, for JSON."""
        return asdict(self)


def ledger(runs: Sequence[Run], *, brief: bool = False) -> list[Row]:
    """Return a row for each run, in the order given.

    A run with damaged files has a row as well, with what can still be read; it hides nothing of
    the others.

    Args:
        runs: The runs; settings that all of them share are not told.
        brief: Whether a row also leaves out what more than half of the runs share; see
            `usual_settings`.
    """
    configs = [_config(run) for run in runs]
    settings, _ = wording.differences(configs, brief=brief)
    return [_row(*one) for one in zip(runs, configs, settings, strict=True)]


def usual_settings(runs: Sequence[Run]) -> str:
    """Return in words what a brief `ledger` of these runs leaves out; maybe empty."""
    return wording.differences([_config(run) for run in runs], brief=True)[1]


def _row(run: Run, config: TrainConfig | None, settings: str) -> Row:
    accuracy, interval, problem = _verdict(run)
    seconds = run.seconds.get("total")
    return Row(
        run=run.id,
        name=run.title,
        status=run.status,
        reason=run.reason or problem,
        data=str(run.dataset.get("name") or PurePath(str(run.config.get("data", ""))).name),
        version=str(run.dataset.get("identity") or "")[:SPLIT_LENGTH],
        split=run.split_identity[:SPLIT_LENGTH],
        backbone=_title(config.backbone) if config else "",
        trained=wording.trained(config) if config else "",
        settings=settings,
        accuracy=accuracy,
        accuracy_interval=interval,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        created=run.created,
        recipe=str(config.recipe or "") if config else "",
        experiment=str(config.experiment or "") if config else "",
        note=run.note,
    )


def _verdict(run: Run) -> tuple[float | None, tuple[float, float] | None, str | None]:
    try:
        values = results.metrics(run.id)
        if not values:
            return None, None, None
        low, high = values["accuracy_interval"]
        numbers = float(values["accuracy"]), float(low), float(high)
        if not all(0 <= number <= 1 for number in numbers):
            raise ValueError("no shares")
        return numbers[0], (numbers[1], numbers[2]), None
    except FlowercoreError as error:
        return None, None, str(error)
    except (TypeError, ValueError, KeyError, AttributeError):
        return (
            None,
            None,
            "The run's file metrics.json cannot be used: it was edited by hand. Train again; other "
            "runs are not affected.",
        )


def _config(run: Run) -> TrainConfig | None:
    """Return a run's settings, those of earlier versions filled up; None if they are damaged."""
    try:
        return TrainConfig.from_dict(run.config)
    except (TypeError, ValueError, AttributeError):
        return None


def _title(backbone: str) -> str:
    try:
        return registry.get(backbone).title
    except (FlowercoreError, TypeError):  # of an optional package, or edited by hand
        return str(backbone)
