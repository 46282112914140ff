"""Many photos judged one after another: memory stays flat, as only small pictures are kept."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from flowercore.data.names import shown, spreadsheet_cell
from flowercore.data.photo import thumbnail
from flowercore.errors import PhotoError
from flowercore.prediction.predictor import Prediction, PredictionFailure, Predictor
from flowercore.prediction.verdict import THRESHOLD, verdict

MOST = 1_000
"""Photos that are judged at once."""
TILE = 96
"""Longest side of a picture in the table, pixels."""

_AT_ONCE = 16
_THREADS = 2

Photo = tuple[str, Callable[[], bytes]]
"""Name of a file, and what reads its content when its turn comes."""


@dataclass(frozen=True)
class Judged:
    """What a model said of one of many photos.

    Attributes:
        outcome: Its answer, or why the photo could not be read.
        tile: The photo as a tiny JPEG; None if it could not be read.
    """

    outcome: Prediction | PredictionFailure
    tile: bytes | None


def judge(
    predictor: Predictor,
    photos: Iterable[Photo],
    progress: Callable[[int], None] | None = None,
) -> list[Judged]:
    """Judge many photos.

    Args:
        predictor: The model.
        photos: Each is read when its turn comes, and dropped afterwards.
        progress: Called with the number of photos done.

    Returns:
        What was said of each, in their order.
    """
    found: list[Judged] = []
    coming = iter(photos)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="tiles") as pool:
        while batch := list(islice(coming, _AT_ONCE)):
            read = [_content(*photo) for photo in batch]
            good = [one for one in read if not isinstance(one, PredictionFailure)]
            answers = iter(zip(predictor.predict(good), pool.map(_tile, good), strict=True))
            found += [
                Judged(one, None) if isinstance(one, PredictionFailure) else _kept(*next(answers))
                for one in read
            ]
            if progress is not None:
                progress(len(found))
    return found


def table(judged: Sequence[Judged], threshold: float = THRESHOLD) -> pd.DataFrame:
    """Return a row a photo that was answered; no cell is a formula, as a browser offers it as CSV.

    Args:
        judged: What `judge` returned.
        threshold: As `flowercore.prediction.verdict.verdict`.

    Returns:
        picture (a data URL), file, verdict, class, probability 0..1, novel (None: nobody knows).
    """
    rows = [
        {
            "picture": _url(one.tile),
            "file": spreadsheet_cell(shown(one.outcome.photo)),
            "verdict": spreadsheet_cell(_verdict(one.outcome, threshold)),
            "class": spreadsheet_cell(one.outcome.label),
            "probability": one.outcome.probabilities[one.outcome.label],
            "novel": one.outcome.novel,
        }
        for one in judged
        if isinstance(one.outcome, Prediction)
    ]
    return pd.DataFrame(
        rows, columns=["picture", "file", "verdict", "class", "probability", "novel"]
    )


def csv(judged: Sequence[Judged], threshold: float = THRESHOLD) -> str:
    """Return all that was said as a table for a spreadsheet, failures with their reasons.

    Args:
        judged: What `judge` returned.
        threshold: As `flowercore.prediction.verdict.verdict`.
    """
    rows: list[dict[str, object]] = []
    for one in judged:
        said = one.outcome
        row: dict[str, object] = {"file": spreadsheet_cell(shown(said.photo))}
        if isinstance(said, Prediction):
            row |= {
                "verdict": spreadsheet_cell(_verdict(said, threshold)),
                "class": spreadsheet_cell(said.label),
                "probability": round(said.probabilities[said.label], 6),
                "novel": "" if said.novel is None else str(said.novel).lower(),
                "strangeness": "" if said.distance is None else round(said.distance, 3),
            }
            row |= {f"p_{name}": round(share, 6) for name, share in said.probabilities.items()}
        rows.append(row | {"error": spreadsheet_cell(getattr(said, "error", ""))})
    first = ["file", "verdict", "class", "probability", "novel", "strangeness"]
    seen = dict.fromkeys([*first, *(name for row in rows for name in row if name != "error")])
    return pd.DataFrame(rows, columns=[*seen, "error"]).to_csv(index=False)


def _content(name: str, read: Callable[[], bytes]) -> tuple[str, bytes] | PredictionFailure:
    try:
        return name, read()
    except PhotoError as error:
        return PredictionFailure(name, str(error))


def _tile(photo: tuple[str, bytes]) -> bytes | None:
    name, data = photo
    try:
        return thumbnail(data, name=name, side=TILE)
    except PhotoError:  # the model says why
        return None


def _kept(outcome: Prediction | PredictionFailure, tile: bytes | None) -> Judged:
    return Judged(outcome, tile if isinstance(outcome, Prediction) else None)


def _url(tile: bytes | None) -> str | None:
    return f"data:image/jpeg;base64,{base64.b64encode(tile).decode()}" if tile else None


def _verdict(said: Prediction, threshold: float) -> str:
    return verdict(said.probabilities, threshold, novel=bool(said.novel))
