"""The map of a dataset's photos: what the network finds alike lies near each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from flowercore import map_chart
from flowercore.audit.findings import OUTLIER, Audit
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from ui import audit_start, look_loaders
from ui.gallery import gallery
from ui.look_loaders import Who
from ui.problem_words import PROBLEMS, problem_name
from ui.split_choice import PARTS, choose_split
from ui.words import many

_LAYOUTS = {"t-SNE": "tsne", "PCA": "pca"}
_COLORS = ("Class", "Split", "Problem")
_CLICK, _LASSO = "A click", "A line around"
_CHOSEN = "Those I choose on the map"
_UNUSUAL = "Those unlike the others"
_REST = {"Class": "Other classes", "Split": "In none", "Problem": "No problem found"}


def photo_map(entry: Entry, data: Dataset) -> None:
    """Show all photos as points, and those that are chosen beside them.

    Args:
        entry: The dataset in the catalog.
        data: The dataset with its photos.
    """
    st.markdown(
        "Each point is a photo. What looks alike to the network lies near each other: a class that "
        "is easy to learn is an island of its own."
    )
    audit = look_loaders.audit(data)
    if audit is None or audit.map.empty:
        audit_start.offer(data, "The map is drawn by a check, which looks at every photo once.")
        return
    audit_start.follow(data)
    layout, color, how, parts = _choices(data)
    points = map_points(data, audit, layout, color, parts)
    if points.empty:
        if not audit_start.running(data):
            audit_start.offer(data, "None of the photos that the last check has seen are left.")
        return
    _unseen(data, audit, len(points))
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(border=True):
        figure = _figure(
            points[list(map_chart.COLUMNS)],
            tuple(groups(points, color, data)),
            color,
            how == _LASSO,
        )
        picked = _draw(figure, len(points), how, f"map_{layout}_{color}_{how}")
    with right:
        _beside(data, points, picked, how)


def map_points(
    data: Dataset, audit: Audit, layout: str, color: str, parts: Mapping[Who, str] | None
) -> pd.DataFrame:
    """Return where each photo lies and what is said of it; see `flowercore.map_chart.photo_map`.

    Args:
        data: The dataset as it is now.
        audit: Its last check; photos that it has not seen are left out.
        layout: ``tsne`` or ``pca``.
        color: One of Class, Split and Problem.
        parts: What a run used each photo for.
    """
    table = look_loaders.table(data)
    points = table.merge(audit.map, on=["key", "sha256"])
    points = points.rename(columns={f"{layout}_x": "x", f"{layout}_y": "y"})
    if color == "Class":
        points["group"] = points["label"]
    elif color == "Problem":
        points["group"] = [problem_name(kinds[0]) if kinds else "" for kinds in points["kinds"]]
    else:
        who = zip(points["key"], points["sha256"], strict=True)
        points["group"] = [PARTS.get((parts or {}).get(one, ""), "") for one in who]
    points["hover"] = [
        "\n".join([key, *map(problem_name, kinds)])
        for key, kinds in zip(points["key"], points["kinds"], strict=True)
    ]
    # Where problems have colours, these have one already.
    rings = color != "Problem"
    points["outlier"] = [rings and OUTLIER in kinds for kinds in points["kinds"]]
    return points


def groups(points: pd.DataFrame, color: str, data: Dataset) -> list[str]:
    """Return the names of the groups that are coloured, in the order of the legend."""
    if color == "Class":
        return list(data.classes)
    if color == "Split":
        return list(PARTS.values())
    return [*PROBLEMS.values(), *sorted(set(points["group"]) - {*PROBLEMS.values(), ""})]


def _choices(data: Dataset) -> tuple[str, str, str, Mapping[Who, str] | None]:
    with st.container(horizontal=True, gap="medium"):
        color = st.radio("Colour", _COLORS, horizontal=True, key="map_color", bind="query-params")
        layout = st.radio(
            "Layout",
            list(_LAYOUTS),
            horizontal=True,
            key="map_layout",
            bind="query-params",
            help="PCA keeps large distances true and mixes classes more; t-SNE keeps neighbours "
            "together, and distances between its islands mean little.",
        )
        how = st.radio("Choose photos by", (_CLICK, _LASSO), horizontal=True, key="map_how")
    parts = choose_split(data, "map_split") if color == "Split" else None
    return _LAYOUTS[layout], color, how, parts


def _unseen(data: Dataset, audit: Audit, seen: int) -> None:
    missing = len(data.photos) - seen
    if not missing:
        return
    words = many(missing, "photo is", "photos are") + " not on the map"
    if audit.identity == data.identity:
        st.caption(f"{words}: unreadable.")
    elif not audit_start.running(data):
        audit_start.offer(data, f"{words}: new since the last check.", label="Check again")


# The same figure each time: another one would undo what was chosen on it.
@st.cache_resource(max_entries=16, show_spinner=False)
def _figure(points: pd.DataFrame, names: tuple[str, ...], color: str, lasso: bool) -> go.Figure:
    return map_chart.photo_map(
        points, names, rest=_REST[color], ring=problem_name(OUTLIER), lasso=lasso
    )


def _draw(figure: go.Figure, count: int, how: str, key: str) -> list[str]:
    """Draw the map and return the keys of the photos that are chosen on it."""
    chosen = st.plotly_chart(
        figure,
        key=key,
        on_select="rerun",
        selection_mode="points" if how == _CLICK else ("lasso", "box"),
        config=map_chart.CONFIG,
        alt=f"Map of {many(count, 'photo')}; the box beside it chooses photos without a mouse",
    )
    picked = [point["customdata"] for point in chosen["selection"]["points"]]
    return list(dict.fromkeys(one[0] if isinstance(one, list) else one for one in picked))


def _beside(data: Dataset, points: pd.DataFrame, picked: Sequence[str], how: str) -> None:
    options = [_CHOSEN]
    unusual = points["kinds"].map(lambda kinds: OUTLIER in kinds)
    if unusual.any():
        options.append(_UNUSUAL)
    options += [f"The class {label}" for label in data.classes]
    choice = st.selectbox("Show the photos of", options, key="map_show", persist_state="page")
    there = {one.key: one for one in data.photos}
    if choice == _UNUSUAL:
        keys = points.loc[unusual, "key"].tolist()
    elif choice == _CHOSEN:
        keys = list(picked)
    else:
        keys = points.loc["The class " + points["label"] == choice, "key"].tolist()
    photos = [there[key] for key in keys if key in there]
    if not photos:
        act = "Click a point" if how == _CLICK else "Draw a line around some points"
        st.markdown(
            f":material/ads_click: **{act}**, and what you choose appears here. Without a mouse, "
            "the box above chooses."
        )
        return
    st.caption(many(len(photos), "photo"))
    gallery(data, photos, key="map_page")
