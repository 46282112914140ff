"""Many photos at once: judged with a progress bar, shown as a table, taken home as CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pandas as pd
import streamlit as st

from flowercore import memory
from flowercore.data.class_folders import Skipped
from flowercore.data.names import shown, spreadsheet_cell
from flowercore.prediction import batch
from flowercore.prediction.batch import MOST, Judged, Photo
from flowercore.prediction.predictor import Prediction, PredictionFailure
from ui import answers, loaders
from ui.threshold import threshold
from ui.words import listing, many, plain

_ROW_HEIGHT = 64


@dataclass(frozen=True, eq=False)
class Batch:
    """What a model said of many photos.

    Attributes:
        judged: Of each photo.
        run: Label of the run that answered.
        left: How many photos were not looked at, as there were too many.
    """

    judged: list[Judged]
    run: str
    left: int = 0


def ask_many(
    run_id: str,
    label: str,
    photos: Sequence[Photo],
    skipped: Sequence[Skipped] = (),
    left: int = 0,
) -> None:
    """Let a run judge many photos; the answers stay until the visitor asks again or clears them.

    Args:
        run_id: Which run.
        label: How the run is called.
        photos: No more than `MOST` of them are looked at.
        skipped: Files that are no photos, to be named among the failures.
        left: How many more there were.

    Raises:
        NotFoundError: If the run has no trained head.
        StorageError: If its files are damaged or the backbone is not prepared.
    """
    predictor = loaders.predictor(run_id)
    total = min(len(photos), MOST)
    bar = st.progress(0.0, text=f"Looking at {many(total, 'photo')} …")

    def show(done: int) -> None:
        bar.progress(done / total, text=f"{done:,} of {many(total, 'photo')}")

    judged = batch.judge(predictor, islice(photos, MOST), show)
    bar.empty()
    memory.give_back()
    failures = [Judged(PredictionFailure(one.name, one.reason), None) for one in skipped]
    answers.clear()
    st.session_state[answers.BATCH] = Batch(judged + failures, label, left + len(photos) - total)


def clear() -> None:
    """Forget the table."""
    st.session_state.pop(answers.BATCH, None)


def answered() -> Batch | None:
    """Return the many photos that were answered last, if they were many."""
    return st.session_state.get(answers.BATCH)


def show_batch(given: Batch) -> None:
    """Show many answers as a table.

    Args:
        given: What was said.
    """
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(f"Answered by {plain(given.run)}")
        st.button("Clear", icon=":material/close:", type="tertiary", on_click=clear)
    if given.left:
        st.warning(
            f"At most {MOST:,} photos are judged at once. Not looked at: "
            f"{many(given.left, 'more file')}. Ask about the rest in a second round.",
            icon=":material/rule:",
        )
    failed = [one.outcome for one in given.judged if isinstance(one.outcome, PredictionFailure)]
    good = [one.outcome for one in given.judged if isinstance(one.outcome, Prediction)]
    st.markdown(_summary(good, len(failed)))
    if good:
        _table(given.judged)
    elif failed:
        st.caption("There is no photo in it.")
    if failed:
        _failures(failed)
    st.download_button(
        "Download all as CSV",
        batch.csv(given.judged, threshold()),
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _table(judged: Sequence[Judged]) -> None:
    table = batch.table(judged, threshold())
    columns = {
        "picture": st.column_config.ImageColumn("Photo", width="small"),
        "file": st.column_config.TextColumn("File"),
        "verdict": st.column_config.TextColumn("Verdict"),
        "class": st.column_config.TextColumn("Most probable"),
        "probability": st.column_config.ProgressColumn(
            "Probability", min_value=0.0, max_value=1.0, format="percent"
        ),
        "novel": st.column_config.CheckboxColumn(
            "Something else", help="The photo is like none that the model has learned from."
        ),
    }
    if table["novel"].isna().all():  # nobody knows
        table = table.drop(columns="novel")
    st.dataframe(
        table,
        column_config=columns,
        hide_index=True,
        row_height=_ROW_HEIGHT,
        key="answers_table",
        alt=f"What was said of {many(len(table), 'photo')}",
    )


def _failures(failed: Sequence[PredictionFailure]) -> None:
    with st.expander(
        f"{many(len(failed), 'file')} could not be judged", icon=":material/error:", expanded=True
    ):
        st.dataframe(
            pd.DataFrame(
                {
                    # A browser offers the table as CSV, too.
                    "File": [spreadsheet_cell(shown(one.photo)) for one in failed],
                    "Why": [spreadsheet_cell(one.error) for one in failed],
                }
            ),
            hide_index=True,
            key="answers_failed",
            alt="Files that could not be judged, and why",
        )


def _summary(good: Sequence[Prediction], failed: int) -> str:
    """Say in a sentence what was seen, as Markdown."""
    known = Counter(one.label for one in good if not one.novel)
    parts = [f"**{count:,}** {plain(name)}" for name, count in known.most_common()]
    strange = sum(bool(one.novel) for one in good)
    if strange:
        parts.append(f"**{strange:,}** like none of the classes")
    if failed:
        parts.append(f"**{failed:,}** not judged")
    if not parts:
        return "There is no photo in it."
    return f"{many(len(good) + failed, 'file')}: {listing(parts)}."
