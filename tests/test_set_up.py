"""What holds for setting the project up: requirements, lock, make, documents, version."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.structure import ROOT, imports, product_files


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
        *("help", "install", "app", "workshop", "test", "test-all", "bench", "starter"),
        *("tables", "check", "format", "clean"),
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


@pytest.mark.parametrize(
    "document",
    ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/workshop.md"],
)
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
