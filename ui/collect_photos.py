"""Collecting photos one by one, class by class: with the camera, or from files."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from flowercore.data import drafts
from flowercore.errors import FlowercoreError
from flowercore.settings import MEGABYTE, settings
from ui.draft_view import draft_view
from ui.guard import in_words
from ui.uploads import drop, fresh_key, renew
from ui.visitor import visitor
from ui.words import many, plain

_CAMERA, _FILES = "Camera", "Files"
_TYPES = ["jpg", "jpeg", "png", "webp", "heic", "heif"]
_PROBLEMS_SHOWN = 5


def collect(target: str = "", classes: Sequence[str] = (), *, first: str = _CAMERA) -> None:
    """Let the visitor add photos to a draft, and show what is in it.

    Args:
        target: The dataset that the photos are for; empty for a new one.
        classes: The classes that it has.
        first: Whether the camera or files are offered first.
    """
    with in_words():
        draft = drafts.look(visitor(), target)
        known = list(dict.fromkeys([*classes, *draft.counts()]))
        taking, collected = st.columns([2, 3], gap="large")
        with taking:
            label = _choose_class(target, known)
            ways = [first, _FILES if first == _CAMERA else _CAMERA]
            # Labels differ from those of the other draft, which may be on the same page.
            with_what = "Add them with" if target else "With"
            way = st.radio(with_what, ways, horizontal=True, key=f"way_{target}")
            if way == _CAMERA:
                _camera(target, label)
            else:
                _files(target, label)
            _problems(target)
        with collected:
            draft_view(draft, target)


def _choose_class(target: str, known: list[str]) -> str:
    key = f"class_of_{target}"
    # What was typed stays a choice also while no photo of it is there.
    typed = st.session_state.get(key)
    label = st.selectbox(
        "Class to add to" if target else "Class of the next photos",
        known if typed is None or typed in known else [*known, typed],
        index=None,
        key=key,
        placeholder="Type a class, such as rose" if not known else "Choose or type a class",
        accept_new_options=True,
        help="What is in the pictures that you take next. Type a new name, or choose one again.",
    )
    return label or ""


def _camera(target: str, label: str) -> None:
    widget = _widget(target, _CAMERA)
    picture = st.camera_input(
        f"Take pictures of {plain(label)}" if label else "Name a class first, then take pictures",
        key=fresh_key(widget),
        disabled=not label,
    )
    st.caption(
        "Each picture is kept at once. The camera needs a page that comes by HTTPS or from this "
        "very machine. On a phone over plain HTTP choose *Files*: its picker opens the camera."
    )
    if picture is not None:
        _keep(target, label, [picture], widget)


def _files(target: str, label: str) -> None:
    widget = _widget(target, _FILES)
    files = st.file_uploader(
        f"Photos of {plain(label)}" if label else "Name a class first, then choose its photos",
        type=_TYPES,
        accept_multiple_files=True,
        key=fresh_key(widget),
        disabled=not label,
        max_upload_size=settings().limits.photo_bytes // MEGABYTE,
    )
    if files:
        _keep(target, label, files, widget)


def _keep(target: str, label: str, files: Sequence[UploadedFile], widget: str) -> None:
    problems = []
    for file in files:
        try:
            drafts.add(visitor(), target, label, file.getvalue(), name=file.name)
        except FlowercoreError as error:
            problems.append(str(error))
    st.session_state[_told(target)] = problems
    drop(files)
    renew(widget)
    st.rerun()


def _problems(target: str) -> None:
    """Say once which of the photos that were just given did not come in."""
    problems: list[str] = st.session_state.pop(_told(target), [])
    if not problems:
        return
    lines = [f"- {plain(problem)}" for problem in problems[:_PROBLEMS_SHOWN]]
    if len(problems) > _PROBLEMS_SHOWN:
        lines.append(f"- and {len(problems) - _PROBLEMS_SHOWN:,} more")
    st.warning(
        "\n".join(lines),
        title=f"{many(len(problems), 'photo')} left out",
        icon=":material/rule:",
    )


def _widget(target: str, way: str) -> str:
    return f"collect_{way}_{target}"


def _told(target: str) -> str:
    return f"collect_problems_{target}"
