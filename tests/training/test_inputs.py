"""Which views a training needs."""

from __future__ import annotations

from dataclasses import replace

from flowercore.data.views import MIRRORED, PLAIN, SQUEEZED
from flowercore.training.config import TrainConfig
from flowercore.training.inputs import inputs

CONFIG = TrainConfig(data="none")


def test_a_plain_training_needs_the_plain_view_alone() -> None:
    needed = inputs(CONFIG, augment=True)
    assert (needed.views, needed.learned, needed.judged) == ((PLAIN,), (0,), (0,))


def test_augmented_views_are_learned_from_and_not_judged_by() -> None:
    needed = inputs(replace(CONFIG, augment=3), augment=True)
    assert needed.views[:2] == (PLAIN, MIRRORED)
    assert len(needed.views) == 5
    assert needed.learned == (0, 1, 2, 3, 4)
    assert needed.judged == (0,)


def test_a_mirror_image_is_learned_from_only_if_flips_are_wanted() -> None:
    config = replace(CONFIG, augment=2, augmentations=("crop",), flip_average=True)
    needed = inputs(config, augment=True)
    assert needed.views[1] == MIRRORED
    assert needed.learned == (0, 2, 3)
    assert needed.judged == (0, 1)
    without = inputs(replace(config, flip_average=False), augment=True)
    assert MIRRORED not in without.views


def test_the_mirror_image_alone_is_judged_by_and_not_learned_from() -> None:
    needed = inputs(replace(CONFIG, flip_average=True), augment=True)
    assert (needed.learned, needed.judged) == ((0,), (0, 1))


def test_a_phase_without_augmentation_needs_what_is_judged() -> None:
    assert inputs(replace(CONFIG, augment=8), augment=False).views == (PLAIN,)


def test_the_notebooks_preprocessing_squeezes() -> None:
    needed = inputs(replace(CONFIG, preprocessing="notebook"), augment=True)
    assert needed.views == (SQUEEZED,)
