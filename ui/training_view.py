"""One training as it goes on, and what came of it."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from flowercore import figures
from flowercore.jobs import queue
from flowercore.runs import results, store
from flowercore.runs.store import Run
from ui import loaders
from ui.guard import in_words
from ui.pages import EVALUATE, PREDICT
from ui.words import data_of, duration, many, percent, plain

_SECONDS = 1.0

_Color = Literal["gray", "blue", "green", "orange", "red"]

_BADGES: dict[str, tuple[str, str, _Color]] = {
    "waiting": ("Waiting", ":material/hourglass_top:", "gray"),
    "features": ("Looking at the photos", ":material/visibility:", "blue"),
    "training": ("Training", ":material/model_training:", "blue"),
    "finished": ("Finished", ":material/check_circle:", "green"),
    "stopped": ("Stopped", ":material/stop_circle:", "orange"),
    "failed": ("Failed", ":material/error:", "red"),
    "damaged": ("Damaged", ":material/broken_image:", "red"),
}


def training_view(run: Run) -> None:
    """Show a run; one that is active is looked at again every second."""
    st.fragment(_view, run_every=_SECONDS if run.active else None)(run.id, run.active)


def _view(run_id: str, was_active: bool) -> None:
    with in_words():
        run = store.get(run_id)
        if was_active and not run.active:
            # Once: the page's other parts show runs too, and the clock stops.
            st.rerun()
        label, icon, color = _BADGES[run.status]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(label, icon=icon, color=color)
            st.caption(_summary(run))
        if run.active:
            _progress(run)
        if run.reason:
            _reason(run)
        if run.status in ("finished", "stopped") and run.seconds:
            _outcome(run)
        _curves(run)
        _left_out(run)


def _summary(run: Run) -> str:
    if not run.config:
        return ""
    return (
        f"{plain(data_of(run))} · {many(run.config['epochs'], 'epoch')} · "
        f"batch {run.config['batch_size']} · rate {run.config['learning_rate']:g} · "
        f"seed {run.config['seed']}"
    )


def _progress(run: Run) -> None:
    done = results.progress(run.id)
    if run.status == "waiting":
        ahead = queue.ahead(run.id)
        text = f"{many(ahead, 'training')} ahead of this one" if ahead else "Next in line"
        st.progress(0.0, text=text)
    elif run.status == "training" and done.get("epochs"):
        text = f"Epoch {done['epoch']:,} of {done['epochs']:,}"
        st.progress(min(1.0, done["epoch"] / done["epochs"]), text=text)
    elif done.get("total"):
        text = f"Photo {done['done']:,} of {done['total']:,} through the backbone"
        st.progress(min(1.0, done["done"] / done["total"]), text=text)
    else:
        st.progress(0.0, text="Getting ready")
    if store.cancel_requested(run.id):
        st.caption("Stopping …")
    else:
        st.button(
            "Stop",
            icon=":material/stop:",
            key=f"stop_{run.id}",
            on_click=_stop,
            args=(run.id,),
        )


def _stop(run_id: str) -> None:
    with in_words():
        queue.cancel(run_id)


def _reason(run: Run) -> None:
    reason = plain(run.reason or "")
    if run.status == "stopped":
        st.info(reason, icon=":material/stop_circle:")
    else:
        st.error(reason, title="This run did not work out", icon=":material/error:")


def _curves(run: Run) -> None:
    if run.status in ("waiting", "damaged"):
        return
    history = results.history(run.id)
    if history.empty:
        return
    last = history.iloc[-1]
    st.plotly_chart(
        figures.learning_curves(history, run.config["epochs"]),
        key=f"curves_{run.id}",
        config={"displayModeBar": False},
        alt=f"Accuracy and loss over {many(len(history), 'epoch')}: at the end "
        f"{percent(last['accuracy'])} and {last['loss']:.3f} on the training photos",
    )


def _outcome(run: Run) -> None:
    evaluation = loaders.evaluation(run.id)
    with st.grid(3, min_column_width=150):
        st.metric(
            "Test accuracy",
            "no test" if evaluation is None else percent(evaluation.accuracy),
            border=True,
            help="On photos that the model has never learned from.",
        )
        st.metric("Photos learned from", f"{run.counts.get('train', 0):,}", border=True)
        st.metric(
            "Took",
            duration(run.seconds["total"]),
            border=True,
            help=f"Photos through the backbone: {duration(run.seconds['features'])}. "
            f"All epochs: {duration(run.seconds['training'])}.",
        )
    with st.container(horizontal=True):
        st.page_link(EVALUATE.file, label="See where it is right and wrong", icon=EVALUATE.icon)
        st.page_link(PREDICT.file, label="Ask it about a photo", icon=PREDICT.icon)


def _left_out(run: Run) -> None:
    for note in run.notes:
        st.caption(plain(note))
    if run.skipped:
        with st.expander(f"{many(len(run.skipped), 'photo')} left out", icon=":material/rule:"):
            st.dataframe(
                {
                    "Photo": [one["name"] for one in run.skipped],
                    "Why": [one["reason"] for one in run.skipped],
                },
                hide_index=True,
                alt="Photos that were left out, and why",
            )
