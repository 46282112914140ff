"""Choices that several pages share and that the address carries: which photos, which run.

Streamlit's own ``bind="query-params"`` carries a widget's label, so that an address could not name
a run by its id, and it forgets a shared choice on the way from one page to the next unless it was
made by hand there. Hence these few lines: as a page is opened the address decides, then what was
chosen before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from flowercore.data.catalog import Entry
from flowercore.data.names import shown
from flowercore.errors import StorageError
from flowercore.runs.store import Run
from ui.address import is_news, overrule
from ui.loaders import accuracy_of
from ui.visitor import visitor
from ui.words import STATES, name_of, percent, plain

DATA = "data"
RUN = "run"
ON = "on"
"""By which photos a run is judged: a dataset's name, or empty for its own test photos."""

_GONE = "it may have been deleted, or the address was cut off. You see another one instead."
_GONE_WORDS: dict[str, Callable[[str], str]] = {
    DATA: lambda name: f"There is no dataset “{name}” here: {_GONE}",
    RUN: lambda name: f"There is no run “{name}” here: {_GONE}",
    ON: lambda name: (
        f"This run was not judged on “{name}”, or that was removed. Judge it anew below, or look "
        "at other photos."
    ),
}


def remember(topic: str, value: str) -> None:
    """Choose on the visitor's behalf; the pages and the address follow."""
    # What a browser says at this moment, it says before it has heard of the choice: nothing is
    # heard any more of the old box and the old address.
    st.session_state[_boxes(topic)] = st.session_state.get(_boxes(topic), 0) + 1
    overrule(topic)
    _keep(topic, value)


def forget(topic: str) -> None:
    """Choose nothing any more, as what was chosen is gone; the pages show what they usually do."""
    st.session_state[_boxes(topic)] = st.session_state.get(_boxes(topic), 0) + 1
    overrule(topic)
    for key in (_memory(topic), _lost(topic)):
        st.session_state.pop(key, None)
    if topic in st.query_params:
        del st.query_params[topic]


def _keep(topic: str, value: str) -> None:
    st.session_state.pop(_lost(topic), None)
    st.session_state[_memory(topic)] = value
    if value:
        st.query_params[topic] = value
    else:  # an address says the usual without a word
        st.query_params.pop(topic, None)


def choose_dataset(entries: Sequence[Entry], label: str = "Photos") -> Entry:
    """Let the visitor choose a dataset.

    Args:
        entries: What there is, at least one.
        label: What the box is called.
    """
    by_name = {entry.name: entry for entry in entries}
    name = _choose(DATA, label, list(by_name), default=0, show=lambda name: name)
    return by_name[name]


def choose_run(runs: Sequence[Run], label: str = "Run", default: int = 0) -> Run:
    """Let the visitor choose a run.

    Args:
        runs: What there is, the newest first, at least one.
        label: What the box is called.
        default: Which one while nothing was chosen.
    """
    by_id = {run.id: run for run in runs}
    labels = run_labels(runs, st.context.timezone)
    run_id = _choose(RUN, label, list(by_id), default=default, show=lambda id: labels[id])
    return by_id[run_id]


def choose_photos(names: Sequence[str], show: Callable[[str], str]) -> str:
    """Let the visitor choose by which photos a run is judged.

    Args:
        names: Datasets, and the empty name for the run's own test photos; at least one.
        show: Returns what an option is called.
    """
    return _choose(ON, "Judged on", list(names), default=0, show=show)


def newest_of_visitor(runs: Sequence[Run]) -> int:
    """Return the position of the visitor's newest run, or 0."""
    me = visitor()
    return next((place for place, run in enumerate(runs) if run.visitor == me), 0)


def newest_finished(runs: Sequence[Run]) -> int:
    """Return the position of the newest run that finished, or 0."""
    return next((place for place, run in enumerate(runs) if run.status == "finished"), 0)


def run_labels(runs: Sequence[Run], zone: str | None) -> dict[str, str]:
    """Return a line for each run, by its id, that no other run has.

    A browser says by its label what was chosen. Of runs that are called alike, such as those of two
    visitors in one minute, the later ones are numbered.

    Args:
        runs: The newest first.
        zone: The visitor's time zone.
    """
    labels: dict[str, str] = {}
    alike: dict[str, int] = {}
    for run in reversed(runs):
        name = name_of(run, zone)
        alike[name] = alike.get(name, 0) + 1
        number = f" ({alike[name]})" if alike[name] > 1 else ""
        labels[run.id] = f"{name}{number} · {_outcome(run)}"
    return labels


def run_label(run: Run, zone: str | None) -> str:
    """Return one line that tells a run from others: data, time, and how it did."""
    return f"{name_of(run, zone)} · {_outcome(run)}"


def _outcome(run: Run) -> str:
    if run.status != "finished":
        return STATES[run.status]
    try:
        accuracy = accuracy_of(run.id)
    except StorageError:
        return STATES["damaged"]
    return "finished, no test" if accuracy is None else f"{percent(accuracy)} right"


def _choose(
    topic: str, label: str, options: list[str], *, default: int, show: Callable[[str], str]
) -> str:
    memory, box = _memory(topic), st.session_state.get(_boxes(topic), 0)
    widget = f"choose_{topic}_{box}" if box else f"choose_{topic}"
    address, before = st.query_params.get(topic), st.session_state.get(memory)
    if is_news(topic):
        lost = address
    elif address == before:  # it may be gone since
        lost = before
    else:
        lost = st.session_state.get(_lost(topic))
    if lost in options:
        before, lost = lost, None
    chosen = before if before in options else options[default]
    if lost is not None:
        st.session_state[_lost(topic)] = lost
        st.warning(_GONE_WORDS[topic](plain(shown(lost))), icon=":material/link_off:")
    st.session_state[widget] = chosen

    def follow() -> None:
        # A browser that has not heard yet that the box or a label changed sends the old one, and
        # the old box's callback runs: no choice.
        current = box == st.session_state.get(_boxes(topic), 0)
        if current and st.session_state[widget] in options:
            _keep(topic, st.session_state[widget])

    st.selectbox(label, options, key=widget, format_func=show, on_change=follow)
    if lost is None:
        # A bad address stays until something is chosen, and so does the warning about it.
        _keep(topic, chosen)
    return chosen


def _memory(topic: str) -> str:
    return f"chosen_{topic}"


def _lost(topic: str) -> str:
    return f"lost_{topic}"


def _boxes(topic: str) -> str:
    return f"boxes_{topic}"
