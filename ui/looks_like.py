"""The photos that a new photo looks like, among those that a model has learned from."""

from __future__ import annotations

import streamlit as st

from flowercore.audit.neighbours import Neighbour, vector
from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.data.dataset import Dataset
from flowercore.errors import FlowercoreError
from flowercore.runs import results, starter, store
from ui import loaders
from ui.gallery import file_name
from ui.similar import like_vector
from ui.visitor import visitor
from ui.words import data_of, listing, percent, plain

_COUNT = 3
_WIDTH = 95
_DATASETS = 4  # each takes memory and a moment

_Found = tuple[Dataset, Neighbour]


def looks_like(run_id: str, name: str, preview: bytes, *, novel: bool) -> None:
    """Show the photos most like one, if any are known that this visitor may see.

    Args:
        run_id: The model.
        name: How messages call the photo.
        preview: The upright photo, as a small JPEG.
        novel: Whether the model takes it for something else.

    Raises:
        FlowercoreError: If the model or the default backbone is no longer there.
    """
    found, told = _found(run_id, name, preview)
    if not found:
        if run_id == starter.NAME:
            st.caption(
                "The photos most like it are shown here once the network has seen some: train a "
                "model, or check a dataset on Explore. Those that the starter learned from are "
                "not here."
            )
        return
    title = "The nearest, and yet not like it" if novel else "It looks like these"
    st.markdown(f"**{title}** :gray[{told}]")
    with st.grid(_COUNT, min_column_width=_WIDTH, gap="small"):
        for data, (photo, similarity) in found:
            (picture,) = loaders.tiles(data, [photo])
            with st.container(gap="xxsmall"):
                if picture is None:
                    st.caption(f":material/broken_image: {plain(file_name(photo))}")
                    continue
                st.image(
                    picture, width="stretch", alt=f"Like it: {photo.label}, {file_name(photo)}"
                )
                st.caption(f"**{plain(photo.label)}** · {percent(similarity, 0)} alike")


def _found(run_id: str, name: str, preview: bytes) -> tuple[list[_Found], str]:
    """Return the nearest photos, and in Markdown where they come from."""
    seen = vector(preview, name=name)
    if run_id == starter.NAME:
        sets = [loaders.dataset(entry) for entry in _seen_by_visitor()]
        pairs = [(data, pair) for data in sets for pair in like_vector(data, seen, _COUNT)]
        best = sorted(pairs, key=lambda pair: -pair[1][1])[:_COUNT]
        names = list(dict.fromkeys(data.name for data, _ in best))
        told = f"of {plain(listing(names))}; the photos that the starter learned from are not here"
        return best, told
    run = store.get(run_id)
    try:
        data = loaders.dataset_of(run)
        learned = _learned_from(run_id)
    except FlowercoreError:  # its photos are gone, or somebody else's
        return [], ""
    pairs = [(data, pair) for pair in like_vector(data, seen, _COUNT, among=learned)]
    return pairs, f"among the photos of {plain(data_of(run))} that it learned from"


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def _learned_from(run_id: str) -> frozenset[str]:
    """Return the hashes of the photos that a run was trained on."""
    table = results.predictions(run_id)
    return frozenset(table.loc[table["split"] == "train", "sha256"])


def _seen_by_visitor() -> list[Entry]:
    me = visitor()
    seen = [entry for entry in catalog.entries() if catalog.visible(entry, me)]
    return sorted(seen, key=lambda entry: (entry.owner != me, -entry.changed))[:_DATASETS]
