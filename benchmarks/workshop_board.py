"""How long the leader's board takes to read.

    python -m benchmarks.workshop_board

Thirty visitors with four runs each, of which a number is at work, in a home folder of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from contextlib import ExitStack
from time import perf_counter

VISITORS = 30
RUNS = 4
TIMES = 30


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        os.environ |= {"FLOWERCORE_HOME": home, "FLOWERCORE_WORKSHOP": "on"}
        from flowercore.runs import holder, results, store
        from flowercore.runs.results import Progress
        from flowercore.workshop import board, room

        visitors = [f"{number:032x}" for number in range(VISITORS)]
        for visitor in visitors:
            room.arrive(visitor)
            for number in range(RUNS):
                config = {"data": "garden", "backbone": "efficientnet-lite0"}
                run = store.new_run(config, visitor=visitor, held_by="x")
                accuracy = 0.6 + 0.1 * number
                (store.folder(run.id) / "metrics.json").write_text(
                    json.dumps({"accuracy": accuracy, "accuracy_interval": [0.5, 1.0]})
                )
                store.update(run, status="finished", seconds={"total": 3.0})
        for active in (0, 2, VISITORS):
            name = holder.new_name()
            stack.enter_context(holder.held(name))
            for run in store.runs()[:active]:
                store.update(run, status="training", holder=name)
                results.write_progress(run.id, Progress(step="head", done=3, total=25))
            took = []
            for _ in range(TIMES):
                began = perf_counter()
                rows = board.rows(room.read(), set())
                took.append(1000 * (perf_counter() - began))
            print(
                f"{len(rows)} runs, {active} at work: median {statistics.median(took):.0f} ms, "
                f"slowest {max(took):.0f} ms"
            )


if __name__ == "__main__":
    main()
