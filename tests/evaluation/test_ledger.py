"""All runs side by side; one that is damaged hides nothing of the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowercore.evaluation.ledger import ledger, usual_settings
from flowercore.runs import results, store
from flowercore.runs.store import Run

METRICS = {"accuracy": 0.88, "accuracy_interval": [0.8019, 0.93]}


def run(metrics: dict[str, Any] | None = METRICS, **config: object) -> Run:
    made = store.new_run({"data": "garden", **config}, visitor="", held_by="")
    made = store.update(
        made,
        status="finished",
        dataset={"name": "garden", "identity": "1"},
        split_identity="ab1bebcbbc3a54b1",
        seconds={"features": 1.0, "training": 0.5, "total": 1.5},
    )
    if metrics is not None:
        results.write_metrics(made.id, metrics)
    return made


def test_a_row_says_what_a_run_is_and_how_good() -> None:
    made = run(name="first", recipe="control", experiment="e1")
    store.label(made.id, note="a note")
    (row,) = ledger([store.get(made.id)])
    assert row.run == made.id
    assert (row.name, row.status, row.reason, row.note) == ("first", "finished", None, "a note")
    assert (row.data, row.version, row.split) == ("garden", "1", "ab1bebcb")
    assert row.backbone == "EfficientNet-Lite0 (ImageNet)"
    assert (row.trained, row.settings) == ("head", "")
    assert (row.accuracy, row.accuracy_interval) == (0.88, (0.8019, 0.93))
    assert (row.seconds, row.created) == (1.5, made.created)
    assert (row.recipe, row.experiment) == ("control", "e1")
    assert json.loads(json.dumps(row.to_dict()))["accuracy_interval"] == [0.8019, 0.93]


def test_rows_keep_the_order_and_say_where_they_differ() -> None:
    runs = [run(epochs=50), run(), run(backbone="no-pretraining", fine_tune_from="block7a")]
    rows = ledger(runs)
    assert [row.run for row in rows] == [one.id for one in runs]
    assert rows[0].settings == "epochs 50"
    assert rows[1].settings == "epochs 25"
    assert rows[2].backbone == "EfficientNet-Lite0 without pretraining"
    assert rows[2].trained == "from block7a on"
    assert [row.settings for row in ledger([*runs[:2], run()], brief=True)] == ["epochs 50", "", ""]
    assert usual_settings([*runs[:2], run()]) == "epochs 25"


def test_settings_of_an_earlier_version_take_their_defaults_and_unknown_ones_are_ignored() -> None:
    assert [row.settings for row in ledger([run(epochs=25), run(colour="red")])] == ["", ""]


def test_a_run_without_test_has_no_accuracy_and_no_fault() -> None:
    (row,) = ledger([run(metrics=None)])
    assert (row.accuracy, row.accuracy_interval, row.reason) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        '{"accuracy": 1',
        "[]x",
        "[1]",
        "3",
        '"x"',
        '{"accuracy": 1}',
        '{"accuracy": "x", "accuracy_interval": [0, 1]}',
        '{"accuracy": NaN, "accuracy_interval": [0, 1]}',
        '{"accuracy": 88, "accuracy_interval": [80, 93]}',
        '{"accuracy": 0.5, "accuracy_interval": [0.4]}',
    ],
)
def test_damaged_metrics_are_told_and_hide_nothing_else(text: str) -> None:
    damaged, fine = run(name="damaged", epochs=50), run(name="fine")
    (store.folder(damaged.id) / "metrics.json").write_text(text)
    bad, good = ledger([damaged, fine])
    assert (bad.name, bad.settings, bad.accuracy) == ("damaged", "epochs 50", None)
    assert "metrics.json" in (bad.reason or "")
    assert (good.name, good.accuracy, good.reason) == ("fine", 0.88, None)


def test_a_damaged_run_has_a_row_with_its_reason() -> None:
    damaged, fine = run(), run(epochs=50)
    (store.folder(damaged.id) / "run.json").write_text("{")
    bad, good = ledger([store.get(damaged.id), fine])
    assert (bad.status, bad.backbone, bad.trained, bad.settings) == ("damaged", "", "", "")
    assert "run.json cannot be read" in (bad.reason or "")
    assert bad.seconds is None
    assert good.accuracy == 0.88


@pytest.mark.parametrize(
    "config",
    [
        {"backbone": "gone"},
        {"backbone": ["x"]},
        {"augmentations": 5},
        {"epochs": "x", "fine_tune_from": 7},
        {"experiment": 3, "recipe": None},
    ],
)
def test_settings_written_by_hand_hide_nothing_else(config: dict[str, object]) -> None:
    rows = ledger([run(**config), run(epochs=50)])
    assert rows[0].recipe == ""
    assert rows[1].backbone == "EfficientNet-Lite0 (ImageNet)"
    assert all(row.accuracy == 0.88 for row in rows)


def test_times_written_by_hand_are_no_number() -> None:
    made = run()
    (row,) = ledger([store.update(made, seconds={"total": "long"})])
    assert row.seconds is None
