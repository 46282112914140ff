"""What a training brings forth, as files of its run folder.

``progress.json`` says how far it is; ``history.csv`` has a line an epoch; ``head.safetensors`` the
weights; ``tail.safetensors`` and ``tail.tflite`` the end of the backbone where it was fine-tuned;
``predictions.parquet`` a line a photo; ``metrics.json`` the verdict on the test photos;
``calibration.json`` how far its probabilities can be trusted; ``novelty.safetensors`` what the
photos that it learned from are like. Every file is written whole or not at all.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from flowercore.errors import NotFoundError, StorageError
from flowercore.files import write_bytes, write_json
from flowercore.runs import starter
from flowercore.runs.store import Run, folder

HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "seconds",
    "phase",
    "learning_rate",
)
# Histories written before there was fine-tuning end here.
_FIRST_COLUMNS = 6


@dataclass(frozen=True)
class Progress:
    """How far a run is with its present step.

    Attributes:
        step: weights, photos, features, head, activations, beside, tail, judging or calibrating;
            empty before the first.
        done: Photos, bytes or gradient steps done.
        total: Of how many.
        first: How many were done when the step began, such as photos that were in the cache.
        seconds: Since the step began to count.
        epoch: Epochs done in all phases.
        epochs: Epochs asked for in all phases.
    """

    step: str = ""
    done: int = 0
    total: int = 0
    first: int = 0
    seconds: float = 0.0
    epoch: int = 0
    epochs: int = 0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end of this step at its pace so far; None while none can be told."""
        if self.done <= self.first or self.seconds <= 0:
            return None
        return self.seconds * (self.total - self.done) / (self.done - self.first)


def write_progress(run_id: str, progress: Progress) -> None:
    """Write how far a run is; read again by `progress`."""
    write_json(folder(run_id) / "progress.json", asdict(progress), durable=False)


def progress(run_id: str) -> Progress:
    """Return how far a run is."""
    try:
        return Progress(**json.loads((folder(run_id) / "progress.json").read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return Progress()


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
    if tuple(table.columns[:_FIRST_COLUMNS]) != HISTORY_COLUMNS[:_FIRST_COLUMNS]:
        raise _damaged("history.csv")
    return table.reindex(columns=list(HISTORY_COLUMNS)).fillna({"phase": "head"})


def write_head(run_id: str, tensors: dict[str, np.ndarray]) -> None:
    """Write the head's weights: ``kernel`` of shape (D, C) and ``bias`` of shape (C,).

    Where a frozen end stays beside a fine-tuned one, also what that end was given, by name.
    """
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


def write_tail(run_id: str, tensors: dict[str, np.ndarray], compiled: bytes) -> None:
    """Write the fine-tuned end of a backbone: its weights, and the same compiled to LiteRT."""
    contiguous = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
    write_bytes(folder(run_id) / "tail.safetensors", save_tensors(contiguous))
    write_bytes(folder(run_id) / "tail.tflite", compiled)


def tail(run_id: str) -> dict[str, np.ndarray] | None:
    """Return the weights of a fine-tuned end, or None if the run trained its head alone.

    Raises:
        StorageError: If the file is damaged.
    """
    path = folder(run_id) / "tail.safetensors"
    if not path.is_file():
        return None
    try:
        return load_tensors(path.read_bytes())
    except Exception as error:  # the reader raises types of its own for damaged bytes
        raise _damaged("tail.safetensors") from error


def compiled_tail(run_id: str) -> Path | None:
    """Return the path of a compiled fine-tuned end, or None if the run trained its head alone."""
    path = folder(run_id) / "tail.tflite"
    return path if path.is_file() else None


def tail_from(run: Run) -> str:
    """Return the block at which a run's compiled end begins.

    Where nothing but statistics of BatchNormalization changed, the end is the whole backbone: the
    run says so, while no block was fine-tuned.
    """
    return str(run.model.get("tail_from") or run.config["fine_tune_from"])


def compiled_network(run_id: str) -> Path | None:
    """Return the path of a whole compiled network, which the starter has; None for other runs."""
    path = folder(run_id) / starter.NETWORK
    return path if path.is_file() else None


def fine_tuned(run_id: str) -> bool:
    """Tell whether a run's features are its own: the end of its backbone was trained as well."""
    return compiled_tail(run_id) is not None or compiled_network(run_id) is not None


def frozen_beside(run: Run) -> bool:
    """Tell whether the pretrained end stayed beside the one that was fine-tuned.

    A run that was stopped before that has one end.
    """
    return bool(run.config.get("frozen_beside")) and fine_tuned(run.id)


def covariance(run: Run) -> int:
    """Return of how many components a run's head takes the covariance; 0 for none."""
    count = run.config.get("covariance", 0)
    # Anything may stand in a file that was edited by hand; the head then does not fit it.
    return count if isinstance(count, int) and frozen_beside(run) else 0


def write_novelty(run_id: str, tensors: dict[str, np.ndarray]) -> None:
    """Write what the photos that the run learned from are like."""
    write_bytes(folder(run_id) / "novelty.safetensors", save_tensors(tensors))


def novelty(run_id: str) -> dict[str, np.ndarray]:
    """Return what `write_novelty` wrote; empty for a run of which it is not known.

    Raises:
        StorageError: If the file is damaged.
    """
    path = folder(run_id) / "novelty.safetensors"
    if not path.is_file():
        return {}
    try:
        return load_tensors(path.read_bytes())
    except Exception as error:  # the reader raises types of its own for damaged bytes
        raise _damaged("novelty.safetensors") from error


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


def write_calibration(run_id: str, values: dict[str, Any]) -> None:
    """Write how far the run's probabilities can be trusted."""
    write_json(folder(run_id) / "calibration.json", values)


def calibration(run_id: str) -> dict[str, Any]:
    """Return what `write_calibration` wrote; empty for a run that was not calibrated.

    Raises:
        StorageError: If the file is damaged.
    """
    path = folder(run_id) / "calibration.json"
    if not path.is_file():
        return {}
    try:
        values = json.loads(path.read_bytes())
        temperature = values["temperature"]
        if isinstance(temperature, bool) or not 0 < float(temperature) < 1000:
            raise ValueError("no temperature")
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged("calibration.json") from error
    return values


def _damaged(file: str) -> StorageError:
    return StorageError(
        f"The run's file {file} cannot be read: it was edited or cut off. Train again; other runs "
        "are not affected."
    )
