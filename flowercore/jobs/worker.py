"""The functions that run in a worker process. They take ids and names, never live objects."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from flowercore import __version__
from flowercore.backbones import imagenet_top, registry, runtime
from flowercore.data import catalog
from flowercore.errors import CancelledError, FlowercoreError, JobError
from flowercore.files import reserve
from flowercore.jobs import exporting, pipeline, starter_setup, task_kinds
from flowercore.jobs.garden_beside import painted_beside
from flowercore.jobs.low_priority import settle
from flowercore.jobs.preparation import Reporter
from flowercore.runs import holder, results, starter, store
from flowercore.runs.store import Run
from flowercore.settings import settings
from flowercore.training.config import TrainConfig

_LOG = logging.getLogger(__name__)
_STEPS = {
    "weights": "Fetching weights: byte",
    "photos": "Measuring: photo",
    "features": "Features: photo",
    "activations": "Activations: photo",
    "beside": "Pretrained end: photo",
    "judging": "Judging: photo",
    "calibrating": "Calibrating: epoch",
}


def as_guest(version: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Do something in a process of a Dask cluster, which others have started.

    Args:
        version: Version of the Flower Lab that asks.
        function: A function of Flower Lab's, at the top of its module.
        *arguments: What it takes.

    Returns:
        What the function returns.

    Raises:
        JobError: If the version here is another.
    """
    if version != __version__:
        raise JobError(
            "Server and workers must run the same version of Flower Lab. Received: a worker with "
            f"{__version__}, a server with {version}. Update the older one and start it again."
        )
    _belong_to_cluster()
    settle()
    return function(*arguments)


def _belong_to_cluster() -> None:
    """Take as many threads as Dask gave this process, and know that others share the home folder.

    Whoever started the worker may have set the variables: that counts.
    """
    from distributed import get_worker

    here = get_worker()
    own = {
        "FLOWERCORE_THREADS": str(here.state.nthreads),
        "FLOWERCORE_SCHEDULER": here.scheduler.address,
    }
    missing = own.keys() - os.environ.keys()
    if missing:
        os.environ.update({name: own[name] for name in missing})
        settings.cache_clear()


def get_ready() -> int:
    """Get ready to look at photos, so that the first who trains does not wait for it.

    Returns:
        This process's id.
    """
    backbone = registry.get(registry.DEFAULT)
    if runtime.ready(backbone.name):
        side = backbone.input_size
        try:
            extractor = runtime.extractor(backbone.name)
            # Three for each thread: what computes two at a time is made, and what computes one.
            photos = np.zeros((3 * extractor.threads, side, side, 3), np.uint8)
            imagenet_top.logits(extractor.features(photos))
        except (FlowercoreError, ValueError, RuntimeError) as error:
            # Whoever trains is told; a worker that only answers other questions goes on.
            _LOG.warning("The pretrained network cannot be used. %s", error)
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
    if run.status != "waiting":
        # It was stopped, or a scheduler that lost sight of its first worker sends it to a second.
        return run
    name = holder.new_name()
    with holder.held(name):
        run = store.update(
            run, status="features", holder=name, pid=os.getpid(), started=store.now()
        )
        try:
            with reserve(store.folder(run_id)):
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


def export(run_id: str) -> None:
    """Pack a run for taking home; how that went stands in its folder.

    Args:
        run_id: Id of a run that has ended.

    Raises:
        NotFoundError: If there is no such run.
        StorageError: If not even the failure could be written down.
    """
    exporting.carry_out(run_id)


def task(task_id: str) -> None:
    """Carry out a task; how that went stands in its folder.

    Args:
        task_id: Id of a task that waits.

    Raises:
        NotFoundError: If there is no such task.
        StorageError: If not even the failure could be written down.
    """
    task_kinds.work(task_id)


def prepare() -> None:
    """Compile the default backbone, set up the starter, paint the garden: what was not done yet.

    How far it is stands in the home folder: see `flowercore.jobs.preparation`.

    Raises:
        FlowercoreError: If it cannot be done; the reason is written down as well.
    """
    with Reporter() as reporter, painted_beside():
        reporter.step("Compiling the pretrained network for this machine", 0, 1)
        runtime.prepare(registry.DEFAULT)
        if starter.packaged() and not starter.available():
            reporter.step("Setting up the starter model", 0, 1)
            starter_setup.set_up()
        if settings().garden:
            step = "Painting the sample garden"
            reporter.step(step, 0, 1)
            catalog.ensure_garden(lambda done, total: reporter.step(step, done, total))
