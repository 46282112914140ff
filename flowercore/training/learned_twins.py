"""Which photos show the same as one that a run has learned from: of those it says too much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from flowercore.backbones import registry, runtime
from flowercore.data import catalog, look_cache, looks
from flowercore.data.dataset import Dataset, Photo
from flowercore.data.similarity import FLAT, duplicated_in, unit_rows
from flowercore.errors import FlowercoreError
from flowercore.runs import results
from flowercore.runs.assessments import EXACT, NEAR
from flowercore.runs.store import Run
from flowercore.training.features import ensure_features, known_vectors

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""
Check = Callable[[], None]


@dataclass(frozen=True)
class LearnedTwins:
    """Which photos are twins of training or validation photos.

    Attributes:
        kinds: For each photo exact, near or nothing; see `flowercore.runs.assessments`.
        notes: What could not be found out, in sentences.
    """

    kinds: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Signs:
    """What is kept of photos: unit features, a row a hash, and hashes of those looked at."""

    hashes: list[str]
    unit: np.ndarray
    perceptual: dict[str, str | None]

    def seen(self) -> list[str | None]:
        """Return the perceptual hash of each row, or None."""
        return [self.perceptual.get(sha) for sha in self.hashes]


def learned_twins(
    run: Run,
    dataset: Dataset,
    *,
    progress: Progress | None = None,
    check: Check | None = None,
) -> LearnedTwins:
    """Find the photos of a dataset that show the same as one that a run has learned from.

    For worker processes: it loads SciPy. What is kept of the run's photos by their hash is enough;
    only what is missing is computed, and needs the run's dataset.

    Args:
        run: The run.
        dataset: Whose photos are looked at; they must be readable.
        progress: Called with (what is being done, done, total).
        check: Called now and then; raises to stop.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    learned = _learned(run)
    if learned is None:
        note = "Twins were not looked for: which photos this run learned from cannot be read."
        return LearnedTwins(("",) * len(dataset.photos), (note,))
    runtime.prepare(registry.DEFAULT, check=check)
    _compute(dataset, "Looking for twins", progress, check)
    kind = dict.fromkeys(learned, EXACT)
    ours = _cached([photo.sha256 for photo in dataset.photos if photo.sha256 not in kind])
    theirs = _kept(run, learned, progress, check)
    found = duplicated_in(ours.unit, ours.seen(), theirs.unit, theirs.seen(), check=check)
    kind |= {sha: NEAR for sha, near in zip(ours.hashes, found, strict=True) if near}
    return LearnedTwins(
        tuple(kind.get(photo.sha256, "") for photo in dataset.photos), _notes(learned, theirs)
    )


def _learned(run: Run) -> list[str] | None:
    """Return the hashes of its training and validation photos; None if nobody knows them."""
    try:
        table = results.predictions(run.id)
        return list(dict.fromkeys(table.loc[table["split"] != "test", "sha256"]))
    except (FlowercoreError, KeyError):
        return None


def _compute(dataset: Dataset, step: str, progress: Progress | None, check: Check | None) -> None:
    def count(done: int, total: int) -> None:
        if progress is not None:
            progress(step, done, total)

    ensure_features(dataset, registry.DEFAULT, progress=count, check=check)
    seen = look_cache.known([photo.sha256 for photo in dataset.photos])
    unseen = tuple(photo for photo in dataset.photos if photo.sha256 not in seen)
    if unseen:
        looks.survey(replace(dataset, photos=unseen), progress=count, check=check)


def _kept(
    run: Run, learned: Sequence[str], progress: Progress | None, check: Check | None
) -> _Signs:
    """Return what is known of a run's photos, after computing what can be computed."""
    found = _cached(learned)
    missing = set(learned) - (set(found.hashes) & found.perceptual.keys())
    photos = _still_there(run, missing)
    if photos is None:
        return found
    del found  # what may be hundreds of megabytes is not held twice
    _compute(photos, "Looking at the photos it learned from", progress, check)
    return _cached(learned)


def _cached(hashes: Sequence[str]) -> _Signs:
    known, vectors = known_vectors(hashes, registry.DEFAULT)
    rows = {sha: row for row, sha in enumerate(known)}
    perceptual: dict[str, str | None] = {}
    for sha, outcome in look_cache.read(hashes).items():
        seen = outcome.look
        perceptual[sha] = seen.phash if seen is not None and seen.contrast >= FLAT else None
        if seen is not None and seen.contrast < FLAT and sha in rows:
            vectors[rows[sha]] = 0
    return _Signs(known, unit_rows(vectors, in_place=True), perceptual)


def _still_there(run: Run, wanted: set[str]) -> Dataset | None:
    """Return those photos of a run's dataset; None if there are none of them."""
    if not wanted:
        return None
    with suppress(FlowercoreError):  # renamed or deleted since
        dataset = catalog.load(str(run.config["data"]), mended=False)
        photos: dict[str, Photo] = {p.sha256: p for p in dataset.photos if p.sha256 in wanted}
        if photos:
            return replace(dataset, photos=tuple(photos.values()))
    return None


def _notes(learned: Sequence[str], theirs: _Signs) -> tuple[str, ...]:
    unseen = len(learned) - len(theirs.hashes)
    unhashed = sum(sha not in theirs.perceptual for sha in theirs.hashes)
    if unseen == len(learned):
        return (
            "Only copies byte for byte were found: the photos that this run learned from are gone.",
        )
    notes = []
    if unseen:
        notes.append(
            f"Of {unseen:,} of the {len(learned):,} photos that this run learned from only copies "
            "byte for byte were found: they are gone."
        )
    if unhashed:
        notes.append(
            f"Of {unhashed:,} of the {len(learned):,} photos that this run learned from some "
            "changed copies may have been missed: they are gone, and only their features are kept."
        )
    return tuple(notes)
