"""The sample garden is painted by a process of its own while the network is compiled.

Both are work for one core, as Python lets one thread of a process work at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flowercore.data import catalog
from flowercore.errors import FlowercoreError
from flowercore.jobs import low_priority
from flowercore.settings import settings

_ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def painted_beside() -> Iterator[None]:
    """Let the garden be painted while the block runs, if it is wanted and not there yet.

    Whoever needs it calls `catalog.ensure_garden` in the block: that waits for the other process,
    and paints where that one could not.
    """
    if not settings().garden or any(one.name == catalog.GARDEN for one in catalog.entries()):
        yield
        return
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    painter = subprocess.Popen(
        [sys.executable, "-m", __name__, str(os.getpid())],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    except BaseException:
        painter.terminate()
        raise
    finally:
        painter.wait()


def main() -> None:
    """Paint for the process whose id is the first word, and not longer than it lives."""
    low_priority.start(int(sys.argv[1]))
    # Who waits for it tries again, and says why it cannot be done.
    with suppress(FlowercoreError):
        catalog.ensure_garden()


if __name__ == "__main__":
    main()
