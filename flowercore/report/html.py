"""The report: one HTML file with all figures and photos in it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from plotly.offline import get_plotlyjs

from flowercore import __version__, certainty_charts, figures, ranking_charts
from flowercore.backbones import registry
from flowercore.data.dataset import Dataset
from flowercore.errors import FlowercoreError
from flowercore.evaluation import wording
from flowercore.evaluation.calibration import Calibration, reliability
from flowercore.evaluation.coverage import answered, coverage_curve
from flowercore.evaluation.judgement import Judgement
from flowercore.evaluation.metrics import largest_confusions
from flowercore.prediction.verdict import THRESHOLD
from flowercore.report.numbers import numbers, robustness
from flowercore.report.pictures import chart, worst_mistakes
from flowercore.robustness_chart import robustness_chart
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig

PHOTOS = 12
"""Mistakes that are shown as photos."""

_CONFUSIONS = 10
_MINUS = "–"


def report(
    run: Run,
    judged: Judgement,
    calibration: Calibration | None,
    *,
    photos: str = "",
    data: Dataset | None = None,
) -> str:
    """Write the report of a run on some photos.

    Args:
        run: The run.
        judged: What it says of them.
        calibration: What is known of its probabilities; None if that was not looked into.
        photos: Name of the dataset they come from; empty for the run's own test photos.
        data: That dataset, from which the worst mistakes are shown; None if it is gone.

    Returns:
        HTML that needs no other file and no internet.
    """
    evaluation = judged.evaluation
    scaled = judged.temperature != 1
    bins = reliability(judged.true, judged.probabilities)
    before = reliability(judged.true, judged.raw) if scaled else None
    chosen = answered(judged.true, judged.probabilities, THRESHOLD)
    rankings = {name: judged.ranking(name) for name in judged.classes}
    ranked = {name: one for name, one in rankings.items() if one is not None}
    borne = robustness(run)
    first = min(ranked, key=lambda name: ranked[name].roc.area, default="")
    return _template().render(
        run=run,
        facts=_facts(run),
        photos=photos,
        evaluation=evaluation,
        calibration=calibration,
        numbers=numbers(run, judged, calibration, photos=photos),
        confusions=largest_confusions(evaluation, _CONFUSIONS),
        matrix=chart(figures.confusion_matrix(evaluation), "matrix"),
        reliability=chart(certainty_charts.reliability_diagram(bins, before), "reliability"),
        histogram=chart(
            certainty_charts.confidence_histogram(judged.confidence, judged.right), "histogram"
        ),
        coverage=chart(
            certainty_charts.coverage_chart(
                coverage_curve(judged.true, judged.probabilities), chosen
            ),
            "coverage",
        ),
        chosen=chosen,
        ranked=ranked,
        hardest=first,
        roc=chart(ranking_charts.ranking_chart(ranked, first, "roc"), "roc") if first else "",
        precision_recall=chart(
            ranking_charts.ranking_chart(ranked, first, "precision_recall"), "precision-recall"
        )
        if first
        else "",
        borne=borne,
        bearing={}
        if borne is None
        else {
            kind: chart(robustness_chart(borne, kind), f"robustness-{kind}") for kind in borne.kinds
        },
        pictures=worst_mistakes(judged, data, PHOTOS),
        version=__version__,
        plotly=get_plotlyjs(),
    )


def _facts(run: Run) -> dict[str, str]:
    """Return what the run is, in words."""
    facts = {
        "Photos": str(run.dataset.get("name", "")),
        "Parts": ", ".join(f"{count:,} {part}" for part, count in run.counts.items()),
    }
    try:
        config = TrainConfig.from_dict(run.config)
        facts["Network"] = registry.get(config.backbone).title
        facts["Trained"] = wording.trained(config)
        facts["Settings"] = wording.settings(config)
    except (FlowercoreError, TypeError, ValueError):  # edited by hand, or of an optional package
        facts["Network"] = str(run.config.get("backbone", ""))
    facts["Trained on"] = run.created[:10]
    facts["Run"] = run.id
    return {name: text for name, text in facts.items() if text}


def _percent(share: float | None, digits: int = 1) -> str:
    return _MINUS if share is None else f"{100 * share:.{digits}f} %"


def _interval(interval: Any, digits: int = 0) -> str:
    if interval is None:
        return _MINUS
    low, high = interval
    return f"{100 * low:.{digits}f} to {100 * high:.{digits}f} %"


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": _percent, "interval": _interval}
    return environment.get_template("report.html")
