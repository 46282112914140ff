"""The run folder: whole files, server-made names, the truth about dead workers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flowercore.errors import JobError, NotFoundError, StorageError
from flowercore.files import home_folder
from flowercore.runs import holder, results, store


@pytest.fixture
def run() -> store.Run:
    return store.new_run({"data": "garden", "epochs": 2}, visitor="v", held_by="nobody")


def ended(run: store.Run) -> store.Run:
    return store.update(run, status="finished")


def test_a_run_is_read_as_it_was_written(run: store.Run) -> None:
    changed = store.update(run, status="finished", counts={"train": 3}, notes=["a note"])
    assert store.get(run.id) == changed


def test_the_newest_run_comes_first_also_within_a_second() -> None:
    made = []
    for _ in range(5):
        made.append(ended(store.new_run({}, visitor="", held_by="")).id)
        time.sleep(0.002)
    assert [run.id for run in store.runs()] == made[::-1]


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x", "20260101-000000-zzzzzz", "a/b"])
def test_what_is_no_id_is_no_run(name: str) -> None:
    with pytest.raises(NotFoundError, match="no run of that name"):
        store.get(name)


def test_a_well_formed_id_without_folder_is_no_run() -> None:
    with pytest.raises(NotFoundError, match="no run of that name"):
        store.get("20260101-000000-abcdef")


OF_ANOTHER_KIND = '{"id": "ID", "status": "finished", "config": null}'


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"id": "other", "status": "finished"}', "null", OF_ANOTHER_KIND],
)
def test_a_run_edited_by_hand_is_damaged_and_the_others_are_fine(run: store.Run, text: str) -> None:
    other = ended(store.new_run({}, visitor="", held_by=""))
    (store.folder(run.id) / "run.json").write_text(text.replace("ID", run.id))
    found = {r.id: r for r in store.runs()}
    assert found[run.id].status == "damaged"
    assert "edited or cut off" in (found[run.id].reason or "")
    assert found[other.id].status == "finished"
    store.delete(run.id)
    assert [r.id for r in store.runs()] == [other.id]


def test_a_waiting_run_whose_server_is_gone_has_failed(run: store.Run) -> None:
    seen = store.get(run.id)
    assert seen.status == "failed"
    assert "server stopped before" in (seen.reason or "")


def test_an_active_run_of_a_living_holder_is_left_alone() -> None:
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run({}, visitor="", held_by=name)
        run = store.update(run, status="training")
        assert store.get(run.id).status == "training"
        with pytest.raises(JobError, match="Stop it first"):
            store.delete(run.id)
    assert store.get(run.id).status == "failed"


HOLD = """
import sys, time
from flowercore.runs import holder
with holder.held(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_run_whose_process_was_killed_has_failed() -> None:
    name = holder.new_name()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, name],
        env=dict(os.environ),
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    run = store.update(store.new_run({}, visitor="", held_by=name), status="training", holder=name)
    assert store.get(run.id).status == "training"
    process.send_signal(signal.SIGKILL)
    process.wait()
    seen = store.get(run.id)
    assert seen.status == "failed"
    assert "killed" in (seen.reason or "")
    assert store.get(run.id) == seen


def test_history_keeps_every_digit(run: store.Run) -> None:
    line = {
        "epoch": 1,
        "loss": 0.1 + 0.2,
        "accuracy": 1 / 3,
        "val_loss": None,
        "val_accuracy": None,
        "seconds": 1e-5,
    }
    assert results.history(run.id).empty
    results.write_history(run.id, [line], durable=True)
    table = results.history(run.id)
    assert table["loss"][0] == 0.1 + 0.2
    assert table["accuracy"][0] == 1 / 3
    assert table["val_loss"].isna().all()


def test_weights_come_back_as_they_went(run: store.Run) -> None:
    kernel = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    results.write_head(run.id, {"kernel": kernel.T.copy().T, "bias": np.zeros(3, np.float32)})
    np.testing.assert_array_equal(results.head(run.id)["kernel"], kernel)


def test_what_is_not_there_yet_is_said(run: store.Run) -> None:
    with pytest.raises(NotFoundError, match="no trained head"):
        results.head(run.id)
    with pytest.raises(NotFoundError, match="no predictions"):
        results.predictions(run.id)
    assert results.metrics(run.id) == {}
    assert results.progress(run.id) == results.Progress()


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("head.safetensors", results.head),
        ("predictions.parquet", results.predictions),
        ("metrics.json", results.metrics),
        ("history.csv", results.history),
    ],
)
def test_a_cut_off_file_is_named_as_damaged(run: store.Run, file: str, read: object) -> None:
    results.write_head(
        run.id, {"kernel": np.zeros((4, 2), np.float32), "bias": np.zeros(2, np.float32)}
    )
    results.write_predictions(run.id, pd.DataFrame({"key": ["a"], "p_rose": [0.5]}))
    results.write_metrics(run.id, {"accuracy": 0.5})
    results.write_history(run.id, [{"epoch": 1, "loss": 1.0}], durable=True)
    read(run.id)  # type: ignore[operator]
    path = store.folder(run.id) / file
    path.write_bytes(path.read_bytes()[:7])
    with pytest.raises(StorageError, match=file):
        read(run.id)  # type: ignore[operator]


def test_a_read_only_home_is_said_in_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="home folder"):
        store.new_run({}, visitor="", held_by="")


def test_nothing_half_written_stays_when_the_disk_refuses(
    run: store.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(path.name for path in store.folder(run.id).iterdir())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        results.write_metrics(run.id, {"accuracy": 1.0})
    assert sorted(path.name for path in store.folder(run.id).iterdir()) == before


def test_a_wish_to_stop_is_seen(run: store.Run) -> None:
    assert not store.cancel_requested(run.id)
    store.request_cancel(run.id)
    assert store.cancel_requested(run.id)


def test_a_deleted_run_is_gone_at_one_stroke(
    run: store.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(run)
    seen: list[list[str]] = []

    def watched(path: Path) -> None:
        seen.append([one.id for one in store.runs()])
        remove(path)

    remove = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", watched)
    store.delete(run.id)
    assert seen == [[]]
    assert not list(home_folder("runs").iterdir())


def test_a_run_that_goes_while_all_are_listed_is_left_out(
    run: store.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(run)
    other = ended(store.new_run({}, visitor="", held_by=""))
    read = store.get

    def get(run_id: str) -> store.Run:
        if run_id == other.id:
            shutil.rmtree(store.folder(run_id))
        return read(run_id)

    monkeypatch.setattr(store, "get", get)
    assert [one.id for one in store.runs()] == [run.id]


def test_a_full_disk_does_not_hide_a_run_whose_worker_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = store.new_run({"data": "garden"}, visitor="", held_by="nobody")

    def full(run: store.Run) -> None:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(store, "save", full)
        assert [one.status for one in store.runs()] == ["failed"]
    assert store.get(run.id).status == "failed"
