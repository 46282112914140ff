"""Two runs photo by photo: which is better, whether that is settled, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from flowercore.errors import FlowercoreError, NotFoundError
from flowercore.evaluation import compare as comparison
from flowercore.evaluation.compare import Comparison
from flowercore.overlay import shortened
from flowercore.runs.store import Run
from ui import compare_choice, loaders
from ui.gallery import gallery
from ui.guard import show_error
from ui.words import many, plain

_PICKERS = ("pair_a", "pair_b")


def verdict(runs: Sequence[Run], names: Mapping[str, str]) -> None:
    """Say which of two chosen runs is better: of the first two, or of those that are picked.

    Args:
        runs: The chosen runs, at least two.
        names: What each is called, by id.
    """
    st.subheader("Which is better?", anchor=False)
    if len(runs) > 2:
        _pick([run.id for run in runs], names)
    a, b = runs[0].id, runs[1].id
    quoted = f"“{names[a]}”", f"“{names[b]}”"
    try:
        found = comparison.compare(a, b, quoted)
    except NotFoundError as error:  # one has no end yet, or no test
        st.info(plain(str(error)), title="Cannot be told", icon=":material/balance:")
        return
    except FlowercoreError as error:
        show_error(error)
        return
    _verdict(found, quoted)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _counts(found, names[a], names[b])
    with right:
        st.markdown(_meaning(found))


def differences(runs: Sequence[Run], names: Mapping[str, str]) -> None:
    """Show the photos that only one of the first two runs names right.

    Args:
        runs: The chosen runs, at least two.
        names: What each is called, by id.
    """
    a, b = runs[0], runs[1]
    try:
        table = comparison.answers(a.id, b.id)
    except FlowercoreError:  # the verdict says why
        return
    differ = table[table["right_a"] != table["right_b"]]
    if differ.empty:
        return
    called = names[a.id], names[b.id]
    st.subheader("Where they differ", anchor=False)
    sides = {side: differ[differ[f"right_{side}"]] for side in "ab"}
    labels = {
        side: f"Only {plain(shortened(name))} is right ({len(sides[side]):,})"
        for side, name in zip("ab", called, strict=True)
    }
    # Not tabs: in the dark theme the open one's label would fall below AA contrast.
    side = st.radio(
        "Show",
        list(sides),
        index=0 if len(sides["a"]) else 1,
        format_func=lambda side: labels[side],
        horizontal=True,
        key="only_right",
        label_visibility="collapsed",
    )
    if sides[side].empty:
        st.caption("Not a single photo.")
    else:
        _photos((a, b), called, sides[side], key=f"only_{side}")


def _pick(ids: Sequence[str], names: Mapping[str, str]) -> None:
    def follow(place: int) -> None:
        picked = [st.session_state[key] for key in _PICKERS]
        if picked[0] == picked[1]:  # it was the other one: they change places
            picked[1 - place] = ids[place]
        compare_choice.put_first(picked)

    for place, (key, column) in enumerate(zip(_PICKERS, st.columns(2), strict=True)):
        st.session_state[key] = ids[place]
        column.selectbox(
            ("This run", "Against")[place],
            ids,
            key=key,
            format_func=lambda one: names[one],
            on_change=follow,
            args=(place,),
        )
    pairs = len(ids) * (len(ids) - 1) // 2
    st.caption(
        f"{pairs} pairs can be picked here. Of 20 pairs of equally good runs, one looks settled by "
        "chance: do not pick until one does."
    )


def _verdict(found: Comparison, quoted: tuple[str, str]) -> None:
    counts = found.only_a_right, found.only_b_right
    sentence = plain(comparison.verdict(*counts, found.p_value, same_split=True, names=quoted))
    if found.settled:
        st.success(sentence, title="Settled", icon=":material/verified:")
    else:
        st.info(sentence, title="Not settled", icon=":material/balance:")
    if not found.same_split:
        st.warning(
            "The two were tested on different photos. Only the "
            f"{many(found.count, 'photo')} that both tests hold are compared here, and their "
            "accuracies above are not of the same photos.",
            icon=":material/call_split:",
        )
    if found.relabelled:
        st.info(
            f"{many(found.relabelled, 'photo')} got another label between the two runs. Here both "
            "are judged by the newer label; the accuracy above of the older run is by the older "
            "one.",
            icon=":material/new_label:",
        )


def _counts(found: Comparison, a: str, b: str) -> None:
    a, b = (f"“{plain(shortened(name))}”" for name in (a, b))
    st.table(
        pd.DataFrame(
            {
                f"{b} right": [found.both_right, found.only_b_right],
                f"{b} wrong": [found.only_a_right, found.both_wrong],
            },
            index=[f"{a} right", f"{a} wrong"],
        ),
        alt=f"{many(found.count, 'test photo')} by which of the two names them right",
    )


def _meaning(found: Comparison) -> str:
    differing = found.only_a_right + found.only_b_right
    if differing == 0:
        return (
            f"On all {many(found.count, 'test photo')} both are right or both are wrong: nothing "
            "here tells one from the other."
        )
    more = max(found.only_a_right, found.only_b_right)
    bar = round(100 * comparison.SIGNIFICANCE)
    text = (
        f"Only the **{many(differing, 'photo')}** that one alone gets right can tell which is "
        "better. Were both equally good, each of these would fall to either side like a tossed "
        f"coin. A division of {more} to {differing - more} or a more uneven one would then come up "
        f"in **{_in_hundred(found.p_value)}** tests: that is what *p* says. Below {bar} in 100 it "
        "counts as settled."
    )
    if not found.settled:
        text += (
            " It is not, so take them as equally good for now. More test photos may tell: a larger "
            "test split, or more data."
        )
    return text


def _in_hundred(p: float) -> str:
    if p < 0.01:
        return "fewer than 1 of 100"
    return "all" if p > 0.995 else f"about {p * 100:.0f} of 100"


def _photos(
    runs: tuple[Run, Run], names: tuple[str, str], alone: pd.DataFrame, *, key: str
) -> None:
    # Of the two datasets, which may be one, that in which more of these photos are still there.
    data, photos = max(
        (
            loaders.photos_still_there(run, alone[f"key_{side}"], alone["sha256"])
            for side, run in zip("ab", runs, strict=True)
        ),
        key=lambda found: len(found[1]),
    )
    said = {str(row["sha256"]): dict(row) for _, row in alone.iterrows()}
    if data is not None and photos:
        gallery(data, photos, key=key, caption=lambda one: _caption(said[one.sha256], names))
    shown = {one.sha256 for one in photos}
    gone = alone[~alone["sha256"].isin(shown)]
    if gone.empty:
        return
    st.caption(
        f"{many(len(gone), 'photo')} cannot be shown: the dataset has changed or is gone since "
        "these runs."
    )
    st.dataframe(
        gone[["key_a", "label", "said_a", "said_b"]],
        column_config={"key_a": "Photo", "label": "True", "said_a": names[0], "said_b": names[1]},
        hide_index=True,
        alt="Photos on which the two differ and that can no longer be shown",
    )


def _caption(said: Mapping[Any, Any], names: tuple[str, str]) -> str:
    lines = []
    for side, name in zip("ab", names, strict=True):
        icon = ":green[:material/check:]" if said[f"right_{side}"] else ":red[:material/close:]"
        lines.append(f"{icon} {plain(shortened(name))}: **{plain(str(said[f'said_{side}']))}**")
    return "  \n".join(lines)
