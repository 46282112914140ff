"""The project's files and what they import."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("flowercore", "api", "ui", "pages")
ENTRYPOINTS = ("streamlit_app.py", "asgi.py")


def python_files(*tops: str) -> list[Path]:
    return sorted(file for top in tops for file in (ROOT / top).rglob("*.py"))


def product_files() -> list[Path]:
    return python_files(*PRODUCT) + [ROOT / name for name in ENTRYPOINTS]


def all_files() -> list[Path]:
    return product_files() + python_files("tests", "benchmarks")


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> set[str]:
    """Return all that a file imports, lazy imports included: modules, and names from modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are written in full"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found
