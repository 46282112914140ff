"""What a machine needs once before the first training, and how far it is with it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Self

from flowercore.backbones import registry, runtime
from flowercore.data import catalog
from flowercore.errors import FlowercoreError
from flowercore.files import home_folder, write_json
from flowercore.runs import holder, starter
from flowercore.settings import settings

_REPORT_SECONDS = 0.2


@dataclass(frozen=True)
class Preparation:
    """State of the preparation: ``missing``, ``running``, ``ready`` or ``failed``.

    Attributes:
        state: One of the four.
        step: What is being done, in words.
        done: How far that step is.
        total: Of how many.
        reason: Why it failed, in words.
    """

    state: str
    step: str = ""
    done: int = 0
    total: int = 1
    reason: str | None = None


def look() -> Preparation:
    """Return how far this machine is."""
    garden = not settings().garden or any(one.name == catalog.GARDEN for one in catalog.entries())
    answers = starter.available() or not starter.packaged()
    if runtime.ready(registry.DEFAULT) and garden and answers:
        return Preparation("ready")
    try:
        values = json.loads((home_folder() / "preparation.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return Preparation("missing")
    name = values.pop("holder")
    if holder.alive(name):
        return Preparation("running", **values)
    if values.get("reason"):
        return Preparation("failed", **values)
    return Preparation("missing")


class Reporter:
    """Writes the steps of a preparation while the ``with`` block runs, and why it failed."""

    def __init__(self) -> None:
        self._holder = holder.new_name()
        self._stack = ExitStack()
        self._written = float("-inf")
        self._last = ("", 0, 1)

    def __enter__(self) -> Self:
        self._stack.enter_context(holder.held(self._holder))
        return self

    def step(self, step: str, done: int, total: int) -> None:
        """Say what is being done and how far it is."""
        new = step != self._last[0]
        self._last = (step, done, total)
        if new or done == total or perf_counter() - self._written > _REPORT_SECONDS:
            self._write(None)

    def _write(self, reason: str | None) -> None:
        step, done, total = self._last
        write_json(
            home_folder() / "preparation.json",
            {"holder": self._holder, "step": step, "done": done, "total": total, "reason": reason},
            durable=False,
        )
        self._written = perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._stack:
            if isinstance(error, FlowercoreError):
                self._write(str(error))
            elif error is not None:
                self._write(f"An error that should not happen: {type(error).__name__}.")
