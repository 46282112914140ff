"""The board: the room's runs, in an order that a projector can show, and nobody's photos."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowercore.data import catalog
from flowercore.runs import holder, results, store
from flowercore.runs.results import Progress
from flowercore.workshop import board, room
from flowercore.workshop.room import Room

ANN, BEN, CAT, LEADER, STRANGER = ("a" * 32, "b" * 32, "c" * 32, "1" * 32, "9" * 32)
ROOM = Room(members={ANN: "Ann", BEN: "", CAT: "Cat"})


def add(
    visitor: str, accuracy: float | None = None, status: str = "finished", **values: Any
) -> store.Run:
    config = {"data": "garden", "backbone": "efficientnet-lite0"} | values.pop("config", {})
    run = store.new_run(config, visitor=visitor, held_by="nobody")
    if accuracy is not None:
        low, high = accuracy - 0.05, min(1.0, accuracy + 0.05)
        (store.folder(run.id) / "metrics.json").write_text(
            json.dumps({"accuracy": accuracy, "accuracy_interval": [low, high]})
        )
    seconds = {"total": 3.0} if accuracy is not None else {}
    return store.update(run, status=status, seconds=seconds, **values)


@pytest.fixture
def held() -> Any:
    name = holder.new_name()
    with holder.held(name):
        yield name


def test_runs_at_work_come_first_then_the_best(held: str) -> None:
    good, best = add(ANN, 0.8), add(BEN, 0.9)
    failed = add(CAT, None, "failed", reason="No.")
    untested = add(CAT)
    working = add(CAT, None, "training", holder=held)
    rows = board.rows(ROOM, set())
    assert [row.run for row in rows] == [working.id, best.id, good.id, untested.id, failed.id]
    assert rows[1].accuracy == 0.9
    assert rows[1].accuracy_interval == pytest.approx((0.85, 0.95))
    assert [row.seconds for row in rows[1:]] == [3.0, 3.0, None, None]
    assert [row.run for row in board.best_of_each(rows)] == [working.id, best.id, good.id]


def test_a_run_at_work_says_how_far_it_is(held: str) -> None:
    began = datetime.now(UTC) - timedelta(seconds=75)
    run = add(ANN, None, "features", holder=held, started=began.isoformat(timespec="seconds"))
    results.write_progress(run.id, Progress(step="features", done=200, total=500))
    (row,) = board.rows(ROOM, set(), now=began + timedelta(seconds=75))
    assert row.active
    assert (row.progress.done, row.progress.total) == (200, 500)
    assert row.seconds == pytest.approx(75, abs=1)
    assert row.accuracy is None


def test_only_the_room_and_its_leader_are_on_it() -> None:
    for who in (ANN, LEADER, STRANGER, catalog.LOCAL):
        add(who, 0.5)
    assert {row.visitor for row in board.rows(ROOM, {LEADER})} == {ANN, LEADER}
    assert {row.visitor for row in board.rows(ROOM, set())} == {ANN}


def test_what_is_being_cleared_is_not_on_it() -> None:
    gone, stays = add(ANN, 0.5), add(ANN, 0.6)
    leaving = Room(members=ROOM.members, leaving={"runs": [gone.id]})
    assert [row.run for row in board.rows(leaving, set())] == [stays.id]


def test_names_of_own_photos_and_of_runs_are_not_told(tiny_dataset: Callable[..., Path]) -> None:
    catalog.import_source(tiny_dataset(), "our garden")
    catalog.import_source(tiny_dataset(name="x"), "secret holiday", owner=ANN)
    add(ANN, 0.9, config={"data": "secret holiday", "name": "my secret run"})
    add(ANN, 0.8, config={"data": "our garden"})
    add(ANN, 0.7, config={"data": "deleted secret"})
    rows = board.rows(ROOM, set())
    assert [row.data for row in rows] == [board.OWN, "our garden", board.GONE]
    assert "secret" not in repr(rows)


def test_the_network_is_named_with_what_was_trained() -> None:
    add(ANN, 0.9, config={"fine_tune_from": "block5a"})
    add(ANN, 0.8)
    add(
        ANN,
        0.7,
        config={"backbone": "small-convnet", "fine_tune_from": "conv1", "fine_tune_epochs": 5},
    )
    add(ANN, 0.6, config={"backbone": "unheard-of"})
    tuned, head, scratch, unknown = (row.network for row in board.rows(ROOM, set()))
    assert head.startswith("EfficientNet-Lite0")
    assert tuned == f"{head}, fine-tuned"
    assert scratch.endswith("from scratch")
    assert unknown == ""


def test_a_damaged_run_hides_no_other() -> None:
    run = add(ANN, 0.9)
    (store.folder(run.id) / "metrics.json").write_text("{")
    add(BEN, 0.8)
    assert [row.accuracy for row in board.rows(ROOM, set())] == [0.8, None]


def test_everybody_in_the_room_is_called_differently() -> None:
    for who in (ANN, BEN, CAT):
        room.arrive(who)
        add(who, 0.5)
    assert len({row.who for row in board.rows(room.read(), set())}) == 3
