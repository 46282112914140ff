"""Small matrices are multiplied on one core."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy  # noqa: F401  (its linear algebra must be there before its threads are looked for)
from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
T = TypeVar("T")

_LIBRARIES = ThreadpoolController()


def on_one_core(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function's linear algebra take one core; for thousands of small products.

    Shared between cores, each product ends when the slower one has ended. On a busy machine that is
    when the system next lets it work: milliseconds for what takes microseconds (docs/decisions.md).
    """

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        with _LIBRARIES.limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
