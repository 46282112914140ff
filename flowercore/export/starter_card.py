"""The starter model's card: what it is, what it was made of, what it is worth, where it ends.

After M. Mitchell and others, "Model cards for model reporting" (2019), arXiv 1810.03993.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowercore.backbones import registry
from flowercore.evaluation.metrics import Evaluation
from flowercore.export.markdown import listing, many, percent, plain, table

_HALVES = "half precision; no answer of the photos it was made of changes with it"

_BESIDE = (
    " The same blocks as they were before stay beside them, with a head of their own: the logits "
    "are the mean of both."
)
_COVARIANCE = (
    " The frozen head is also given the square root of the covariance of {} principal components "
    "of the features over a photo's places."
)


def starter_card(
    run: Mapping[str, Any],
    metrics: Mapping[str, Any],
    calibration: Mapping[str, Any],
    novelty: Mapping[str, Any],
) -> str:
    """Write the card.

    Args:
        run: What `run.json` holds.
        metrics: What `metrics.json` holds: the evaluation, and the number of ``folds``.
        calibration: What `calibration.json` holds.
        novelty: What `novelty.json` holds; empty if no other photos were there to be refused.

    Returns:
        Markdown.
    """
    config, data = run["config"], run["dataset"]
    backbone = registry.get(config["backbone"])
    worth = Evaluation.from_dict(metrics)
    low, high = worth.accuracy_interval
    scores = [
        [plain(name), percent(one.precision), percent(one.recall), f"{one.support:,}"]
        for name, one in worth.per_class.items()
    ]
    parts = [
        f"# {plain(run['name'])}",
        f"Tells {listing(data['classes'])} apart, and says when a photo shows none of them. It is "
        "there before anything was trained.",
        "## What it was made of",
        f"{plain(data['origin'])}. None of the photos comes with it. The backbone is "
        f"{plain(backbone.title)}, {backbone.parameters:,} weights, licence "
        f"{plain(backbone.licence)}. First the head learned for {many(config['epochs'], 'epoch')}, "
        f"then the backbone from {config['fine_tune_from']} on for "
        f"{many(config['fine_tune_epochs'], 'epoch')}, on {many(config['augment'], 'view')} of "
        f"each photo.{_BESIDE if config.get('frozen_beside') else ''}"
        f"{_COVARIANCE.format(config['covariance']) if config.get('covariance') else ''} Its "
        f"weights are kept in {_HALVES}.",
        "## What it is worth",
        f"Accuracy **{percent(worth.accuracy)}** (95 % interval {percent(low)} to {percent(high)}) "
        f"in {metrics['folds']}-fold cross-validation on {many(worth.count, 'photo')}: each was "
        "judged by a model that had not learned from it. The model that comes with this card "
        "learned from all of them.",
        table(["class", "precision", "recall", "photos"], scores),
        _calibrated(calibration),
        "## None of these",
        _strange(novelty),
        "## Where it ends",
        f"It knows {len(data['classes'])} kinds of flowers as people photograph them. Other "
        "flowers were not tried: it may take them for the nearest of these. Of drawings, paintings "
        "and screenshots only a handful were tried. It is made for teaching, and not for telling "
        "what may be eaten or touched.",
    ]
    return "\n\n".join(parts) + "\n"


def _calibrated(calibration: Mapping[str, Any]) -> str:
    fitted, loss = calibration["fitted"], calibration["loss_before"]
    if calibration["temperature"] == 1:
        return (
            f"Its probabilities are as they come: the best temperature would be {fitted:.2f}, "
            f"which changes the log loss of {loss:.3f} by less than chance does."
        )
    return (
        f"Its logits are divided by {calibration['temperature']:.2f}, which lowers the log loss "
        f"from {loss:.3f} to {calibration['loss_after']:.3f}."
    )


def _strange(novelty: Mapping[str, Any]) -> str:
    if not novelty:
        return "How many other photos it takes for flowers was not measured."
    return (
        f"It refuses {percent(novelty['refused'])} of {many(novelty['photos'], 'flower')} that it "
        f"has not learned from, and takes {percent(novelty['accepted'])} of "
        f"{many(novelty['others'], 'photo')} of other things for flowers (95 % interval "
        f"{percent(novelty['accepted_low'])} to {percent(novelty['accepted_high'])}); area under "
        f"the ROC curve {novelty['auroc']:.4f}."
    )
