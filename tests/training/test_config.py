"""Each setting has its bounds, and a sentence for who oversteps them."""

from __future__ import annotations

from typing import Any

import pytest

from flowercore.errors import ConfigError, NotFoundError
from flowercore.training.config import TrainConfig


def test_the_defaults_are_the_notebooks() -> None:
    config = TrainConfig(data="garden")
    config.validate()
    assert (config.epochs, config.batch_size, config.validation_split) == (25, 16, 0.1)
    assert (config.test_split, config.learning_rate, config.seed) == (0.2, 1e-3, 42)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("epochs", 0, "Epochs must be a whole number from 1 to 200. Received: 0."),
        ("epochs", 201, "Received: 201."),
        ("epochs", "x", "Received: x."),
        ("epochs", 2.5, "Received: 2.5."),
        ("batch_size", 0, "Batch size must be a whole number from 1 to 512"),
        ("batch_size", 513, "Received: 513."),
        ("validation_split", 1, "Validation split must be at least 0 and below 1. Received: 1."),
        ("validation_split", -0.1, "Received: -0.1."),
        ("test_split", 1.5, "Test split must be at least 0 and below 1. Received: 1.5."),
        ("test_split", float("nan"), "must be a number"),
        ("learning_rate", 0.0, "Learning rate must be above 0. Received: 0."),
        ("learning_rate", -1e-3, "Received: -0.001."),
        ("learning_rate", float("inf"), "must be a number"),
        ("seed", -1, "Seed must be a whole number from 0"),
        ("sharpness", -0.1, "Sharpness radius must be at least 0. Received: -0.1."),
        ("sharpness", 2.0, "Sharpness radius must be at most 1. Received: 2."),
        ("name", "x" * 101, "100 characters at most. Received: 101."),
    ],
)
def test_a_setting_out_of_bounds_is_refused_in_words(setting: str, value: Any, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainConfig(data="garden", **{setting: value}).validate()
    assert words in str(caught.value)


def test_beside_what_learns_from_scratch_nothing_was_pretrained() -> None:
    settings = {"backbone": "small-convnet", "frozen_beside": True}
    TrainConfig(data="garden", **settings).validate()
    TrainConfig(data="garden", fine_tune_from="conv2", **settings).validate()
    with pytest.raises(ConfigError, match="learns from scratch"):
        TrainConfig(data="garden", fine_tune_from="conv1", **settings).validate()


def test_a_covariance_goes_with_the_pretrained_end_beside() -> None:
    TrainConfig(data="garden", frozen_beside=True, covariance=64).validate()
    with pytest.raises(ConfigError, match="64 components and none beside"):
        TrainConfig(data="garden", covariance=64).validate()
    for count in (-1, 1281, 2.5):
        with pytest.raises(ConfigError, match="Components of the covariance"):
            TrainConfig(data="garden", frozen_beside=True, covariance=count).validate()  # type: ignore[arg-type]


def test_an_unknown_backbone_is_refused() -> None:
    with pytest.raises(NotFoundError):
        TrainConfig(data="garden", backbone="nothing").validate()


def test_settings_survive_the_way_through_a_file() -> None:
    config = TrainConfig(data="garden", epochs=3, name="mine")
    assert TrainConfig.from_dict({**config.to_dict(), "of_a_later_version": 1}) == config
