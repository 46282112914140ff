"""The settings of trainings in words, as far as they differ."""

from __future__ import annotations

from dataclasses import fields

import pytest

from flowercore.backbones import registry
from flowercore.evaluation.wording import TOLD_ELSEWHERE, WORDS, differences, trained
from flowercore.training.config import TrainConfig


def config(**settings: object) -> TrainConfig:
    return TrainConfig.from_dict({"data": "garden", **settings})


def test_every_setting_has_words_or_a_place_elsewhere() -> None:
    settings = {field.name for field in fields(TrainConfig)}
    assert settings == WORDS.keys() | TOLD_ELSEWHERE
    assert not WORDS.keys() & TOLD_ELSEWHERE


def test_only_settings_that_differ_are_told() -> None:
    each, usual = differences([config(epochs=25, seed=7), config(epochs=50, seed=7)])
    assert each == ["epochs 25", "epochs 50"]
    assert usual == ""
    assert differences([config(), config()]) == (["", ""], "")
    assert differences([]) == ([], "")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("learning_rate", 1e-5, "rate 0.00001"),
        ("batch_size", 64, "batch 64"),
        ("seed", 4294967295, "seed 4294967295"),
        ("validation_split", 0.0, "validation 0"),
        ("optimizer", "sgd", "SGD"),
        ("schedule", "cosine", "cosine rate"),
        ("dropout", 0.2, "dropout 0.2"),
        ("l2", 1e-4, "L2 0.0001"),
        ("early_stopping", 5, "early stopping after 5"),
        ("class_weights", True, "class weights"),
        ("augment", 4, "augmented views 4"),
        ("flip_average", True, "mirror image judged as well"),
        ("preprocessing", "notebook", "notebook's preprocessing"),
        ("batch_norm", "moving", "BatchNorm statistics that move"),
        ("batch_norm", "batch", "BatchNorm by batch while training"),
        ("split", "notebook", "notebook split"),
        ("weight_average", 0.98, "weight average 0.98"),
        ("weight_interpolation", 0.5, "weight interpolation 0.5"),
        ("sharpness", 0.05, "sharpness radius 0.05"),
        ("frozen_beside", True, "pretrained end beside"),
        ("covariance", 64, "components of a covariance 64"),
    ],
)
def test_a_setting_is_told_as_a_person_says_it(setting: str, value: object, said: str) -> None:
    each, _ = differences([config(), config(**{setting: value})])
    assert each[1] == said


@pytest.mark.parametrize(
    "setting",
    [
        *("dropout", "l2", "label_smoothing", "early_stopping", "class_weights", "augment"),
        *("mixup", "flip_average", "weight_average", "weight_interpolation"),
        *("sharpness", "frozen_beside", "covariance"),
    ],
)
def test_what_is_off_is_not_told_unless_most_have_it_on(setting: str) -> None:
    switches = {"class_weights": True, "flip_average": True, "frozen_beside": True}
    value = {**switches, "augment": 1}.get(setting, 0.5)
    off, on = config(), config(**{setting: value})
    assert differences([off, on])[0][0] == ""
    each, usual = differences([off, on, on], brief=True)
    assert each[0].startswith("no ")
    assert each[1:] == ["", ""]
    assert usual
    assert not usual.startswith("no ")


def test_brief_leaves_out_what_most_share_and_says_what_that_is() -> None:
    configs = [config(), config(), config(epochs=50), config(seed=7)]
    each, usual = differences(configs, brief=True)
    assert each == ["", "", "epochs 50", "seed 7"]
    assert usual == "epochs 25, seed 42"


def test_without_a_majority_every_value_is_told() -> None:
    assert differences([config(), config(epochs=50)], brief=True)[0] == ["epochs 25", "epochs 50"]


def test_settings_that_had_no_say_are_not_told() -> None:
    plain = config(fine_tune_epochs=3, augmentations=["flip"])
    assert differences([config(), plain])[0] == ["", ""]
    tuned = config(fine_tune_from="block5a", fine_tune_epochs=3)
    assert differences([config(), tuned])[0] == [
        "",
        "fine-tuning epochs 3, fine-tuning rate 0.0003",
    ]
    scratch = config(backbone="small-convnet", fine_tune_from=first_block("small-convnet"))
    each, _ = differences([scratch, config(epochs=50)])
    assert "epochs 50" in each[1]
    assert "epochs 25" not in each[0].split(", ")
    some = config(augment=2, augmentations=["flip", "crop"])
    assert differences([some, config(augment=2)])[0] == ["by flip and crop", ""]


def test_a_training_whose_settings_are_unreadable_is_passed_over() -> None:
    each, usual = differences([config(), None, config(epochs=50)])
    assert each == ["epochs 25", "", "epochs 50"]
    assert usual == ""


def test_settings_written_by_hand_break_nothing() -> None:
    odd = config(epochs="x", optimizer=["a"], augment=1, augmentations=[1, 2], dropout=None)
    each, _ = differences([config(), odd])
    assert "epochs x" in each[1]


def first_block(backbone: str) -> str:
    return registry.get(backbone).blocks[0].name


def test_what_was_trained() -> None:
    assert trained(config()) == "head"
    assert trained(config(fine_tune_from="block5a")) == "from block5a on"
    assert trained(config(fine_tune_from=first_block(registry.DEFAULT))) == "everything"
    assert trained(config(backbone="gone", fine_tune_from="block9")) == "from block9 on"
    assert trained(config(fine_tune_from="no such block")) == "from no such block on"
