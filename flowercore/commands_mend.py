"""The commands around what people changed about a dataset. Each returns what ``--json`` prints."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flowercore.data import catalog
from flowercore.data import edits as edit_list
from flowercore.data.names import shown
from flowercore.errors import ConfigError


def edits(arguments: Namespace) -> list[dict[str, Any]]:
    """List what was changed about a dataset, the oldest first; write it as a table if asked."""
    made = edit_list.read(catalog.load(arguments.data, mended=False).root)
    if arguments.output is not None:
        try:
            Path(arguments.output).write_text(edit_list.to_csv(made), encoding="utf-8", newline="")
        except OSError as error:
            raise ConfigError(
                "The output must be a file that can be written. Received: "
                f"'{shown(arguments.output)}': {(error.strerror or 'refused').lower()}."
            ) from error
    return [asdict(one) for one in made]
