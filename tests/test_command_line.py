"""The command line as a script uses it: exit status, one JSON value, one sentence an error."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.command_line import answer, flowercore, refused
from tests.structure import ROOT


@pytest.mark.usefixtures("prepared")
def test_the_whole_job(tiny_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = tiny_dataset(classes=3, per_class=10)
    report = answer("import", str(folder), "--name", "mine")
    assert report["classes"] == {"daisy": 10, "dandelion": 10, "rose": 10}
    assert [entry["name"] for entry in answer("datasets")] == ["mine"]

    first = answer("train", "--data", "mine", "--epochs", "20", "--learning-rate", "0.01")
    assert first["status"] == "finished"
    assert first["classes"] == ["daisy", "dandelion", "rose"]
    assert first["counts"] == {"train": 21, "validation": 3, "test": 6}
    assert {len(values) for values in first["history"].values()} == {20}
    assert set(first["seconds"]) == {"features", "training", "total"}
    assert first["test"]["accuracy"] == 1.0

    second = answer("train", "--data", "mine", "--epochs", "20", "--learning-rate", "0.01")
    assert second["history"] == first["history"]
    assert second["run"] != first["run"]

    assert [run["run"] for run in answer("runs")] == [second["run"], first["run"]]
    assert answer("runs")[0]["accuracy"] == 1.0
    compared = answer("compare", first["run"], second["run"])
    assert (compared["count"], compared["p_value"], compared["same_split"]) == (6, 1.0, True)
    assert "must be active" in refused("cancel", first["run"], status=1)

    verdict = answer("evaluate", first["run"])
    assert verdict["confusion_matrix"] == [[2, 0, 0], [0, 2, 0], [0, 0, 2]]
    rose = verdict["per_class"]["rose"]
    assert [rose[name] for name in ("precision", "recall", "f1", "support")] == [1, 1, 1, 2]
    assert rose["recall_interval"][0] == pytest.approx(0.342, abs=1e-3)
    assert verdict["balanced_accuracy"] == 1
    assert verdict["temperature"] > 0
    assert (verdict["calibrated_loss"] == verdict["loss"]) == (verdict["temperature"] == 1)
    everything = answer("evaluate", first["run"], "--data", str(folder))
    assert everything["count"] == 30

    rose = folder / "rose" / "rose_003.jpg"
    text = tmp_path / "notes.jpg"
    text.write_text("not a photo")
    asked = flowercore("predict", first["run"], str(rose), str(text), "--json")
    assert asked.returncode == 1
    good, bad = json.loads(asked.stdout)
    assert good["label"] == "rose"
    assert sum(good["probabilities"].values()) == pytest.approx(1)
    assert bad["photo"] == str(text)
    assert "JPEG" in bad["error"]


@pytest.mark.usefixtures("prepared")
def test_without_a_test_split_everything_is_trained_on(tiny_dataset: Callable[..., Path]) -> None:
    folder = tiny_dataset(classes=2, per_class=5)
    done = answer("train", "--data", str(folder), "--test-split", "0", "--epochs", "1")
    assert done["counts"] == {"train": 8, "validation": 2, "test": 0}
    assert set(done["test"].values()) == {None}
    assert "no test photos" in refused("evaluate", done["run"])


@pytest.mark.usefixtures("prepared")
def test_photos_that_cannot_be_used_are_named_and_the_rest_goes_on(
    tiny_dataset: Callable[..., Path],
) -> None:
    folder = tiny_dataset(classes=2, per_class=8)
    (folder / "daisy" / "text.jpg").write_text("words")
    (folder / "daisy" / "empty.jpg").touch()
    cut = folder / "daisy" / "daisy_000.jpg"
    cut.write_bytes(cut.read_bytes()[:-300])
    shutil.copy(folder / "daisy" / "daisy_001.jpg", folder / "dandelion" / "twin.jpg")
    done = answer("train", "--data", str(folder), "--epochs", "1")
    reasons = {skipped["name"]: skipped["reason"] for skipped in done["skipped"]}
    assert set(reasons) == {
        "daisy/text.jpg",
        "daisy/empty.jpg",
        "daisy/daisy_000.jpg",
        "daisy/daisy_001.jpg",
        "dandelion/twin.jpg",
    }
    assert "daisy and dandelion" in reasons["dandelion/twin.jpg"]
    assert sum(done["counts"].values()) == 14


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--epochs", "0"], "Epochs must be a whole number from 1 to 200. Received: 0."),
        (["--epochs", "x"], "must be a whole number. Received: 'x'."),
        (["--batch-size", "0"], "Batch size must be a whole number from 1 to 512. Received: 0."),
        (["--validation-split", "1"], "Validation split must be at least 0 and below 1."),
        (["--learning-rate", "0"], "Learning rate must be above 0. Received: 0."),
        (["--backbone", "nothing"], "A backbone must be one of"),
    ],
)
def test_settings_out_of_bounds(
    words: list[str], sentence: str, tiny_dataset: Callable[..., Path], home: Path
) -> None:
    folder = tiny_dataset()
    assert sentence in refused("train", "--data", str(folder), *words)
    assert not list(home.glob("runs/*"))


def test_data_that_cannot_be_trained_on(tiny_dataset: Callable[..., Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "empty" in refused("train", "--data", str(empty)).lower()
    assert "Received" in refused("train", "--data", str(empty))
    assert "2" in refused("train", "--data", str(tiny_dataset(classes=1, name="one")))
    two = tiny_dataset(classes=2, per_class=2, name="two")
    assert "3 photos" in refused("train", "--data", str(two))
    assert "Received: 'nowhere'" in refused("train", "--data", "nowhere")


def test_unknown_runs_and_commands() -> None:
    for name in ("20260101-000000-abcdef", "../../etc/passwd"):
        assert "There is no run of that name" in refused("evaluate", name)
    assert "There is no run of that name" in refused("predict", "nope", "x.jpg")
    assert "COMMAND" in refused() or "required" in refused()
    assert "invalid choice" in refused("fly")


def test_an_import_is_all_or_nothing(
    tiny_dataset: Callable[..., Path], tmp_path: Path, home: Path
) -> None:
    folder = tiny_dataset(classes=2, per_class=4)
    bomb = tmp_path / "huge.png"
    Image.new("1", (40_000, 40_000)).save(bomb)
    shutil.copy(bomb, folder / "daisy" / "huge.png")
    gif = folder / "daisy" / "moving.gif"
    Image.new("P", (8, 8)).save(gif, save_all=True, append_images=[Image.new("P", (8, 8), 1)])
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.rglob("*.*"):
            file.write(path, f"set/train/{path.relative_to(folder).as_posix()}")
    report = answer("import", str(archive), "--name", "zipped")
    reasons = {
        skipped["name"].rsplit("/", 1)[-1]: skipped["reason"] for skipped in report["skipped"]
    }
    assert set(reasons) == {"huge.png", "moving.gif"}
    assert "40,000" in reasons["huge.png"] or "40000" in reasons["huge.png"]
    assert report["classes"] == {"daisy": 4, "dandelion": 4}

    sentence = refused("import", str(archive), "--name", "zipped")
    assert "zipped" in sentence
    assert "name" in refused("import", str(archive), "--name", "../evil")
    assert "Received" in refused("import", str(tmp_path / "absent.zip"), "--name", "absent")
    kept = [p.name for p in (home / "datasets").iterdir() if not p.name.startswith(".")]
    assert kept == ["zipped"]


def test_a_home_folder_that_cannot_be_used(
    tiny_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tiny_dataset(classes=2)
    file = tmp_path / "file"
    file.touch()
    sentence = refused(
        "import", str(folder), "--name", "x", status=1, FLOWERCORE_HOME=str(file / "home")
    )
    assert "home folder" in sentence
    sentence = refused(
        "import", str(folder), "--name", "x", status=1, FLOWERCORE_DISK_FREE_BYTES="9" * 18
    )
    assert "must stay free" in sentence
    sentence = refused("datasets", FLOWERCORE_SLOTS="many")
    assert "FLOWERCORE_SLOTS must be a whole number" in sentence


@pytest.mark.skipif(not hasattr(os, "setuid") or os.getuid() != 0, reason="needs root to drop it")
def test_a_read_only_home_folder(tiny_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = tiny_dataset(classes=2)
    home = tmp_path / "locked"
    home.mkdir(mode=0o555)
    for path in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        path.chmod(0o755)
    code = (
        # Everything is imported before the rights are dropped: Python itself may be root's alone.
        "import os, sys; from flowercore.__main__ import main;"
        "from flowercore import commands, commands_predict, commands_report, commands_train;"
        "from flowercore import commands_workshop;"
        "from flowercore import terminal;"
        "os.setuid(65534);"
        f"sys.exit(main(['import', {str(folder)!r}, '--name', 'x']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "FLOWERCORE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "read-only" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.real_photos
@pytest.mark.usefixtures("prepared")
def test_the_real_photos_reach_the_promised_accuracy(real_photos: Path) -> None:
    accuracies = []
    for seed in range(1, 6):
        done = answer("train", "--data", str(real_photos), "--seed", str(seed))
        assert done["counts"] == {"train": 360, "validation": 40, "test": 100}
        accuracies.append(done["test"]["accuracy"])
    assert sum(accuracies) / 5 >= 0.84
