"""What a training writes down while it runs, and where it listens for the wish to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from time import perf_counter

from flowercore.errors import CancelledError, FlowercoreError
from flowercore.jobs.tensorboard import Logs
from flowercore.runs import results, store
from flowercore.runs.results import Progress
from flowercore.training.head import Epoch, diverged

# A page looks once a second; writing oftener costs more than the epochs of a head.
_REPORT_SECONDS = 0.2


class Reporter:
    """Writes how far a run is and listens for the wish to stop.

    Args:
        run_id: The run.
        epochs: How many are asked for, in all phases.
        classes: Number of classes.
        logs: Hears of every epoch as well.
    """

    def __init__(self, run_id: str, epochs: int, classes: int, logs: Logs | None = None) -> None:
        self._run_id = run_id
        self._epochs = epochs
        self._classes = classes
        self._logs = logs
        self._written = float("-inf")
        self._progress = Progress()
        self._began = perf_counter()
        self.history: list[Epoch] = []
        self.stopped = False

    def step(self, name: str) -> Callable[[int, int], None]:
        """Begin a step.

        Args:
            name: See `flowercore.runs.results.Progress`.

        Returns:
            Call it with (done, total) as the step goes on.
        """
        self._began = perf_counter()
        self._progress = Progress(name, total=1, epoch=len(self.history), epochs=self._epochs)
        self._write_progress()
        begun = False

        def count(done: int, total: int) -> None:
            nonlocal begun
            if not begun:
                # What went before the first count, such as an import, says nothing of the pace.
                self._began = perf_counter()
            first = self._progress.first if begun else done
            begun = True
            self._progress = replace(self._progress, done=done, total=total, first=first)
            if done == total or self._due():
                self._write_progress()

        return count

    def check(self) -> None:
        """Raise `CancelledError` if somebody asked the run to stop."""
        if store.cancel_requested(self._run_id):
            raise CancelledError("Stopped before the first epoch.")

    def epoch(self, epoch: Epoch) -> bool:
        """Take down an epoch; return whether to go on.

        Raises:
            FlowercoreError: If the training diverged.
        """
        numbered = replace(epoch, epoch=len(self.history) + 1)
        self.history.append(numbered)
        if self._logs is not None:
            self._logs.epoch(numbered)
        if diverged(numbered, self._classes):
            self.flush()
            raise FlowercoreError(
                f"Training diverged in epoch {numbered.epoch}: its loss came to "
                f"{numbered.loss:.3g}. Choose a lower learning rate."
            )
        if epoch.phase == "head":
            self._progress = replace(self._progress, done=epoch.epoch, epoch=len(self.history))
        else:
            self._progress = replace(self._progress, epoch=len(self.history))
        if epoch.phase == "tail" or self._due():
            self._write(durable=False)
            self._listen()
        return not self.stopped

    def batch(self, count: Callable[[int, int], None]) -> Callable[[int, int], bool]:
        """Return what a phase calls after each step with (steps done, steps in an epoch).

        Args:
            count: From `step`.
        """
        before = len(self.history)

        def listen(done: int, steps: int) -> bool:
            in_phase = len(self.history) - before
            total = steps * (self._epochs - before)
            due = self._due()
            count(in_phase * steps + done, total)
            if due:
                self._listen()
            return not self.stopped

        return listen

    def flush(self) -> None:
        """Write all that was taken down, to stay."""
        self._write(durable=True)

    def _listen(self) -> None:
        if store.cancel_requested(self._run_id) and len(self.history) < self._epochs:
            self.stopped = True

    def _due(self) -> bool:
        return perf_counter() - self._written >= _REPORT_SECONDS

    def _write(self, *, durable: bool) -> None:
        rows = [asdict(epoch) for epoch in self.history]
        results.write_history(self._run_id, rows, durable=durable)
        self._write_progress()

    def _write_progress(self) -> None:
        seconds = perf_counter() - self._began
        results.write_progress(self._run_id, replace(self._progress, seconds=seconds))
        self._written = perf_counter()
