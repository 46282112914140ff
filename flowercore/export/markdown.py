"""Markdown that shows what people wrote as they wrote it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

# Control, format (turns the writing direction) and surrogate characters.
_INVISIBLE = {"Cc", "Cf", "Cs"}
_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&])")


def plain(words: str) -> str:
    """Return text that Markdown shows as it is: names come from people and files."""
    text = " ".join(words.split())
    text = "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)
    return _MEANS_SOMETHING.sub(r"\\\1", text)


def listing(names: Iterable[str]) -> str:
    """Return names as in a sentence: ``daisy, rose and tulip``."""
    *first, last = map(plain, names)
    return f"{', '.join(first)} and {last}" if first else last


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells must be Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def many(count: int, thing: str) -> str:
    """Return a count with its noun: ``1 photo``, ``1,200 photos``."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def percent(share: float) -> str:
    """Return a share 0..1 as per cent: ``93.0 %``."""
    return f"{share * 100:.1f} %"


def size(count: int) -> str:
    """Return a file size: ``85 kB``, ``2.4 MB``."""
    return f"{count / 1e6:.1f} MB" if count >= 999_500 else f"{max(1, round(count / 1e3))} kB"
