"""A task of the visitor's as it goes on in a worker: how far it is, and a way to stop it."""

from __future__ import annotations

import streamlit as st

from flowercore.data import downloading
from flowercore.jobs import queue, tasks
from flowercore.jobs.tasks import Task
from ui.guard import in_words
from ui.visitor import visitor
from ui.words import percent, plain, size

_SECONDS = 1.0
_FOLLOWED = "followed_task"


def newest(kind: str) -> Task | None:
    """Return this visitor's newest task of a kind, unless its end was read; or None."""
    task = tasks.newest(visitor(), kind)
    return None if task is None or task.seen else task


def follow(task: Task, title: str) -> None:
    """Show how far an active task is until it ends; then the whole page is drawn anew.

    Args:
        task: The task.
        title: What it does, as Markdown.
    """
    st.session_state[_FOLLOWED] = task.id
    st.fragment(_follow, run_every=_SECONDS)(task.id, title)


def going_on(task: Task | None, title: str, failed: str) -> bool:
    """Show an active task, or why one did not work; tell whether it is active.

    Args:
        task: The visitor's newest task of a kind, if there is one.
        title: What it does, as Markdown.
        failed: What did not work if it has failed, in a few words.
    """
    if task is not None and task.active:
        follow(task, title)
        return True
    if task is not None and task.state != "finished":
        failure(task, failed)
    return False


def was_followed(task: Task) -> bool:
    """Tell, once, whether this browser has just seen a task go on that has ended now."""
    if st.session_state.get(_FOLLOWED) != task.id:
        return False
    del st.session_state[_FOLLOWED]
    return True


def failure(task: Task, title: str) -> None:
    """Say why a task failed or that it was stopped, until the visitor has read it.

    Args:
        task: A task that has ended without a result.
        title: What did not work, in a few words.
    """
    reason = plain(task.reason or "The worker ended without a word.")
    if task.state == "stopped":
        st.info(reason, title="Stopped", icon=":material/stop_circle:")
    else:
        st.error(reason, title=title, icon=":material/error:")
    read_button(task, "All right")


def read_button(task: Task, words: str) -> None:
    """Let the visitor say that an ended task needs to be shown no longer."""
    st.button(
        words,
        key=f"read_{task.id}",
        icon=":material/check:",
        type="tertiary",
        on_click=_read,
        args=(task.id,),
    )


def start(kind: str, arguments: dict[str, object]) -> None:
    """Start a task, or say why that is not possible."""
    with in_words():
        queue.submit_task(kind, arguments, visitor())


def _follow(task_id: str, title: str) -> None:
    with in_words():
        task = tasks.look(task_id)
        if not task.active:
            st.rerun()
        with st.container(border=True):
            st.markdown(f"{title} :gray[in the background: leave or reload the page as you like]")
            st.progress(task.share, text=_words(task))
            if tasks.cancel_requested(task.id):
                st.caption("Stopping …")
            else:
                st.button(
                    "Stop",
                    icon=":material/stop:",
                    key=f"stop_{task.id}",
                    on_click=_stop,
                    args=(task.id,),
                )


def _words(task: Task) -> str:
    if task.state == "waiting":
        return "Begins when a worker is free …"
    step = plain(task.step or "Getting ready")
    if task.step == downloading.FETCHING and task.done:
        whole = f" of {size(task.total)}" if task.total else ""
        return f"{step}: {size(task.done)}{whole}"
    return f"{step}: {percent(task.share, 0)}" if task.total > 1 else f"{step} …"


def _stop(task_id: str) -> None:
    with in_words():
        queue.cancel_task(task_id)


def _read(task_id: str) -> None:
    with in_words():
        tasks.mark_seen(task_id)
