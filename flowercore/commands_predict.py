"""The command that asks a model about photos. Returns what ``--json`` prints."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from flowercore.data import photo
from flowercore.data.names import shown
from flowercore.errors import ConfigError, PhotoError
from flowercore.prediction.explain import explain
from flowercore.prediction.heat import overlay
from flowercore.prediction.predictor import Prediction, PredictionFailure, Predictor

_MAP_SIDE, _MAP_OPACITY = 1000, 0.5


def predict(arguments: Namespace) -> list[dict[str, Any]]:
    """Ask a run about photos; one that cannot be read does not keep the others from an answer."""
    predictor = Predictor.for_run(arguments.run)
    answers: dict[str, dict[str, Any]] = {}
    readable: list[tuple[str, bytes]] = []
    for path in dict.fromkeys(arguments.photos):
        try:
            readable.append((path, photo.read_photo_bytes(Path(path))))
        except PhotoError as error:
            answers[path] = {"photo": path, "error": str(error)}
    folder = None if arguments.explain is None else _explain_folder(arguments.explain)
    for (path, data), answer in zip(readable, predictor.predict(readable), strict=True):
        answers[path] = _answer(path, answer)
        if folder is not None and isinstance(answer, Prediction):
            answers[path]["map"] = _explained(predictor, path, data, answer.label, folder)
    return [answers[path] for path in arguments.photos]


def _explain_folder(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            "Maps go into a folder that can be written. Received: "
            f"'{shown(name)}': {(error.strerror or 'refused').lower()}."
        ) from error
    return folder


def _explained(predictor: Predictor, path: str, data: bytes, label: str, folder: Path) -> str:
    """Write a photo with a map of what speaks for its answer; return the file's path."""
    found = explain(predictor, path, data)
    upright = photo.thumbnail(data, name=path, side=_MAP_SIDE)
    laid = overlay(upright, found.heat(label), squeezed=found.squeezed, opacity=_MAP_OPACITY)
    stem, number = Path(path).stem, 1
    target = folder / f"{stem}.jpg"
    while target.exists():  # nothing is overwritten: photos of two folders may share a name
        number += 1
        target = folder / f"{stem} ({number}).jpg"
    try:
        target.write_bytes(laid)
    except OSError as error:
        raise ConfigError(
            "Maps go into a folder that can be written. Received: "
            f"'{shown(folder.name)}': {(error.strerror or 'refused').lower()}."
        ) from error
    return str(target)


def _answer(path: str, answer: Prediction | PredictionFailure) -> dict[str, Any]:
    if isinstance(answer, PredictionFailure):
        return {"photo": path, "error": answer.error}
    return {
        "photo": path,
        "verdict": answer.verdict,
        "label": answer.label,
        "probabilities": answer.probabilities,
        "calibrated": answer.calibrated,
        "novel": answer.novel,
        "distance": answer.distance,
    }
