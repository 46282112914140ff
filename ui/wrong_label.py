"""From a mistake to the list of edits: is the model wrong, or the folder the photo lay in?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from flowercore.data import copying, edits
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.edits import EXCLUDE, KEEP, RELABEL, Edit
from flowercore.errors import FlowercoreError
from flowercore.runs import assessments
from ui import loaders
from ui.datasets import my_entries
from ui.guard import show_error
from ui.judged import Judged
from ui.judged_photo import JudgedPhoto
from ui.mending import edit_button, may_mend, undo_bar
from ui.own_copy import own_copy
from ui.pages import EXPLORE
from ui.words import percent, plain


@dataclass(frozen=True, eq=False)
class Mendable:
    """A dataset in which this visitor may change what a run was judged by.

    Attributes:
        data: The dataset, as its edits make it: the run's own, or the visitor's copy of it.
        made: Its edits, the oldest first.
        means: The run's class by class of the dataset as it came.
    """

    data: Dataset
    made: tuple[Edit, ...]
    means: Mapping[str, str]

    def edit_of(self, one: JudgedPhoto) -> Edit | None:
        """Return what was decided about a photo, or None."""
        return edits.standing(self.made).get((one.photo.key, one.photo.sha256))

    def edit_to(self, photo: Photo, name: str) -> tuple[str, str] | None:
        """Return the edit that makes a photo one of a class of the run.

        Args:
            photo: The photo.
            name: The class, as the run calls it.

        Returns:
            What to do, and which class of the dataset is meant; None if none is, or several are.
        """
        meant = [given for given, to in self.means.items() if to == name]
        # Kept as given only where its folder says so: an earlier edit may have said otherwise.
        if photo.given in meant:
            return KEEP, photo.given
        return (RELABEL, meant[0]) if len(meant) == 1 else None


def mendable(judged: Judged) -> Mendable | None:
    """Return where this visitor may change labels of these photos, after saying what there is.

    Where the photos are shared by all, a copy of the visitor's own is used if there is one, and
    offered if there is none.

    Args:
        judged: The run on some photos.
    """
    name = judged.on or str(judged.run.config.get("data", ""))
    entries = my_entries()
    entry = next((one for one in entries if one.name == name), None)
    if entry is None:
        st.caption("To change labels, bring this folder in on the Explore page.")
        return None
    target = entry if may_mend(entry) else _own_copy_of(entry, entries)
    if target is None:
        own_copy(entry)
        return None
    try:
        data = loaders.dataset(target)
        made = edits.read(data.root)
    except FlowercoreError as error:
        show_error(error)
        return None
    undo_bar(data, made, allowed=True)
    if target is not entry:
        st.caption(f"Changes go into your copy, “{plain(target.name)}”.")
    if made:
        st.page_link(
            EXPLORE.file,
            label="All changes, and training again with them",
            icon=EXPLORE.icon,
            query_params={"data": target.name, "view": "problems"},
        )
    return Mendable(data, made, _means(judged, data))


def _own_copy_of(entry: Entry, entries: list[Entry]) -> Entry | None:
    for one in entries:
        if may_mend(one) and copying.copied_from(one) == entry.name:
            return one
    return None


def _means(judged: Judged, data: Dataset) -> dict[str, str]:
    if not judged.on:
        return {name: name for name in data.given_classes}
    mapping = assessments.get(judged.run.id, judged.on).mapping
    return {name: mapping.get(name, "") for name in data.given_classes}


def wrong_label(place: Mendable, one: JudgedPhoto, key: str) -> None:
    """Offer what can be done about a photo's label.

    Args:
        place: Where it may be changed.
        one: The photo and what the run says of it.
        key: Tells these widgets from others.
    """
    photo = one.photo
    if not _there(place, one):
        st.caption("Not in your copy, or changed there.")
        return
    decided = place.edit_of(one)
    if decided is not None:
        st.caption(f":material/check: {_decision(decided)}")
    with st.popover("Wrong label?", icon=":material/label:", width="stretch"):
        ending = f"{key}_{photo.key}"
        why = f"A run says {one.predicted} ({percent(one.probability, 0)})."
        told = set()
        answers = {one.predicted: ("relabel", ":material/new_label:")}
        answers |= {one.label: ("keep", ":material/check:")}
        for name, (button, icon) in answers.items():
            edit = place.edit_to(photo, name)
            if edit is None:
                continue
            action, label = edit
            told.add(label)
            edit_button(
                f"It is {plain(name)}",
                place.data,
                [photo.key],
                action,
                key=f"{button}_{ending}",
                label=label,
                icon=icon,
                why=why,
            )
        edit_button(
            "Exclude it",
            place.data,
            [photo.key],
            EXCLUDE,
            key=f"exclude_{ending}",
            icon=":material/block:",
            why=why,
        )
        _another_class(place, photo, ending, why, told)


def _another_class(place: Mendable, photo: Photo, ending: str, why: str, told: set[str]) -> None:
    others = [name for name in place.data.given_classes if name not in told]
    if not others:
        return
    label = st.selectbox("Another class", others, key=f"label_{ending}")
    edit_button(
        f"Relabel as {plain(label)}",
        place.data,
        [photo.key],
        RELABEL,
        key=f"other_{ending}",
        label=label,
        why=why,
    )


def _there(place: Mendable, one: JudgedPhoto) -> bool:
    who = (one.photo.key, one.photo.sha256)
    there = (*place.data.photos, *place.data.excluded)
    return any((photo.key, photo.sha256) == who for photo in there)


def _decision(edit: Edit) -> str:
    if edit.action == RELABEL:
        return f"Relabelled as {plain(edit.label)}"
    return "Excluded" if edit.action == EXCLUDE else "Looked at and kept"
