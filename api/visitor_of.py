"""How a server knows its visitors."""

from __future__ import annotations

from collections.abc import Callable

VisitorOf = Callable[[dict[str, str]], str | None]
"""Returns the visitor's id from the cookies, or None."""
