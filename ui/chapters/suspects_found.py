"""What the trial of the three suspects came to: a card each, and the curves behind them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from flowercore import curves, figures
from flowercore.backbones import registry
from flowercore.data.catalog import Entry
from flowercore.errors import FlowercoreError, StorageError
from flowercore.evaluation.compare import Comparison, compare
from flowercore.noise_chart import noise_chart
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.teaching import suspects, validation_noise
from flowercore.teaching.suspects import CLAIMED, Role, Verdict, Word
from flowercore.teaching.validation_noise import ValidationNoise
from flowercore.training import recipes
from ui import loaders, task_progress
from ui.chapters.parts import choose_part
from ui.chapters.suspects_backbone import tried_with
from ui.compare_choice import EXPERIMENT
from ui.guard import show_error
from ui.pages import COMPARE
from ui.run_states import Color
from ui.words import accuracy_with_interval, many, percent, plain

_CURVES = 350  # height, pixels
_VERDICTS, _THEIR_CURVES, _DRAWS = "The three suspects", "Their curves", "The same, drawn again"
_BADGES: dict[Word, tuple[str, Color]] = {
    "guilty": (":material/gavel:", "red"),
    "not settled": (":material/question_mark:", "orange"),
    "innocent": (":material/check_circle:", "green"),
}
_CHANGES = {
    "preprocessing": "The backbone learned from pixels that were scaled in one way. The notebook "
    "scales them in another: by mean and deviation of its own training photos.",
    "moving": "BatchNorm notes a moving average of what it sees in training mode. To freeze its "
    "weights does not stop that: 360 photos replace what a million taught.",
    "batch": "Or nothing is noted, as in older versions of Keras: it learns with each batch's own "
    "statistics, and is tested with ImageNet's.",
    "noise": f"The notebook watched itself on {suspects.WATCHED} photos, where a single one is "
    f"{percent(1 / suspects.WATCHED)} of them. {suspects.WATCHED} others draw another curve.",
}


def found(entry: Entry, group: Sequence[Run]) -> None:
    """Show what is known of each suspect so far.

    Args:
        entry: The dataset.
        group: The runs of the trial in the order of `suspects.ROLES`; maybe none.

    Raises:
        FlowercoreError: If the dataset or a run cannot be read.
    """
    runs: dict[Role, Run] = {suspects.role(run.config): run for run in group}
    data = loaders.dataset(entry)
    noise = _noise(data.identity, group)
    histories = {key: table for key, run in runs.items() if not (table := _history(run)).empty}
    parts = [_VERDICTS, *([_THEIR_CURVES] if histories else []), *([_DRAWS] if noise else [])]
    with st.container(horizontal=True, vertical_alignment="center"):
        part = choose_part("suspects", parts) if len(parts) > 1 else _VERDICTS
        tried_with(group)
    if part == _THEIR_CURVES:
        _curves(runs, histories)
    elif part == _DRAWS and noise is not None:
        _draws(noise)
    else:
        one, two, three = st.columns([3, 5, 3], gap="small")
        with one:
            _card("1 · Another preprocessing", ["preprocessing"], runs)
        with two:
            _card("2 · BatchNorm that is not frozen", ["moving", "batch"], runs)
        with three:
            _noise_card(entry, noise, started=bool(group))
        _summary(runs)


def right_way(entry: Entry, group: Sequence[Run]) -> None:
    """Say how the run did with which each suspect is compared.

    Args:
        entry: The dataset.
        group: The runs of the trial.

    Raises:
        FlowercoreError: If the dataset or the run cannot be read.
    """
    run = next((one for one in group if suspects.role(one.config) == "right"), None)
    if run is None:
        return
    st.markdown(f"**The right way**, for comparison: {_accuracy(run)}.")
    identity = loaders.dataset(entry).identity
    if run.dataset.get("identity", identity) != identity:
        st.caption(
            "The photos were changed since these runs: they tell of the photos as they were. Try "
            "again to see what holds now."
        )


def _accuracy(run: Run) -> str:
    if run.active:
        return "its run goes on"
    if run.status in ("failed", "damaged"):
        return f"its run did not work out. {plain(run.reason or '')}"
    evaluation = loaders.evaluation(run.id)
    if evaluation is None:
        return plain(run.reason or "it has no test")
    value = accuracy_with_interval(evaluation.accuracy, evaluation.accuracy_interval)
    return f"**{value}** of {many(evaluation.count, 'test photo')}"


def _card(title: str, roles: Sequence[Role], runs: dict[Role, Run]) -> None:
    verdicts = {one: verdict for one in roles if (verdict := _verdict(one, runs)) is not None}
    with st.container(border=True, gap="xsmall", height="stretch"):
        _heading(title, list(verdicts.values()) if len(verdicts) == len(roles) else [])
        for place, one in zip(st.columns(len(roles)), roles, strict=True):
            with place:
                _tried(one, runs, verdicts.get(one), several=len(roles) > 1)


def _tried(role: Role, runs: dict[Role, Run], said: Verdict | None, *, several: bool) -> None:
    st.markdown(_CHANGES[role])
    if role in runs:
        st.markdown(f":material/model_training: {_accuracy(runs[role])}")
    if said is not None:
        word = f"*{said.word}*: " if several else ""
        st.markdown(f"{word}{plain(said.sentence)}")


def _heading(title: str, verdicts: list[Verdict]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{title}**", width="content")
        if verdicts:
            word = suspects.worst(verdicts)
            icon, color = _BADGES[word]
            st.badge(word, icon=icon, color=color)


def _verdict(role: Role, runs: dict[Role, Run]) -> Verdict | None:
    pair = runs.get("right"), runs.get(role)
    if any(run is None or run.active or run.status != "finished" for run in pair):
        return None
    right, suspect = (run for run in pair if run is not None)
    try:
        return suspects.of_pair(_compared(right.id, suspect.id))
    except FlowercoreError as error:  # tested on other photos, or a file is damaged
        show_error(error)
        return None


@st.cache_data(ttl="1h", max_entries=100, show_spinner=False)
def _compared(right: str, suspect: str) -> Comparison:
    return compare(right, suspect, ("The right way", "this one"))


def _noise(identity: str, group: Sequence[Run]) -> ValidationNoise | None:
    name = group[0].config.get("backbone") if group else recipes.notebooks_backbone()
    try:
        return validation_noise.read(identity, registry.get(str(name)).fingerprint)
    except StorageError as error:
        show_error(error)
        return None


def _noise_card(entry: Entry, noise: ValidationNoise | None, *, started: bool) -> None:
    with st.container(border=True, gap="xsmall", height="stretch"):
        verdict = None if noise is None else suspects.of_noise(noise)
        _heading("3 · Chance", [] if verdict is None else [verdict])
        st.markdown(_CHANGES["noise"])
        if noise is not None and verdict is not None:
            low, high = noise.spread
            st.markdown(
                f":material/casino: **{percent(low, 0)} to {percent(high, 0)}** in "
                f"{many(len(noise.right), 'draw')} of the same training"
            )
            st.markdown(plain(verdict.sentence))
            return
        task = task_progress.newest(validation_noise.KIND)
        mine = task if task is not None and task.arguments.get("data") == entry.name else None
        going = task_progress.going_on(
            mine, "**Drawing again and again**", "The draws could not be made"
        )
        if started and not going:
            st.button(
                "Draw fifty times",
                key="measure_noise",
                icon=":material/casino:",
                on_click=task_progress.start,
                args=(validation_noise.KIND, {"data": entry.name}),
            )


def _summary(runs: dict[Role, Run]) -> None:
    known = {
        run.given_name: (one.accuracy, one.accuracy_interval)
        for role, run in runs.items()
        if role != "right"
        and run.status == "finished"
        and (one := loaders.evaluation(run.id)) is not None
    }
    if len(known) == len(suspects.ROLES) - 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(plain(suspects.nearest(known)), width="content")
            st.page_link(
                COMPARE.file,
                label="Compare them photo by photo",
                icon=COMPARE.icon,
                query_params={EXPERIMENT: next(iter(runs.values())).config["experiment"]},
            )


def _history(run: Run) -> pd.DataFrame:
    if run.status in ("waiting", "damaged"):
        return pd.DataFrame()
    return results.history(run.id) if run.active else _ended_history(run.id)


@st.cache_data(ttl="1h", max_entries=50, show_spinner=False)
def _ended_history(run_id: str) -> pd.DataFrame:
    return results.history(run_id)


def _curves(runs: dict[Role, Run], histories: dict[Role, pd.DataFrame]) -> None:
    options = list(histories)
    if st.session_state.get("suspect_curves") not in options:
        st.session_state["suspect_curves"] = options[-1]
    chosen = st.radio(
        "Curves of",
        options,
        format_func=lambda one: plain(runs[one].given_name),
        key="suspect_curves",
        horizontal=True,
        label_visibility="collapsed",
    )
    table = histories[chosen]
    last = table.iloc[-1]
    st.plotly_chart(
        _curve_figure(table),
        key=f"suspect_curves_{runs[chosen].id}",
        config=figures.CONFIG,
        alt=f"Accuracy and loss over {many(len(table), 'epoch')}: at the end "
        f"{percent(last['accuracy'])} and {last['loss']:.3f} on the training photos, "
        f"{percent(last['val_accuracy'])} and {last['val_loss']:.3f} on the validation photos",
    )
    said = suspects.sign(table)
    if said:
        st.markdown(plain(said))


@st.cache_resource(ttl="1h", max_entries=60, show_spinner=False)
def _curve_figure(table: pd.DataFrame) -> go.Figure:
    return curves.learning_curves(table).update_layout(height=_CURVES)


def _draws(noise: ValidationNoise) -> None:
    low, high = noise.test_interval
    st.markdown("**The same training, watched on other photos**")
    st.plotly_chart(
        _noise_figure(noise),
        key="suspect_noise",
        config=figures.CONFIG,
        alt=f"A dot for each of {many(len(noise.right), 'draw')}: validation accuracy from "
        f"{percent(noise.spread[0], 0)} to {percent(noise.spread[1], 0)}; test accuracy "
        f"{percent(noise.test_accuracy, 0)}, 95 % interval {percent(low, 0)} to "
        f"{percent(high, 0)}; the notebook's {percent(CLAIMED, 0)}",
    )
    first, last = noise.test_spread
    st.caption(
        f"Each dot: one draw of {noise.watched} validation photos, and a head trained on the other "
        f"{noise.learned:,}. Green: the same heads on the {noise.tested:,} test photos, which stay "
        f"the same ({percent(first, 0)} to {percent(last, 0)}), and the 95 % interval."
    )


@st.cache_resource(ttl="1h", max_entries=20, show_spinner=False)
def _noise_figure(found: ValidationNoise) -> go.Figure:
    return noise_chart(found, CLAIMED)
