"""How long the Evaluate page takes in a browser, for a usual test and for a very large one.

    python -m benchmarks.evaluate_page --data FOLDER [--times 5]

Two finished runs are written whose test photos are copies of those of a folder of class folders:
734 photos of its own classes (a fifth of the 3,670 of flower_photos), and 5,000 photos of 50
classes. A server is started, and a browser opens each view of each run, then clicks cells of the
matrix. Prints the medians and the slowest of the later times (the first one warms the server).
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CASES = {"734 photos, 5 classes": (734, 5), "5,000 photos, 50 classes": (5000, 50)}
SIGNS = {
    "confusions": ".js-plotly-plot .scatterlayer .point",
    "classes": ".js-plotly-plot .scatterlayer path",
    "certainty": ".js-plotly-plot .scatterlayer path",
    "mistakes": "[data-testid=stMain] img",
}
RIGHT = 0.88


def write_case(source: Path, place: Path, name: str, count: int, classes: int) -> str:
    """Bring in a dataset and write a run that was tested on all of it; return the run's id."""
    from flowercore.data import catalog, looks
    from flowercore.runs import results, store
    from flowercore.training.config import TrainConfig

    photos = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    labels = [f"class {number:02d}" for number in range(classes)]
    for number in range(count):
        path = place / name / labels[number % classes] / f"{number:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        # What follows the end of a JPEG is passed over by decoders.
        path.write_bytes(photos[number % len(photos)].read_bytes() + number.to_bytes(4, "big"))
    catalog.import_source(place / name, name)
    data = catalog.load(name)
    looks.survey(data)
    rng = np.random.default_rng(0)
    true = np.array([labels.index(photo.label) for photo in data.photos])
    said = np.where(rng.random(count) < RIGHT, true, rng.integers(0, classes, count))
    logits = rng.normal(0, 1, (count, classes))
    logits[np.arange(count), said] += 4
    values = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    run = store.new_run(TrainConfig(data=name, name=name).to_dict(), visitor="", held_by="nobody")
    results.write_predictions(
        run.id,
        pd.DataFrame(
            {
                "key": [photo.key for photo in data.photos],
                "sha256": [photo.sha256 for photo in data.photos],
                "split": "test",
                "label": [photo.label for photo in data.photos],
                "predicted": [labels[one] for one in values.argmax(axis=1)],
                **{f"p_{label}": values[:, one] for one, label in enumerate(labels)},
            }
        ),
    )
    dataset = {"name": name, "classes": labels, "identity": data.identity}
    store.update(run, status="finished", dataset=dataset, counts={"test": count})
    return run.id


def serve(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the dashboard on a free port and wait until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
            *("--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"),
        ],
        cwd=ROOT,
        env={**os.environ, "FLOWERCORE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return server, address
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server does not answer.")


def measured(page: Page, act: Callable[[], object], sign: str) -> float:
    """Return the seconds from an act until something is seen."""
    began = time.perf_counter()
    act()
    page.locator(sign).first.wait_for(state="visible", timeout=60_000)
    return time.perf_counter() - began


def told(name: str, seconds: list[float]) -> None:
    """Print a line about times of which the first one warmed the server."""
    later = seconds[1:] or seconds
    print(
        f"  {name}: first {seconds[0]:.2f} s, then median {statistics.median(later):.2f} s, "
        f"slowest {max(later):.2f} s"
    )


def cells(page: Page, address: str, classes: int, times: int) -> list[float]:
    """Click cells of the diagonal; return the seconds until their photos are there."""
    page.goto(address)
    area = page.locator(".js-plotly-plot .nsewdrag").first
    area.wait_for(state="visible")
    page.wait_for_timeout(2000)
    seconds = []
    for number in range(times):
        box = area.bounding_box()
        assert box is not None
        place = (number + 0.5) / classes
        label = f"class {number:02d}"
        x, y = box["x"] + box["width"] * place, box["y"] + box["height"] * place
        seconds.append(
            measured(
                page,
                lambda x=x, y=y: page.mouse.click(x, y),
                f"[data-testid=stMain] img[alt^='{label}, named right']",
            )
        )
        page.wait_for_timeout(500)
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="a folder of class folders")
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        home = Path(place) / "home"
        os.environ["FLOWERCORE_HOME"] = str(home)
        runs = {
            name: write_case(arguments.data, Path(place), f"set{number}", *case)
            for number, (name, case) in enumerate(CASES.items())
        }
        server, address = serve(home)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox"]
                )
                page = browser.new_page(viewport={"width": 1440, "height": 2000})
                for name, run in runs.items():
                    print(name)
                    for view, sign in SIGNS.items():
                        where = f"{address}/evaluate?run={run}&view={view}"
                        times = range(arguments.times + 1)
                        go = [measured(page, lambda w=where: page.goto(w), sign) for _ in times]
                        told(view, go)
                    where = f"{address}/evaluate?run={run}&view=confusions"
                    told("click", cells(page, where, CASES[name][1], arguments.times))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
