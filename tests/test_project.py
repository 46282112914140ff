"""What holds for the project as a whole: layers, weight of imports, size of files, set-up."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("flowercore", "api", "ui", "pages")
ENTRYPOINTS = ("streamlit_app.py", "asgi.py")

HEAVY = ("tensorflow", "keras", "torch", "streamlit", "sklearn", "scipy")

# Which layer may import which besides itself; nothing else is allowed.
BASE = {"errors", "settings", "files", "download"}
BELOW_WORK = BASE | {"data", "backbones", "runs"}
BELOW_JOBS = BELOW_WORK | {"training", "evaluation", "prediction"}
CHARTS = {
    "figures",
    "curves",
    "overlay",
    "photo_charts",
    "map_chart",
    "certainty_charts",
    "ranking_charts",
    "robustness_chart",
}
ALL_OF_FLOWERCORE = BELOW_JOBS | CHARTS | {"export", "audit", "report", "jobs"}
LAYERS = {
    "errors": set(),
    "settings": {"errors"},
    "files": {"errors", "settings"},
    "download": {"errors", "files", "settings"},
    "data": BASE,
    "backbones": BASE | {"data"},
    "runs": BASE | {"data"},
    "training": BELOW_WORK,
    "evaluation": BELOW_WORK | {"training"},
    "prediction": BELOW_WORK | {"evaluation"},
    "export": BELOW_WORK | {"training", "evaluation"},
    "audit": BELOW_WORK | {"training", "evaluation"},
    "figures": BASE | {"evaluation"},
    "curves": {"figures"},
    "overlay": {"figures"},
    "photo_charts": {"figures"},
    "map_chart": {"figures", "overlay"},
    "certainty_charts": {"figures", "evaluation"},
    "ranking_charts": {"figures", "evaluation"},
    "robustness_chart": {"figures", "evaluation"},
    "report": BELOW_JOBS | CHARTS,
    "jobs": BELOW_JOBS | {"export", "audit"},
    "cli": ALL_OF_FLOWERCORE,
    "api": BELOW_WORK | {"prediction"},
    "ui": ALL_OF_FLOWERCORE,
    "pages": ALL_OF_FLOWERCORE | {"ui"},
    "streamlit_app": ALL_OF_FLOWERCORE | {"ui"},
    "asgi": ALL_OF_FLOWERCORE | {"api", "ui"},
}
CLI = {
    "__main__",
    "commands",
    "commands_data",
    "commands_mend",
    "commands_predict",
    "commands_report",
    "commands_train",
    "terminal",
}
SEES_STREAMLIT = {"ui", "pages", "streamlit_app", "asgi"}


def python_files(*tops: str) -> list[Path]:
    return sorted(file for top in tops for file in (ROOT / top).rglob("*.py"))


def product_files() -> list[Path]:
    return python_files(*PRODUCT) + [ROOT / name for name in ENTRYPOINTS]


def all_files() -> list[Path]:
    return product_files() + python_files("tests", "benchmarks")


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> str | None:
    """Return a module's layer; None for the bare package, which everybody may import."""
    top, *rest = module.split(".")
    if top != "flowercore":
        return top
    if not rest:
        return None
    return "cli" if rest[0] in CLI else rest[0]


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


def graph() -> dict[str, set[str]]:
    """Return which of the project's modules imports which others."""
    files = {module_name(file): file for file in product_files()}
    arrows: dict[str, set[str]] = {}
    for name, file in files.items():
        # "a.b.c" is the module a.b.c, or the name c of module a.b.
        nearest = ({x, x.rpartition(".")[0]} & files.keys() for x in imports(file))
        arrows[name] = {max(found, key=len) for found in nearest if found} - {name}
    return arrows


def test_layers_import_only_downwards() -> None:
    wrong = []
    for module, targets in graph().items():
        here = layer(module)
        if here is None:
            assert not targets, f"{module} must import nothing of the project"
            continue
        assert here in LAYERS, f"{module} is in no layer: add it to the table if it must be new"
        wrong += [
            f"{module} -> {target}"
            for target in targets
            if layer(target) not in {None, here, *LAYERS[here]}
        ]
    assert not wrong


