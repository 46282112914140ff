"""What a run was found worth on other datasets, in its folder: a table and its facts for each.

``evaluations/<hash of the dataset's name>.parquet`` has a line a photo, the ``.json`` beside it
says what was judged, when and how.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from flowercore.errors import NotFoundError, StorageError
from flowercore.files import storage_errors, write_bytes, write_json
from flowercore.runs import store

COLUMNS = ("key", "sha256", "given", "label", "predicted", "twin")
"""Of a table, besides ``p_<class>`` for each class of the run: the photo, its class in that dataset
and in the run, what the run says, and whether it is a twin of what the run learned from."""

EXACT, NEAR = "exact", "near"
"""In the column ``twin``: the same bytes, or a photo that shows the same; else it is empty."""


@dataclass(frozen=True)
class Facts:
    """What is known of one evaluation.

    Attributes:
        data: Name of the dataset.
        origin: Where its photos come from, in words.
        identity: Which version of it was judged.
        owner: Visitor id of whose it is; empty for what everybody shares.
        mapping: The run's class by class of the dataset; empty where its photos were left out.
        left_out: Photos of each class that was left out.
        created: When, ISO 8601 in UTC.
        notes: What a person should know about it, in sentences.
        unreadable: Photos that cannot be read, each with name and reason.
        judged: Photos that were judged.
        exact: Of those, copies byte for byte of training or validation photos.
        near: Of those, photos that show the same as one of them.
        table: Hash of the table's file.
    """

    data: str
    origin: str
    identity: str
    owner: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    created: str = ""
    notes: list[str] = field(default_factory=list)
    unreadable: list[dict[str, str]] = field(default_factory=list)
    judged: int = 0
    exact: int = 0
    near: int = 0
    table: str = ""

    @property
    def twins(self) -> int:
        """Photos that are twins of what the run learned from."""
        return self.exact + self.near


_KINDS = {name: type(value) for name, value in asdict(Facts("", "", "")).items()}


def write(run_id: str, facts: Facts, table: pd.DataFrame) -> Facts:
    """Keep an evaluation in the place of an earlier one on the same dataset.

    Args:
        run_id: The run.
        facts: What is known of it; its date and the table's hash are filled in.
        table: A row a photo with `COLUMNS` and ``p_<class>`` for each class of the run.

    Returns:
        The facts as they are kept.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If the disk refuses.
    """
    path = _path(run_id, facts.data)
    with storage_errors():
        path.parent.mkdir(exist_ok=True)
    buffer = BytesIO()
    table.to_parquet(buffer, index=False)
    values = {"created": store.now(), "table": _hash(buffer.getvalue())}
    facts = Facts(**{**asdict(facts), **values})
    write_bytes(path.with_suffix(".parquet"), buffer.getvalue())
    write_json(path.with_suffix(".json"), asdict(facts))
    return facts


def listed(run_id: str) -> list[Facts]:
    """Return the evaluations of a run, the newest first; damaged ones are passed over.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If the home folder cannot be used.
    """
    folder = store.folder(run_id) / "evaluations"
    with storage_errors():
        paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    found = [facts for path in paths if (facts := _read(path)) is not None]
    return sorted(found, key=lambda facts: facts.created, reverse=True)


def get(run_id: str, data: str) -> Facts:
    """Return what is known of the evaluation on a dataset.

    Raises:
        NotFoundError: If there is none, or it is damaged.
        StorageError: If the home folder cannot be used.
    """
    facts = _read(_path(run_id, data).with_suffix(".json"))
    if facts is None:
        raise NotFoundError("This run was not evaluated on this dataset. Evaluate it first.")
    return facts


def table(run_id: str, data: str) -> pd.DataFrame:
    """Return what a run said of the photos of a dataset.

    Args:
        run_id: The run.
        data: Name of the dataset.

    Returns:
        A row a photo with `COLUMNS` and ``p_<class>`` for each class of the run, raw.

    Raises:
        NotFoundError: If it was not evaluated on that dataset.
        StorageError: If the file is damaged.
    """
    facts = get(run_id, data)
    try:
        content = _path(run_id, data).with_suffix(".parquet").read_bytes()
        if _hash(content) != facts.table:
            raise ValueError("the table of another evaluation")
        found = pd.read_parquet(BytesIO(content))
        if missing := set(COLUMNS) - set(found.columns):
            raise ValueError(f"no column {missing}")
    except (OSError, ValueError) as error:  # pyarrow's errors are among these
        raise StorageError(
            "What this run said of these photos cannot be read: a file was edited, cut off or "
            "deleted. Evaluate it again; its other results are not affected."
        ) from error
    return found


def delete(run_id: str, data: str) -> None:
    """Forget the evaluation on a dataset, if there is one.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If the disk refuses.
    """
    path = _path(run_id, data)
    with storage_errors():
        # The facts first: what is not listed is not missed.
        path.with_suffix(".json").unlink(missing_ok=True)
        path.with_suffix(".parquet").unlink(missing_ok=True)


def _path(run_id: str, data: str) -> Path:
    # By hash: a name may hold what a file system does not take.
    name = hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return store.folder(run_id) / "evaluations" / name


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> Facts | None:
    known = {one.name for one in fields(Facts)}
    with suppress(OSError, ValueError, TypeError, AttributeError):
        values: dict[str, Any] = json.loads(path.read_bytes())
        facts = Facts(**{key: value for key, value in values.items() if key in known})
        if all(type(getattr(facts, name)) is kind for name, kind in _KINDS.items()):
            return facts
    return None
