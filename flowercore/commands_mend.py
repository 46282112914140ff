"""The commands that find what is wrong with a dataset, and list what was changed about it.

Each returns what ``--json`` prints.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flowercore.audit import store
from flowercore.audit.findings import Audit, to_csv
from flowercore.data import catalog
from flowercore.data import edits as edit_list
from flowercore.data.names import shown
from flowercore.errors import ConfigError
from flowercore.terminal import Steps

_TABLES = ("problems", "twins")
# Of each kind of problem; the table has all.
_SHOWN = 3


def edits(arguments: Namespace) -> list[dict[str, Any]]:
    """List what was changed about a dataset, the oldest first; write it as a table if asked."""
    made = edit_list.read(catalog.load(arguments.data, mended=False).root)
    if arguments.output is not None:
        _write(arguments.output, edit_list.to_csv(made))
    return [asdict(one) for one in made]


def audit(arguments: Namespace) -> dict[str, Any]:
    """Find what is wrong with a dataset; keep what was found where the dataset is kept."""
    from flowercore.audit import audit as auditing

    dataset = catalog.load(arguments.data)
    with Steps() as steps:
        found = auditing.audit(dataset, progress=steps.count)
    if any(entry.name == arguments.data for entry in catalog.entries()):
        store.save(found)
    if arguments.output is not None:
        _write(arguments.output, to_csv(found.problems))
    facts = {
        "dataset": found.dataset,
        "identity": found.identity,
        "counts": found.counts,
        "notes": list(found.notes),
        "seconds": found.seconds,
    }
    if arguments.json:
        return facts | {name: getattr(found, name).to_dict("records") for name in _TABLES}
    return facts | {"worst": _worst(found)}


def _worst(found: Audit) -> dict[str, dict[str, str]]:
    first = found.problems[found.problems["rank"] <= _SHOWN]
    return {
        str(kind): dict(zip(rows["key"], rows["why"], strict=True))
        for kind, rows in first.groupby("kind", sort=False)
    }


def _write(path: str, table: str) -> None:
    try:
        Path(path).write_text(table, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(
            "The output must be a file that can be written. Received: "
            f"'{shown(path)}': {(error.strerror or 'refused').lower()}."
        ) from error
