"""Cutting a network in two at a block: what stays frozen, and what is trained. Imports Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowercore.backbones import weights
from flowercore.backbones.registry import Backbone

if TYPE_CHECKING:
    import keras


def cut(backbone: Backbone, block: str) -> tuple[keras.Model | None, keras.Model]:
    """Cut a backbone with its weights before a block.

    Args:
        backbone: Facts from the registry.
        block: Name of the first block of the second part.

    Returns:
        The part before the block, from pixels to activations, or None if that is nothing; and the
        part from the block on, from activations (or pixels) to the last feature map.

    Raises:
        ConfigError: If there is no such block.
        WeightsError: If the weights are missing or not the expected ones.
    """
    boundary = backbone.block(block).boundary
    model = weights.load(backbone)
    if boundary is None:
        return None, model
    import keras

    activations = model.get_layer(boundary).output
    return keras.Model(model.input, activations), keras.Model(activations, model.output)


def side_by_side(pretrained: keras.Model, fine_tuned: keras.Model) -> keras.Model:
    """Put two ends of a network beside each other.

    Args:
        pretrained: From activations to a feature map (N, h, w, D).
        fine_tuned: Likewise, from the same activations to a map of the same height and width.

    Returns:
        A network from the activations to a map that holds the channels of the first end and then
        those of the second. What of them can be trained stays as it is.
    """
    import keras

    activations = keras.Input(pretrained.input_shape[1:], name="activations")
    ends = {"pretrained": pretrained, "fine_tuned": fine_tuned}
    maps = [keras.Model(end.input, end.output, name=n)(activations) for n, end in ends.items()]
    return keras.Model(activations, keras.layers.Concatenate(name="side_by_side")(maps))


def freeze_statistics(model: keras.Model) -> None:
    """Keep BatchNormalization in inference mode: its statistics are of a million photos.

    A few hundred photos in batches of 16 would replace them by noise (the Keras guide on transfer
    learning and fine-tuning says the same).
    """
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
