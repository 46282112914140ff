"""The scripts that go with a model, run as a stranger would: without Flower Lab."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from flowercore.export import usage
from flowercore.export.bundle import export_run
from flowercore.jobs import worker
from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.training.config import TrainConfig

# Printed with four digits.
ROUNDED = 1.1e-4

AS_A_STRANGER = """
import importlib.util, runpy, sys
sys.exit("Flower Lab can be imported") if importlib.util.find_spec("flowercore") else None
for script in sys.argv[2:]:
    sys.argv = [script, sys.argv[1]]
    runpy.run_path(script, run_name="__main__")
    print("---")
"""
NO_TENSORFLOW = """
import sys
sys.modules.update(tensorflow=None, keras=None, flowercore=None)
exec(compile(sys.stdin.read(), "card", "exec"))
"""


def stranger(*arguments: str, code: str, cwd: Path, script: str | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={**environment, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_HOME": str(cwd / "keras")},
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers(text: str) -> dict[str, float]:
    lines = (line.split(" ", 1) for line in text.strip().splitlines())
    return {label: float(probability) for probability, label in lines}


def answer(run_id: str, photo: Path) -> Prediction:
    (said,) = Predictor.for_run(run_id).predict([(photo.name, photo.read_bytes())])
    assert isinstance(said, Prediction)
    return said


@pytest.fixture
def phone_photo(tmp_path: Path, workshop) -> Path:
    """A large JPEG that lies on its side, as phones write them: upright only by its EXIF tag."""
    with Image.open(workshop.photos / "tulip" / "tulip_2.jpg") as photo:
        large = photo.resize((1500, 700)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "phone photo.jpg"
    large.save(path, exif=exif, quality=95)
    return path


def test_use_py_says_what_the_page_says(exports: dict, phone_photo: Path, tmp_path: Path) -> None:
    kinds = ("head", "notebook", "tuned")
    scripts = [str(exports[kind].folder / "use.py") for kind in kinds]
    printed = stranger(str(phone_photo), *scripts, code=AS_A_STRANGER, cwd=tmp_path).split("---")
    for kind, text in zip(kinds, printed, strict=False):
        wanted = answer(exports[kind].run_id, phone_photo)
        assert numbers(text) == pytest.approx(wanted.probabilities, abs=ROUNDED)
        assert next(iter(numbers(text))) == wanted.label, "the most probable class comes first"


@pytest.mark.parametrize("kind", ["head", "notebook"])
def test_the_cards_script_says_the_same_without_tensorflow(
    exports: dict, phone_photo: Path, kind: str
) -> None:
    folder = exports[kind].folder
    card = (folder / "README.md").read_text("utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    printed = stranger(str(phone_photo), code=NO_TENSORFLOW, cwd=folder, script=script)
    wanted = answer(exports[kind].run_id, phone_photo)
    label, probability = printed.rsplit(" ", 1)
    assert label == wanted.label
    assert float(probability) == pytest.approx(wanted.probabilities[label], abs=1e-5)


@pytest.mark.real_photos
@pytest.mark.usefixtures("prepared")
def test_the_default_run_on_real_photos(real_photos: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    for label in ("daisy", "rose", "sunflower"):
        (few / label).mkdir(parents=True)
        for photo in sorted((real_photos / label).iterdir())[:8]:
            (few / label / photo.name).write_bytes(photo.read_bytes())
    config = TrainConfig(data=str(few), test_split=0.3)
    run = worker.train_now(config, lambda line: None)
    assert run.status == "finished", run.reason
    folder = tmp_path / "taken home"
    parity = export_run(run.id, folder).parity
    assert parity.photos == run.counts["test"] >= 6
    for agreement in parity.models.values():
        assert agreement.labels_differ == 0
        assert agreement.largest_difference < 2e-5
    unseen = sorted((real_photos / "rose").iterdir())[50]
    printed = stranger(str(unseen), str(folder / "use.py"), code=AS_A_STRANGER, cwd=tmp_path)
    said = numbers(printed.split("---")[0])
    assert said == pytest.approx(answer(run.id, unseen).probabilities, abs=ROUNDED)


def test_a_class_is_one_line() -> None:
    names = ("rose", "red\nrose", "Löwenzahn", "a b")
    assert usage.labels_text(names).splitlines() == ["rose", "red rose", "Löwenzahn", "a b"]


@pytest.mark.parametrize(
    "script", [usage.litert_script, partial(usage.keras_script, keras="3.15.1")]
)
def test_only_the_notebooks_way_squeezes(script: Callable[..., str]) -> None:
    assert "(96, 96)" in script(96, squeezed=False)
    assert "box = (x, y" in script(96, squeezed=False)
    assert "box = None" in script(96, squeezed=True)
    for squeezed in (True, False):
        compile(script(96, squeezed=squeezed), "script", "exec")


def test_an_older_keras_is_not_recommended() -> None:
    assert '"keras>=3.15.1"' in usage.keras_script(96, squeezed=False, keras="3.15.1")
