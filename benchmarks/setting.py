"""What all benchmarks share: their options, a home folder of their own, photos to work on."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, zip_longest
from pathlib import Path

from benchmarks import report

ROOT = Path(__file__).resolve().parents[1]
GARDEN = "garden"
PHOTOS = 500
_PREPARED = ("backbones", "starter")
_PREPARE = """
from flowercore.backbones import registry, runtime
from flowercore.jobs import starter_setup
from flowercore.runs import starter
runtime.prepare(registry.DEFAULT)
if starter.packaged() and not starter.available():
    starter_setup.set_up()
"""


def options(description: str | None, photos: int | None = PHOTOS) -> argparse.ArgumentParser:
    """Return a parser with what every benchmark can be told.

    Args:
        description: The module's docstring, of which the first line is shown.
        photos: How many photos it works on by default; None: how many is not to be chosen.
    """
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument(
        "--data", default=GARDEN, help="a folder of class folders; default: the painted garden"
    )
    if photos is not None:
        parser.add_argument("--photos", type=int, default=photos, help="how many of them")
    parser.add_argument("--quick", action="store_true", help="see that it works; figures are none")
    parser.add_argument(
        "--prepared", type=Path, help="a home folder of which the prepared parts are copied"
    )
    parser.add_argument("--json", type=Path, help="write all values into this file as well")
    return parser


def told(section: report.Section, arguments: argparse.Namespace) -> None:
    """Print a section, and write it where that was asked for."""
    if arguments.json:
        arguments.json.write_text(section.to_json(), "utf-8")
    print(report.markdown(section), flush=True)


@contextmanager
def place(prepared: Path | None = None) -> Iterator[Path]:
    """Give a benchmark a folder that is gone afterwards; the home folder is ``home`` in it.

    Args:
        prepared: A home folder whose compiled networks and starter are copied into it.
    """
    before = os.environ.get("FLOWERCORE_HOME")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ["FLOWERCORE_HOME"] = str(folder / "home")
        for part in _PREPARED if prepared else ():
            if (prepared / part).is_dir():
                shutil.copytree(prepared / part, folder / "home" / part)
        _forget_settings()
        try:
            yield folder
        finally:
            if before is None:
                del os.environ["FLOWERCORE_HOME"]
            else:
                os.environ["FLOWERCORE_HOME"] = before
            _forget_settings()


def _forget_settings() -> None:
    from flowercore.settings import settings

    settings.cache_clear()


def prepare() -> None:
    """Compile the default network and set the starter up, in a process of its own: not measured."""
    subprocess.run([sys.executable, "-c", _PREPARE], cwd=ROOT, check=True, capture_output=True)


def photos(data: str, count: int, folder: Path) -> Path:
    """Return a folder of class folders with so many photos, as many of each class as can be.

    Args:
        data: ``garden``, which is painted now, or a folder of class folders.
        count: How many photos; of fewer, all.
        folder: Where to put them.
    """
    target = folder / "photos"
    if data == GARDEN:
        from flowercore.data.garden import SPECIES, paint_garden

        paint_garden(target, per_class=-(-count // len(SPECIES)))
        return target
    of_class: dict[str, list[Path]] = {}
    for path in sorted(Path(data).glob("*/*")):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"):
            of_class.setdefault(path.parent.name, []).append(path)
    in_turn = filter(None, chain.from_iterable(zip_longest(*of_class.values())))
    for path in list(in_turn)[:count]:
        (target / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / path.parent.name / path.name)
    return target
