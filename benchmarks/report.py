"""What benchmarks hand back, and how it becomes Markdown; facts of the machine.

A benchmark measures and returns a `Section`: rows that hold every value that was measured. Here
they become medians, spreads and percentiles, so all benchmarks say them alike.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import psutil

# What decides speed here; those that are not installed are left out.
_PACKAGES = (
    "numpy",
    "pillow",
    "ai-edge-litert",
    "tensorflow-cpu",
    "tensorflow",
    "keras",
    "streamlit",
    "onnxruntime",
)


@dataclass(frozen=True)
class Row:
    """One thing that was measured.

    Attributes:
        what: What it is, in words.
        values: Each time it was measured; one value for what was measured once.
        unit: Of the values: s, ms, MB, photos/s, ...
        more: Further cells by the title of their column.
    """

    what: str
    values: tuple[float, ...]
    unit: str
    more: dict[str, str] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)


@dataclass(frozen=True)
class Table:
    """Rows that belong together.

    Attributes:
        title: What they are about.
        rows: The rows.
        statistics: Which columns are made of the values, some of `STATISTICS`.
    """

    title: str
    rows: tuple[Row, ...]
    statistics: tuple[str, ...] = ("median", "spread")


@dataclass(frozen=True)
class Section:
    """What one benchmark found.

    Attributes:
        title: What was measured.
        command: How to measure it again.
        tables: The figures.
        text: How it was measured, a paragraph.
        remarks: What else is to be said, a sentence or two each.
    """

    title: str
    command: str
    tables: tuple[Table, ...]
    text: str = ""
    remarks: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the section with all values."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Section:
        """Read what `to_json` returned."""
        read = json.loads(text)
        tables = tuple(
            Table(
                one["title"],
                tuple(
                    Row(r["what"], tuple(r["values"]), r["unit"], r["more"]) for r in one["rows"]
                ),
                tuple(one["statistics"]),
            )
            for one in read["tables"]
        )
        return cls(read["title"], read["command"], tables, read["text"], tuple(read["remarks"]))


def number(value: float) -> str:
    """Return a number with three digits that count."""
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{digits}f}"


def _spread(row: Row) -> str:
    if len(row.values) < 2:
        return "once"
    return f"{number(min(row.values))} to {number(max(row.values))}"


def _percentile(share: float) -> Callable[[Row], str]:
    return lambda row: f"{number(float(np.percentile(row.values, share)))} {row.unit}"


STATISTICS: dict[str, Callable[[Row], str]] = {
    "median": lambda row: f"{number(row.median)} {row.unit}",
    "spread": _spread,
    "p50": _percentile(50),
    "p95": _percentile(95),
    "p99": _percentile(99),
}


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is words, the others are figures."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in [head, *rows]]
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [cells[0], rule, *cells[1:]])


def table(found: Table) -> str:
    """Return measured rows as Markdown."""
    more = list(dict.fromkeys(name for row in found.rows for name in row.more))
    body = [
        [
            row.what,
            *(STATISTICS[name](row) for name in found.statistics),
            *(row.more.get(name, "") for name in more),
        ]
        for row in found.rows
    ]
    return markdown_table([found.title, *found.statistics, *more], body)


def markdown(section: Section) -> str:
    """Return a section as Markdown, from its heading on."""
    parts = [f"## {section.title}", f"```sh\n{section.command}\n```"]
    if section.text:
        parts.append(section.text)
    parts += [table(one) for one in section.tables]
    if section.remarks:
        parts.append("\n".join(f"- {remark}" for remark in section.remarks))
    return "\n\n".join(parts)


def cores() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine() -> dict[str, str]:
    """Return what figures depend on: processor, memory, versions. No names of hosts or folders."""
    facts = {
        "processor": _processor(),
        "cores": str(cores()),
        "memory": f"{psutil.virtual_memory().total / 1e9:.1f} GB",
        "system": f"{platform.system()}, {platform.machine()}",
        "Python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            facts[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return facts


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        for line in listed.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown"


def alternating(sides: Sequence[Any], turn: int) -> list[Any]:
    """Return what is compared in the order of a turn: back and forth, so that none is favoured."""
    return list(sides) if turn % 2 == 0 else list(reversed(sides))
