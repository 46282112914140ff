"""A backbone with BatchNormalization that is built, compiled and run in a moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flowercore.backbones import registry, weights
from flowercore.backbones.facts import Backbone, Block, Preprocessing, RandomWeights
from flowercore.backbones.first_layers import pixels_and_input

NAME = "tiny-batch-norm"
FEATURES = 12
_FIRST, _SECOND = 3 * 3 * 3 * 8, 3 * 3 * 8 * FEATURES
FACTS = Backbone(
    name=NAME,
    title="A tiny network",
    family=NAME,
    input_size=32,
    feature_dim=FEATURES,
    parameters=_FIRST + _SECOND + 4 * (8 + FEATURES),
    preprocessing=Preprocessing((1 / 127.5,) * 3, (-1.0,) * 3),
    blocks=(Block("first", None, _FIRST + _SECOND), Block("second", "relu1", _SECOND)),
    weights=RandomWeights(7),
    licence="none needed",
    source="these tests",
    note="Only here.",
)


def _build(backbone: Backbone) -> Any:
    from keras import Model, layers

    pixels, x = pixels_and_input(backbone)
    x = layers.Conv2D(8, 3, 2, use_bias=False, name="conv1")(x)
    x = layers.ReLU(name="relu1")(layers.BatchNormalization(name="bn1")(x))
    x = layers.Conv2D(FEATURES, 3, 2, use_bias=False, name="conv2")(x)
    x = layers.ReLU(name="relu2")(layers.BatchNormalization(name="bn2")(x))
    model = Model(pixels, x)
    # As if it had been pretrained on other pictures: what it noted is not what it sees here.
    for name, width in (("bn1", 8), ("bn2", FEATURES)):
        scale = np.linspace(0.5, 1.5, width, dtype=np.float32)
        model.get_layer(name).set_weights([scale, 0.1 * scale, 0.3 * scale, 0.5 * scale])
    return model


@pytest.fixture
def tiny_backbone(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put the tiny network into the registry of this process; return its name."""
    monkeypatch.setitem(registry._BY_NAME, NAME, FACTS)
    monkeypatch.setitem(weights._BUILD, NAME, _build)
    return NAME
