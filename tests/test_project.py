"""What holds for the project as a whole: layers, weight of imports, size of files."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter

from tests.structure import (
    ENTRYPOINTS,
    ROOT,
    all_files,
    imports,
    module_name,
    product_files,
    python_files,
)

HEAVY = ("tensorflow", "keras", "torch", "streamlit", "sklearn", "scipy")

# Which layer may import which besides itself; nothing else is allowed.
BASE = {"errors", "settings", "files", "download", "memory"}
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
    "convolution_chart",
    "mosaic_chart",
    "diagram",
    "anatomy_chart",
    "separable_chart",
    "learning_curve_chart",
    "networks_chart",
    "noise_chart",
}
ALL_OF_FLOWERCORE = (
    BELOW_JOBS
    | CHARTS
    | {"export", "audit", "report", "jobs", "anatomy", "teaching", "workshop", "doctor"}
)
LAYERS = {
    "errors": set(),
    "memory": set(),
    "settings": {"errors"},
    "files": {"errors", "settings"},
    "download": {"errors", "files", "settings"},
    "data": BASE,
    "backbones": BASE | {"data"},
    "runs": BASE | {"data"},
    "training": BELOW_WORK,
    "workshop": BELOW_WORK | {"training"},
    "doctor": BELOW_JOBS | {"workshop"},
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
    "convolution_chart": {"figures"},
    "mosaic_chart": {"figures"},
    "report": BELOW_JOBS | CHARTS,
    "anatomy": BASE | {"data", "backbones"},
    "diagram": {"figures"},
    "anatomy_chart": {"figures", "diagram", "anatomy"},
    "separable_chart": {"figures", "diagram", "teaching"},
    "learning_curve_chart": {"figures", "teaching"},
    "networks_chart": {"figures", "diagram", "backbones"},
    "noise_chart": {"figures", "teaching"},
    "teaching": BELOW_JOBS | {"anatomy"},
    "jobs": BELOW_JOBS | {"export", "audit", "anatomy", "teaching", "workshop"},
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
    "commands_workshop",
    "terminal",
}
SEES_STREAMLIT = {"ui", "pages", "streamlit_app", "asgi"}


def layer(module: str) -> str | None:
    """Return a module's layer; None for the bare package, which everybody may import."""
    top, *rest = module.split(".")
    if top != "flowercore":
        return top
    if not rest:
        return None
    return "cli" if rest[0] in CLI else rest[0]


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


def test_the_server_answers_before_what_only_its_pages_need_is_there() -> None:
    code = (
        "import asgi, sys\n"
        "found = sorted({'numpy', 'pandas', 'ui.entry'} & set(sys.modules))\n"
        "sys.exit(f'imported: {found}' if found else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_packages_import_nothing_of_the_project() -> None:
    # Two threads of the server import at once: where a package imports its own parts, one that asks
    # for a part and one that asks for the package wait for each other (python/cpython#82272).
    parts = [file for file in product_files() if file.name == "__init__.py"]
    assert parts
    assert not [
        file.relative_to(ROOT)
        for file in parts
        if {name.split(".")[0] for name in imports(file)} & {"flowercore", "api", "ui"}
    ]


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
