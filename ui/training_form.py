"""The settings of a training: a few in view, the rest behind a click."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowercore.backbones import registry, weights
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from flowercore.errors import ConfigError, FlowercoreError, NotFoundError
from flowercore.jobs import queue
from flowercore.teaching.glossary import meaning
from flowercore.training.config import AUGMENTATIONS, TrainConfig
from flowercore.training.plan import make_plan
from flowercore.workshop import permission
from flowercore.workshop.locks import Locks
from ui import choices, loaders
from ui.backbone_form import choose_backbone, fine_tuning
from ui.form_fields import DEFAULTS, KEYS, PAIR_WIDTH, number, one_of, switch
from ui.guard import in_words, show_error
from ui.in_room import LOCKED, my_locks
from ui.views_preview import views_preview
from ui.visitor import visitor
from ui.words import many

_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD with momentum"}
_SCHEDULES = {
    "constant": "Constant",
    "cosine": "Falls along a cosine",
    "plateau": "Falls when it gets stuck",
}
_CHANGES = {"flip": "Mirror", "crop": "Crop", "colour": "Light and colour", "rotation": "Turn"}
_PREPROCESSINGS = {"backbone": "The backbone's own", "notebook": "The notebook's"}
_BATCH_NORMS = {
    "inference": "As pretrained",
    "moving": "Its statistics move",
    "batch": "Those of the batch",
}
_SPLITS = {"stratified": "Class by class", "notebook": "As the notebook does"}


def training_form(entry: Entry) -> tuple[TrainConfig, DeltaGenerator]:
    """Ask for the settings; each is kept in the address.

    Args:
        entry: The dataset that will be trained on.

    Returns:
        The settings, unchecked, and the place above them for what is wrong with them.
    """
    notices = st.container()
    locks = my_locks()
    chosen = _essentials(locks)
    with st.expander("Backbone", icon=":material/hub:"):
        backbone = choose_backbone(notices, locks)
    with st.expander("Head", icon=":material/tune:"):
        chosen |= _head(notices)
    expander = st.expander(
        "Augmentation",
        icon=":material/auto_awesome_motion:",
        key="augmentation",
        on_change="rerun",
    )
    with expander:
        chosen |= _augmentation(entry, preview=bool(expander.open))
    with st.expander("Fine-tuning", icon=":material/lock_open:"):
        chosen |= fine_tuning(backbone, len(entry.classes), notices, locks)
    with st.expander("Extras", icon=":material/more_horiz:"):
        chosen |= _extras(notices)
    return TrainConfig(data=entry.name, backbone=backbone.name, **chosen), notices


def start(entry: Entry, config: TrainConfig, notices: DeltaGenerator) -> None:
    """Say what a training would do and offer to start it, or say which rule the settings break.

    Args:
        entry: The dataset that will be trained on.
        config: The settings, unchecked.
        notices: Where it is said what is wrong with a setting.
    """
    ready = False
    try:
        st.markdown(outlook(loaders.dataset(entry), config))
        ready = True
    except (ConfigError, NotFoundError) as error:
        st.markdown("A setting below cannot be used.")
        with notices:
            show_error(error)
    except FlowercoreError as error:
        show_error(error)
    begun = st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=not ready,
    )
    if ready and weights.missing(registry.get(config.backbone)) is not None:
        st.caption("The backbone's weights are not on this machine yet: see *Backbone* below.")
    if begun:
        with in_words():
            choices.remember(choices.RUN, queue.submit(config, visitor()).id)
            st.rerun()


def outlook(data: Dataset, config: TrainConfig) -> str:
    """Say which photos will serve for what.

    Raises:
        InputError: If the settings or the photos cannot be used, with the rule.
    """
    config.validate()
    permission.require(config, visitor())
    counts = make_plan(data, data.photos, config).counts()
    parts = [f"learns from **{many(counts['train'], 'photo')}**"]
    if config.augment:
        parts[0] += f", each in {many(config.augment, 'more view')}"
    if counts["validation"]:
        parts.append(f"checks itself on {counts['validation']:,}")
    parts.append(f"is tested on {counts['test']:,}" if counts["test"] else "is not tested")
    text = f"With the settings below, the model {', '.join(parts[:-1])} and {parts[-1]}."
    if config.from_scratch:
        text += " All of the network learns, from scratch."
    elif config.fine_tune_from:
        text += f" The head learns first, then the backbone from {config.fine_tune_from} on."
    return text


def _essentials(locks: Locks) -> dict[str, Any]:
    if locks.epochs_max:
        st.caption(f"{LOCKED} The leader allows {locks.epochs_max} epochs at most.")
    with st.grid(2, min_column_width=PAIR_WIDTH):
        return {
            "epochs": number(
                "epochs",
                "Epochs",
                1,
                f"{meaning('epoch')} Here: how many.",
                usual=min(DEFAULTS["epochs"], locks.epochs_max or DEFAULTS["epochs"]),
            ),
            "batch_size": number("batch_size", "Batch size", 1, meaning("batch size")),
            "validation_split": number(
                "validation_split",
                "Validation split",
                0.05,
                f"{meaning('validation photos')} Here: their share of all but the test photos.",
            ),
            "test_split": number(
                "test_split",
                "Test split",
                0.05,
                f"{meaning('test photos')} Here: their share of all. 0 trains on everything.",
            ),
            "learning_rate": number(
                "learning_rate",
                "Learning rate",
                5e-4,
                meaning("learning rate"),
            ),
            "seed": number("seed", "Seed", 1, meaning("seed")),
        }


def _head(notices: DeltaGenerator) -> dict[str, Any]:
    with st.grid(2, min_column_width=PAIR_WIDTH):
        chosen: dict[str, Any] = {
            "optimizer": one_of(
                "optimizer", "Optimizer", _OPTIMIZERS, notices, meaning("optimizer")
            ),
            "schedule": one_of(
                "schedule",
                "Learning rate over time",
                _SCHEDULES,
                notices,
                meaning("learning-rate schedule"),
            ),
            "dropout": number(
                "dropout",
                "Dropout",
                0.1,
                f"{meaning('dropout')} Here: their share.",
            ),
            "l2": number("l2", "L2 penalty", 1e-4, meaning("L2 regularization")),
            "label_smoothing": number(
                "label_smoothing",
                "Label smoothing",
                0.05,
                f"{meaning('label smoothing')} Here: how much less.",
            ),
            "early_stopping": number(
                "early_stopping",
                "Early stopping",
                1,
                f"{meaning('early stopping')} Here: after so many epochs without a better one. 0 "
                "never stops early.",
            ),
        }
    chosen["class_weights"] = switch(
        "class_weights",
        "Let photos of rare classes count more",
        f"{meaning('class weights')} Each class then weighs the same.",
    )
    return chosen


def _augmentation(entry: Entry, *, preview: bool) -> dict[str, Any]:
    count = number(
        "augment",
        "Augmented views of each photo",
        1,
        f"{meaning('augmentation')} Each passes through the backbone once and is kept.",
    )
    with st.grid(2, min_column_width=PAIR_WIDTH, gap="xsmall"):
        kinds = tuple(
            kind
            for kind in AUGMENTATIONS
            if st.checkbox(_CHANGES[kind], value=True, key=kind, bind="query-params")
        )
    mirror = switch(
        "flip_average",
        "Judge each photo together with its mirror image",
        "When it is tested or asked, both are looked at and their probabilities averaged.",
    )
    if preview:
        views_preview(entry, count, kinds)
    return {"augment": count, "augmentations": kinds, "flip_average": mirror}


def _extras(notices: DeltaGenerator) -> dict[str, Any]:
    name = st.text_input(
        "Name of the run",
        key=KEYS["name"],
        placeholder="named after its photos",
        bind="query-params",
    )
    with st.grid(2, min_column_width=PAIR_WIDTH):
        preprocessing = one_of(
            "preprocessing",
            "Preprocessing",
            _PREPROCESSINGS,
            notices,
            "The notebook squeezes each photo to a square and standardises it by the mean and "
            "deviation of the training photos.",
        )
        split = one_of(
            "split",
            "Parting of photos",
            _SPLITS,
            notices,
            "Class by class, every part holds the same mixture and copies of a photo stay "
            "together. The notebook draws at random and takes validation from the end.",
        )
    batch_norm = one_of(
        "batch_norm",
        "BatchNorm of the frozen backbone",
        _BATCH_NORMS,
        notices,
        "As pretrained is the right way. The others show what goes wrong when the backbone runs in "
        "training mode; they take as long as fine-tuning.",
    )
    tensorboard = switch("tensorboard", "Write logs for TensorBoard")
    st.caption("They lie in the run's folder under `tensorboard`: train and validation apart.")
    return {
        "name": name.strip(),
        "preprocessing": preprocessing,
        "split": split,
        "batch_norm": batch_norm,
        "tensorboard": tensorboard,
    }
