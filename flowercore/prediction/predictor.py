"""From the bytes of a photo to a verdict, without TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Protocol

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.backbones.registry import Backbone
from flowercore.backbones.standardisation import Standardisation
from flowercore.data import views as photo_views
from flowercore.data.views import PLAIN, View
from flowercore.errors import NotFoundError, PhotoError, StorageError
from flowercore.evaluation.calibration import scaled
from flowercore.prediction.answer import Prediction, PredictionFailure
from flowercore.prediction.novelty import Novelty
from flowercore.prediction.verdict import verdict
from flowercore.runs import results, store
from flowercore.runs.store import Run

__all__ = ["Prediction", "PredictionFailure", "Predictor", "verdict"]


class Extractor(Protocol):
    """What turns pixels into features; safe to use from many threads."""

    threads: int

    def one(self, pixels: np.ndarray) -> np.ndarray:
        """Return the features (D,) of one photo (S, S, 3)."""

    def maps(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features (N, D) and feature maps (N, h, w, D) of photos (N, S, S, 3)."""


class Predictor:
    """A trained head on its backbone. Safe to use from many threads.

    Args:
        run_id: The run that the head comes from.
        classes: The C class names in the order of the head's outputs.
        kernel: Weights of the head, (D, C).
        bias: Bias of the head, (C,).
        extractor: The backbone, frozen or with a fine-tuned end.
        backbone: Its facts.
        views: Ways of showing a photo over which probabilities are averaged.
        standardisation: What is done to the pixels; None for the backbone's own preprocessing.
        temperature: By which probabilities are scaled; see `flowercore.evaluation.calibration`.
            None for a run that was not calibrated.
        novelty: What the photos that it learned from are like; None if that is not known.
        tuned: Whether the extractor's end was trained: its features are no plain ones then.
        beside: Whether the pretrained end stayed beside it: the first features are plain ones.

    Attributes:
        views: As given.
        standardisation: As given.
        input_size: Side of the square that a photo is shown in, pixels.
    """

    def __init__(
        self,
        run_id: str,
        classes: Sequence[str],
        kernel: np.ndarray,
        bias: np.ndarray,
        extractor: Extractor,
        backbone: Backbone,
        views: Sequence[View] = (PLAIN,),
        standardisation: Standardisation | None = None,
        temperature: float | None = None,
        novelty: Novelty | None = None,
        tuned: bool = False,
        beside: bool = False,
    ) -> None:
        self.run_id = run_id
        self.classes = tuple(classes)
        self._kernel = kernel
        self._bias = bias
        self._extractor = extractor
        self._backbone = backbone
        self.input_size = backbone.input_size
        self.views = tuple(views)
        self.standardisation = standardisation
        self.novelty = novelty
        self._temperature = temperature
        self._tuned = tuned
        self._beside = beside

    @classmethod
    def for_run(cls, run_id: str) -> Predictor:
        """Load the head of a run and its backbone, with the end that it fine-tuned.

        Args:
            run_id: A run that has ended with a trained head.

        Raises:
            NotFoundError: If there is no such run, or it has no head (yet).
            StorageError: If its files are damaged, or the backbone was not prepared.
        """
        run = store.get(run_id)
        if run.status == "damaged":
            raise StorageError(run.reason)
        if run.active:
            raise NotFoundError(
                f"A run must have ended before it can predict. Received: a run that is "
                f"{run.status}. Wait for its end."
            )
        tensors = results.head(run_id)
        backbone = registry.get(run.config["backbone"])
        if run.model.get("fingerprint", backbone.fingerprint) != backbone.fingerprint:
            raise StorageError(
                "This run was trained on another version of its backbone, whose features mean "
                "something else. Train again."
            )
        kernel, bias = tensors["kernel"], tensors["bias"]
        beside = results.frozen_beside(run)
        width = backbone.head_features(beside=beside, covariance=results.covariance(run))
        expected = (width, len(run.classes))
        if kernel.shape != expected or bias.shape != expected[1:]:
            raise StorageError(
                f"A head must fit its backbone and classes, here {expected}. Received: "
                f"{kernel.shape}. The run's files do not belong together: train again."
            )
        extractor = _extractor(run, backbone)
        standardisation = run.model.get("standardisation")
        calibration = results.calibration(run_id)
        return cls(
            run_id,
            run.classes,
            kernel,
            bias,
            extractor,
            backbone,
            photo_views.judged(
                squeezed=run.config.get("preprocessing") == "notebook",
                flip_average=run.config.get("flip_average", False),
            ),
            Standardisation(**standardisation) if standardisation else None,
            None if calibration.get("fitted") is None else calibration["temperature"],
            _novelty(run_id),
            results.fine_tuned(run_id),
            beside,
        )

    def predict(self, photos: Sequence[tuple[str, bytes]]) -> list[Prediction | PredictionFailure]:
        """Judge photos, as many side by side as the backbone has threads.

        Args:
            photos: Name and content of each photo's file.

        Returns:
            A prediction, or a failure with its reason, for each photo in the order given.
        """
        if len(photos) < 2:
            return [self._one(photo) for photo in photos]
        with ThreadPoolExecutor(self._extractor.threads, thread_name_prefix="predict") as pool:
            return list(pool.map(self._one, photos))

    def _one(self, photo: tuple[str, bytes]) -> Prediction | PredictionFailure:
        name, data = photo
        began = perf_counter()
        try:
            shown = self._shown(name, data, self.views)
            features = [self._extractor.one(pixels) for pixels in shown]
            distance = self._distance(name, data, shown[0], features[0])
        except PhotoError as error:
            return PredictionFailure(name, str(error))
        values = self.scaled(self.raw(features))
        probabilities = dict(zip(self.classes, values.tolist(), strict=True))
        novel = None
        if self.novelty is not None and distance is not None:
            novel = distance > self.novelty.threshold
        return Prediction(
            photo=name,
            label=self.classes[int(values.argmax())],
            probabilities=probabilities,
            verdict=verdict(probabilities, novel=bool(novel)),
            seconds=perf_counter() - began,
            calibrated=self._temperature is not None,
            novel=novel,
            distance=distance,
        )

    def features(
        self, name: str, data: bytes, views: Sequence[View] | None = None, sha256: str = ""
    ) -> list[np.ndarray]:
        """Return what the head is given for a photo.

        Args:
            name: How messages call the photo.
            data: The whole file.
            views: Ways of showing it; None for those over which probabilities are averaged.
            sha256: Hash of ``data``, where a view is drawn by it.

        Returns:
            Features (D,) of each view.

        Raises:
            PhotoError: If it cannot be read.
        """
        shown = self._shown(name, data, self.views if views is None else views, sha256)
        return [self._extractor.one(pixels) for pixels in shown]

    def _distance(
        self, name: str, data: bytes, pixels: np.ndarray, features: np.ndarray
    ) -> float | None:
        """Return how strange a photo is.

        Args:
            name: How messages call it.
            data: The whole file.
            pixels: As its first view shows it.
            features: Of that view.
        """
        if self.novelty is None:
            return None
        default = registry.get(registry.DEFAULT)
        same = self._backbone.name == default.name and self.standardisation is None
        if not same or self.views[0] != PLAIN:
            (pixels,) = photo_views.pixels(data, (PLAIN,), name=name, size=default.input_size)
            same = False
        if same and self._beside:
            features = features[: default.feature_dim]
        elif self._tuned or not same:
            features = runtime.extractor(default.name).one(pixels)
        return float(self.novelty.scores(features[np.newaxis])[0])

    def evidence(self, name: str, data: bytes) -> tuple[np.ndarray, np.ndarray]:
        """Return what each place of a photo, shown plainly, adds to each logit.

        Args:
            name: How messages call the photo.
            data: The whole file.

        Returns:
            Shares (h, w, C), whose mean over the places plus the bias is the logit, and the
            logits (C,); both float32.

        Raises:
            PhotoError: If it cannot be read.
        """
        (pixels,) = self._shown(name, data, self.views[:1])
        features, maps = self._extractor.maps(pixels[np.newaxis])
        return maps[0] @ self._kernel, features[0] @ self._kernel + self._bias

    def _shown(
        self, name: str, data: bytes, views: Sequence[View], sha256: str = ""
    ) -> list[np.ndarray]:
        shown = photo_views.pixels(data, views, name=name, sha256=sha256, size=self.input_size)
        if self.standardisation is None:
            return shown
        return [self.standardisation.pixels(one, self._backbone.preprocessing) for one in shown]

    def raw(self, features: Iterable[np.ndarray]) -> np.ndarray:
        """Return probabilities before any temperature, float64 (C,).

        Args:
            features: Of each view of a photo, (D,).
        """
        return np.mean([softmax(one @ self._kernel + self._bias) for one in features], axis=0)

    def scaled(self, raw: np.ndarray) -> np.ndarray:
        """Return probabilities (..., C) at the run's temperature: what `predict` says."""
        return scaled(raw, self._temperature or 1.0)


def _extractor(run: Run, backbone: Backbone) -> Extractor:
    network, tail = results.compiled_network(run.id), results.compiled_tail(run.id)
    if network is not None:
        return runtime.whole_extractor(network)
    if tail is not None:
        return runtime.tuned_extractor(backbone.name, results.tail_from(run), tail)
    return runtime.extractor(backbone.name)


def _novelty(run_id: str) -> Novelty | None:
    tensors = results.novelty(run_id)
    try:
        return Novelty.from_tensors(tensors) if tensors else None
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(
            "The run's file novelty.safetensors cannot be used: it was edited. Train again; other "
            "runs are not affected."
        ) from error


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities (C,) for logits (C,), in double precision so that they sum to 1."""
    # The largest logit is taken off first: exp would overflow.
    exponentials = np.exp(logits.astype(np.float64) - float(logits.max()))
    return exponentials / exponentials.sum()
