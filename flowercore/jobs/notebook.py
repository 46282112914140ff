"""The pass over the photos that the notebook's preprocessing needs before all else."""

from __future__ import annotations

from collections.abc import Mapping

from flowercore.backbones import registry
from flowercore.backbones.standardisation import Standardisation, Sums, standardisation_of, sums
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.photo import read_photo_bytes
from flowercore.data.views import SQUEEZED, pixels
from flowercore.errors import PhotoError
from flowercore.jobs.reporter import Reporter
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from flowercore.training.passes import singly, through
from flowercore.training.plan import make_plan

_BATCH = 32


def standardisation(
    dataset: Dataset, config: TrainConfig, twins: Mapping[str, str], reporter: Reporter
) -> Standardisation:
    """Measure the training photos' mean and deviation.

    Args:
        dataset: The photos.
        config: Split and backbone, which decides the size.
        twins: As for `flowercore.training.plan.make_plan`.
        reporter: Hears how far it is.

    Raises:
        CancelledError: If somebody asked the run to stop.
        DatasetError: If too little is left to train on.
        ConfigError: If the split leaves a part empty.
    """
    size = registry.get(config.backbone).input_size

    def measured(photo: Photo) -> Sums:
        data = read_photo_bytes(dataset.path(photo))
        shown = pixels(data, [SQUEEZED], name=photo.key, sha256=photo.sha256, size=size)
        return sums(shown[0])

    found: dict[str, Sums] = {}
    count, done = reporter.step("photos"), 0
    for batch in through(
        dataset.photos, singly(measured), threads=settings().threads, batch=_BATCH
    ):
        found.update((p.key, value) for p, value in batch if not isinstance(value, PhotoError))
        done += len(batch)
        count(done, len(dataset.photos))
        reporter.check()
    readable = tuple(photo for photo in dataset.photos if photo.key in found)
    plan = make_plan(dataset, readable, config, twins)
    return standardisation_of(found[plan.photos[row].key] for row in plan.split.train)
