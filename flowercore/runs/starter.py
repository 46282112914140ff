"""The model that is there before anything was trained: it comes with Flower Lab.

Its files are those of a run (`flowercore/starter`, made by ``make starter``). Once a machine they
are set up in the home folder, beside the whole network compiled to LiteRT, and answer like a run
from there; nothing is ever written into the package.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flowercore.errors import JobError, NotFoundError
from flowercore.settings import settings

NAME = "starter"
"""Its id among the runs."""
PACKAGED = Path(__file__).resolve().parents[1] / "starter"
NETWORK = "network.tflite"
FILES = (
    "run.json",
    "head.safetensors",
    "tail.safetensors",
    "novelty.safetensors",
    "novelty.json",
    "calibration.json",
    "metrics.json",
)
CARD = "card.md"
_STAMP = "version"


def packaged() -> bool:
    """Tell whether this copy of Flower Lab holds the starter's files."""
    return all((PACKAGED / name).is_file() for name in FILES)


def folder() -> Path:
    """Return where it lies once it is set up."""
    return settings().home / "starter"


def there() -> Path:
    """Return where it lies.

    Raises:
        NotFoundError: If it is not set up on this machine.
    """
    if not folder().is_dir():
        raise NotFoundError(
            "The starter model must be set up once on this machine. Run: python -m flowercore "
            "prepare"
        )
    return folder()


def available() -> bool:
    """Tell whether it is set up on this machine, in the version of this copy of Flower Lab."""
    try:
        stamp = (folder() / _STAMP).read_text("ascii")
    except (OSError, ValueError):
        return False
    return packaged() and stamp == version() and (folder() / NETWORK).is_file()


def packaged_run() -> dict[str, Any]:
    """Return the settings that the packaged starter was trained with."""
    return json.loads((PACKAGED / "run.json").read_bytes())["config"]


def card() -> str:
    """Return what is worth knowing of the packaged starter, as Markdown."""
    return (PACKAGED / CARD).read_text("utf-8")


def rates() -> dict[str, Any]:
    """Return how well the packaged starter tells other things from flowers, as was measured.

    Returns:
        ``photos`` and ``others``: how many of each; ``refused``: share of the flowers that it
        refuses; ``accepted``, ``accepted_low`` and ``accepted_high``: share of the others that it
        lets in, with its 95 % interval; ``auroc``.
    """
    return json.loads((PACKAGED / "novelty.json").read_bytes())


def refuse(run_id: str) -> None:
    """Refuse to change the starter.

    Raises:
        JobError: If it is meant.
    """
    if run_id == NAME:
        raise JobError("The starter model comes with Flower Lab: it stays, and stays as it is.")


def stamped(place: Path) -> None:
    """Mark a folder as that of this version."""
    (place / _STAMP).write_text(version(), "ascii")


@lru_cache(maxsize=1)
def version() -> str:
    """Return a hash of the packaged files."""
    digest = hashlib.sha256()
    for name in FILES:
        digest.update(hashlib.sha256((PACKAGED / name).read_bytes()).digest())
    return digest.hexdigest()[:16]
