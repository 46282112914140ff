"""Photos that the network finds most like another one; only what is known already is looked at."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import streamlit as st

from flowercore.audit import store
from flowercore.audit.neighbours import Neighbour, Neighbourhood, neighbourhood
from flowercore.data.dataset import Dataset, Photo


def like_photo(data: Dataset, photo: Photo, count: int) -> list[Neighbour]:
    """Return the photos most like one of a dataset; none while nobody has looked at it.

    Args:
        data: The dataset.
        photo: The photo.
        count: How many at most.
    """
    return _around(data).of(photo, count) or []


def like_vector(
    data: Dataset, vector: np.ndarray, count: int, among: Collection[str] | None = None
) -> list[Neighbour]:
    """Return the photos most like what the network saw in a photo that is not among them.

    Args:
        data: The dataset.
        vector: Its features, shape (D,).
        count: How many at most.
        among: Hashes of the photos that are meant; None for all.
    """
    around = _around(data)
    if not around.photos:
        return []
    if among is None:
        return around.near(vector, count)
    found = around.near(vector, len(around.photos))
    return [pair for pair in found if pair[0].sha256 in among][:count]


def _around(data: Dataset) -> Neighbourhood:
    return _neighbourhood(data.name, data.identity, store.stamp(data.name), data)


# 25 MB for 5,000 photos. A training may look at them at any time, hence the short life.
@st.cache_resource(ttl="2m", max_entries=4, show_spinner=False)
def _neighbourhood(name: str, identity: str, stamp: str | None, _data: Dataset) -> Neighbourhood:
    return neighbourhood(_data)
