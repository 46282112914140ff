"""Fine-tuning by sharpness-aware minimization."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flowercore.training.examples import Batches, Examples
from tests.training.small_tail import CLASSES, CONFIG, head, trained


def test_sharpness_steps_by_the_gradient_at_the_highest_loss_nearby(
    tail: Any, examples: Examples
) -> None:
    """Adam's first step is as long as the rate, against the sign of the gradient it is given."""
    import tensorflow as tf

    radius = 2.0
    kernel = tail.get_layer("conv").kernel
    start, begun = kernel.numpy().copy(), head()
    config = replace(CONFIG, fine_tune_epochs=1, batch_size=64, augment=0)
    x, y, _ = next(Batches(examples, config, CLASSES).epoch())
    weights = [variable.value for variable in tail.get_layer("conv").weights]
    dense = [tf.Variable(begun.kernel), tf.Variable(begun.bias)]

    def slope() -> list[np.ndarray]:
        with tf.GradientTape() as tape:
            logits = tf.reduce_mean(tail(x), (1, 2)) @ dense[0] + dense[1]
            wanted = 0.9 * y + 0.1 / CLASSES
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        return [one.numpy() for one in tape.gradient(loss, [*weights, *dense])]

    here = slope()
    length = np.sqrt(sum(float((one**2).sum()) for one in here))
    for value, gradient in zip([*weights, *dense], here, strict=True):
        value.assign_add(radius * gradient / length)
    there = slope()
    kernel.assign(start)
    weights[1].assign(np.zeros(8, np.float32))
    sure = (np.abs(there[0]) > 0.03) & (np.abs(here[0]) > 0.03)  # median 0.1: no rounding
    assert (np.sign(there[0]) != np.sign(here[0]))[sure].sum() > 5

    _, (epoch,) = trained(tail, examples, replace(config, sharpness=radius))
    moved = kernel.numpy() - start
    np.testing.assert_allclose(moved[sure], -3e-3 * np.sign(there[0])[sure], rtol=1e-2)
    # What is reported is the loss where the weights stood, as without it.
    kernel.assign(start)
    weights[1].assign(np.zeros(8, np.float32))
    _, (plain,) = trained(tail, examples, config)
    assert epoch.loss == pytest.approx(plain.loss, abs=1e-5)
    assert epoch.accuracy == plain.accuracy
    np.testing.assert_allclose(
        (kernel.numpy() - start)[sure], -3e-3 * np.sign(here[0])[sure], rtol=1e-2
    )


def test_a_whole_training_with_sharpness_learns(tail: Any, examples: Examples) -> None:
    config = replace(CONFIG, fine_tune_epochs=8, sharpness=0.05, class_weights=True)
    found, epochs = trained(tail, examples, config)
    assert found is not None
    assert epochs[-1].loss < 0.8 * epochs[0].loss
