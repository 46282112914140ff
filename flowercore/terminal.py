"""Progress and results for people at a terminal."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from time import perf_counter
from types import TracebackType
from typing import Any, Self

_BAR = 24
_REDRAW_SECONDS = 0.1


class Progress:
    """One line on standard error that says what is done, how far it is and how long it took.

    Args:
        what: What is being done.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._live = sys.stderr.isatty()
        self._drawn = float("-inf")
        self._width = 0

    def __enter__(self) -> Self:
        self._began = perf_counter()
        if self._live:
            self.line(f"{self._what} …")
        else:
            print(f"{self._what} …", file=sys.stderr, flush=True)
        return self

    def count(self, done: int, total: int) -> None:
        """Draw a bar for ``done`` of ``total``."""
        if done < total and perf_counter() - self._drawn < _REDRAW_SECONDS:
            return
        filled = _BAR * done // max(total, 1)
        self.line(f"{self._what} [{'█' * filled}{'·' * (_BAR - filled)}] {done}/{total}")

    def line(self, text: str) -> None:
        """Replace the line; where standard error is a file, lines would only fill it."""
        if self._live:
            print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        self._drawn = perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        took = f"{perf_counter() - self._began:.1f} s"
        if self._live:
            self.line(f"{self._what}: {'stopped' if error else 'done'} after {took}")
            print(file=sys.stderr)
        elif error is None:
            print(f"{self._what}: done after {took}", file=sys.stderr, flush=True)


class Steps:
    """A line of `Progress` for each step of something longer."""

    def __init__(self) -> None:
        self._step = ""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def count(self, step: str, done: int, total: int) -> None:
        """Draw a bar for ``done`` of ``total`` of a step; a new one ends the one before."""
        if step != self._step:
            self._open.close()
            self._step, self._line = step, self._open.enter_context(Progress(step))
        if total:
            self._line.count(done, total)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, traceback)


def show(value: Any, indent: str = "") -> None:
    """Print a result as indented lines that a person reads."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict | list) and item and not _flat(item):
                print(f"{indent}{key}:")
                show(item, indent + "  ")
            else:
                print(f"{indent}{key}: {_inline(item)}")
    elif isinstance(value, list):
        for item in value:
            if _flat(item):
                print(f"{indent}{_inline(item)}")
            else:
                show(item, indent)
                print()
    else:
        print(f"{indent}{_inline(value)}")


def _flat(value: Any) -> bool:
    if isinstance(value, list):
        return all(not isinstance(item, dict | list) for item in value)
    return not isinstance(value, dict)


def _inline(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_inline(item) for item in value) or "none"
    if value is None:
        return "none"
    return str(value) if value != {} else "none"
