"""One test photo of a run, spoilt more and more, with what the run says of it each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import streamlit as st

from flowercore.data.corruptions import KINDS
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.names import shown
from flowercore.data.photo import read_photo_bytes
from flowercore.evaluation.robustness import Robustness
from flowercore.prediction.spoilt import Spoilt, spoilt
from flowercore.runs.store import Run
from ui import loaders
from ui.guard import in_words
from ui.look_closer import file_name
from ui.words import percent, plain

_PHOTOS = 8
_WIDTH = 108  # least width of a picture, pixels: six beside each other on a desk, three on a phone


@dataclass(frozen=True)
class OwnPhotos:
    """The test photos of a run.

    Attributes:
        data: Where they come from; None if it is gone.
        photos: Those that are there unchanged, also if they have been excluded since.
        labels: Class of each when the run was tested, by key.
    """

    data: Dataset | None
    photos: Sequence[Photo]
    labels: Mapping[str, str]


def example(run: Run, test: OwnPhotos, found: Robustness) -> None:
    """Show one photo under one kind of corruption, chosen by the visitor.

    Args:
        run: The run.
        test: Its test photos.
        found: What was measured: first shown is the kind that harms most.
    """
    st.subheader("See for yourself", anchor=False)
    data = test.data
    if data is None or not test.photos:
        st.caption("The photos that it was measured on are no longer there to be shown.")
        return
    photos = {photo.key: photo for photo in _few(test)}
    numbers = {key: number for number, key in enumerate(photos, start=1)}
    kind = st.radio(
        "What happens to it",
        list(KINDS),
        index=list(KINDS).index(found.worst),
        format_func=lambda one: KINDS[one].title,
        horizontal=True,
        key=f"spoilt_kind_{run.id}",
    )
    key = st.selectbox(
        "A test photo",
        list(photos),
        # The browser answers by these words: the number tells files of one name apart.
        format_func=lambda one: f"{numbers[one]}: {shown(test.labels[one])}, {_file(photos[one])}",
        key=f"spoilt_photo_{run.id}",
    )
    with in_words():
        photo = photos[key]
        shows = _spoilt(run.id, data.path(photo), photo.sha256, kind)
        with st.grid(len(shows), min_column_width=_WIDTH, gap="small"):
            for one in shows:
                _one(one, kind, test.labels[key])
        st.caption(
            "Each as the network sees it. A photo is always spoilt in the same way: whoever "
            "measures this gets the same curves."
        )


def _one(one: Spoilt, kind: str, label: str) -> None:
    done = KINDS[kind].told(one.strength) if one.strength else "as it is"
    right = one.label == label
    with st.container(gap="xxsmall"):
        st.image(one.picture, width="stretch", alt=f"The photo {done}: {one.label}")
        sign = ":green[:material/check_circle:]" if right else ":orange[:material/cancel:]"
        st.markdown(f"{sign} **{plain(shown(one.label))}**, {percent(one.probability, 0)}")
        st.caption(f"{one.strength}: {plain(done)}")


def _few(test: OwnPhotos) -> list[Photo]:
    """Return a few photos, one of each class in turn."""
    classes: dict[str, list[Photo]] = {}
    for photo in test.photos:
        classes.setdefault(test.labels[photo.key], []).append(photo)
    turns = chain.from_iterable(zip_longest(*classes.values()))
    return [photo for photo in turns if photo is not None][:_PHOTOS]


def _file(photo: Photo) -> str:
    return shown(file_name(photo))


@st.cache_data(ttl="1h", max_entries=60, show_spinner="Spoiling the photo …")
def _spoilt(run_id: str, path: Path, sha256: str, kind: str) -> list[Spoilt]:
    data = read_photo_bytes(path)
    return spoilt(loaders.predictor(run_id), path.name, data, sha256=sha256, kind=kind)
