"""Writing a run's models, labels, example and card into a folder."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from flowercore.backbones import litert, registry
from flowercore.data.dataset import Progress
from flowercore.data.names import shown
from flowercore.errors import ConfigError, JobError, StorageError
from flowercore.export import card, facts, keras_model, parity, usage
from flowercore.export.parity import Parity
from flowercore.runs import results, starter, store
from flowercore.runs.store import Run
from flowercore.settings import settings

KERAS, LITERT, LABELS = "model.keras", "model.tflite", "labels.txt"
SCRIPT, README, CARD = "use.py", "README.md", "card.json"
FILES = (KERAS, LITERT, LABELS, SCRIPT, CARD, README)

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_CONFIG = {"data", "backbone"}
_DATASET = {"name", "origin", "identity", "root", "classes", "counts"}
_SMALL_FILES = 1_000_000


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        run_id: The run.
        folder: Where the files lie.
        files: Bytes by file name.
        parity: How far the models are from what the run said.
    """

    run_id: str
    folder: Path
    files: dict[str, int]
    parity: Parity

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "run": self.run_id,
            "folder": str(self.folder),
            "files": self.files,
            "parity": self.parity.to_dict(),
        }


def export_run(run_id: str, folder: Path, *, progress: Progress | None = None) -> Exported:
    """Write what is needed to use a run's model without Flower Lab. Imports TensorFlow.

    The models are tried on the run's test photos before the card is written.

    Args:
        run_id: A run that has ended with a head.
        folder: Folder to write into; it is made if it is not there, and must be empty if it is.
        progress: Called with (photos done, photos in all) while the models are tried.

    Returns:
        What was written. After an error nothing of it stays.

    Raises:
        NotFoundError: If there is no such run, or it has no head.
        JobError: If the run is active.
        ConfigError: If the folder is not empty, or is a file.
        WeightsError: If the backbone's weights are missing or not the expected ones.
        StorageError: If files of the run are damaged, or the disk is full or refuses.
    """
    run = _ended(run_id)
    with _folder_errors(), _empty(folder):
        _require_space(folder, run)
        return _write(run, folder, progress)


def _ended(run_id: str) -> Run:
    run = store.get(run_id)
    if run_id == starter.NAME:
        raise JobError(
            "A model is exported together with its test photos' answers, which the starter was not "
            f"given. Received: '{run_id}'. Train a run and export that."
        )
    if run.status == "damaged":
        raise StorageError(run.reason)
    if run.active:
        raise JobError(
            f"A run must have ended before it can be exported. Received: a run that is "
            f"{run.status}. Wait for its end or stop it."
        )
    results.head(run_id)
    if not (run.config.keys() >= _CONFIG and run.dataset.keys() >= _DATASET):
        raise StorageError(
            "The run's file run.json does not say all that an export needs: it was edited. Train "
            "again; other runs are not affected."
        )
    return run


def _write(run: Run, folder: Path, progress: Progress | None) -> Exported:
    model = keras_model.build(run)
    model.save(folder / KERAS)
    compiled = litert.compile_model(
        model, parity.PIXELS, lambda probabilities: {parity.PROBABILITIES: probabilities}
    )
    (folder / LITERT).write_bytes(compiled)
    _write_text(folder / LABELS, usage.labels_text(run.classes))
    _write_text(folder / SCRIPT, _script(run))
    measured = parity.measure(
        run,
        {
            KERAS: parity.keras_classifier(folder / KERAS),
            LITERT: parity.litert_classifier(folder / LITERT),
        },
        progress=progress,
    )
    written = {name: _described(folder / name) for name in (KERAS, LITERT, LABELS, SCRIPT)}
    known = facts.collect(run, measured, written)
    _write_text(folder / CARD, json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    _write_text(folder / README, card.text(known))
    sizes = {name: (folder / name).stat().st_size for name in FILES}
    return Exported(run.id, folder, sizes, measured)


def _script(run: Run) -> str:
    size = registry.get(run.config["backbone"]).input_size
    squeezed = run.config.get("preprocessing") == "notebook"
    return usage.keras_script(size, squeezed=squeezed, keras=metadata.version("keras"))


def _described(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _empty(folder: Path) -> Iterator[None]:
    """Provide an empty folder; after an error it is as it was."""
    there = folder.exists()
    if there and not folder.is_dir():
        raise ConfigError(
            f"An export goes into a folder. Received: '{shown(folder.name)}', a file."
        )
    if there and any(folder.iterdir()):
        raise ConfigError(
            "An export goes into an empty folder, or a new one: nothing is overwritten. Received: "
            f"'{shown(folder.name)}', which holds files. Name another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for name in FILES:
                (folder / name).unlink(missing_ok=True)
            if not there:
                folder.rmdir()
        raise


def _require_space(folder: Path, run: Run) -> None:
    parameters = registry.get(run.config["backbone"]).parameters
    wanted = 2 * 4 * parameters + _SMALL_FILES
    keep = settings().limits.disk_free_bytes
    free = shutil.disk_usage(folder).free
    if free - wanted < keep:
        raise StorageError(
            f"{keep / 1e9:.1f} GB of disk must stay free. Received: {free / 1e9:.2f} GB free where "
            f"the export goes, {wanted / 1e9:.2f} GB to write. Make room, or name a folder on "
            "another disk."
        )


@contextmanager
def _folder_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            reason = "the disk is full. Make room, or name a folder on another disk."
        elif error.errno in _REFUSED:
            reason = "this user may not write there. Name another folder."
        else:
            reason = f"{(error.strerror or type(error).__name__).lower()}. Name another folder."
        raise StorageError(f"The export could not be written: {reason}") from error
