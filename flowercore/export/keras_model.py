"""A run as one Keras model, from the pixels of a photo to the probabilities of its classes.

Only standard layers and operations are in it, so that it loads in Keras's safe mode and on a
machine that has never heard of Flower Lab.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from flowercore.backbones import registry, surgery, weights
from flowercore.backbones.registry import Backbone
from flowercore.backbones.standardisation import Standardisation
from flowercore.errors import StorageError
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.training import frozen_end
from flowercore.training.config import TrainConfig
from flowercore.training.tail import restore

if TYPE_CHECKING:
    import keras


def build(run: Run) -> keras.Model:
    """Build the model of a run with the weights that it ended with.

    Args:
        run: A run that has ended with a head.

    Returns:
        A model from pixels of 0..255 in the order red, green, blue, shape (N, S, S, 3), to class
        probabilities, shape (N, C). Where the run judges a photo together with its mirror image,
        so does the model; where it was given a temperature, its probabilities are at it. Layers
        that the run did not train are not trainable.

    Raises:
        NotFoundError: If the run has no head, or its backbone is not known.
        StorageError: If its files are damaged or do not fit each other.
        WeightsError: If the backbone's weights are missing or not the expected ones.
    """
    backbone = registry.get(run.config["backbone"])
    head = results.head(run.id)
    beside = results.frozen_beside(run)
    width = backbone.head_features(beside=beside, covariance=results.covariance(run))
    expected = (width, len(run.classes))
    if head["kernel"].shape != expected:
        raise StorageError(
            f"A head must fit its backbone and classes, here {expected}. Received: "
            f"{head['kernel'].shape}. The run's files do not belong together: train again."
        )
    weights.obtain(backbone)
    weights.import_keras()
    from keras import Input, Model, layers, ops

    parts = _parts(run, backbone, head)
    pool = layers.GlobalAveragePooling2D(name="pool")
    dense = layers.Dense(len(run.classes), name="head")
    softmax = layers.Softmax(name="softmax")

    def judged(shown: Any) -> Any:
        for part in parts:
            shown = part(shown)
        return softmax(dense(pool(shown)))

    pixels = Input((backbone.input_size, backbone.input_size, 3), name="pixels")
    probabilities = judged(pixels)
    if run.config.get("flip_average", False):
        mirrored = judged(ops.flip(pixels, axis=2))
        probabilities = layers.Average(name="with_mirror_image")([probabilities, mirrored])
    temperature = results.calibration(run.id).get("temperature", 1)
    if temperature != 1:
        # As `flowercore.evaluation.calibration.scaled`, above the smallest float32.
        logits = ops.log(ops.maximum(probabilities, 1e-37)) / temperature
        probabilities = layers.Softmax(name="calibrated")(logits)
    dense.set_weights([head["kernel"], head["bias"]])
    return Model(pixels, probabilities, name="classifier")


def _parts(run: Run, backbone: Backbone, head: Mapping[str, np.ndarray]) -> list[Any]:
    """Return what comes before pooling, in order; each part takes what the one before it gives."""
    standardisation = run.model.get("standardisation")
    tuned = results.tail(run.id)
    if tuned is None or not run.config.get("fine_tune_from"):
        network = weights.load(backbone)
        if tuned is not None:  # the whole backbone, whose statistics moved
            restore(network, tuned)
        if standardisation is None:
            return [_named(network, "backbone", trained=False)]
        return _standardised(network, Standardisation(**standardisation))
    trunk, tail = surgery.cut(backbone, results.tail_from(run))
    restore(tail, tuned)
    end = _named(tail, "backbone_fine_tuned", trained=True)
    surgery.freeze_statistics(end)
    if results.frozen_beside(run):
        frozen = frozen_end.build(TrainConfig.from_dict(run.config), head)
        frozen.trainable = False
        end = surgery.side_by_side(frozen, end)
    return [end] if trunk is None else [_named(trunk, "backbone_frozen", trained=False), end]


def _standardised(network: Any, standardisation: Standardisation) -> list[Any]:
    # The photo's own mean and deviation take the place of the backbone's preprocessing.
    import keras

    first = keras.layers.Rescaling(
        1 / (255 * standardisation.deviation),
        -standardisation.mean / standardisation.deviation,
        name="standardisation",
    )
    rest = keras.Model(network.get_layer("preprocessing").output, network.output)
    return [first, _named(rest, "backbone", trained=False)]


def _named(network: Any, name: str, *, trained: bool) -> Any:
    import keras

    network = keras.Model(network.input, network.output, name=name)
    network.trainable = trained
    return network
