"""What a training is asked to do, and the bounds of each setting."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from flowercore.backbones import registry
from flowercore.errors import ConfigError
from flowercore.settings import settings

OPTIMIZERS = ("adam", "sgd")
SCHEDULES = ("constant", "cosine", "plateau")
AUGMENTATIONS = ("flip", "crop", "colour", "rotation")
PREPROCESSINGS = ("backbone", "notebook")
BATCH_NORMS = ("inference", "moving", "batch")
SPLITS = ("stratified", "notebook")
AUGMENT_MAX = 32


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training; the defaults are the course notebook's.

    Attributes:
        data: Name of a dataset, or a folder of class folders.
        backbone: Name in the backbone registry.
        epochs: Passes of the head over the training photos.
        batch_size: Photos a gradient step.
        validation_split: Share of the photos outside the test split that is held back to watch.
        test_split: Share of all photos that is held back for the final verdict.
        learning_rate: Step size of the optimizer, for the head.
        seed: Decides split, initial weights and order of photos.
        name: What a person calls the run; may be empty.
        optimizer: For the head, one of `OPTIMIZERS`; sgd has a momentum of 0.9.
        schedule: How the head's learning rate falls, one of `SCHEDULES`.
        dropout: Share of the features that is dropped at random in each step.
        l2: Penalty on the squared weights of the head's kernel.
        label_smoothing: Share of the target that is spread over all classes.
        early_stopping: Epochs without a better validation loss after which training stops with the
            best weights; 0 for never.
        class_weights: Whether photos of rare classes count more.
        augment: Augmented views of each training photo, beside the plain one.
        augmentations: Which changes make such a view, some of `AUGMENTATIONS`.
        flip_average: Whether a photo is judged together with its mirror image.
        preprocessing: One of `PREPROCESSINGS`; notebook: squeezed to a square, standardised by the
            mean and deviation of the training photos.
        batch_norm: What the frozen backbone's BatchNormalization layers do, one of `BATCH_NORMS`;
            inference: they use the statistics that they came with. The others are for seeing what
            goes wrong: in training they use each batch's own statistics; with moving these also
            drift into those that photos are judged with, with batch nothing is kept of them.
        split: One of `SPLITS`; notebook: as scikit-learn and Keras divide.
        split_from: Id of a run whose photos serve for the same again, whatever ``split`` and seed
            say; photos that it did not have are learned from. Empty: a split of its own.
        fine_tune_from: First block of the backbone that is trained as well; empty: the head alone.
        fine_tune_epochs: Passes of the unfrozen part over the training photos.
        fine_tune_learning_rate: Its highest learning rate, after a warm-up of one epoch.
        mixup: Parameter of the beta distribution by which two photos are blended; 0 for none.
        weight_average: Momentum of the moving average of the unfrozen weights; 0 for none.
        weight_interpolation: How far the kept weights lie on the way from where fine-tuning began
            to where it arrived, above 0 and up to 1.
        sharpness: Radius of the neighbourhood in which sharpness-aware minimization looks for the
            highest loss before each step of fine-tuning; 0 for none.
        frozen_beside: Whether the backbone's end as it was pretrained, with the head that was
            trained on it, stays beside the fine-tuned one: each gives half of every logit.
        covariance: Principal components of the pretrained features whose covariance over a photo's
            places the head beside is given as well; 0 for none.
        recipe: Recipe that these settings come from; empty for settings made by hand.
        experiment: Shared by the runs of one recipe; empty for a single run.
        tensorboard: Whether logs for TensorBoard are written.
    """

    data: str
    backbone: str = registry.DEFAULT
    epochs: int = 25
    batch_size: int = 16
    validation_split: float = 0.1
    test_split: float = 0.2
    learning_rate: float = 1e-3
    seed: int = 42
    name: str = ""
    optimizer: str = "adam"
    schedule: str = "constant"
    dropout: float = 0.0
    l2: float = 0.0
    label_smoothing: float = 0.0
    early_stopping: int = 0
    class_weights: bool = False
    augment: int = 0
    augmentations: tuple[str, ...] = AUGMENTATIONS
    flip_average: bool = False
    preprocessing: str = "backbone"
    batch_norm: str = "inference"
    split: str = "stratified"
    split_from: str = ""
    fine_tune_from: str = ""
    fine_tune_epochs: int = 8
    fine_tune_learning_rate: float = 3e-4
    mixup: float = 0.0
    weight_average: float = 0.0
    weight_interpolation: float = 1.0
    sharpness: float = 0.0
    frozen_beside: bool = False
    covariance: int = 0
    recipe: str = ""
    experiment: str = ""
    tensorboard: bool = False

    def validate(self) -> None:
        """Check every setting that can be checked without the photos.

        Raises:
            ConfigError: With one sentence: the rule and what was received.
            NotFoundError: If there is no backbone of that name.
        """
        limits = settings().limits
        backbone = registry.get(self.backbone)
        _whole("Epochs", self.epochs, 1, limits.epochs_max)
        _whole("Batch size", self.batch_size, 1, limits.batch_size_max)
        _whole("Seed", self.seed, 0, 2**32 - 1)
        _whole("Early stopping", self.early_stopping, 0, limits.epochs_max)
        _whole("Augmented views", self.augment, 0, AUGMENT_MAX)
        _whole("Fine-tuning epochs", self.fine_tune_epochs, 1, limits.epochs_max)
        _share("Validation split", self.validation_split)
        _share("Test split", self.test_split)
        _share("Dropout", self.dropout)
        _share("Label smoothing", self.label_smoothing)
        _share("Weight averaging", self.weight_average)
        _at_least_zero("L2", self.l2)
        _at_most_one("L2", self.l2)
        _at_least_zero("Mixup", self.mixup)
        _above_zero("Learning rate", self.learning_rate)
        _above_zero("Weight interpolation", self.weight_interpolation)
        _at_most_one("Weight interpolation", self.weight_interpolation)
        _above_zero("Fine-tuning learning rate", self.fine_tune_learning_rate)
        _at_least_zero("Sharpness radius", self.sharpness)
        _at_most_one("Sharpness radius", self.sharpness)
        _one_of("Optimizer", self.optimizer, OPTIMIZERS)
        _one_of("Schedule", self.schedule, SCHEDULES)
        _one_of("Preprocessing", self.preprocessing, PREPROCESSINGS)
        _one_of("BatchNorm", self.batch_norm, BATCH_NORMS)
        _one_of("Split", self.split, SPLITS)
        for kind in self.augmentations:
            _one_of("Augmentation", kind, AUGMENTATIONS)
        if self.augment and not self.augmentations:
            raise ConfigError("Augmented views need at least one change. Received: none.")
        if self.fine_tune_from:
            backbone.block(self.fine_tune_from)
        if self.frozen_beside and self.from_scratch:
            raise ConfigError(
                "What was pretrained can stay beside what is fine-tuned. Received: a network that "
                "learns from scratch. Leave it out, or choose a pretrained backbone."
            )
        _whole("Components of the covariance", self.covariance, 0, backbone.feature_dim)
        if self.covariance and not self.frozen_beside:
            raise ConfigError(
                "The covariance of pretrained features goes with the pretrained end beside the "
                f"fine-tuned one. Received: {self.covariance} components and none beside."
            )
        if self.preprocessing == "notebook" and (self.fine_tune_from or self.augment):
            raise ConfigError(
                "The notebook's preprocessing goes with a frozen backbone and plain photos. "
                "Received: fine-tuning or augmented views as well. Choose the backbone's own "
                "preprocessing."
            )
        if self.batch_norm != "inference":
            self._validate_batch_norm(backbone)
        if len(self.name) > 100:
            raise ConfigError(
                f"A run's name may have 100 characters at most. Received: {len(self.name)}."
            )

    def _validate_batch_norm(self, backbone: registry.Backbone) -> None:
        asked = f"Received: BatchNorm {self.batch_norm}"
        if not backbone.has_batch_norm:
            raise ConfigError(
                "BatchNorm can only change in a backbone that has such layers. "
                f"{asked} with {backbone.title}, which has none. Choose another backbone."
            )
        if self.fine_tune_from or self.augment:
            raise ConfigError(
                "BatchNorm that changes goes with a frozen backbone and plain photos. "
                f"{asked} and fine-tuning or augmented views as well. Choose inference."
            )
        if self.early_stopping:
            raise ConfigError(
                "Early stopping goes back to the best weights, and BatchNorm's statistics are no "
                f"weights. {asked} and early stopping as well. Leave one of them out."
            )

    @property
    def from_scratch(self) -> bool:
        """Whether a whole network without pretraining is trained: no head comes first then."""
        backbone = registry.get(self.backbone)
        return (
            bool(self.fine_tune_from)
            and isinstance(backbone.weights, registry.RandomWeights)
            and backbone.block(self.fine_tune_from).boundary is None
        )

    @property
    def epochs_in_all(self) -> int:
        """Epochs of head and unfrozen part together."""
        head = 0 if self.from_scratch else self.epochs
        return head + (self.fine_tune_epochs if self.fine_tune_from else 0)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for ``run.json``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainConfig:
        """Read settings that `to_dict` wrote; settings that are missing take their defaults."""
        known = {field.name for field in fields(cls)}
        kept = {key: value for key, value in values.items() if key in known}
        if "augmentations" in kept:  # JSON knows no tuples
            kept["augmentations"] = tuple(kept["augmentations"])
        return cls(**kept)


def _whole(what: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{what} must be a whole number from {low} to {high}. Received: {value}.")


def _real(what: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{what} must be a number. Received: {value}.")


def _share(what: str, value: Any) -> None:
    _real(what, value)
    if not 0 <= value < 1:
        raise ConfigError(f"{what} must be at least 0 and below 1. Received: {value:g}.")


def _at_least_zero(what: str, value: Any) -> None:
    _real(what, value)
    if value < 0:
        raise ConfigError(f"{what} must be at least 0. Received: {value:g}.")


def _at_most_one(what: str, value: float) -> None:
    if value > 1:
        raise ConfigError(f"{what} must be at most 1. Received: {value:g}.")


def _above_zero(what: str, value: Any) -> None:
    _real(what, value)
    if value <= 0:
        raise ConfigError(f"{what} must be above 0. Received: {value:g}.")


def _one_of(what: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{what} must be one of {', '.join(allowed)}. Received: {value!r}.")
