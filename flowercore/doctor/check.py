"""What a check says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

OK, WARNING, PROBLEM = "ok", "warning", "problem"
_WORST_LAST = (OK, WARNING, PROBLEM)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        state: `OK`; `WARNING` for what works with a drawback; `PROBLEM` for what does not work.
        found: What was found, in a sentence.
        advice: What to do; empty if nothing.
    """

    name: str
    state: str
    found: str
    advice: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def worst(checks: Iterable[Check]) -> str:
    """Return the worst state among checks."""
    return max((one.state for one in checks), key=_WORST_LAST.index, default=OK)
