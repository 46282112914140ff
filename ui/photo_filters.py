"""The boxes by which photos are filtered and sorted."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowercore.data.dataset import Dataset
from ui import audit_start, look_loaders
from ui.form_fields import PAIR_WIDTH
from ui.photo_table import ANY_PROBLEM, MIXED, NEEDS_CHECK, SORTS, Wanted
from ui.problem_words import PROBLEMS, problem_name
from ui.split_choice import NO_SPLIT, PARTS, choose_split

PAGE = "page"
"""Key of the gallery whose first page each change leads to."""

_ALL = "All"
_ANY = "Any"
_SIDE_BY_SIDE = 8
_POPOVER_WIDTH = 2 * PAIR_WIDTH + 40
_CLASS, _SORT, _PROBLEM, _SPLIT, _PART = "class", "sort", "issue", "photos_split", "photos_part"
_SIZE, _LIGHT = ("size_from", "size_to"), ("light_from", "light_to")


def filters(data: Dataset, table: pd.DataFrame) -> tuple[Wanted, int, DeltaGenerator]:
    """Ask which photos to show.

    Args:
        data: The dataset.
        table: From `ui.photo_table.photo_table`.

    Returns:
        What is asked for, how many filters there are in it, and the place beside the boxes.
    """
    label = _choose_class(data)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
            sort = _choose_sort(table)
            more = st.popover("More filters", icon=":material/tune:", key="more_filters")
        beside = st.container(horizontal=True, vertical_alignment="center", width="content")
    with more, st.container(width=_POPOVER_WIDTH):
        megapixels = _between("Megapixels", _SIZE, table["megapixels"])
        light, problem = _choose_checked(data, table)
        keys = _choose_part(data)
    wanted = Wanted(label, keys, megapixels, light, problem, sort)
    count = sum(one is not None for one in (label, keys, megapixels, light, problem))
    return wanted, count, beside


def clear(data: Dataset) -> None:
    """Take all filters back; the order stays."""
    # Set, not dropped: the address would bring back what it holds.
    st.session_state[_CLASS] = _every(data)
    st.session_state[_PROBLEM] = _ANY
    st.session_state[_SPLIT] = NO_SPLIT
    for key in (*_SIZE, *_LIGHT):
        st.session_state[key] = None
    first_page()


def first_page() -> None:
    """Turn the gallery to its first page."""
    st.session_state[PAGE] = 1


def _choose_class(data: Dataset) -> str | None:
    every = _every(data)
    options = [every, *data.classes]
    if len(options) > _SIDE_BY_SIDE:
        label = st.selectbox(
            "Class", options, key=_CLASS, bind="query-params", on_change=first_page
        )
    else:
        label = st.radio(
            "Class",
            options,
            horizontal=True,
            key=_CLASS,
            bind="query-params",
            on_change=first_page,
            label_visibility="collapsed",
        )
    return None if label == every else label


def _every(data: Dataset) -> str:
    # A class may be called like the choice of all of them.
    return next(name for name in (_ALL, f"{_ALL} classes", "*") if name not in data.classes)


def _choose_sort(table: pd.DataFrame) -> str:
    known = [
        name
        for name, order in SORTS.items()
        if order is None or order[0] not in NEEDS_CHECK or table[order[0]].notna().any()
    ]
    sort = st.selectbox(
        "Sort by", known, key=_SORT, bind="query-params", on_change=first_page, width=220
    )
    return sort if sort in known else MIXED


def _between(what: str, keys: tuple[str, str], there: pd.Series) -> tuple[float, float] | None:
    """Ask for bounds, of which either may be left out; the hints say what there is."""
    values: list[float | None] = []
    # Boxes, not a slider: the numbers beside its handles fall below AA contrast in a dark theme.
    with st.grid(2, min_column_width=PAIR_WIDTH, gap="small"):
        for key, words, hint in zip(keys, ("from", "to"), (there.min(), there.max()), strict=True):
            values.append(
                st.number_input(
                    f"{what} {words}",
                    min_value=0.0,
                    value=None,
                    step=0.05,
                    format="%g",
                    placeholder=f"{hint:.2g}",
                    key=key,
                    bind="query-params",
                    on_change=first_page,
                )
            )
    first, last = values
    if first is None and last is None:
        return None
    return first or 0.0, math.inf if last is None else last


def _choose_checked(
    data: Dataset, table: pd.DataFrame
) -> tuple[tuple[float, float] | None, str | None]:
    audited = look_loaders.audit(data) is not None
    light = problem = None
    if table["brightness"].notna().any():
        light = _between("Brightness", _LIGHT, table["brightness"])
    if audited:
        found = {kind for kinds in table["kinds"] for kind in kinds}
        names = {problem_name(kind): kind for kind in sorted(found, key=_order)}
        options = {_ANY: None, "Any problem": ANY_PROBLEM, **names}
        chosen = st.selectbox(
            "Problem", list(options), key=_PROBLEM, bind="query-params", on_change=first_page
        )
        problem = options.get(chosen)
    if not audited and not audit_start.running(data):
        audit_start.offer(data, "Brightness, sharpness and problems are known after a check.")
    return light, problem


def _order(kind: str) -> tuple[int, str]:
    known = list(PROBLEMS)
    return (known.index(kind) if kind in known else len(known), kind)


def _choose_part(data: Dataset) -> frozenset[str] | None:
    parts = choose_split(data, _SPLIT, on_change=first_page)
    if parts is None:
        return None
    names = {"All": None, **{words: part for part, words in PARTS.items()}}
    chosen = st.radio(
        "Part",
        list(names),
        horizontal=True,
        key=_PART,
        persist_state="page",
        on_change=first_page,
        label_visibility="collapsed",
    )
    part = names.get(chosen)
    if part is None:
        return None
    there = {(one.key, one.sha256) for one in data.photos}
    return frozenset(who[0] for who, name in parts.items() if name == part and who in there)
