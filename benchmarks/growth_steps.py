"""One step of `benchmarks.growth`, in a process of its own whose memory is measured.

    python -m benchmarks.growth_steps STEP [FOLDER]

Prints seconds, without those of imports, and the most memory that the process held.
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

from benchmarks.setting import ROOT

NAME = "many"
REPEATS = 5


def bring_in(folder: str) -> float:
    """Copy, check and hash the photos of a folder."""
    from flowercore.data import catalog

    return _seconds(lambda: catalog.import_source(Path(folder), NAME))


def scan() -> float:
    """List the photos again; nothing changed since."""
    from flowercore.data import catalog

    return statistics.median(_seconds(lambda: catalog.load(NAME)) for _ in range(REPEATS))


def looks() -> float:
    """Look at each photo once, as the gallery and a check do: numbers, hash, tile."""
    from flowercore.data import catalog, looks

    dataset = catalog.load(NAME)
    return _seconds(lambda: looks.survey(dataset))


def features() -> float:
    """Send each photo through the network once."""
    from flowercore.backbones import registry
    from flowercore.data import catalog
    from flowercore.training.features import dataset_features

    dataset = catalog.load(NAME)
    return _seconds(lambda: dataset_features(dataset, registry.DEFAULT))


def train() -> float:
    """Train on the features that are there now: twins, split, head, calibration, novelty."""
    from flowercore.jobs import worker
    from flowercore.training.config import TrainConfig

    began = perf_counter()
    run = worker.train_now(TrainConfig(data=NAME), lambda line: None)
    seconds = perf_counter() - began
    if run.status != "finished":
        raise RuntimeError(f"a run must finish. Received: {run.status}, {run.reason}")
    return seconds


def evaluate() -> float:
    """Judge the run on all photos, those it learned from told apart."""
    from flowercore.jobs import assessment
    from flowercore.runs import store

    (run,) = store.runs()
    return _seconds(lambda: assessment.on_dataset(run.id, NAME))


def gallery() -> float:
    """Run the Explore page again and again as the server does; its first run is not counted."""
    from streamlit.testing.v1 import AppTest

    logging.disable(logging.WARNING)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.run()
    app.switch_page("pages/explore.py")
    app.query_params["data"] = NAME
    app.run()
    found = [_seconds(app.run) for _ in range(REPEATS)]
    if app.exception:
        raise RuntimeError(app.exception[0].message)
    return statistics.median(found)


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


STEPS: dict[str, Callable[..., float]] = {
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
    seconds = STEPS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"seconds": seconds, "megabytes": most_memory()}))


if __name__ == "__main__":
    main()
