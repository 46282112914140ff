"""What jobs cost beside the training itself: seconds to stop and to notice, and memory.

    python -m benchmarks.jobs --data FOLDER_OR_NAME [--trainings 20]

Works in a home folder of its own. The process that prints is the server: it queues, and reads what
pages show; trainings run in one worker process. Seconds are the worst of three; memory is that of
the process as the operating system counts it.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowercore.jobs.job_queue import JobQueue
    from flowercore.runs.store import Run
    from flowercore.training.config import TrainConfig

TRIES = 3


def main() -> None:
    """Print a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="garden", help="a dataset's name, or a folder")
    parser.add_argument("--trainings", type=int, default=20)
    arguments = parser.parse_args()
    data = arguments.data
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "FLOWERCORE_HOME": home,
            "FLOWERCORE_SLOTS": "1",
            "FLOWERCORE_EPOCHS_MAX": "100000",
        }
        measure(str(Path(data).absolute()) if Path(data).is_dir() else data, arguments.trainings)


def measure(data: str, trainings: int) -> None:
    """Measure and print; the environment already names the home folder."""
    from flowercore.jobs import worker
    from flowercore.jobs.executor import LocalSlots
    from flowercore.jobs.job_queue import JobQueue
    from flowercore.training.config import TrainConfig

    slots = LocalSlots(1)
    slot = slots.take()
    # Backbone and garden, in the worker: this process must not import TensorFlow.
    slot.submit(worker.prepare).result()
    slots.give_back(slot)
    queue = JobQueue(slots)
    config = TrainConfig(data=data)
    try:
        stopping(queue, replace(config, epochs=100_000, batch_size=1))
        memory(queue, config, trainings)
        reading()
    finally:
        queue.close()


def stopping(queue: JobQueue, config: TrainConfig) -> None:
    """Print how long a stop takes, and how long until a kill is seen."""
    from flowercore.files import home_folder
    from flowercore.runs import results, store

    def kill(run: Run) -> None:
        pid = store.get(run.id).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def cancel(run: Run) -> None:
        queue.cancel(run.id)

    def computing(run: Run) -> bool:
        return results.progress(run.id).step == "features"

    def in_epochs(run: Run) -> bool:
        return results.progress(run.id).epoch > 1

    figures: list[tuple[str, Callable[[Run], None], Callable[[Run], bool], str]] = [
        ("stop in the features", cancel, computing, "stopped"),
        ("kill in the features until failed", kill, computing, "failed"),
        ("stop in the epochs", cancel, in_epochs, "stopped"),
        ("kill in the epochs until failed", kill, in_epochs, "failed"),
    ]
    for what, act, moment, status in figures:
        seconds = []
        for _ in range(TRIES):
            if moment is computing:
                for file in home_folder("cache").glob("features.sqlite*"):
                    file.unlink()
            run = queue.submit(config, "benchmark")
            wait_until(moment, run)
            began = perf_counter()
            act(run)
            wait_until(ended, run)
            seconds.append(perf_counter() - began)
            assert store.get(run.id).status == status, store.get(run.id)
        print(f"{what}: {max(seconds):.2f} s", flush=True)


def memory(queue: JobQueue, config: TrainConfig, trainings: int) -> None:
    """Print how the memory of server and worker grows over trainings in a row."""
    from flowercore.runs import results, store

    server: list[float] = []
    worker: list[float] = []
    for seed in range(trainings + 1):
        run = queue.submit(replace(config, seed=seed), "benchmark")
        wait_until(ended, run)
        done = store.get(run.id)
        assert done.status == "finished", done.reason
        assert done.pid is not None
        results.history(run.id)
        results.predictions(run.id)
        server.append(megabytes(os.getpid()))
        worker.append(megabytes(done.pid))
    print(
        f"server after the first training: {server[0]:.0f} MB, after {trainings} more: "
        f"{server[-1]:.0f} MB, growth {server[-1] - server[0]:.1f} MB"
    )
    print(
        f"worker after the first training: {worker[0]:.0f} MB, after {trainings} more: "
        f"{worker[-1]:.0f} MB, at most {max(worker):.0f} MB"
    )


def reading() -> None:
    """Print how long a page's look at the runs takes."""
    from flowercore.runs import results, store

    began = perf_counter()
    runs = store.runs()
    listed = perf_counter() - began
    began = perf_counter()
    for run in runs:
        results.history(run.id)
    read = (perf_counter() - began) / len(runs)
    print(f"list of {len(runs)} runs: {listed * 1000:.1f} ms; a history: {read * 1000:.1f} ms")


def ended(run: Run) -> bool:
    """Tell whether a run has ended."""
    from flowercore.runs import store

    return not store.get(run.id).active


def wait_until(reached: Callable[[Run], bool], run: Run) -> None:
    """Look a hundred times a second, as no page does."""
    while not reached(run):
        sleep(0.01)


def megabytes(pid: int) -> float:
    """Return a process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
