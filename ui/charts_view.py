"""Charts that each answer a question about a dataset's photos, with the answer in words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from flowercore import figures, photo_charts
from flowercore.audit.findings import ClassLook
from flowercore.backbones import registry
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from flowercore.photo_charts import Palette
from ui import audit_start, look_loaders, look_words
from ui.look_words import BRIGHTNESS, SHARPNESS, Comparison
from ui.words import balance, many, plain

_CONFIG = {"displayModeBar": False}
_MEAN_WIDTH = 110


def charts(entry: Entry, data: Dataset) -> None:
    """Show what the photos are like as a whole.

    Args:
        entry: The dataset in the catalog.
        data: The dataset with its photos.
    """
    if not data.photos:
        st.info("Every photo was excluded: there is nothing to count.")
        return
    table = look_loaders.table(data)
    audit_start.follow(data)
    looked_at = table["brightness"].notna().any()
    left, right = st.columns(2, gap="large")
    with left:
        _class_balance(data)
        if looked_at:
            _spread(table, "brightness", BRIGHTNESS)
    with right:
        _sizes(table)
        if looked_at:
            _spread(table, "sharpness", SHARPNESS)
    audit = look_loaders.audit(data)
    if audit is not None:
        _colors({one: audit.class_looks[one] for one in data.classes if one in audit.class_looks})
    # The cache of looks may be deleted at any time, while the audit stays.
    if (audit is None or not looked_at) and not audit_start.running(data):
        audit_start.offer(
            data,
            "**Light, sharpness and colours** of each class are known after a check, which looks "
            "at every photo once.",
        )


def _class_balance(data: Dataset) -> None:
    counts = data.counts()
    st.subheader("How many of each?", anchor=False)
    st.markdown(plain(balance(counts)))
    st.plotly_chart(
        figures.class_counts(counts),
        key="class_counts",
        config=_CONFIG,
        alt=f"Photos in each of {many(len(counts), 'class', 'classes')}. {balance(counts)}",
    )


def _sizes(table: pd.DataFrame) -> None:
    least = registry.get(registry.DEFAULT).input_size
    st.subheader("Are they large enough?", anchor=False)
    answer = look_words.sizes(table, least)
    st.markdown(plain(answer))
    st.plotly_chart(
        _sizes_figure(table[["key", "width", "height"]], least),
        key="photo_sizes",
        config=_CONFIG,
        alt=f"Width and height of {many(len(table), 'photo')}. {answer}",
    )
    st.caption(
        f"Larger circles stand for more photos of that size. Inside the orange corner a side is "
        f"below {least} pixels; dotted lines are shapes."
    )


def _spread(table: pd.DataFrame, column: str, comparison: Comparison) -> None:
    st.subheader(f"Does {comparison.quantity} give the class away?", anchor=False)
    answer = look_words.spread(table, column, comparison)
    st.markdown(plain(answer))
    classes = sorted(table["label"].unique())
    st.plotly_chart(
        _spread_figure(table[["key", "label", column]], column, comparison.quantity.capitalize()),
        key=f"photo_{column}",
        config=_CONFIG,
        alt=f"{comparison.quantity.capitalize()} of the photos of "
        f"{many(len(classes), 'class', 'classes')}. {answer}",
    )
    st.caption("Each point is a photo; a box holds the middle half of its class.")


def _colors(looks: Mapping[str, ClassLook]) -> None:
    if not looks:
        return
    palettes = {label: one.palette for label, one in looks.items()}
    st.subheader("Does colour give the class away?", anchor=False)
    answer = look_words.signature(palettes)
    st.markdown(plain(answer))
    with st.grid(max(3, min(8, len(looks))), min_column_width=_MEAN_WIDTH, gap="small"):
        for label, one in looks.items():
            if one.mean is not None:
                st.image(
                    one.mean,
                    width="stretch",
                    caption=plain(label),
                    alt=f"Mean of all photos of {label}: {look_words.mostly(one.palette)}",
                )
    st.caption("Mean photos: all photos of a class laid on each other.")
    st.plotly_chart(
        _palettes_figure(palettes),
        key="photo_palettes",
        config=_CONFIG,
        alt="Main colours of each class. "
        + "; ".join(f"{label}: {look_words.mostly(one)}" for label, one in palettes.items()),
    )


# Drawing thousands of points takes longer than all else on the page.
@st.cache_resource(max_entries=8, show_spinner=False)
def _sizes_figure(table: pd.DataFrame, least: int) -> go.Figure:
    return photo_charts.sizes(table, least)


@st.cache_resource(max_entries=16, show_spinner=False)
def _spread_figure(table: pd.DataFrame, column: str, title: str) -> go.Figure:
    return photo_charts.spread(table, column, sorted(table["label"].unique()), title)


def _palettes_figure(palettes: Mapping[str, Palette]) -> go.Figure:
    names = {
        label: [look_words.color_name(rgb) for rgb, _ in palette]
        for label, palette in palettes.items()
    }
    return photo_charts.palettes(palettes, names)
