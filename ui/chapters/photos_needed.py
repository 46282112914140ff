"""The learning curve of a chapter: computed when asked, kept for whoever comes next."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from flowercore import figures
from flowercore.backbones import registry
from flowercore.data.catalog import Entry
from flowercore.data.names import shown
from flowercore.errors import StorageError
from flowercore.learning_curve_chart import learning_curve_chart
from flowercore.teaching import learning_curve
from flowercore.teaching.learning_curve import LearningCurve
from ui import loaders, task_progress
from ui.guard import show_error
from ui.words import many, percent, plain


def photos_needed(entry: Entry) -> None:
    """Show how accuracy grows with the photos, or offer to compute it.

    Args:
        entry: The dataset.

    Raises:
        FlowercoreError: If the dataset cannot be read.
    """
    data = loaders.dataset(entry)
    fingerprint = registry.get(registry.DEFAULT).fingerprint
    found = None
    try:
        found = learning_curve.read(data.identity, fingerprint)
    except StorageError as error:
        show_error(error)
    st.markdown(
        "**How many photos does it take?**",
        help=None if found is None else _how_it_was_found(found),
    )
    if found is not None:
        _curve(found, data.identity)
        return
    task = task_progress.newest(learning_curve.KIND)
    mine = task if task is not None and task.arguments.get("data") == entry.name else None
    if task_progress.going_on(
        mine, "**Computing the learning curve**", "The learning curve could not be computed"
    ):
        return
    _offer(entry)


def _offer(entry: Entry) -> None:
    with st.container(border=True):
        st.markdown(
            f"**Not computed yet** for “{plain(shown(entry.name))}”. A worker trains a few hundred "
            "heads on more and more of its photos, with a pretrained network and with one that has "
            "seen nothing: about a minute, once for everybody."
        )
        st.button(
            "Compute it",
            key="compute_learning_curve",
            icon=":material/show_chart:",
            on_click=task_progress.start,
            args=(learning_curve.KIND, {"data": entry.name}),
        )


def _curve(found: LearningCurve, identity: str) -> None:
    st.plotly_chart(
        _figure(found, identity),
        key="learning_curve",
        config=figures.CONFIG,
        alt="Test accuracy over photos a class, "
        + "; ".join(
            f"{'with' if not place else 'without'} pretraining "
            + ", ".join(
                f"{percent(one.mean(at), 0)} with {size}" for at, size in enumerate(found.sizes)
            )
            for place, one in enumerate(found.lines)
        ),
    )
    st.markdown(plain(found.sentence))


def _how_it_was_found(found: LearningCurve) -> str:
    return (
        f"Line: average of {many(found.draws, 'random draw')}. Band: from the lowest to the "
        f"highest of them. Each is tested on {many(found.tested, 'photo')} of its own that it "
        f"has not learned from, of {found.photos:,} in all."
    )


@st.cache_resource(ttl="1h", max_entries=10, show_spinner=False)
def _figure(_found: LearningCurve, identity: str) -> go.Figure:
    return learning_curve_chart(_found)
