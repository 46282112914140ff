"""Photos a second that eight programs get answered, and what the pages feel of it.

    python -m benchmarks.rest --data FOLDER [--clients 8] [--seconds 20] [--at-once 1]

A real server with its starter model, and clients that send photo after photo over connections that
they keep. Meanwhile a browser on the Train page changes a setting again and again. Prints photos a
second, errors, and the time of a rerun of the page, idle and busy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
from collections import Counter
from pathlib import Path
from time import perf_counter, sleep

import requests

from benchmarks.page_rerun import reruns
from benchmarks.served import served
from tests.browser.serving import Server
from tests.browser.walking import arrived


class Clients:
    """Programs that send photos until they are stopped.

    Args:
        address: Of the server.
        photos: Name and content of each.
        count: How many programs.
        at_once: Photos in a request.
    """

    def __init__(
        self, address: str, photos: list[tuple[str, bytes]], count: int, at_once: int
    ) -> None:
        self.answered: Counter[str] = Counter()
        self.seconds: list[float] = []
        self._address = f"{address}/api/predict?run=starter"
        self._photos, self._at_once = photos, at_once
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(count)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        place = 7 * number
        with requests.Session() as session:
            while not self._over.is_set():
                chosen = [
                    self._photos[(place + n) % len(self._photos)] for n in range(self._at_once)
                ]
                place += self._at_once
                began = perf_counter()
                try:
                    files = [("photo", photo) for photo in chosen]
                    answer = session.post(self._address, files=files, timeout=60)
                    said = answer.json().get("answers", [])
                except (requests.RequestException, ValueError) as error:
                    self.answered[type(error).__name__] += 1
                    continue
                self.seconds.append(perf_counter() - began)
                self.answered["photos"] += sum("label" in one for one in said)
                if answer.status_code != 200:
                    self.answered[f"status {answer.status_code}"] += 1


def cpu_seconds(server: Server) -> float:
    """Return what a server has used of the cores so far, its workers not counted."""
    times = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="a folder of photos")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--at-once", type=int, default=1, help="photos in a request")
    parser.add_argument("--times", type=int, default=15, help="reruns of the page")
    arguments = parser.parse_args()
    paths = sorted(arguments.data.rglob("*.jpg"))
    photos = [(path.name, path.read_bytes()) for path in paths[:: max(1, len(paths) // 100)]]
    with served(FLOWERCORE_API_PHOTOS_A_MINUTE="1000000") as one:
        server, page = one.server, one.page
        page.goto(f"{server.address}/train?data=garden")
        arrived(page, "Train")
        page.wait_for_timeout(1000)  # a click while it is still being drawn is lost
        idle = reruns(page, arguments.times)
        with Clients(server.address, photos, arguments.clients, arguments.at_once) as some:
            sleep(2)  # the networks are loaded
            some.answered.clear()
            some.seconds.clear()
            began, used = perf_counter(), cpu_seconds(server)
            busy = reruns(page, arguments.times)
            sleep(max(0.0, arguments.seconds - (perf_counter() - began)))
            taken, answered = perf_counter() - began, Counter(some.answered)
            used = cpu_seconds(server) - used
            seconds = sorted(some.seconds)
        memory = server.resident_megabytes()
    count = answered.pop("photos", 0)
    print(
        f"{arguments.clients} clients: {count / taken:.0f} photos/s, errors: {dict(answered)}; "
        f"{1000 * used / count:.0f} ms of a core each"
    )
    print(
        f"a request of {arguments.at_once}: p50 {1000 * statistics.median(seconds):.0f} ms, "
        f"p95 {1000 * seconds[int(0.95 * len(seconds))]:.0f} ms"
    )
    print(f"a rerun of the page: {idle:.0f} ms idle, {busy:.0f} ms busy; server {memory:.0f} MB")


if __name__ == "__main__":
    main()
