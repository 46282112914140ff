"""Which runs a program may ask: those that the pages offer to everybody."""

from __future__ import annotations

from typing import Any

from api.refusal import RETRY_SECONDS, RefusedError
from flowercore.errors import FlowercoreError, NotFoundError
from flowercore.prediction import loaded
from flowercore.prediction.predictor import Predictor
from flowercore.runs import results, starter, store
from flowercore.runs.store import Run


def askable() -> list[Run]:
    """Return the runs that can answer: the starter, then the others, the newest first."""
    own = [store.get(starter.NAME)] if starter.available() else []
    return own + [run for run in store.runs() if _has_head(run)]


def _has_head(run: Run) -> bool:
    if run.status not in ("finished", "stopped"):
        return False
    try:
        return (store.folder(run.id) / "head.safetensors").is_file()
    except NotFoundError:  # deleted since the look into the folder
        return False


def model(run_id: str) -> tuple[Run, Predictor]:
    """Return a run and what answers with it.

    Args:
        run_id: Its id; empty for the starter, or the newest finished run where there is none.

    Raises:
        RefusedError: If there is none yet, or it is just being set up.
        FlowercoreError: As `flowercore.prediction.loaded`.
    """
    if run_id == starter.NAME and not starter.available() and starter.packaged():
        raise RefusedError(
            503,
            "The starter model is being set up on this machine, once. Try again in a minute, or "
            "run: python -m flowercore prepare",
            retry_after=RETRY_SECONDS,
        )
    run = store.get(run_id) if run_id else _usual()
    return run, loaded.predictor(run.id)


def _usual() -> Run:
    if starter.available():
        return store.get(starter.NAME)
    newest = next((run for run in askable() if run.status == "finished"), None)
    if newest is None:
        raise RefusedError(
            503,
            "There is no model to ask yet. Wait until the server is ready, or train one.",
            retry_after=RETRY_SECONDS,
        )
    return newest


def listed(run: Run) -> dict[str, Any]:
    """Return what programs are told of a run: nothing of who trained it, or where it lies."""
    try:
        metrics = results.metrics(run.id)
    except FlowercoreError:  # Evaluate says what is wrong with its files
        metrics = {}
    return {
        **named(run),
        "created": run.created or None,
        "accuracy": metrics.get("accuracy"),
        "accuracy_interval": metrics.get("accuracy_interval"),
    }


def named(run: Run) -> dict[str, Any]:
    """Return what tells a run from others, and what it can answer."""
    return {"id": run.id, "name": run.title, "classes": list(run.classes)}
