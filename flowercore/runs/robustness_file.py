"""How much a run can bear, as ``robustness.json`` in its folder.

It says by which version of the corruptions it was measured: what an older one found is not mixed
with what is measured now, and reads as if it had never been measured.
"""

from __future__ import annotations

import json
from typing import Any

from flowercore.data.corruptions import KINDS, STRENGTHS, VERSION
from flowercore.errors import StorageError
from flowercore.files import write_json
from flowercore.runs import store

_NAME = "robustness.json"


def write(run_id: str, values: dict[str, Any]) -> None:
    """Write what a run can bear.

    Args:
        run_id: The run.
        values: ``count``, the photos that each was measured on; ``plain``, and by kind in
            ``kinds`` a list of the five strengths: each ``right``, how many photos were named
            right, and ``probability``, that of the true class on average; further ``missing``,
            ``unreadable`` and ``created``. The version is added.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If the disk refuses.
    """
    write_json(store.folder(run_id) / _NAME, {"version": VERSION, **values})


def read(run_id: str) -> dict[str, Any]:
    """Return what `write` wrote; empty for what was not measured, or by an older version.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If the file is damaged.
    """
    path = store.folder(run_id) / _NAME
    if not path.is_file():
        return {}
    try:
        values = json.loads(path.read_bytes())
        if values["version"] != VERSION:
            return {}
        _check(values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(
            "What this run can bear cannot be read: its file robustness.json was edited or cut "
            "off. Measure it again; the run's other results are not affected."
        ) from error
    return values


def _check(values: dict[str, Any]) -> None:
    count = values["count"]
    if set(values["kinds"]) != set(KINDS) or not isinstance(values["created"], str):
        raise ValueError("other kinds")
    if any(len(levels) != len(STRENGTHS) for levels in values["kinds"].values()):
        raise ValueError("other strengths")
    every = [values["plain"], *(one for levels in values["kinds"].values() for one in levels)]
    whole = [count, values["missing"], values["unreadable"], *(one["right"] for one in every)]
    if any(type(one) is not int or one < 0 for one in whole) or count < 1:
        raise ValueError("no counts")
    if any(one["right"] > count or not 0 <= one["probability"] <= 1 for one in every):
        raise ValueError("no shares")
