"""Networks of `keras.applications`, without their classifier.

They are built as Keras builds them, with two differences. Preprocessing is part of the model and
comes from the registry. And the names that Keras would number through the whole process
(``conv2d_17``) are numbered within the network, so that a cut-off end finds its weights again in
another process.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowercore.backbones.facts import Backbone
from flowercore.backbones.first_layers import pixels_and_input
from flowercore.errors import WeightsError

if TYPE_CHECKING:
    import keras


def build(backbone: Backbone) -> keras.Model:
    """Build a network without weights of its own (Keras initialises them randomly).

    Args:
        backbone: Facts from the registry. Its variant names the function ``network`` of
            `keras.applications`; what else is in it is handed to that function.

    Returns:
        A model from pixels of 0..255, shape (N, S, S, 3), to the last feature map,
        shape (N, h, w, D).
    """
    import keras

    options = dict(backbone.variant)
    network = getattr(keras.applications, str(options.pop("network")))
    _, x = pixels_and_input(backbone)
    original = network(include_top=False, weights=None, input_tensor=x, **options)
    renamed = keras.models.clone_model(original, clone_function=_Renaming())
    # Keras hands some of these networks back with a list of one input.
    return keras.Model(renamed.inputs[0], renamed.outputs[0], name=str(backbone.variant["network"]))


_AUTOMATIC = re.compile(r"variable(_\d+)?")


class _Renaming:
    """Copies layers; where Keras chose the name, the copy gets one that depends on nothing else."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def __call__(self, layer: Any) -> Any:
        config = layer.get_config()
        kind = _snake_case(type(layer).__name__)
        if re.fullmatch(rf"{kind}(_\d+)?", layer.name):
            number = self._seen[kind]
            config["name"] = f"{kind}_{number}" if number else kind
            self._seen[kind] += 1
        copy = type(layer).from_config(config)
        weights = getattr(layer, "weights", ())  # an addition in the network has none
        if any(_AUTOMATIC.fullmatch(weight.name) for weight in weights):
            # ConvNeXt's LayerScale leaves the name of its weight to Keras as well.
            copy.add_weight = partial(copy.add_weight, name="scale")
        return copy


def _snake_case(name: str) -> str:
    # As Keras makes names of class names: BatchNormalization, batch_normalization.
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def load_weights(model: keras.Model, backbone: Backbone, path: Path) -> None:
    """Put the weights of a published file into a model made by `build`.

    Args:
        model: Model to fill.
        backbone: Facts that it was built from.
        path: HDF5 file whose hash was checked before: HDF5 is not safe to parse otherwise.

    Raises:
        WeightsError: If the file does not fit.
    """
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        raise WeightsError(
            f"The weights file {path.name} is the expected one and does not fit {backbone.title} "
            f"as the installed Keras builds it ({type(error).__name__}). Install the versions "
            "of requirements.lock."
        ) from error
