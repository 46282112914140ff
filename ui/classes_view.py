"""How well each class is found, with intervals, and told from the others at any threshold."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from flowercore import figures
from flowercore.evaluation.intervals import Interval
from flowercore.evaluation.metrics import Evaluation
from flowercore.evaluation.ranking import Ranking
from flowercore.ranking_charts import Kind, ranking_chart
from flowercore.teaching.glossary import meaning
from ui.judged import Judged
from ui.words import listing, many, percent, plain

_CURVES: dict[Kind, str] = {"roc": "ROC", "precision_recall": "Precision and recall"}


def classes(judged: Judged) -> None:
    """Show the scores of each class, and its curves against the rest.

    Args:
        judged: The run on some photos.
    """
    evaluation = judged.judgement.evaluation
    _table(evaluation)
    missing = [name for name, one in evaluation.per_class.items() if not one.support]
    if missing:
        st.info(
            f"There is no photo of {listing(plain(name) for name in missing)} among these: what "
            "is found of it cannot be told. “–” stands for what has no number.",
            icon=":material/info:",
        )
    _curves(judged)


def _table(evaluation: Evaluation) -> None:
    st.subheader("Class by class", anchor=False)
    scores = evaluation.per_class
    st.dataframe(
        pd.DataFrame(
            {
                "Class": list(scores),
                **{
                    title: column
                    for name in ("precision", "recall", "f1")
                    for title, column in _columns(evaluation, name).items()
                },
                "Photos": [one.support for one in scores.values()],
            }
        ),
        column_config={
            "Class": st.column_config.TextColumn(pinned=True),
            "Precision": _share(meaning("precision")),
            "Recall": _share(meaning("recall")),
            "F1": _share(meaning("F1")),
            **{
                f"{name}, 95 %": st.column_config.TextColumn(
                    help="95 % interval: few photos make it wide.", width="small"
                )
                for name in ("Precision", "Recall", "F1")
            },
            "Photos": st.column_config.NumberColumn(help="Photos of this class."),
        },
        hide_index=True,
        alt="Precision, recall, F1 with their 95 % intervals and number of photos of each class",
    )
    name = plain(evaluation.classes[0])
    st.caption(
        f"**Precision**: of all it called {name}, the share that is. **Recall**: of all {name}, "
        "the share that it found. **F1** is high only when both are."
    )


def _columns(evaluation: Evaluation, name: str) -> dict[str, list[Any]]:
    title = "F1" if name == "f1" else name.capitalize()
    intervals: list[Interval | None] = [
        getattr(one, f"{name}_interval") for one in evaluation.per_class.values()
    ]
    values = [getattr(one, name) for one in evaluation.per_class.values()]
    return {
        title: [
            None if interval is None else 100 * value
            for value, interval in zip(values, intervals, strict=True)
        ],
        f"{title}, 95 %": [
            "–" if one is None else f"{100 * one[0]:.0f} to {100 * one[1]:.0f}" for one in intervals
        ],
    }


def _share(help: str) -> Any:
    return st.column_config.ProgressColumn(
        help=help, min_value=0, max_value=100, format="%.0f %%", width="small"
    )


def _curves(judged: Judged) -> None:
    st.subheader("One class against the rest", anchor=False)
    rankings = _rankings(judged)
    if not rankings:
        st.info(
            "A curve needs photos of a class and of others. Here all photos are of one class.",
            icon=":material/info:",
        )
        return
    chosen = st.selectbox("Class", list(rankings), key="ranked_class", persist_state="page")
    found = rankings[chosen]
    st.markdown(
        f"Taken by its probability of **{plain(chosen)}** alone: a photo of it gets more than "
        f"another photo **{percent(found.roc.area)}** of the time "
        f"({_between(found.roc.interval)}). Average precision "
        f"**{percent(found.precision_recall.area)}** "
        f"({_between(found.precision_recall.interval)}), where guessing gets "
        f"{percent(found.positives / (found.positives + found.negatives), 0)}."
    )
    columns = st.columns(2, gap="large")
    for column, (kind, title) in zip(columns, _CURVES.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            area = found.roc.area if kind == "roc" else found.precision_recall.area
            st.plotly_chart(
                ranking_chart(rankings, chosen, kind),
                key=f"ranking_{kind}",
                config=figures.CONFIG,
                alt=f"{title} of {chosen} against the rest, area {area:.3f}; other classes in grey",
            )
    left_out = len(judged.judgement.classes) - len(rankings)
    if left_out:
        st.caption(f"{many(left_out, 'class', 'classes')} without a curve: no photo of it here.")
    with st.expander("The areas of all classes", icon=":material/table:"):
        _areas(rankings)


def _rankings(judged: Judged) -> dict[str, Ranking]:
    found = {name: judged.judgement.ranking(name) for name in judged.judgement.classes}
    return {name: one for name, one in found.items() if one is not None}


def _areas(rankings: dict[str, Ranking]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Class": list(rankings),
                "ROC area": [one.roc.area for one in rankings.values()],
                "ROC area, 95 %": [_between(one.roc.interval) for one in rankings.values()],
                "Average precision": [one.precision_recall.area for one in rankings.values()],
                "Average precision, 95 %": [
                    _between(one.precision_recall.interval) for one in rankings.values()
                ],
            }
        ),
        column_config={
            "Class": st.column_config.TextColumn(pinned=True),
            "ROC area": st.column_config.NumberColumn(format="%.3f"),
            "Average precision": st.column_config.NumberColumn(format="%.3f"),
        },
        hide_index=True,
        alt="Area below the ROC curve and average precision of each class with 95 % intervals",
    )


def _between(interval: Interval) -> str:
    return f"{percent(interval[0])} to {percent(interval[1])}"
