"""One step of `benchmarks.growth`, in a process of its own whose memory is measured.

    python -m benchmarks.growth_steps STEP [FOLDER]

Prints seconds and those of its processors, all without imports, and the most memory that the
process held.
"""

from __future__ import annotations

import json
import logging
import resource
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from benchmarks.setting import ROOT

NAME = "many"
REPEATS = 5


class Cost(NamedTuple):
    """What a step takes.

    Attributes:
        seconds: From its begin to its end.
        own: Seconds of processors in the program, of all its threads together.
        system: Likewise in the operating system, which finds memory and writes files for it.
    """

    seconds: float
    own: float
    system: float


def bring_in(folder: str) -> Cost:
    """Copy, check and hash the photos of a folder."""
    from flowercore.data import catalog

    return _cost(lambda: catalog.import_source(Path(folder), NAME))


def scan() -> Cost:
    """List the photos again; nothing changed since."""
    from flowercore.data import catalog

    return _middle([_cost(lambda: catalog.load(NAME)) for _ in range(REPEATS)])


def looks() -> Cost:
    """Look at each photo once, as the gallery and a check do: numbers, hash, tile."""
    from flowercore.data import catalog, looks

    dataset = catalog.load(NAME)
    return _cost(lambda: looks.survey(dataset))


def features() -> Cost:
    """Send each photo through the network once."""
    from flowercore.backbones import registry
    from flowercore.data import catalog
    from flowercore.training.features import dataset_features

    dataset = catalog.load(NAME)
    return _cost(lambda: dataset_features(dataset, registry.DEFAULT))


def train() -> Cost:
    """Train on the features that are there now: twins, split, head, calibration, novelty."""
    from flowercore.jobs import worker
    from flowercore.training.config import TrainConfig

    def act() -> None:
        run = worker.train_now(TrainConfig(data=NAME), lambda line: None)
        if run.status != "finished":
            raise RuntimeError(f"a run must finish. Received: {run.status}, {run.reason}")

    return _cost(act)


def evaluate() -> Cost:
    """Judge the run on all photos, those it learned from told apart."""
    from flowercore.jobs import assessment
    from flowercore.runs import store

    (run,) = store.runs()
    return _cost(lambda: assessment.on_dataset(run.id, NAME))


def gallery() -> Cost:
    """Run the Explore page again and again as the server does; its first run is not counted."""
    from streamlit.testing.v1 import AppTest

    logging.disable(logging.WARNING)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.run()
    app.switch_page("pages/explore.py")
    app.query_params["data"] = NAME
    app.run()
    found = [_cost(app.run) for _ in range(REPEATS)]
    if app.exception:
        raise RuntimeError(app.exception[0].message)
    return _middle(found)


def _cost(act: Callable[[], object]) -> Cost:
    began, before = perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    act()
    after = resource.getrusage(resource.RUSAGE_SELF)
    own, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return Cost(perf_counter() - began, own, system)


def _middle(found: list[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*found, strict=True)))


STEPS: dict[str, Callable[..., Cost]] = {
    one.__name__: one for one in (bring_in, scan, looks, features, train, evaluate, gallery)
}


def most_memory() -> float:
    """Return the most megabytes that this process has held so far."""
    status = Path("/proc/self/status")
    if status.is_file():
        # What getrusage tells on Linux is never less than what the process that started this held.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Do one step and print what it cost."""
    cost = STEPS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**cost._asdict(), "megabytes": most_memory()}))


if __name__ == "__main__":
    main()
