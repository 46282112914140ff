"""Bringing photos in, and what can be done with a dataset as a whole."""

from __future__ import annotations

import streamlit as st

from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from ui.bring_photos import bring_photos
from ui.manage_dataset import manage


def bring(entry: Entry, data: Dataset) -> None:
    """Offer the ways in, and the management of the dataset that is looked at.

    Args:
        entry: The dataset in the catalog.
        data: The dataset with its photos.
    """
    st.subheader("Bring photos in", anchor=False)
    bring_photos()
    manage(entry)
