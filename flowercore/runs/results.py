"""What a training brings forth, as files of its run folder.

``progress.json`` says how far it is; ``history.csv`` has a line an epoch; ``head.safetensors`` the
weights; ``predictions.parquet`` a line a photo; ``metrics.json`` the verdict on the test photos.
Every file is written whole or not at all.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from flowercore.errors import NotFoundError, StorageError
from flowercore.files import write_bytes, write_json
from flowercore.runs.store import folder

HISTORY_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


def write_progress(run_id: str, progress: dict[str, Any]) -> None:
    """Write how far a run is; read again by `progress`."""
    write_json(folder(run_id) / "progress.json", progress, durable=False)


def progress(run_id: str) -> dict[str, Any]:
    """Return how far a run is: done, total, epoch, epochs; empty before it began."""
    try:
        return json.loads((folder(run_id) / "progress.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return {}


def write_history(run_id: str, epochs: list[dict[str, Any]], *, durable: bool) -> None:
    """Write the history: a line an epoch with the columns `HISTORY_COLUMNS`."""
    table = pd.DataFrame(epochs, columns=list(HISTORY_COLUMNS))
    data = table.to_csv(index=False).encode()
    write_bytes(folder(run_id) / "history.csv", data, durable=durable)


def history(run_id: str) -> pd.DataFrame:
    """Return the history, a row an epoch with the columns `HISTORY_COLUMNS`; maybe empty."""
    path = folder(run_id) / "history.csv"
    if not path.is_file():
        return pd.DataFrame(columns=list(HISTORY_COLUMNS))
    try:
        table = pd.read_csv(path, float_precision="round_trip")
    except ValueError as error:
        raise _damaged("history.csv") from error
    if tuple(table.columns) != HISTORY_COLUMNS:
        raise _damaged("history.csv")
    return table


def write_head(run_id: str, tensors: dict[str, np.ndarray]) -> None:
    """Write the head's weights: ``kernel`` of shape (D, C) and ``bias`` of shape (C,)."""
    contiguous = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
    write_bytes(folder(run_id) / "head.safetensors", save_tensors(contiguous))


def head(run_id: str) -> dict[str, np.ndarray]:
    """Return the head's weights.

    Raises:
        NotFoundError: If the run has none yet.
        StorageError: If the file is damaged.
    """
    path = folder(run_id) / "head.safetensors"
    if not path.is_file():
        raise NotFoundError("This run has no trained head: it did not finish an epoch.")
    try:
        tensors = load_tensors(path.read_bytes())
        if tensors["kernel"].shape[1:] != tensors["bias"].shape:
            raise ValueError("kernel and bias do not fit")
    except Exception as error:  # the reader raises types of its own for damaged bytes
        raise _damaged("head.safetensors") from error
    return tensors


def write_predictions(run_id: str, table: pd.DataFrame) -> None:
    """Write a line a photo: key, sha256, split, label, predicted, and a column a class."""
    buffer = BytesIO()
    table.to_parquet(buffer, index=False)
    write_bytes(folder(run_id) / "predictions.parquet", buffer.getvalue())


def predictions(run_id: str) -> pd.DataFrame:
    """Return the predictions.

    Raises:
        NotFoundError: If the run has none.
        StorageError: If the file is damaged.
    """
    path = folder(run_id) / "predictions.parquet"
    if not path.is_file():
        raise NotFoundError("This run has no predictions: it did not finish.")
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are among these
        raise _damaged("predictions.parquet") from error


def write_metrics(run_id: str, metrics: dict[str, Any]) -> None:
    """Write what the run is worth on its test photos."""
    write_json(folder(run_id) / "metrics.json", metrics)


def metrics(run_id: str) -> dict[str, Any]:
    """Return what the run is worth; empty for a run without test photos or without an end.

    Raises:
        StorageError: If the file is damaged.
    """
    path = folder(run_id) / "metrics.json"
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise _damaged("metrics.json") from error


def _damaged(file: str) -> StorageError:
    return StorageError(
        f"The run's file {file} cannot be read: it was edited or cut off. Train again; other runs "
        "are not affected."
    )
