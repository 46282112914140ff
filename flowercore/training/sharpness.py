"""A network that learns by sharpness-aware minimization. Imports Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def network(inputs: Any, outputs: Any, radius: float) -> keras.Model:
    """Return a network that goes down by the gradient at the highest loss nearby.

    P. Foret, A. Kleiner, H. Mobahi and B. Neyshabur 2021, arXiv 2010.01412, equations 2 and 3: the
    highest loss within the radius is taken to lie along the gradient. What is learned so lies in a
    wide valley, and a few hundred photos are not learned by heart. Each step takes two passes.

    Args:
        inputs: As for ``keras.Model``.
        outputs: Likewise.
        radius: The neighbourhood's, over all weights together; 0 for an ordinary network.
    """
    import keras
    import tensorflow as tf

    if not radius:
        return keras.Model(inputs, outputs)

    class SharpnessAware(keras.Model):
        def train_step(self, data: Any) -> dict[str, Any]:
            x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
            values = [variable.value for variable in self.trainable_variables]
            before = [tf.identity(value) for value in values]
            gradients, loss, predicted = self._slope(values, x, y, weight)
            reach = radius / (tf.linalg.global_norm(gradients) + 1e-12)
            for value, gradient in zip(values, gradients, strict=True):
                value.assign_add(reach * gradient)
            gradients, _, _ = self._slope(values, x, y, weight)
            for value, old in zip(values, before, strict=True):
                value.assign(old)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss, sample_weight=tf.shape(x)[0])
            return self.compute_metrics(x, y, predicted, weight)

        def _slope(self, values: Any, x: Any, y: Any, weight: Any) -> tuple[Any, Any, Any]:
            with tf.GradientTape() as tape:
                predicted = self(x, training=True)
                loss = self.compute_loss(x, y, predicted, weight)
            return tape.gradient(loss, values), loss, predicted

    return SharpnessAware(inputs, outputs)
