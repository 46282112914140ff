from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flowercore.backbones import registry
from flowercore.data import views
from flowercore.data.dataset import scan
from flowercore.export import parity
from flowercore.export.parity import Agreement, Classifier
from flowercore.runs import results, store
from flowercore.runs.store import Run

CLASSES = ("daisy", "dandelion", "rose")


@pytest.fixture
def run(tiny_dataset: Callable[..., Path]) -> Run:
    """A run that calls every one of its test photos a rose, with 0.5."""
    root = tiny_dataset()
    made = store.new_run({"backbone": registry.DEFAULT}, visitor="v", held_by="nobody")
    dataset = scan(root, name="tiny", origin="painted")
    rows = [
        {
            "key": one.key,
            "sha256": one.sha256,
            "split": "test" if number % 2 else "train",
            "label": one.label,
            "predicted": "rose",
            **dict(zip([f"p_{name}" for name in CLASSES], (0.2, 0.3, 0.5), strict=True)),
        }
        for number, one in enumerate(dataset.photos)
    ]
    results.write_predictions(made.id, pd.DataFrame(rows))
    described = {"name": "tiny", "origin": "painted", "root": str(root), "classes": CLASSES}
    return store.update(made, status="finished", dataset=described)


def always(*probabilities: float) -> Classifier:
    return lambda pixels: np.tile(np.array(probabilities, np.float32), (len(pixels), 1))


def test_the_same_answers_agree(run: Run) -> None:
    found = parity.measure(run, {"m": always(0.2, 0.3, 0.5)})
    assert (found.photos, found.absent, found.reason) == (9, 0, "")
    assert found.models["m"].labels_differ == 0
    assert found.models["m"].largest_difference == pytest.approx(0, abs=1e-7)


def test_other_answers_are_counted_for_each_model(run: Run) -> None:
    def mostly_right(pixels: np.ndarray) -> np.ndarray:
        said = always(0.2, 0.3, 0.5)(pixels).copy()
        said[0] = (0.6, 0.1, 0.3)
        return said

    models = {"right": always(0.2, 0.31, 0.49), "wrong": always(0.9, 0.1, 0), "once": mostly_right}
    found = parity.measure(run, models).models
    assert found["right"] == Agreement(0, pytest.approx(0.01))
    assert found["wrong"] == Agreement(9, pytest.approx(0.7))
    assert found["once"] == Agreement(1, pytest.approx(0.4))


def test_models_see_the_test_photos_as_the_run_did(run: Run) -> None:
    seen: list[np.ndarray] = []

    def look(pixels: np.ndarray) -> np.ndarray:
        seen.extend(pixels)
        return always(0.2, 0.3, 0.5)(pixels)

    parity.measure(run, {"m": look})
    root = Path(run.dataset["root"])
    table = results.predictions(run.id)
    for key, shown in zip(table[table["split"] == "test"]["key"], seen, strict=True):
        wanted = views.pixels((root / key).read_bytes(), [views.PLAIN], name=key, size=224)[0]
        np.testing.assert_array_equal(shown, wanted)


def test_progress_ends_with_all_photos(run: Run) -> None:
    told: list[tuple[int, int]] = []
    parity.measure(
        run, {"m": always(0.2, 0.3, 0.5)}, progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (9, 9)


def test_photos_that_are_gone_changed_or_broken_are_not_tried(
    run: Run, paint: Callable[..., Path]
) -> None:
    root = Path(run.dataset["root"])
    table = results.predictions(run.id)
    gone, changed, broken = table[table["split"] == "test"]["key"][:3]
    (root / gone).unlink()
    paint(root / changed, seed=99)
    (root / broken).write_bytes(b"no photo")
    found = parity.measure(run, {"m": always(0.2, 0.3, 0.5)})
    assert (found.photos, found.absent) == (6, 3)
    assert found.models["m"].labels_differ == 0


def test_a_key_that_leads_elsewhere_is_not_followed(run: Run, paint: Callable[..., Path]) -> None:
    table = results.predictions(run.id)
    outside = paint(Path(run.dataset["root"]).parent / "outside.jpg")
    table.loc[1, "key"] = "../outside.jpg"
    table.loc[1, "sha256"] = hashlib.sha256(outside.read_bytes()).hexdigest()
    results.write_predictions(run.id, table)
    assert parity.measure(run, {"m": always(0.2, 0.3, 0.5)}).absent == 1


def test_why_nothing_was_tried_is_said(run: Run) -> None:
    def reason(changed: Run) -> str:
        found = parity.measure(changed, {"m": always(0.2, 0.3, 0.5)})
        assert (found.photos, found.models) == (0, {})
        return found.reason

    def pointing_to(place: str) -> Run:
        return store.update(run, dataset={**run.dataset, "root": place})

    root = Path(run.dataset["root"])
    assert "not where they were" in reason(pointing_to(str(root / "nowhere")))
    assert "None of" in reason(pointing_to(str(root / "rose")))
    table = results.predictions(run.id)
    results.write_predictions(run.id, table.drop(columns="p_rose"))
    assert "does not fit" in reason(run)
    results.write_predictions(run.id, table[table["split"] == "train"])
    assert "held no photo back" in reason(run)
    path = store.folder(run.id) / "predictions.parquet"
    path.write_bytes(b"broken")
    assert "predictions.parquet cannot be read" in reason(run)
    path.unlink()
    assert "no predictions" in reason(run)
