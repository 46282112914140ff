"""The end of a network that learns in a moment, and photos for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.training.examples import Examples
from tests.training.small_tail import CLASSES


@pytest.fixture
def tail() -> Any:
    weights.import_keras()
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 6, 4))
    x = keras.layers.Conv2D(8, 3, padding="same", name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(inputs, keras.layers.ReLU(name="relu")(x))
    scale = np.array([1, 2, 0.5, 1, 1, 1, 1, 1], np.float32)
    model.get_layer("bn").set_weights([scale, scale, 0.1 * scale, scale])
    return model


@pytest.fixture
def examples() -> Examples:
    rng = np.random.default_rng(0)
    labels = np.arange(48) % CLASSES
    patterns = rng.normal(0, 1.5, (CLASSES, 1, 1, 1, 4))
    values = patterns[labels] + rng.normal(0, 1.0, (48, 3, 6, 6, 4))
    return Examples(values.astype(np.float16), labels, np.arange(32), np.arange(32, 48), (0, 1, 2))