def test_no_circles_between_files() -> None:
    TopologicalSorter(graph()).prepare()  # raises CycleError with the circle


def test_only_the_screen_imports_streamlit() -> None:
    wrong = [
        file.relative_to(ROOT)
        for file in product_files()
        if layer(module_name(file)) not in SEES_STREAMLIT
        and any(name.split(".")[0] == "streamlit" for name in imports(file))
    ]
    assert not wrong


def test_importing_the_package_imports_nothing_heavy() -> None:
    modules = [module_name(file) for file in python_files("flowercore")]
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"found = sorted(set({HEAVY!r}) & set(sys.modules))\n"
        "sys.exit(f'imported: {found}' if found else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_dashboard_imports_no_framework() -> None:
    modules = [module_name(file) for file in python_files("flowercore", "api", "ui")]
    heavy = set(HEAVY) - {"streamlit"}
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"found = sorted({heavy!r} & set(sys.modules))\n"
        "sys.exit(f'imported: {found}' if found else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {
        file.relative_to(ROOT): len(file.read_text("utf-8").splitlines()) for file in all_files()
    }
    assert not {str(file): count for file, count in lengths.items() if count > 300}


def test_every_module_says_what_it_is() -> None:
    # Pages say it on the screen.
    files = python_files("flowercore", "api", "ui", "benchmarks") + [
        ROOT / name for name in ENTRYPOINTS
    ]
    assert not [
        file.relative_to(ROOT)
        for file in files
        if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]


def test_test_files_have_names_of_their_own() -> None:
    names = [file.name for file in python_files("tests") if file.name != "conftest.py"]
    assert len(names) == len(set(names))


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and line[0] not in "#-"]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_imported_is_required() -> None:
    provided = metadata.packages_distributions()
    required = {canonical(requirement.name) for requirement in requirements("requirements.txt")}
    required.add("tensorflow-cpu")
    own = {"flowercore", "api", "ui", "pages", *sys.stdlib_module_names}
    missing = {
        top
        for file in product_files()
        for top in {name.split(".")[0] for name in imports(file)} - own
        if not {canonical(name) for name in provided.get(top, [])} & required
    }
    assert not missing


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_holds_a_fitting_version_of_all_that_is_required(name: str) -> None:
    locked = {canonical(r.name): str(r.specifier) for r in requirements("requirements.lock")}
    assert all(version.startswith("==") for version in locked.values())
    tested = {"sys_platform": "linux", "platform_machine": "x86_64"}
    for requirement in requirements(name):
        if requirement.marker is None or requirement.marker.evaluate(tested):
            version = locked[canonical(requirement.name)].removeprefix("==")
            assert requirement.specifier.contains(version), requirement


def test_the_lock_names_no_place() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.search(r"://|@|--", "".join(line for line in text.splitlines() if line[0] != "#"))


def make(*arguments: str) -> str:
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_make_lists_its_targets() -> None:
    listed = set(re.findall(r"^make ([a-z-]+)", make(), re.MULTILINE))
    assert listed == {
        *("help", "install", "app", "test", "test-all", "starter", "check", "format", "clean"),
    }


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text(
        f'#!/bin/sh\nshift\nexec {sys.executable} -c "import sys; '
        'sys.version_info = (3, 9, 1); exec(sys.argv[1])" "$1"\n'
    )
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "install", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "needs Python 3.11 or newer. Received: Python 3.9" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_documents_name_what_exists(document: str) -> None:
    path = ROOT / document
    text = path.read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\":]+)\"", text)
    missing = [a or b for a, b in links if not (path.parent / (a or b)).exists()]
    assert not missing
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][a-z-]+)`", text)) <= targets


def test_one_version_and_one_licence() -> None:
    from flowercore import __version__

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
    assert project["license"]["text"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in (ROOT / "LICENSE").read_text("utf-8")
