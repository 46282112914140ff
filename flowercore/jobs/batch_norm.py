"""A training in which the frozen backbone's BatchNormalization changes, to see what that does."""

from __future__ import annotations

import numpy as np

from flowercore.backbones import registry
from flowercore.backbones.standardisation import Standardisation
from flowercore.data.dataset import Dataset
from flowercore.errors import CancelledError
from flowercore.jobs.fine_tuning import Tuned, kept
from flowercore.jobs.reporter import Reporter
from flowercore.training.activations import boundary_activations
from flowercore.training.config import TrainConfig
from flowercore.training.inputs import inputs
from flowercore.training.plan import Plan


def train(
    run_id: str,
    dataset: Dataset,
    plan: Plan,
    plain: np.ndarray,
    standardisation: Standardisation | None,
    config: TrainConfig,
    reporter: Reporter,
) -> Tuned:
    """Train a head while the backbone runs in training mode.

    Where the statistics move, the backbone that they have moved to is written into the run's
    folder, as that of a fine-tuned run is, and photos are judged with it.

    Args:
        run_id: The run.
        dataset: Whose photos.
        plan: Which photo serves for what.
        plain: Features of the untouched backbone for the views in which photos are judged,
            float32, shape (N, J, D), in the order of ``plan.photos``.
        standardisation: What is done to the pixels; None for the backbone's own preprocessing.
        config: Settings with a ``batch_norm`` of moving or batch.
        reporter: Hears how far it is; its ``stopped`` tells whether the visitor stopped it.

    Returns:
        The model.

    Raises:
        CancelledError: If the visitor stopped it before the first epoch.
        FlowercoreError: If it cannot be carried out.
    """
    needed = inputs(config, augment=False)
    facts = registry.get(config.backbone)
    count = reporter.step("activations")
    # Nothing lies before the first block: these are the photos themselves, decoded once.
    pixels = boundary_activations(
        dataset,
        plan.photos,
        facts.name,
        facts.blocks[0].name,
        needed.views,
        progress=count,
        check=reporter.check,
    )
    from flowercore.backbones import weights
    from flowercore.training import moving_statistics

    def shown(photos: np.ndarray) -> np.ndarray:
        if standardisation is None:
            return photos.astype(np.float32)
        return standardisation.pixels(photos, facts.preprocessing)

    count = reporter.step("tail")
    network = weights.load(facts)
    reporter.check()
    split = plan.split
    head = moving_statistics.train_head_in_training_mode(
        network,
        moving_statistics.Photos(
            lambda rows: shown(pixels[rows, 0]), plan.labels, split.train, split.validation
        ),
        len(dataset.classes),
        config,
        reporter.epoch,
        reporter.batch(count),
    )
    if head is None:
        raise CancelledError("Stopped before the first epoch.")
    if config.batch_norm == "batch":
        return Tuned(head, {}, plain)
    features = kept(
        run_id,
        network,
        network,
        lambda row: [shown(pixels[row, view]) for view in needed.judged],
        len(plan.photos),
        reporter,
    )
    return Tuned(head, {}, features)
