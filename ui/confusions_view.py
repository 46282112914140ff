"""Which class was taken for which, and the photos of each cell."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st

from flowercore import figures
from flowercore.evaluation.metrics import Evaluation
from flowercore.figures import CLASSES_WITH_NUMBERS, Shares
from ui.judged import Judged
from ui.judged_photos import show_photos
from ui.words import many, plain

_SHOW: dict[str, Shares] = {
    "Photos": "counts",
    "Per cent of each row": "rows",
    "Per cent of each column": "columns",
}
_READ: dict[str, str] = {
    "counts": "Each row is a true class, each column what it was called; the diagonal is right.",
    "rows": "Of each true class, what it was called: the diagonal is the recall.",
    "columns": "Of all that was called a class, what it truly is: the diagonal is the precision.",
}
_CELL = "cell"
_EMPTY = "empty_cell"

Cell = tuple[str, str]
"""True class and predicted class."""


def confusions(judged: Judged) -> None:
    """Show the matrix; a click on a cell, or the box beside it, shows its photos.

    Args:
        judged: The run on some photos.
    """
    evaluation = judged.judgement.evaluation
    cells = cells_by_label(evaluation)
    if len(evaluation.classes) > CLASSES_WITH_NUMBERS:
        _matrix(judged, cells)
        _photos(judged, cells)
        return
    left, right = st.columns([1, 1], gap="large")
    with left:
        _matrix(judged, cells)
    with right:
        _photos(judged, cells)


def cells_by_label(evaluation: Evaluation) -> dict[str, Cell]:
    """Return the cells that hold photos by what the box calls them, the largest mistakes first."""
    counts, classes = evaluation.confusion_matrix, evaluation.classes
    there = [
        (row == column, -int(counts[row, column]), row, column)
        for row in range(len(classes))
        for column in range(len(classes))
        if counts[row, column]
    ]
    return {
        _label((classes[row], classes[column])): (classes[row], classes[column])
        for _, _, row, column in sorted(there)
    }


def _label(cell: Cell) -> str:
    true, said = cell
    return f"{true}, named right" if true == said else f"{true} taken for {said}"


def _matrix(judged: Judged, cells: Mapping[str, Cell]) -> None:
    st.subheader("Confusion matrix", anchor=False)
    # Not a segmented control: in the dark theme its chosen option would fall below AA contrast.
    show = st.radio(
        "Show",
        list(_SHOW),
        horizontal=True,
        key="matrix",
        bind="query-params",
        label_visibility="collapsed",
    )
    evaluation = judged.judgement.evaluation
    key = f"confusion_matrix_{judged.key}_{_SHOW[show]}"

    def follow() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            true, said = points[0]["customdata"]
            label = _label((true, said))
            st.session_state[_CELL] = label if label in cells else None
            st.session_state[_EMPTY] = None if label in cells else (true, said)

    st.plotly_chart(
        _figure(evaluation, _SHOW[show]),
        key=key,
        on_select=follow,
        selection_mode="points",
        config=figures.CONFIG,
        alt=f"Confusion matrix of {many(len(evaluation.classes), 'class', 'classes')}: "
        f"{evaluation.right} of {many(evaluation.count, 'photo')} lie on the diagonal, which means "
        "right; the box beside it chooses a cell without a mouse",
    )
    st.caption(_READ[_SHOW[show]])


# The same figure each time: another one would undo what was chosen on it.
@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Evaluation: id})
def _figure(evaluation: Evaluation, show: Shares) -> go.Figure:
    return figures.confusion_matrix(evaluation, show)


def _photos(judged: Judged, cells: Mapping[str, Cell]) -> None:
    st.subheader("Photos of a cell", anchor=False)
    if st.session_state.get(_CELL) not in cells:
        st.session_state[_CELL] = None

    def follow() -> None:
        st.session_state[_EMPTY] = None

    chosen = st.selectbox(
        "Photos of the cell",
        list(cells),
        index=None,
        key=_CELL,
        bind="query-params",
        placeholder="Click a cell, or choose one here",
        on_change=follow,
        label_visibility="collapsed",
    )
    empty: Cell | None = st.session_state.get(_EMPTY)
    if chosen is None and empty is not None:
        true, said = empty
        st.markdown(f"No photo of **{plain(true)}** was taken for **{plain(said)}**.")
    elif chosen is None:
        st.markdown(
            ":material/ads_click: **Click a cell** of the matrix, and its photos appear here, the "
            "most confident first. Without a mouse, the box above chooses."
        )
    else:
        table = judged.judgement.cell(*cells[chosen])
        st.caption(f"{many(len(table), 'photo')}, the most confident first")
        show_photos(judged, table, key="cell_photos")
