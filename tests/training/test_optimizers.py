"""Each optimizer moves weights as Keras's does."""

from __future__ import annotations

import numpy as np
import pytest

from flowercore.backbones import weights
from flowercore.training.config import OPTIMIZERS
from flowercore.training.optimizers import make_optimizer

SHAPES = ((7, 3), (3,))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates_equal_those_of_keras_while_the_rate_falls(name: str) -> None:
    weights.import_keras()
    import keras

    rng = np.random.default_rng(1)
    ours = [rng.normal(0, 1, shape).astype(np.float32) for shape in SHAPES]
    theirs = [keras.Variable(w) for w in ours]
    optimizer = make_optimizer(name, ours)
    keras_optimizer = (
        keras.optimizers.Adam() if name == "adam" else keras.optimizers.SGD(momentum=0.9)
    )
    keras_optimizer.build(theirs)
    for step in range(40):
        rate = 0.1 / (1 + step)
        gradients = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in SHAPES]
        assert optimizer.iterations == step
        optimizer.update(ours, gradients, rate)
        keras_optimizer.learning_rate = rate
        keras_optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients])
        for mine, variable in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, np.asarray(variable), atol=2e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gradients_are_left_as_they_were(name: str) -> None:
    moved, gradient = np.ones(4, np.float32), np.full(4, 0.5, np.float32)
    make_optimizer(name, [moved]).update([moved], [gradient], 0.1)
    np.testing.assert_array_equal(gradient, 0.5)
    assert (moved < 1).all()
