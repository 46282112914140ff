"""From the start of the server's process to its first page in a browser, and its memory then.

    python -m benchmarks.first_page [--runs 5]

On a new machine, whose network is compiled and whose garden is painted while the page opens, and on
one that is ready, in turn. Beside the seconds stands what a bare ``import streamlit`` takes, as a
measure of the machine, and what getting ready takes where nothing else is to be done.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import perf_counter, sleep

from playwright.sync_api import Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print medians over the runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    imports: list[float] = []
    found: dict[str, list[tuple[float, float]]] = {"new": [], "ready": []}
    with tempfile.TemporaryDirectory() as ready, sync_playwright() as playwright:
        began = perf_counter()
        subprocess.run(
            [sys.executable, "-m", "flowercore", "prepare"],
            cwd=ROOT,
            env={**os.environ, "FLOWERCORE_HOME": ready},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        preparing = perf_counter() - began
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        for _ in range(runs):
            began = perf_counter()
            subprocess.run([sys.executable, "-c", "import streamlit"], check=True)
            imports.append(perf_counter() - began)
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as new:
                for machine, home in (("new", new), ("ready", ready)):
                    page = browser.new_page()
                    found[machine].append(first_page(page, home))
                    page.close()
        browser.close()
    print(f"import streamlit: median {statistics.median(imports):.2f} s")
    for machine, starts in found.items():
        pages = [seconds for seconds, _ in starts]
        print(
            f"first page of a {machine} machine: median {statistics.median(pages):.2f} s "
            f"({min(pages):.2f} to {max(pages):.2f}), "
            f"{statistics.median(pages) / statistics.median(imports):.1f} times the import"
        )
    memory = statistics.median(megabytes for _, megabytes in found["new"])
    print(f"server's memory then: median {memory:.0f} MB")
    print(f"a machine gets ready in {preparing:.1f} s")


def first_page(page: Page, home: str) -> tuple[float, float]:
    """Start a server, open it and stop it; return seconds to the heading and resident megabytes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "asgi.py")]
    options = ["--server.headless=true", f"--server.port={port}"]
    began = perf_counter()
    server = subprocess.Popen(
        [*command, *options],
        env={**os.environ, "FLOWERCORE_HOME": home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            try:
                page.goto(f"http://127.0.0.1:{port}")
                break
            except Error:  # the server does not listen yet
                sleep(0.02)
        page.get_by_role("heading", name="Flower Lab", level=1).wait_for()
        seconds = perf_counter() - began
        status = Path(f"/proc/{server.pid}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return seconds, int(resident.split()[1]) / 1024
    finally:
        server.terminate()
        server.wait()
        # Its workers would be at it for a moment yet, and the next start is measured now.
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
