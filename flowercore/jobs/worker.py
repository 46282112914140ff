"""The functions that run in a worker process. They take ids and names, never live objects."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from flowercore.backbones import registry, runtime
from flowercore.data import catalog
from flowercore.errors import CancelledError, FlowercoreError
from flowercore.jobs import pipeline
from flowercore.jobs.preparation import Reporter
from flowercore.runs import holder, results, store
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig

_LOG = logging.getLogger(__name__)
_NICENESS = 19
_PARENT_CHECK_SECONDS = 1
_STEPS = {
    "weights": "Fetching weights: byte",
    "photos": "Measuring: photo",
    "features": "Features: photo",
    "activations": "Activations: photo",
    "judging": "Judging: photo",
}


def start(parent: int) -> None:
    """Set up a worker: lowest priority, and no life without the server.

    Args:
        parent: Process id of the server.
    """
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(1)


def ping() -> int:
    """Return this process's id; to be called at all, a worker starts and imports what it needs."""
    return os.getpid()


def train_now(config: TrainConfig, say: Callable[[str], None]) -> Run:
    """Train in this process, without a queue.

    Args:
        config: What is asked for.
        say: Called now and then with a line about how far it is.

    Returns:
        The run: finished, stopped or failed with a reason.

    Raises:
        StorageError: If the home folder cannot be written.
    """
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run(config.to_dict(), visitor="", held_by=name)
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(run.id, ended, say), daemon=True)
        watcher.start()
        try:
            return train(run.id)
        except KeyboardInterrupt:
            _ended(run.id, "stopped", "Interrupted at the keyboard.")
            raise
        finally:
            ended.set()
            watcher.join()


def _watch(run_id: str, ended: threading.Event, say: Callable[[str], None]) -> None:
    while not ended.wait(0.3):
        line = _line(results.progress(run_id))
        if line:
            say(line)


def _line(progress: results.Progress) -> str:
    if progress.step in ("head", "tail"):
        line = f"Training: epoch {progress.epoch + 1} of {progress.epochs}"
    elif progress.step in _STEPS:
        line = f"{_STEPS[progress.step]} {progress.done:,} of {progress.total:,}"
    else:
        return ""
    left = progress.seconds_left
    return line if left is None else f"{line}, {left:.0f} s left"


def train(run_id: str) -> Run:
    """Carry out a waiting run; how it ended stands in its folder.

    Args:
        run_id: Id of the run.

    Returns:
        The run: finished, stopped or failed with a reason.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If not even the failure could be written down.
    """
    run = store.get(run_id)
    if not run.active:
        return run
    name = holder.new_name()
    with holder.held(name):
        run = store.update(
            run, status="features", holder=name, pid=os.getpid(), started=store.now()
        )
        try:
            return pipeline.train(run)
        except CancelledError as error:
            return _ended(run_id, "stopped", str(error))
        except FlowercoreError as error:
            return _ended(run_id, "failed", str(error))
        except MemoryError:
            return _ended(run_id, "failed", "The machine ran out of memory. Try fewer photos.")
        except Exception as error:
            _LOG.exception("run %s failed", run_id)
            kind = type(error).__name__
            return _ended(
                run_id, "failed", f"An error that should not happen: {kind}. The log tells more."
            )


def _ended(run_id: str, status: str, reason: str) -> Run:
    return store.update(store.get(run_id), status=status, reason=reason, finished=store.now())


def prepare() -> None:
    """Compile the default backbone and paint the garden, where that was not done yet.

    How far it is stands in the home folder: see `flowercore.jobs.preparation`.

    Raises:
        FlowercoreError: If it cannot be done; the reason is written down as well.
    """
    with Reporter() as reporter:
        reporter.step("Compiling the pretrained network for this machine", 0, 1)
        runtime.prepare(registry.DEFAULT)
        step = "Painting the sample garden"
        catalog.ensure_garden(lambda done, total: reporter.step(step, done, total))
