"""How long a phone photo takes from upload to verdict on the page, and what memory it costs.

    python -m benchmarks.uploads --data FOLDER [--uploads 200] [--times 15] [--files 1000]

A real server with its starter model and a browser. Photos of a folder of class folders are
enlarged to 12 megapixels and given to Predict by its own widget: one by one for the time, then in
handfuls for the memory of the server, which is told before and after. At last many small ones at
once.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from time import perf_counter

from playwright.sync_api import FilePayload, Page, expect

from benchmarks.predict import enlarged
from benchmarks.served import served
from tests.browser.walking import arrived

MEGAPIXELS = 12
HANDFUL = 10


def give(page: Page, photos: list[FilePayload] | list[str], told: str) -> float:
    """Upload photos and return the seconds until the last one's name stands in the page."""
    began = perf_counter()
    page.locator("input[type=file]").set_input_files(photos)
    expect(page.get_by_text(told).first).to_be_visible(timeout=300_000)
    taken = perf_counter() - began
    arrived(page, "Predict")
    return taken


def payloads(photos: list[bytes], first: int, count: int) -> list[FilePayload]:
    """Return so many photos under names that no other upload has."""
    return [
        {
            "name": f"photo{number}.jpg",
            "mimeType": "image/jpeg",
            "buffer": photos[number % len(photos)],
        }
        for number in range(first, first + count)
    ]


def written(photos: list[bytes], count: int, folder: Path) -> list[str]:
    """Write so many photos into a folder, as a visitor has them, and return their paths."""
    folder.mkdir()
    paths = [folder / f"small{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(photos[number % len(photos)])
    return [str(path) for path in paths]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="a folder of photos")
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--files", type=int, default=1000, help="small photos at once")
    arguments = parser.parse_args()
    paths = sorted(arguments.data.rglob("*.jpg"))[:: 500 // HANDFUL]
    photos = [enlarged(path, MEGAPIXELS) for path in paths[:HANDFUL]]
    small = [path.read_bytes() for path in paths[:HANDFUL]]
    with served() as one:
        server, page = one.server, one.page
        page.goto(f"{server.address}/predict")
        arrived(page, "Predict")
        number, seconds = 0, []
        for _ in range(arguments.times + 2):
            seconds.append(give(page, payloads(photos, number, 1), f"photo{number}.jpg ·"))
            number += 1
        before = server.resident_megabytes()
        for _ in range(arguments.uploads // HANDFUL):
            last = number + HANDFUL - 1
            give(page, payloads(photos, number, HANDFUL), f"photo{last}.jpg ·")
            number += HANDFUL
        after = server.resident_megabytes()
        print(
            f"upload to verdict, {MEGAPIXELS} megapixels: median "
            f"{statistics.median(seconds[2:]):.2f} s, slowest {max(seconds[2:]):.2f} s"
        )
        print(
            f"{arguments.uploads} uploads of {MEGAPIXELS} megapixels: server "
            f"{before:.0f} MB before, {after:.0f} MB after"
        )
        if arguments.files:
            many = written(small, arguments.files, one.folder / "many")
            taken = give(page, many, "Download all as CSV")
            print(
                f"{arguments.files:,} photos at once: {taken:.0f} s, "
                f"server {server.resident_megabytes():.0f} MB"
            )


if __name__ == "__main__":
    main()
