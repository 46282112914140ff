"""One training as it goes on, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from flowercore import curves
from flowercore.errors import NotFoundError
from flowercore.jobs import queue
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig
from ui import choices, form_fields, loaders, run_words
from ui.experiment_view import experiment_view, history
from ui.guard import in_words
from ui.pages import EVALUATE, PREDICT
from ui.progress_words import sentence, share, waiting
from ui.run_states import ANCHOR, BADGES
from ui.take_home import take_home
from ui.visitor import visitor
from ui.words import data_of, duration, many, percent, plain

_SECONDS = 1.0


def training_view(run: Run, group: Sequence[Run]) -> None:
    """Show a run with those of its experiment; while one is active, they are looked at anew.

    Args:
        run: The run.
        group: All runs of its experiment, itself included.
    """
    # Its files are found once a page run: each second only these few are read again.
    active = tuple(one.id for one in group if one.active)
    st.fragment(_view, run_every=_SECONDS if active else None)(
        run.id, tuple(one.id for one in group), active
    )


def _view(run_id: str, group_ids: tuple[str, ...], were_active: tuple[str, ...]) -> None:
    with in_words():
        group = [one for id in group_ids if (one := _still_there(id)) is not None]
        run = store.get(run_id)
        if tuple(one.id for one in group if one.active) != were_active:
            # Once: the page's other parts show runs too, and the clock may stop.
            st.rerun()
        if len(group) > 1:
            experiment_view(run, group)
        _details(run, anchor=None if len(group) > 1 else ANCHOR)


def _still_there(run_id: str) -> Run | None:
    try:
        return store.get(run_id)
    except NotFoundError:  # deleted meanwhile: the others are shown without it
        return None


def _details(run: Run, anchor: str | None) -> None:
    config = run_words.settings_of(run)
    badge = BADGES[run.status]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(run.given_name or data_of(run)), anchor=anchor or False, width="content")
        st.badge(badge.label, icon=badge.icon, color=badge.color)
    if run.config:
        st.caption(plain(run_words.summary(run, config)))
    if run.active:
        _progress(run, config)
    if run.reason:
        _reason(run)
    ended_well = run.status in ("finished", "stopped") and bool(run.seconds)
    if ended_well:
        _outcome(run)
        take_home(run)
    _curves(run, config)
    _left_out(run)
    if run.status in store.ENDED and config is not None:
        _again(run, config)


def _progress(run: Run, config: TrainConfig | None) -> None:
    progress = results.progress(run.id)
    if run.status == "waiting":
        st.progress(0.0, text=waiting(queue.ahead(run.id)))
    else:
        seen = history(run)
        # Not a number where a history was cut off: no time is told then.
        last = float(seen["seconds"].iloc[-1]) if len(seen) else 0.0
        phases = config is not None and bool(config.fine_tune_from) and not config.from_scratch
        text = sentence(progress, last if last > 0 else None, phases=phases)
        st.progress(share(progress), text=text)
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


def _curves(run: Run, config: TrainConfig | None) -> None:
    if run.status in ("waiting", "damaged"):
        return
    table = history(run)
    if table.empty:
        return
    last = table.iloc[-1]
    began = curves.boundary(table)
    tuning = "" if began is None else f", fine-tuned after epoch {began}"
    st.plotly_chart(
        _figure(table, config.epochs_in_all if config and run.active else None),
        key=f"curves_{run.id}",
        config={"displayModeBar": False},
        alt=f"Accuracy and loss over {many(len(table), 'epoch')}{tuning}: at the end "
        f"{percent(last['accuracy'])} and {last['loss']:.3f} on the training photos",
    )


# Drawing takes twenty times as long as finding out that nothing is new.
@st.cache_resource(ttl="1h", max_entries=60, show_spinner=False)
def _figure(table: pd.DataFrame, epochs: int | None) -> go.Figure:
    return curves.learning_curves(table, epochs)


def _outcome(run: Run) -> None:
    evaluation = loaders.evaluation(run.id)
    with st.grid(3, min_column_width=150):
        if evaluation is None:
            _tile("Test accuracy", "no test", "no photos kept aside")
        else:
            low, high = evaluation.accuracy_interval
            _tile(
                "Test accuracy",
                percent(evaluation.accuracy),
                f"{percent(low, 0)} to {percent(high, 0)}",
                f"On {many(evaluation.count, 'photo')} that the model has never learned from. "
                "Below: where it would lie on very many photos like these, 19 times of 20.",
            )
        _tile(
            "Took",
            duration(run.seconds["total"]),
            f"from {many(run.counts.get('train', 0), 'photo')}",
            f"Photos through the backbone: {duration(run.seconds['features'])}. "
            f"All epochs: {duration(run.seconds['training'])}.",
        )
        if "trainable" in run.model:
            frozen = int(run.model.get("frozen", 0))
            _tile(
                "Weights trained",
                run_words.weights(int(run.model["trainable"])),
                f"{run_words.weights(frozen)} frozen",
                "Numbers that the training could change, and those of the backbone that stayed.",
            )
    with st.container(horizontal=True):
        st.page_link(EVALUATE.file, label="See where it is right and wrong", icon=EVALUATE.icon)
        st.page_link(PREDICT.file, label="Ask it about a photo", icon=PREDICT.icon)


def _tile(label: str, value: str, below: str, help: str | None = None) -> None:
    st.metric(label, value, below, delta_color="off", delta_arrow="off", border=True, help=help)


def _left_out(run: Run) -> None:
    for note in run.notes:
        st.caption(plain(note))
    if run.config.get("tensorboard") and run.seconds:
        st.caption("Its logs for TensorBoard lie in the run's folder under `tensorboard`.")
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


def _again(run: Run, config: TrainConfig) -> None:
    failed = run.status == "failed"
    with st.container(horizontal=True):
        again = st.button(
            "Start again" if failed else "Train again",
            key=f"again_{run.id}",
            icon=":material/replay:",
            type="primary" if failed else "tertiary",
        )
        st.button(
            "Use these settings",
            key=f"use_{run.id}",
            icon=":material/edit_note:",
            type="tertiary",
            help="Puts the settings of this run into the form.",
            on_click=_use,
            args=(config,),
        )
    if again:
        choices.remember(choices.RUN, queue.restart(run.id, visitor()).id)
        st.rerun()


def _use(config: TrainConfig) -> None:
    form_fields.fill(config)
    st.rerun()
