"""Freed memory goes back to the machine, also from below what is still in use."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import threading
from pathlib import Path
from flowercore import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

{before}
pins = []
def work():
    blocks = [bytes(60_000) for _ in range(300)]
    pins.append(bytes(60_000))

for _ in range(8):
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
held = resident()
memory.give_back()
print(held, resident())
"""


def run(before: str) -> tuple[float, float]:
    code = CODE.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    held, left = map(float, done.stdout.split())
    return held, left


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps freed memory so")
def test_what_is_pinned_from_above_is_given_back() -> None:
    held, left = run("memory.share_arenas()")
    assert held - left > 5


def test_what_stays_is_passed_over_by_the_collector_once() -> None:
    code = (
        "import gc\nfrom flowercore.memory import pass_over_what_stays as told\n"
        "first, frozen, again = told(), gc.get_freeze_count(), told()\n"
        "import colorsys\n"
        "print(first, frozen > 1000, again, told())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "False", "True"]
