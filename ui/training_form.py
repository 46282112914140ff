"""The settings of a training."""

from __future__ import annotations

import streamlit as st

from flowercore.backbones import registry
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from flowercore.training.config import TrainConfig
from flowercore.training.plan import make_plan
from ui.words import many


def training_form(entry: Entry) -> TrainConfig:
    """Ask for the settings; each is kept in the address.

    The boxes have no bounds of their own: a number out of bounds is answered with the rule.

    Args:
        entry: The dataset that will be trained on.

    Returns:
        The settings, unchecked.
    """
    left, right = st.columns(2)
    with left:
        epochs = _number("Epochs", "epochs", 25, 1, "How often the training sees every photo.")
        validation = _number(
            "Validation split",
            "validation",
            0.1,
            0.05,
            "Share of the remaining photos that is not learned from, but watched after every "
            "epoch. 0 for none.",
        )
        rate = _number(
            "Learning rate",
            "rate",
            1e-3,
            5e-4,
            "How large a step the training takes at once. Too large, and it stumbles.",
        )
    with right:
        batch = _number(
            "Batch size", "batch", 16, 1, "How many photos it looks at before each step."
        )
        test = _number(
            "Test split",
            "test",
            0.2,
            0.05,
            "Share of all photos that is kept aside for the final verdict. 0 trains on everything.",
        )
        seed = _number(
            "Seed", "seed", 42, 1, "Decides every random choice: the same seed, the same result."
        )
    st.caption(f"Backbone: {registry.get(registry.DEFAULT).title}")
    return TrainConfig(
        data=entry.name,
        epochs=int(epochs),
        batch_size=int(batch),
        validation_split=float(validation),
        test_split=float(test),
        learning_rate=float(rate),
        seed=int(seed),
    )


def outlook(data: Dataset, config: TrainConfig) -> str:
    """Say which photos will serve for what.

    Raises:
        InputError: If the settings or the photos cannot be used, with the rule.
    """
    config.validate()
    counts = make_plan(data, data.photos, config).counts()
    parts = [f"learns from **{many(counts['train'], 'photo')}**"]
    if counts["validation"]:
        parts.append(f"checks itself on {counts['validation']:,}")
    parts.append(f"is tested on {counts['test']:,}" if counts["test"] else "is not tested")
    return f"The model {', '.join(parts[:-1])} and {parts[-1]}."


def _number(label: str, key: str, default: float, step: float, help: str) -> float:
    # An emptied box returns to its default by itself.
    return st.number_input(
        label,
        value=default,
        step=step,
        key=key,
        help=help,
        # As typed: two digits would show 0.999 as 1.00.
        format="%g" if isinstance(default, float) else None,
        bind="query-params",
    )
