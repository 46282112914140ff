"""Transfer learning: what is copied, frozen and new; what it costs here; what photos bring."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from flowercore import figures
from flowercore.backbones import registry
from flowercore.backbones.registry import Backbone
from flowercore.data.catalog import Entry
from flowercore.errors import StorageError
from flowercore.networks_chart import networks_chart
from flowercore.runs import store
from flowercore.teaching import timing
from flowercore.teaching.glossary import meaning
from flowercore.teaching.timing import Pace
from flowercore.training.config import TrainConfig
from ui import choices, task_progress
from ui.chapters.chapter import Chapter, TryIt
from ui.chapters.photos_needed import photos_needed
from ui.datasets import my_entries
from ui.empty import no_photos
from ui.guard import in_words, show_error
from ui.pages import TRAIN
from ui.words import duration, many, plain

_USUAL = TrainConfig(data="")
_FROZEN = ""
_FROM = "transfer_from"
_METRIC = 150  # least width, pixels


def _show() -> None:
    entries = my_entries()
    if not entries:
        no_photos()
        return
    backbone = registry.get(registry.DEFAULT)
    # Above both columns: on a phone the figure that the slider moves comes next.
    with st.grid(2, min_column_width=_METRIC):
        entry = choices.choose_dataset(entries)
        start = _choose(backbone)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _networks(backbone, start, max(2, len(entry.classes)))
    with right:
        with in_words():
            _cost(backbone, start, entry)
        with in_words():
            photos_needed(entry)


def _choose(backbone: Backbone) -> str:
    names = [_FROZEN, *(block.name for block in reversed(backbone.blocks))]
    if st.session_state.get(_FROM) not in names:
        st.session_state[_FROM] = _FROZEN
    return st.select_slider(
        "How much of it learns",
        names,
        format_func=lambda name: _named(backbone, name),
        key=_FROM,
        help=meaning("fine-tuning"),
        persist_state="session",
    )


def _named(backbone: Backbone, name: str) -> str:
    if name == _FROZEN:
        return "all frozen"
    return "everything" if name == backbone.blocks[0].name else f"from {name} on"


def _networks(backbone: Backbone, start: str, classes: int) -> None:
    names = [block.name for block in backbone.blocks]
    learning = len(names) - names.index(start) if start else 0
    st.plotly_chart(
        _figure(backbone.name, start, classes),
        key="transfer_networks",
        config=figures.CONFIG,
        alt=f"Two networks. The pretrained one: {many(len(names), 'block')} and 1,000 classes. The "
        f"new one: copies of the {len(names)} blocks, {len(names) - learning} of them frozen and "
        f"{learning} learning on, and a new head for {many(classes, 'class', 'classes')}",
    )
    own = " Its block “head” is the network's last convolution." if "head" in names else ""
    st.caption(
        "From the photo at the bottom to the classes on top. Blue: copied and frozen. Orange: "
        f"copied, and learns on. Green: the new head.{own}"
    )


# Drawing takes longer than finding out that nothing is new.
@st.cache_resource(ttl="1h", max_entries=40, show_spinner=False)
def _figure(backbone: str, start: str, classes: int) -> go.Figure:
    return networks_chart(registry.get(backbone), start, classes)


def _cost(backbone: Backbone, start: str, entry: Entry) -> None:
    head = (backbone.feature_dim + 1) * len(entry.classes)
    tail = backbone.block(start).trainable if start else 0
    photos = _learned(entry)
    runs, measured = _runs_here(backbone), _measured(backbone)
    pace = timing.pace(backbone, start, runs, measured)
    with st.grid(2, min_column_width=_METRIC):
        st.metric(
            "Weights that learn",
            f"{tail + head:,}",
            f"of {backbone.parameters + head:,}",
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=f"{head:,} of them in the new head. Those of BatchNorm layers stay as they were.",
        )
        st.metric(
            "An epoch takes about",
            "not measured" if pace is None else _time(pace.seconds * photos),
            "here yet" if pace is None else f"for {many(photos, 'photo')} here",
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=meaning("epoch"),
        )
    task = task_progress.newest(timing.KIND)
    if task_progress.going_on(
        task, "**Measuring this machine**", "This machine could not be measured"
    ):
        return
    if pace is None:
        _offer(backbone)
    else:
        st.caption(_told(backbone, start, pace, photos, runs, measured))
        if not pace.runs:
            # It may have been measured while the machine was busy with something else.
            _measure_button(backbone, "Measure again", quiet=True)


def _learned(entry: Entry) -> int:
    """Return how many of a dataset's photos a training with the usual split learns from."""
    rest = sum(entry.classes.values()) * (1 - _USUAL.test_split)
    return max(1, round(rest * (1 - _USUAL.validation_split)))


def _runs_here(backbone: Backbone) -> dict[str, Pace]:
    ended = tuple(run.id for run in store.runs() if run.status == "finished")
    return _paces(backbone.name, ended)


# A history is a file a run: read once, and again when another training has ended.
@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def _paces(backbone: str, runs: Sequence[str]) -> dict[str, Pace]:
    return timing.of_runs(registry.get(backbone), [store.get(one) for one in runs])


def _measured(backbone: Backbone) -> dict[str, float]:
    try:
        return timing.read(backbone)
    except StorageError as error:
        show_error(error)
        return {}


def _offer(backbone: Backbone) -> None:
    with st.container(border=True):
        st.markdown(
            "**Not measured here yet.** Nobody has trained from here on, on this machine. A worker "
            "can try a few steps from several blocks on: a minute or two, once."
        )
        _measure_button(backbone, "Measure it")


def _measure_button(backbone: Backbone, words: str, *, quiet: bool = False) -> None:
    st.button(
        words,
        key="measure_timing",
        type="tertiary" if quiet else "secondary",
        icon=":material/timer:",
        on_click=task_progress.start,
        args=(timing.KIND, {"backbone": backbone.name}),
    )


def _told(
    backbone: Backbone,
    start: str,
    pace: Pace,
    photos: int,
    runs: dict[str, Pace],
    measured: dict[str, float],
) -> str:
    head = timing.pace(backbone, timing.HEAD, runs, measured)
    if not start:
        words = f"{_USUAL.epochs} epochs take {_time(_USUAL.epochs * pace.seconds * photos)}"
        if timing.LOOK in measured:
            words += (
                ", after the frozen network has looked at the photos, once and for all: "
                f"{_time(measured[timing.LOOK] * photos)}"
            )
    else:
        whole = _USUAL.fine_tune_epochs * pace.seconds * photos
        words = f"{_USUAL.fine_tune_epochs} epochs take {_time(whole)}"
        if head is not None:
            words += f", after {_time(_USUAL.epochs * head.seconds * photos)} for the head alone"
    return plain(f"{words}. {_source(pace)}")


def _source(pace: Pace) -> str:
    if pace.runs:
        return f"From {many(pace.runs, 'training')} on this machine."
    if pace.between:
        return "Between two blocks that were measured on this machine."
    return "Measured on this machine, for a few steps."


def _time(seconds: float) -> str:
    return duration(seconds) if seconds >= 0.1 else f"{max(1, round(seconds * 1000))} ms"


TRANSFER = Chapter(
    short="Transfer learning",
    title="Copy what it knows, and learn the rest",
    lead="A network that has seen a million photos knows edges, petals and fur. Its last layer, "
    "which names ImageNet's classes, is replaced by a new one for yours. The copied blocks stay "
    "frozen, or learn on.",
    show=_show,
    try_it=TryIt(TRAIN, "Train it on your photos"),
)
