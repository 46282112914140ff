"""How good a run is: one number, its uncertainty, and where it goes wrong."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import streamlit as st

from flowercore import figures
from flowercore.evaluation.metrics import Evaluation, largest_confusions
from flowercore.runs.store import Run
from ui import loaders
from ui.gallery import gallery
from ui.words import listing, many, of_hundred, percent, plain

_SHOW: dict[str, Literal["counts", "rows"]] = {"Photos": "counts", "Per cent of each row": "rows"}


def headline(evaluation: Evaluation) -> None:
    """Show the accuracy with its interval, the loss, and what both mean in words."""
    low, high = evaluation.accuracy_interval
    right = round(evaluation.accuracy * evaluation.count)
    with st.grid(3, min_column_width=200):
        st.metric(
            "Test accuracy",
            percent(evaluation.accuracy),
            border=True,
            help="Share of the test photos whose most probable class is the true one.",
        )
        st.metric(
            "95 % interval",
            f"{percent(low, 0)} to {percent(high, 0)}",
            border=True,
            help="Where the accuracy on very many photos like these would lie, 19 times of 20. "
            "Fewer test photos make it wider.",
        )
        st.metric(
            "Test loss",
            f"{evaluation.loss:.3f}",
            border=True,
            help="Mean cross-entropy: 0 for a model that is always right and sure. Being sure "
            "and wrong costs most.",
        )
    st.markdown(
        f"It named **{right:,} of {many(evaluation.count, 'test photo')}** right. Expect "
        f"{of_hundred(low, high)} to be right. {_confusions(evaluation)}"
    )


def _confusions(evaluation: Evaluation) -> str:
    worst = largest_confusions(evaluation, k=2)
    if not worst:
        return "It made no mistake on these."
    if worst[0][2] == 1:
        wrong = evaluation.count - round(evaluation.accuracy * evaluation.count)
        if wrong > 1:
            return f"No two of its {wrong} mistakes are alike."
    named = [
        f"**{plain(true)}** taken for **{plain(said)}** ({many(count, 'photo')})"
        for true, said, count in worst
    ]
    return f"What it mixes up most: {listing(named)}."


def matrix(evaluation: Evaluation) -> None:
    """Show which class was taken for which."""
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
    right = round(evaluation.accuracy * evaluation.count)
    st.plotly_chart(
        figures.confusion_matrix(evaluation, _SHOW[show]),
        key="confusion_matrix",
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {len(evaluation.classes)} classes: {right} of "
        f"{evaluation.count} photos lie on the diagonal, which means right",
    )
    st.caption("Each row is a true class; the diagonal holds what was named right.")


def per_class(evaluation: Evaluation) -> None:
    """Show the scores of each class."""
    st.subheader("Class by class", anchor=False)
    scores = evaluation.per_class
    name = plain(evaluation.classes[0])
    st.dataframe(
        pd.DataFrame(
            {
                "Class": list(scores),
                "Precision": [100 * one.precision for one in scores.values()],
                "Recall": [100 * one.recall for one in scores.values()],
                "F1": [100 * one.f1 for one in scores.values()],
                "Photos": [one.support for one in scores.values()],
            }
        ),
        column_config={
            "Class": st.column_config.TextColumn(pinned=True),
            "Precision": _share("Of the photos it called this class, the share that is it."),
            "Recall": _share("Of the photos of this class, the share that it found."),
            "F1": _share("Precision and recall in one number: their harmonic mean."),
            "Photos": st.column_config.NumberColumn(help="Test photos of this class."),
        },
        hide_index=True,
        alt="Precision, recall, F1 and number of test photos of each class",
    )
    st.caption(
        f"**Precision**: of all it called {name}, the share that is. **Recall**: of all {name}, "
        "the share that it found. **F1** is high only when both are."
    )


def _share(help: str) -> Any:
    return st.column_config.ProgressColumn(
        help=help, min_value=0, max_value=100, format="%.0f %%", width="small"
    )


def mistakes(run: Run) -> None:
    """Show the test photos that were named wrong, the most confident mistake first."""
    st.subheader("What it got wrong", anchor=False)
    table = loaders.test_photos(run.id)
    wrong = table[table["label"] != table["predicted"]].sort_values("probability", ascending=False)
    if wrong.empty:
        st.markdown(":green[:material/check_circle:] Not a single test photo.")
        return
    data, photos = loaders.photos_still_there(run, wrong["key"], wrong["sha256"])
    if data is not None and photos:
        st.caption("Most certain mistakes first. Is the model wrong, or the folder it lay in?")
        said = {
            str(key): (str(name), float(probability))
            for key, name, probability in zip(
                wrong["key"], wrong["predicted"], wrong["probability"], strict=True
            )
        }
        gallery(
            data,
            photos,
            key="wrong",
            caption=lambda one: (
                f"**{plain(one.label)}** taken for **{plain(said[one.key][0])}**, "
                f"{percent(said[one.key][1], 0)}"
            ),
        )
    _without_picture(wrong[~wrong["key"].isin({one.key for one in photos})])


def _without_picture(table: pd.DataFrame) -> None:
    if table.empty:
        return
    st.caption(
        f"{many(len(table), 'photo')} cannot be shown: the dataset has changed or is gone since "
        "this run."
    )
    st.dataframe(
        table[["key", "label", "predicted", "probability"]],
        column_config={
            "key": "Photo",
            "label": "True",
            "predicted": "Taken for",
            "probability": st.column_config.NumberColumn("Probability", format="percent"),
        },
        hide_index=True,
        alt="Wrongly classified photos that can no longer be shown",
    )
