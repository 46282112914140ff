"""What chapters have computed, kept as files: the next visitor waits for nothing.

A file is named by a hash over all that its numbers depend on, such as a dataset's identity and a
backbone's fingerprint: what was computed from other photos is simply not found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flowercore.errors import StorageError
from flowercore.files import home_folder, write_json

T = TypeVar("T")


def write(kind: str, depends_on: Sequence[str], values: dict[str, Any]) -> None:
    """Keep what was computed.

    Args:
        kind: What it is, such as ``learning-curve``.
        depends_on: What the numbers depend on.
        values: JSON values.

    Raises:
        StorageError: If the disk refuses.
    """
    write_json(_path(kind, depends_on), values)


def read(kind: str, depends_on: Sequence[str], made: Callable[[dict[str, Any]], T]) -> T | None:
    """Return what was kept, or None if nothing was.

    Args:
        kind: As for `write`.
        depends_on: As for `write`.
        made: Makes something of the values; raises ValueError, KeyError, TypeError or
            AttributeError for values that it never wrote.

    Raises:
        StorageError: If the file is damaged; computing it again replaces it.
    """
    path = _path(kind, depends_on)
    if not path.is_file():
        return None
    try:
        return made(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(
            f"What was computed before ({kind.replace('-', ' ')}) cannot be read: its file was "
            "edited or cut off. Compute it again; nothing else is affected."
        ) from error


def _path(kind: str, depends_on: Sequence[str]) -> Path:
    digest = hashlib.sha256("\n".join(depends_on).encode()).hexdigest()
    return home_folder("teaching") / f"{kind}-{digest[:32]}.json"
