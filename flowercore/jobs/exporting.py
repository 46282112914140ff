"""Packing a run for taking home: a zip in its folder, and how far that is.

``export.json`` in the run's folder says who packs and why it failed; ``export.zip`` is the result.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flowercore.errors import FlowercoreError, JobError
from flowercore.files import storage_errors, write_json
from flowercore.jobs.slots import GONE
from flowercore.runs import holder, store

_LOG = logging.getLogger(__name__)
_WORKSHOP = ".export-"


@dataclass(frozen=True)
class ExportState:
    """State of an export: ``missing``, ``waiting``, ``running``, ``ready`` or ``failed``.

    Attributes:
        state: One of the five.
        reason: Why it failed, in words.
    """

    state: str
    reason: str | None = None


def archive(run_id: str) -> Path:
    """Return where the zip of a run lies, or will lie.

    Raises:
        NotFoundError: If there is no such run.
    """
    return store.folder(run_id) / "export.zip"


def check(run_id: str) -> None:
    """Refuse a run that cannot be packed.

    Raises:
        NotFoundError: If there is no such run.
        JobError: If it has not ended.
    """
    if store.get(run_id).active:
        raise JobError(
            "A run must have ended before it is taken home. Wait for its end or stop it."
        )


def look(run_id: str) -> ExportState:
    """Return how far a run's export is.

    Raises:
        NotFoundError: If there is no such run.
    """
    values = _read(run_id)
    if values.get("state") == "running":
        if holder.alive(str(values.get("holder"))):
            return ExportState("running")
        # It may have ended properly between the two looks.
        again = _read(run_id)
        if again.get("holder") == values.get("holder") and again.get("state") == "running":
            return ExportState("failed", GONE)
        values = again
    if values.get("state") == "failed":
        return ExportState("failed", str(values.get("reason")))
    if values.get("state") == "ready" and _fresh(run_id):
        return ExportState("ready")
    return ExportState("missing")


def _read(run_id: str) -> dict[str, object]:
    try:
        values = json.loads((store.folder(run_id) / "export.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _fresh(run_id: str) -> bool:
    packed, label = archive(run_id), store.folder(run_id) / "label.json"
    if not packed.is_file():
        return False
    # The card in the zip tells the run's name.
    return not label.is_file() or label.stat().st_mtime_ns <= packed.stat().st_mtime_ns


def failed(run_id: str, reason: str) -> None:
    """Write down why an export failed.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If the disk refuses.
    """
    _write(run_id, "failed", "", reason)


def _write(run_id: str, state: str, name: str, reason: str | None = None) -> None:
    write_json(
        store.folder(run_id) / "export.json", {"state": state, "holder": name, "reason": reason}
    )


def carry_out(run_id: str) -> None:
    """Pack a run; what came of it is told by `look`.

    Args:
        run_id: Id of a run that has ended.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If not even the failure could be written down.
    """
    if look(run_id).state == "running":
        return
    name = holder.new_name()
    with holder.held(name):
        _write(run_id, "running", name)
        try:
            check(run_id)
            _pack(run_id)
        except FlowercoreError as error:
            failed(run_id, str(error))
        except MemoryError:
            failed(run_id, "The machine ran out of memory.")
        except Exception as error:
            _LOG.exception("export of run %s failed", run_id)
            kind = type(error).__name__
            failed(run_id, f"An error that should not happen: {kind}. The log tells more.")
        else:
            _write(run_id, "ready", name)


def _pack(run_id: str) -> None:
    from flowercore.export.bundle import export_run

    with _workshop(run_id) as folder:
        content = folder / f"flower-lab-{run_id}"
        content.mkdir()
        export_run(run_id, content)
        packed = folder / "export.zip"
        with storage_errors():
            _zip(content, packed)
            packed.replace(archive(run_id))


def _zip(content: Path, packed: Path) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted(content.rglob("*")):
            zipped.write(path, path.relative_to(content.parent))


@contextmanager
def _workshop(run_id: str) -> Iterator[Path]:
    # In the run's folder, so that it goes with the run; one that a killed worker left goes first.
    home = store.folder(run_id)
    for left in home.glob(f"{_WORKSHOP}*"):
        shutil.rmtree(left, ignore_errors=True)
    with storage_errors():
        folder = Path(tempfile.mkdtemp(prefix=_WORKSHOP, dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
