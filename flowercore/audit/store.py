"""Where audits are kept: the last one of each dataset, in one file that is written whole."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from flowercore.audit.findings import Audit, ClassLook
from flowercore.data.look import Palette
from flowercore.files import home_folder, storage_errors, write_bytes

_FORMAT = 1
_FACTS = ("dataset", "identity", "backbone", "created", "counts", "notes", "seconds")
_TABLES = ("photos", "problems", "twins", "map")
_TEXT = [
    "key",
    "sha256",
    "label",
    "format",
    "palette",
    "phash",
    "error",
    "kind",
    "why",
    "suggested",
]
# What pandas, pyarrow, zipfile and json raise on bytes that are not what they should be.
_DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RuntimeError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
)


def save(audit: Audit) -> None:
    """Keep an audit in the place of the dataset's last one.

    Raises:
        StorageError: If the disk refuses.
    """
    facts: dict[str, Any] = {name: getattr(audit, name) for name in _FACTS}
    facts |= {"format": _FORMAT, "classes": {}}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in _TABLES:
            _put(file, f"{name}.parquet", _parquet(getattr(audit, name)))
        for number, (label, seen) in enumerate(audit.class_looks.items()):
            values = asdict(seen)
            if mean := values.pop("mean"):
                values["mean"] = f"mean-{number}.jpg"
                _put(file, values["mean"], mean)
            facts["classes"][label] = values
        _put(file, "audit.json", json.dumps(facts, indent=1).encode())
    home_folder("audits")
    write_bytes(_path(audit.dataset), out.getvalue())


def load(dataset: str) -> Audit | None:
    """Return the last audit of a dataset.

    Args:
        dataset: Its name.

    Returns:
        The audit, maybe of another version of the dataset than there is now: see its identity.
        None if there is none, or it is damaged or in the format of another version: it is then
        made anew.

    Raises:
        StorageError: If the home folder cannot be used.
    """
    path = _path(dataset)
    if not path.is_file():
        return None
    with storage_errors():
        data = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return _audit(file)
    except _DAMAGED:
        return None


def stamp(dataset: str) -> str | None:
    """Return a text that changes with each new audit of a dataset; None if there is none."""
    try:
        state = _path(dataset).stat()
    except OSError:
        return None
    return f"{state.st_mtime_ns}-{state.st_size}"


def move(old: str, new: str) -> None:
    """Keep the audit of a dataset that is now called otherwise.

    Raises:
        StorageError: If the disk refuses.
    """
    audit = load(old)
    if audit is not None:
        save(Audit(**{**vars(audit), "dataset": new}))
    delete(old)


def delete(dataset: str) -> None:
    """Forget the audit of a dataset, if there is one.

    Raises:
        StorageError: If the disk refuses.
    """
    with storage_errors():
        _path(dataset).unlink(missing_ok=True)


def _path(dataset: str) -> Path:
    # By hash: the name of a folder on the command line may be anything.
    name = hashlib.sha256(dataset.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return home_folder() / "audits" / f"{name}.zip"


def _put(file: zipfile.ZipFile, name: str, data: bytes) -> None:
    # A date of its own would make equal audits differ.
    file.writestr(zipfile.ZipInfo(name), data)


def _parquet(table: pd.DataFrame) -> bytes:
    if "palette" in table:
        table = table.assign(palette=[one and json.dumps(one) for one in table["palette"]])
    return table.to_parquet(index=False)


def _read(file: zipfile.ZipFile, name: str) -> pd.DataFrame:
    table = pd.read_parquet(io.BytesIO(file.read(f"{name}.parquet")))
    for column in table.columns.intersection(_TEXT):
        values = [None if pd.isna(value) else value for value in table[column]]
        if column == "palette":
            values = [one and _palette(json.loads(one)) for one in values]
        table[column] = pd.Series(values, dtype=object)
    return table


def _audit(file: zipfile.ZipFile) -> Audit:
    facts = json.loads(file.read("audit.json"))
    if facts["format"] != _FORMAT:
        raise ValueError("another format")
    looks = {
        label: ClassLook(
            file.read(values["mean"]) if "mean" in values else None,
            _palette(values["palette"]),
            values["brightness"],
        )
        for label, values in facts["classes"].items()
    }
    kept: dict[str, Any] = {name: facts[name] for name in _FACTS}
    kept |= {name: _read(file, name) for name in _TABLES}
    kept |= {"notes": tuple(facts["notes"]), "class_looks": looks}
    return Audit(**kept)


def _palette(values: Any) -> Palette:
    return tuple(((red, green, blue), share) for (red, green, blue), share in values)
