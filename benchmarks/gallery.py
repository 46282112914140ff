"""How long the server works on a page of the gallery when there are thousands of photos.

    python -m benchmarks.gallery --data FOLDER [--photos 5000] [--times 20]

The photos of a folder of class folders are copied until there are enough, each copy with bytes of
its own, and looked at once as a check does. Then the Explore page is run in this process, as the
server runs it for a visitor: its first run, turning pages, filtering, and sorting. Prints medians
and the slowest.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]
NAME = "many"


def copies(source: Path, target: Path, count: int) -> None:
    """Write ``count`` photos into class folders, none with the bytes of another."""
    photos = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    for number, photo in zip(range(count), cycle(photos), strict=False):
        path = target / photo.parent.name / f"{number:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        # What follows the end of a JPEG is passed over by decoders.
        path.write_bytes(photo.read_bytes() + number.to_bytes(4, "big"))


def prepare(source: Path, count: int, place: Path) -> None:
    """Bring the copies in and look at each once."""
    from flowercore.data import catalog, looks

    copies(source, place / NAME, count)
    began = perf_counter()
    catalog.import_source(place / NAME, NAME)
    print(f"brought in {count:,} photos in {perf_counter() - began:.1f} s")
    began = perf_counter()
    looks.survey(catalog.load(NAME))
    print(f"looked at them in {perf_counter() - began:.1f} s")


def timed(app: AppTest, changes: Iterable[Callable[[AppTest], object]]) -> str:
    """Run the page after each change; return the median and the slowest in words."""
    seconds = []
    for change in changes:
        change(app)
        began = perf_counter()
        app.run()
        seconds.append(perf_counter() - began)
        assert not app.exception, app.exception[0].message
    return f"median {1000 * statistics.median(seconds):.0f} ms, slowest {1000 * max(seconds):.0f}"


def turn(number: int) -> Callable[[AppTest], object]:
    """Return what turns the gallery to a page."""
    return lambda app: app.session_state.__setitem__("page", number)


def choose_class(label: str) -> Callable[[AppTest], object]:
    """Return what filters by a class."""
    return lambda app: app.radio(key="class").set_value(label)


def sort_by(order: str) -> Callable[[AppTest], object]:
    """Return what puts the photos into another order."""
    return lambda app: app.selectbox(key="sort").set_value(order)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="a folder of class folders")
    parser.add_argument("--photos", type=int, default=5000)
    parser.add_argument("--times", type=int, default=20)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        os.environ["FLOWERCORE_HOME"] = str(Path(place) / "home")
        prepare(arguments.data, arguments.photos, Path(place))
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        app.run()
        app.switch_page("pages/explore.py")
        app.query_params["data"] = NAME
        began = perf_counter()
        app.run()
        print(f"first run of the page: {1000 * (perf_counter() - began):.0f} ms")
        print("again:", timed(app, [lambda app: None] * arguments.times))
        print("next page:", timed(app, [turn(2 + n) for n in range(arguments.times)]))
        labels = [one for one in app.radio(key="class").options if one != "All"]
        choices = islice(cycle(labels), arguments.times)
        print("another class:", timed(app, [choose_class(one) for one in choices]))
        orders = islice(cycle(app.selectbox(key="sort").options), arguments.times)
        print("another order:", timed(app, [sort_by(one) for one in orders]))


if __name__ == "__main__":
    main()
