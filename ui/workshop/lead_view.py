"""What the leader decides for the room: photos, locks, names, and a fresh start."""

from __future__ import annotations

import streamlit as st

from flowercore.backbones import registry, weights
from flowercore.data import catalog, keeping
from flowercore.data.catalog import Entry
from flowercore.errors import FlowercoreError
from flowercore.jobs import queue
from flowercore.settings import settings
from flowercore.workshop import leaders, names, room
from flowercore.workshop.locks import Locks
from ui.datasets import my_entries
from ui.guard import show_error
from ui.task_progress import follow, newest
from ui.visitor import visitor
from ui.words import many, plain
from ui.workshop.clear_dialog import offer_clear

_KIND = "preload"
_NONE = ""
_PHOTOS, _ERROR = "preload_name", "lead_error"
_BACKBONES, _TUNING, _EPOCHS, _OWN = "lock_backbones", "lock_tuning", "lock_epochs", "lock_own"


def lead() -> None:
    """Offer all that the leader decides."""
    error = st.session_state.pop(_ERROR, None)
    if error is not None:
        show_error(error)
    photos, locks = st.columns(2, gap="large")
    with photos:
        _photos()
        _names()
    with locks:
        _locks()
        with st.container(border=True):
            st.subheader("A fresh start", anchor=False)
            offer_clear()


def _photos() -> None:
    now = room.read()
    entries = {entry.name: entry for entry in my_entries()}
    with st.container(border=True):
        st.subheader("Photos for the room", anchor=False)
        st.markdown(
            "Everybody starts with these. The network looks at each of them now, once for all: "
            "then the first thirty trainings take a second each."
        )
        if _PHOTOS not in st.session_state:
            st.session_state[_PHOTOS] = now.preloaded if now.preloaded in entries else _NONE
        name = st.selectbox(
            "Everybody starts with",
            [_NONE, *entries],
            key=_PHOTOS,
            format_func=lambda one: _called(entries.get(one)),
        )
        chosen = entries.get(name)
        if chosen is not None and chosen.owner:
            st.caption(
                ":material/public: These are your own. Once chosen, all in the room see them, and "
                "nobody changes them from a browser any more."
            )
        task = newest(_KIND)
        if task is not None and task.active:
            follow(task, f"**Getting “{plain(str(task.arguments.get('data')))}” ready**")
        else:
            st.button(
                "Start everybody with these",
                type="primary",
                icon=":material/playlist_add_check:",
                on_click=_preload,
                args=(name,),
                disabled=name == now.preloaded and task is not None and task.state == "finished",
            )
            if task is not None:
                _told(task.state, task.reason, task.arguments, task.result)


def _told(
    state: str, reason: str | None, arguments: dict[str, object], result: dict[str, object]
) -> None:
    name = plain(str(arguments.get("data")))
    if state == "finished":
        photos = many(int(str(result.get("photos", 0))), "photo")
        st.caption(f":material/check: “{name}” is ready: the network has seen its {photos}.")
    else:
        st.warning(
            plain(reason or "The worker ended without a word."),
            title=f"“{name}” is not ready",
            icon=":material/error:",
        )


def _called(entry: Entry | None) -> str:
    if entry is None:
        return "No choice: the first in the list"
    return f"{entry.name} ({many(sum(entry.classes.values()), 'photo')})"


def _preload(name: str) -> None:
    try:
        if name:
            entry = next((one for one in my_entries() if one.name == name), None)
            if entry is not None and entry.owner and catalog.may_change(entry, visitor()):
                keeping.share(name)
            backbones = [
                one
                for one in room.read().locks.backbones
                if weights.missing(registry.get(one)) is None
            ]
            queue.submit_task(_KIND, {"data": name, "backbones": backbones}, visitor())
        room.preload(name)
    except FlowercoreError as error:
        st.session_state[_ERROR] = error


def _locks() -> None:
    locks = room.read().locks
    titles = {one.name: one.title for one in registry.backbones()}
    usual = {
        _BACKBONES: [one for one in locks.backbones if one in titles],
        _TUNING: locks.fine_tuning,
        _EPOCHS: locks.epochs_max,
        _OWN: locks.own_photos,
    }
    for key, value in usual.items():
        if key not in st.session_state:
            st.session_state[key] = value
    with st.container(border=True):
        st.subheader("What the room may do", anchor=False)
        st.markdown("Holds from the next training on, for everybody but you.")
        st.multiselect(
            "Networks",
            list(titles),
            key=_BACKBONES,
            format_func=titles.__getitem__,
            placeholder="all",
            help="None chosen: all of them.",
        )
        st.number_input(
            "Most epochs of a training",
            min_value=0,
            max_value=settings().limits.epochs_max,
            key=_EPOCHS,
            help="Head and fine-tuning together. 0: as many as everywhere.",
        )
        st.toggle("Fine-tuning", key=_TUNING, help="Minutes a training instead of seconds.")
        st.toggle("Bring own photos", key=_OWN, help="A zip, the camera, the internet, copies.")
        st.button("Save", type="primary", icon=":material/lock:", key="save_locks", on_click=_lock)
        wanted = _wanted()
        if wanted != locks:
            st.caption(":orange[:material/edit: Not saved yet.]")
        elif locks.any:
            st.caption(":material/lock: In force.")
        else:
            st.caption(":material/lock_open: Nothing is locked.")


def _wanted() -> Locks:
    state = st.session_state
    return Locks(
        backbones=tuple(state[_BACKBONES]),
        fine_tuning=bool(state[_TUNING]),
        epochs_max=int(state[_EPOCHS]),
        own_photos=bool(state[_OWN]),
    )


def _lock() -> None:
    try:
        room.lock(_wanted())
    except FlowercoreError as error:
        st.session_state[_ERROR] = error


def _names() -> None:
    now = room.read()
    chosen = {who: nick for who, nick in now.members.items() if nick}
    with st.container(border=True):
        st.subheader("Names", anchor=False)
        people = many(len(now.members), "person", "people")
        st.markdown(f"{people} came in so far, {len(chosen)} under a nickname of their own.")
        called = names.invented_for(now.members)
        for who, nick in chosen.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(nick), width="stretch")
                st.button(
                    "Take the nickname away",
                    key=f"unname_{called[who]}",
                    icon=":material/person_off:",
                    help=f"Then it is {called[who]} again.",
                    on_click=_unname,
                    args=(who,),
                )


def _unname(who: str) -> None:
    try:
        if leaders.is_leader(visitor()):
            room.call(who, "")
    except FlowercoreError as error:
        st.session_state[_ERROR] = error
