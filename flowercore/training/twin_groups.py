"""Which photos of a dataset show nearly the same: a split must not learn one and test the other."""

from __future__ import annotations

from collections.abc import Callable

from flowercore.backbones import registry, runtime
from flowercore.data.dataset import Dataset, Progress
from flowercore.data.similarity import NEAR_DUPLICATE, near_groups
from flowercore.training.features import Features, dataset_features


def twin_groups(
    dataset: Dataset,
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> dict[str, str]:
    """Group the photos of a dataset, each with its near-duplicates.

    Whatever backbone is trained, the default one decides, so that trainings on the same photos
    have the same split.

    Args:
        dataset: Whose photos.
        progress: Called with (photos done, photos in all).
        check: Called now and then; raises to stop.

    Returns:
        The name of each readable photo's group, by SHA-256.

    Raises:
        StorageError: If the feature cache cannot be used.
    """
    runtime.prepare(registry.DEFAULT)
    return twins_among(dataset_features(dataset, registry.DEFAULT, progress=progress, check=check))


def twins_among(features: Features) -> dict[str, str]:
    """Group photos, each with its near-duplicates, where their features are at hand.

    Args:
        features: Of the default backbone; view 0 is the plain one.

    Returns:
        The name of each photo's group, by SHA-256.
    """
    if not features.photos:
        return {}
    groups = near_groups(features.vectors[:, 0], NEAR_DUPLICATE)
    pairs = zip(features.photos, groups, strict=True)
    return {photo.sha256: f"twins {group}" for photo, group in pairs}
