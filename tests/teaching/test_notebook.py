"""The course's notebook in today's code: every step runs, in order, and does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowercore.backbones import registry
from flowercore.jobs import worker
from flowercore.runs import results
from flowercore.teaching.notebook import code, steps
from flowercore.teaching.notebook.steps import STEPS, script, snippets
from flowercore.training.config import TrainConfig

ROOT = Path(__file__).resolve().parents[2]
CLASSES, PER_CLASS = 5, 8
DATA = 'data = "garden"'


@pytest.fixture
def photos(tiny_dataset: Callable[..., Path]) -> Path:
    return tiny_dataset(classes=CLASSES, per_class=PER_CLASS)


def test_each_step_has_its_code_and_each_piece_of_code_its_step() -> None:
    assert list(snippets()) == [step.name for step in STEPS]
    assert len(STEPS) == 14
    for step in STEPS:
        assert step.code
        assert "# step:" not in step.code
        assert not step.code.startswith(" ")
        for words in (step.title, step.what, step.why):
            assert words.strip() == words != ""
    together = sum(len(step.code.splitlines()) for step in STEPS)
    assert together > 60


def test_the_steps_run_one_after_the_other(prepared: Path, photos: Path) -> None:
    names: dict[str, Any] = {"data": str(photos)}
    count = CLASSES * PER_CLASS
    backbone = registry.get(registry.DEFAULT)  # Xception's weights are not in this home folder

    def run(step: str) -> dict[str, Any]:
        exec(compile(snippets()[step], step, "exec"), names)
        return names

    assert run("load")["dataset"].counts() == dict.fromkeys(names["dataset"].classes, PER_CLASS)
    run("resize")
    assert names["backbone"] is backbone
    assert [photo.shape for photo in names["photos"]] == [(224, 224, 3)] * count
    scaled = run("scale")["scaled"]
    assert 0 <= scaled.min() < scaled.max() <= 1
    labels = run("labels")["labels"]
    assert np.bincount(labels).tolist() == [PER_CLASS] * CLASSES
    split = run("split")["split"]
    assert (len(split.train), len(split.validation), len(split.test)) == (28, 4, 8)
    standard = run("standardise")["standard"]
    learned = np.stack([names["photos"][row] for row in split.train]) / 255
    assert standard.mean == pytest.approx(learned.mean())
    assert standard.deviation == pytest.approx(learned.std())
    run("backbone")
    features = run("pool")["features"]
    assert features.shape == (count, backbone.feature_dim)
    shown = standard.pixels(names["photos"][3], backbone.preprocessing)
    np.testing.assert_allclose(features[3], names["extractor"].one(shown), atol=1e-5)
    first = run("head")["head"]
    assert first.kernel.shape == (backbone.feature_dim, CLASSES)
    assert first.bias.shape == (CLASSES,)
    config = run("compile")["config"]
    assert (config.epochs, config.batch_size, config.optimizer) == (25, 16, "adam")
    history = run("fit")["history"]
    assert [epoch.epoch for epoch in history] == list(range(1, 26))
    assert history[-1].loss < history[0].loss
    assert not np.array_equal(names["head"].kernel, first.kernel)
    evaluation = run("test")["evaluation"]
    assert evaluation.count == 8
    low, high = evaluation.accuracy_interval
    assert low <= evaluation.accuracy <= high
    # Colours tell these classes apart: what is learned is better than guessing.
    assert evaluation.accuracy >= 0.75
    run("confusion")
    answer = run("predict")["answer"]
    assert answer.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(answer, names["probabilities"][0], atol=1e-5)


def test_the_function_gives_what_the_recipe_gives(
    prepared: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluation = code.notebook(str(photos))
    printed = capsys.readouterr().out
    assert str(evaluation.accuracy) in printed
    run = worker.train_now(
        TrainConfig(str(photos), split="notebook", preprocessing="notebook"), lambda line: None
    )
    assert run.status == "finished", run.reason
    assert results.metrics(run.id)["confusion_matrix"] == evaluation.confusion_matrix.tolist()
    assert results.metrics(run.id)["loss"] == pytest.approx(evaluation.loss, rel=1e-3)


def test_the_program_holds_every_step_and_compiles() -> None:
    program = script()
    compile(program, "notebook.py", "exec")
    assert DATA in program
    places = [program.index(step.code) for step in STEPS]
    assert places == sorted(places)
    assert "return evaluation" not in program


def test_the_program_runs_by_itself(prepared: Path, photos: Path, tmp_path: Path) -> None:
    file = tmp_path / "notebook.py"
    file.write_text(script().replace(DATA, f"data = {str(photos)!r}"), "utf-8")
    done = subprocess.run(
        [sys.executable, str(file)],
        env={"PYTHONPATH": str(ROOT), "FLOWERCORE_HOME": str(prepared), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"(daisy|dandelion|rose|sunflower|tulip)/\S+ \w", done.stdout)


def test_the_interval_of_the_notebooks_accuracy_is_computed() -> None:
    said = next(step for step in STEPS if step.name == "test")
    assert "between 63 and 80 of 100" in said.today
    assert f"{steps.NOTEBOOK_RIGHT} of them" in said.what
