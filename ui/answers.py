"""Asking a model about photos, and what is kept of them: its answers and small pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from flowercore import memory
from flowercore.data.photo import thumbnail
from flowercore.errors import FlowercoreError
from flowercore.prediction.explain import Explanation, explain
from flowercore.prediction.predictor import Prediction, PredictionFailure, Predictor
from ui import loaders

FEW = 12
"""Photos that are shown one by one; of more there is a table."""

BATCH = "answers_batch"
"""Where many answers are kept; see `ui.batch_view`."""
_ANSWERS = "answers"
_ASKED = "answers_asked"
_PREVIEW_SIDE = 720

Photo = tuple[str, Callable[[], bytes]]
"""Name of a file, and what reads its content when its turn comes."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model said of one photo.

    Attributes:
        outcome: Its verdict, or why the photo could not be read.
        preview: The photo upright, as a small JPEG; None if it could not be read.
        run: Label of the run that answered.
        run_id: Its id.
        key: Tells this answer from all others of the visit.
        truth: The class of the folder it lies in, for a sample.
        limit: Strangeness above which the model takes a photo for something else, if it can tell.
        explanation: What each place of it said for each class.
        mirrored: Whether the answer also counts the photo's mirror image.
    """

    outcome: Prediction | PredictionFailure
    preview: bytes | None
    run: str
    run_id: str
    key: str
    truth: str | None = None
    limit: float | None = None
    explanation: Explanation | None = None
    mirrored: bool = False


def ask(run_id: str, label: str, photos: Sequence[Photo], truth: str | None = None) -> None:
    """Let a run judge a few photos; the answers stay until the visitor asks again or clears them.

    Args:
        run_id: Which run.
        label: How the run is called.
        photos: At most `FEW`. Only a small preview of each is kept.
        truth: The true class, if it is known.

    Raises:
        NotFoundError: If the run has no trained head.
        StorageError: If its files are damaged or the backbone is not prepared.
    """
    predictor = loaders.predictor(run_id)
    limit = predictor.novelty.threshold if predictor.novelty else None
    mirrored = len(predictor.views) > 1
    asked = st.session_state.get(_ASKED, 0) + 1
    contents = [(name, read()) for name, read in photos]
    outcomes = predictor.predict(contents)
    given: list[Answer] = []
    for place, ((name, data), outcome) in enumerate(zip(contents, outcomes, strict=True)):
        preview, why = None, None
        if isinstance(outcome, Prediction):
            preview = thumbnail(data, name=name, side=_PREVIEW_SIDE)
            why = _explained(predictor, name, data)
        key = f"{asked}_{place}"
        given.append(Answer(outcome, preview, label, run_id, key, truth, limit, why, mirrored))
    st.session_state[_ASKED] = asked
    st.session_state[_ANSWERS] = given
    st.session_state.pop(BATCH, None)
    del contents
    memory.give_back()


def _explained(predictor: Predictor, name: str, data: bytes) -> Explanation | None:
    try:
        return explain(predictor, name, data)
    except FlowercoreError:  # the answer stands without its map
        return None


def clear() -> None:
    """Forget all answers and previews."""
    st.session_state.pop(_ANSWERS, None)


def answers() -> list[Answer]:
    """Return what was answered last."""
    return st.session_state.get(_ANSWERS, [])
