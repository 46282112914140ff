"""Time to first paint and to a rerun, of every page, for one visitor and for a room.

    python -m benchmarks.pages [--data FOLDER] [--photos 500] [--visitors 30] [--times 20]

A real server and visitors that speak its protocol (`benchmarks.visitor`): first alone, then as many
as a room has, each with a pause before every action; idle, and with two fine-tunings at work.
Prints medians and 95th percentiles.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep

from benchmarks import setting
from benchmarks.report import Row, Section, Table, number
from benchmarks.visitor import Visitor
from tests.browser.serving import Server, environment_of, start

NAME = "bench"
PAGES = ("", "learn", "explore", "train", "evaluate", "compare", "predict")
FIRST, WHOLE, RERUN = "first paint", "whole page", "rerun"
# A person looks before the next click; without that, thirty would be a queue that never empties.
PAUSE = 5.0
# A head alone is trained too soon: the one for figures, and one that needs no TensorFlow.
_TUNING = f"data={NAME}&fine_tune=true&from=block4a&tail_epochs=200&views=2"
_ENDLESS = f"data={NAME}&epochs=1000000"
_PATIENCE_SECONDS = 600

Times = dict[tuple[str, str], list[float]]
"""Milliseconds by page and by what was measured."""


class Room:
    """Visitors who walk through the pages at the same time.

    Args:
        address: Of the server.
        pages: Addresses of the pages, with what follows the question mark.
        visitors: How many.
        times: Reruns of each page by each.
        pause: Seconds before each action, on average.
    """

    def __init__(
        self, address: str, pages: dict[str, str], visitors: int, times: int, pause: float
    ) -> None:
        self._address, self._pages = address, pages
        self._visitors, self._times, self._pause = visitors, times, pause
        self._found: Times = defaultdict(list)
        self._failed: list[Exception] = []
        self._lock = threading.Lock()

    def walk(self) -> Times:
        """Let all walk; return the times of all.

        Raises:
            RuntimeError: If a page fails.
        """
        threads = [threading.Thread(target=self._one, args=(n,)) for n in range(self._visitors)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failed:
            raise RuntimeError(f"{len(self._failed)} visitors failed") from self._failed[0]
        return self._found

    def _one(self, visitor: int) -> None:
        rng = random.Random(visitor)
        names = list(self._pages)
        start_at = visitor % len(names)
        try:
            with Visitor(self._address) as one:
                for name in names[start_at:] + names[:start_at]:
                    sleep(2 * rng.random() * self._pause)
                    shown = one.open(name, self._pages[name])
                    self._note(name, FIRST, shown.first)
                    self._note(name, WHOLE, shown.whole)
                    for _ in range(self._times):
                        sleep(2 * rng.random() * self._pause)
                        self._note(name, RERUN, one.rerun().whole)
        except Exception as error:
            self._failed.append(error)

    def _note(self, page: str, what: str, seconds: float) -> None:
        with self._lock:
            self._found[page, what].append(1000 * seconds)


def measure(arguments: Namespace) -> Section:
    """Measure the pages in all four states.

    Args:
        arguments: See `main`.
    """
    with setting.place(arguments.prepared) as place:
        photos = setting.photos(arguments.data, arguments.photos, place)
        environment = environment_of(place / "home")
        environment["FLOWERCORE_EPOCHS_MAX"] = "1000000"
        environment["FLOWERCORE_SLOTS"] = "2"
        setting.prepare()
        _fill(photos, environment)
        server = start("asgi.py", place, environment)
        try:
            pages = dict.fromkeys(PAGES, "")
            pages |= dict.fromkeys(("explore", "train"), f"data={NAME}")
            found: dict[str, Times] = {}
            for state in ("idle", "two trainings"):
                if state != "idle":
                    _two_trainings(server, _ENDLESS if arguments.quick else _TUNING)
                for visitors in (1, arguments.visitors):
                    alone = visitors == 1
                    times = arguments.times if alone else arguments.times_each
                    pause = 0.0 if alone else arguments.pause
                    room = Room(server.address, pages, visitors, times, pause)
                    people = "1 visitor" if alone else f"{visitors} visitors"
                    found[f"{people}, {state}"] = room.walk()
            memory = server.resident_megabytes()
        finally:
            server.stop()
    return _section(found, memory, arguments)


def _fill(photos: Path, environment: dict[str, str]) -> None:
    # The garden is painted first: the server would else do that while it is measured. Two
    # trainings, so that no page is empty.
    commands = [
        ["prepare"],
        ["import", str(photos), "--name", NAME],
        ["train", "--data", NAME, "--seed", "1"],
        ["train", "--data", NAME, "--seed", "1", "--l2", "0.01"],
    ]
    for words in commands:
        command = [sys.executable, "-m", "flowercore", *words]
        subprocess.run(
            command,
            cwd=setting.ROOT,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )


def _two_trainings(server: Server, query: str) -> None:
    from flowercore.runs import results, store

    for _ in range(2):
        with Visitor(server.address) as visitor:
            visitor.open("train", query)
            visitor.press("Start training")
    began = perf_counter()
    while perf_counter() - began < _PATIENCE_SECONDS:
        active = [results.progress(run.id) for run in store.runs() if run.active]
        if len(active) == 2 and all(one.step in ("head", "tail") and one.epoch for one in active):
            return
        sleep(0.2)
    raise RuntimeError("two trainings must be at work by now")


def _section(found: dict[str, Times], memory: float, arguments: Namespace) -> Section:
    summary, tables = [], []
    quietest = next(iter(found.values()))
    for state, times in found.items():
        for what in (FIRST, WHOLE, RERUN):
            values, before = _of_all(times, what), _of_all(quietest, what)
            ratio = _percentile(values, 50) / _percentile(before, 50)
            more = {"p50, times that of 1 visitor, idle": f"{ratio:.1f}"}
            summary.append(Row(f"{what}, {state}", values, "ms", more))
        rows = [
            Row(
                page or "home",
                tuple(times[page, RERUN]),
                "ms",
                {
                    f"{what} {name}": f"{number(_percentile(times[page, what], share))} ms"
                    for what in (FIRST, WHOLE)
                    for name, share in (("p50", 50), ("p95", 95))
                },
            )
            for page in PAGES
        ]
        tables.append(Table(f"rerun, {state}", tuple(rows), ("p50", "p95")))
    text = (
        f"{arguments.photos} photos, two finished runs. Visitors of a room walk through all pages, "
        f"each page opened once and run again {arguments.times_each} times, with a pause of "
        f"{arguments.pause:g} s on average before each action. From the connection of the "
        "websocket on: what a browser needs to load and draw comes on top."
    )
    return Section(
        "Pages",
        "python -m benchmarks.pages",
        (Table("all pages", tuple(summary), ("p50", "p95")), *tables),
        text,
        (f"Memory of the server at the end: {memory:.0f} MB.",),
    )


def _of_all(times: Times, what: str) -> tuple[float, ...]:
    return tuple(one for page in PAGES for one in times[page, what])


def _percentile(values: Sequence[float], share: float) -> float:
    import numpy as np

    return float(np.percentile(values, share))


def main() -> None:
    """Measure and print."""
    parser = setting.options(__doc__)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--times", type=int, default=20, help="reruns of a page by one visitor")
    parser.add_argument("--times-each", type=int, default=2, help="reruns by each of many visitors")
    parser.add_argument("--pause", type=float, default=PAUSE, help="seconds, by each of many")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.visitors, arguments.times, arguments.times_each, arguments.pause = 3, 1, 1, 0.1
    setting.told(measure(arguments), arguments)


if __name__ == "__main__":
    main()
