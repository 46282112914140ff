"""Starting the dashboard as a process of its own, and a browser to look at it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
_LAST_WORDS_SECONDS = 3

# By itself a browser asks its maker about updates and safety: not here.
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


def chromium() -> str | None:
    """Return the path of the machine's browser, or None if it has none that we know."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@dataclass
class Server:
    """A running dashboard.

    Attributes:
        address: Where it is.
        process: The server's process; its workers are children of it.
        log: File that takes what it says.
    """

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def resident_megabytes(self) -> float:
        """Return the server's memory, its workers not counted."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def libraries(self) -> str:
        """Return the paths of all files that the server has mapped into its memory."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    def stop(self) -> None:
        """End the server; its workers leave by themselves."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(script: str, folder: Path, environment: Mapping[str, str]) -> Server:
    """Start the dashboard on a free port and wait until it answers.

    Args:
        script: ``asgi.py`` or ``streamlit_app.py``.
        folder: Where it is started and where its log goes; never the project's own folder, because
            nothing may depend on that.
        environment: What it is started with.

    Raises:
        RuntimeError: If it does not come up.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script)]
    options = {"address": "127.0.0.1", "port": str(port), "headless": "true"}
    command += [f"--server.{name}={value}" for name, value in options.items()]
    log = folder / f"server-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=out, stderr=out
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=1):
                return server
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    server.stop()
    raise RuntimeError(f"the server did not come up:\n{log.read_text()}")


def environment_of(home: Path) -> dict[str, str]:
    """Return this process's environment with another home folder."""
    return {**os.environ, "FLOWERCORE_HOME": str(home)}
