"""Run all benchmarks, each in a process of its own, and write docs/benchmarks.md.

    make bench [PHOTOS=folder] [LARGE=1] [ONLY="features pages"]

``PHOTOS`` names a folder of class folders with real photos: what needs some is measured as well.
``ONLY`` measures a few and prints them. Nothing is written then, nor where one did not finish.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks import report, setting
from benchmarks.report import Section

DOCUMENT = setting.ROOT / "docs" / "benchmarks.md"
FOLDER = "FOLDER"
"""Stands for the folder of real photos, in commands and in what they print."""

_INTRODUCTION = """# Benchmarks

`make bench` measures and writes this page; nothing on it was typed. Each part is one command.
Seconds of different machines say little: compare what was measured in one run. What is compared
takes turns, in alternating order. *Spread* is the smallest and the largest value; steps that go
through thousands of photos are measured once. Each part has a home folder of its own, empty or just
prepared; photos are those of the painted garden, unless said otherwise. `make bench PHOTOS=folder`
also measures what needs real photos, `LARGE=1` 50,000 photos."""


@dataclass(frozen=True)
class Measured:
    """A benchmark that hands back its rows.

    Attributes:
        module: Its name below ``benchmarks``.
        words: What else it is told.
        real: Whether it is for real photos only.
    """

    module: str
    words: tuple[str, ...] = ()
    real: bool = False


@dataclass(frozen=True)
class Printed:
    """A benchmark whose lines are quoted.

    Attributes:
        module: Its name below ``benchmarks``.
        what: What it tells.
        words: What else it is told.
    """

    module: str
    what: str
    words: tuple[str, ...] = ()

    @property
    def real(self) -> bool:
        """Whether it needs real photos."""
        return FOLDER in self.words

    @property
    def command(self) -> str:
        """What to type."""
        return " ".join(["python -m", f"benchmarks.{self.module}", *self.words])


MEASURED = (
    Measured("notebook_way"),
    Measured("notebook_way", ("--data", FOLDER), real=True),
    Measured("notebook_way", ("--backbone", "xception", "--seeds", "3", "--turns", "1")),
    Measured("features"),
    Measured("predict"),
    Measured("growth"),
    Measured("scaling"),
    Measured("pages"),
)
_PHOTOS = ("--data", FOLDER)
# `benchmarks.fine_tuning` is left out: ten minutes that tell of accuracy, see docs/decisions.md.
PRINTED = (
    Printed("first_page", "from the start of the server to the first page in a browser"),
    Printed("main_job", "from photos to a tested classifier, empty and full cache"),
    Printed("head", "the head alone, next to Keras on the same vectors"),
    Printed("jobs", "stopping a training, noticing that one died, memory of server and worker"),
    Printed("learn", "interactions of the course's chapters"),
    Printed("learn_page", "the same in a browser, from the click to what it shows"),
    Printed("workshop_board", "the leader's board with thirty visitors"),
    Printed("page_rerun", "a rerun in a browser, idle and with two trainings", _PHOTOS),
    Printed("uploads", "from the upload of a phone's photo to the verdict, and memory", _PHOTOS),
    Printed("rest", "photos a second for eight programs, and what pages feel of it", _PHOTOS),
    Printed("gallery", "the gallery of 5,000 photos", _PHOTOS),
    Printed("evaluate_page", "the Evaluate page for a usual and a very large test", _PHOTOS),
    Printed("audit", "the check of a dataset's photos, by step", _PHOTOS),
    Printed("calibration", "what a temperature does to the loss of unseen photos", _PHOTOS),
)


class UnfinishedError(Exception):
    """A benchmark did not finish."""


def measured(one: Measured, photos: str, options: Sequence[str]) -> Section:
    """Run a benchmark that hands back its rows.

    Args:
        one: Which.
        photos: Folder of real photos; empty for none.
        options: Further words for its command line.

    Raises:
        UnfinishedError: If it did not finish.
    """
    with tempfile.TemporaryDirectory() as place:
        found = Path(place) / "found.json"
        words = [photos if word == FOLDER else word for word in one.words]
        _run(one.module, [*words, *options, "--json", str(found)])
        return Section.from_json(found.read_text("utf-8"))


def printed(one: Printed, photos: str, home: Path) -> str:
    """Run a benchmark and return its lines.

    Args:
        one: Which.
        photos: Folder of real photos; empty for none.
        home: A prepared home folder, for those that do not make one.

    Raises:
        UnfinishedError: If it did not finish.
    """
    words = [photos if word == FOLDER else word for word in one.words]
    lines = _run(one.module, words, home)
    return lines.replace(photos, FOLDER) if photos else lines


def _run(module: str, words: Sequence[str], home: Path | None = None) -> str:
    environment = dict(os.environ)
    if home is not None:
        environment["FLOWERCORE_HOME"] = str(home)
    command = [sys.executable, "-m", f"benchmarks.{module}", *words]
    began = perf_counter()
    done = subprocess.run(
        command, cwd=setting.ROOT, env=environment, capture_output=True, text=True, check=False
    )
    print(f"{module}: {perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    if done.returncode != 0:
        raise UnfinishedError(f"benchmarks.{module} did not finish:\n{done.stderr[-3000:]}")
    return done.stdout.strip()


def document(
    facts: dict[str, str], sections: Sequence[Section], quoted: Sequence[tuple[Printed, str | None]]
) -> str:
    """Join what was found.

    Args:
        facts: Of the machine.
        sections: What handed back its rows.
        quoted: What prints lines, and the lines; None where it was not run.
    """
    machine = report.markdown_table(["machine", ""], list(facts.items()))
    listed = report.markdown_table(
        ["command", "what it tells"], [(f"`{one.command}`", one.what) for one, _ in quoted]
    ).replace("---:", "---")
    parts = [_INTRODUCTION, "## Machine and versions", machine.replace("---:", "---")]
    parts += [report.markdown(section) for section in sections]
    parts += [
        "## Further measurements",
        f"`{FOLDER}` is a folder of class folders with real photos. Those that need one were run "
        "only if it was given; what they print follows.",
        listed,
    ]
    parts += [f"### {one.module}\n\n```text\n{lines}\n```" for one, lines in quoted if lines]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Measure everything and write the document.

    Returns:
        0, or 1 if something did not finish.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", default="", metavar=FOLDER, help="real photos")
    parser.add_argument("--large", action="store_true", help="also 50,000 photos")
    parser.add_argument("--only", nargs="+", default=[], help="measure these and print them")
    parser.add_argument("--output", type=Path, help="where to write; default: docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="see that it works; figures are none")
    arguments = parser.parse_args()
    unknown = set(arguments.only) - {one.module for one in (*MEASURED, *PRINTED)}
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    photos = str(Path(arguments.photos).absolute()) if arguments.photos else ""
    facts = {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d"),
        **report.machine(),
        "load before": f"{os.getloadavg()[0]:.1f} processes at work",
    }
    failures: list[str] = []
    sections: list[Section] = []
    quoted: list[tuple[Printed, str | None]] = []
    with setting.place() as place:
        setting.prepare()
        home = place / "home"
        for one in MEASURED:
            if _wanted(one, photos, arguments.only):
                try:
                    sections.append(measured(one, photos, _options(one, home, arguments)))
                except UnfinishedError as error:
                    failures.append(str(error))
        for quote in PRINTED:
            lines = None
            if _wanted(quote, photos, arguments.only) and not arguments.quick:
                try:
                    lines = printed(quote, photos, home)
                except UnfinishedError as error:
                    failures.append(str(error))
            quoted.append((quote, lines))
    text = document(facts, sections, quoted)
    target = arguments.output or (None if arguments.only else DOCUMENT)
    if target is None or failures:
        print(text)
    else:
        target.write_text(text, "utf-8")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _wanted(one: Measured | Printed, photos: str, only: Sequence[str]) -> bool:
    return (not only or one.module in only) and (bool(photos) or not one.real)


def _options(one: Measured, home: Path, arguments: argparse.Namespace) -> list[str]:
    options = ["--quick"] if arguments.quick else []
    if one.module == "growth":
        options += ["--large"] if arguments.large else []
    elif arguments.quick:
        options += ["--photos", "20"]
    # How long it takes to compile a network is one of the figures there.
    return options if one.module == "notebook_way" else [*options, "--prepared", str(home)]


if __name__ == "__main__":
    sys.exit(main())
