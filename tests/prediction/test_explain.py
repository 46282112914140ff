"""Class activation maps: exact, in their place, and readable."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.data.photo import square_box, thumbnail
from flowercore.errors import PhotoError
from flowercore.jobs import worker
from flowercore.prediction.explain import Explanation, explain
from flowercore.prediction.heat import STOPS, coloured, overlay
from flowercore.prediction.predictor import Predictor
from flowercore.runs import results
from flowercore.runs.store import Run
from flowercore.training.config import TrainConfig

FLOWERS = ("rose", "tulip")


def trained(photos: Path, **settings: object) -> Run:
    run = worker.train_now(TrainConfig(data=str(photos), **settings), lambda _: None)
    assert run.status == "finished", run.reason
    return run


def photo(real_photos: Path, label: str, place: int = 0) -> bytes:
    return sorted((real_photos / label).iterdir())[place].read_bytes()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"flip_average": True},
        {"preprocessing": "notebook", "split": "notebook"},
        {"fine_tune_from": "head", "fine_tune_epochs": 1, "epochs": 2, "flip_average": True},
    ],
    ids=["head", "mirror", "notebook", "tuned"],
)
def test_each_places_share_is_exact(
    prepared: Path, real_photos: Path, tiny_dataset: Callable[..., Path], settings: dict
) -> None:
    run = trained(tiny_dataset(), **settings)
    predictor = Predictor.for_run(run.id)
    found = explain(predictor, "x", photo(real_photos, "rose"))
    bias = results.head(run.id)["bias"]
    np.testing.assert_allclose(found.maps.mean(axis=(0, 1)) + bias, found.logits, atol=1e-3)
    assert found.maps.shape == (7, 7, 3)
    assert found.squeezed == (settings.get("preprocessing") == "notebook")
    if len(predictor.views) == 1:
        (answer,) = predictor.predict([("x", photo(real_photos, "rose"))])
        logits = found.logits.astype(np.float64)
        softmax = np.exp(logits) / np.exp(logits).sum()
        temperature = results.calibration(run.id).get("temperature", 1)
        if temperature == 1:
            assert list(answer.probabilities.values()) == pytest.approx(softmax, abs=1e-5)


def test_the_map_lights_up_where_the_flower_is(prepared: Path, real_photos: Path) -> None:
    """A rose on the left, a tulip on the right: each class's map lies on its own side."""
    predictor = Predictor.for_run(trained(real_photos).id)
    right_sides = 0
    for place in range(8):
        halves = [
            Image.open(io.BytesIO(photo(real_photos, label, place)))
            .convert("RGB")
            .resize((300, 300))
            for label in FLOWERS
        ]
        both = Image.new("RGB", (600, 300))
        both.paste(halves[0], (0, 0))
        both.paste(halves[1], (300, 0))
        out = io.BytesIO()
        both.save(out, "JPEG", quality=95)
        found = explain(predictor, "both", out.getvalue())
        rose, tulip = (found.maps[:, :, found.classes.index(name)] for name in FLOWERS)
        left, right = (rose - tulip)[:, :3].mean(), (rose - tulip)[:, 4:].mean()
        right_sides += left > right
    assert right_sides >= 7


def test_what_cannot_be_read_is_said(prepared: Path, tiny_dataset: Callable[..., Path]) -> None:
    predictor = Predictor.for_run(trained(tiny_dataset(classes=2), epochs=1).id)
    with pytest.raises(PhotoError):
        explain(predictor, "x.jpg", b"words")


def explanation(maps: np.ndarray) -> Explanation:
    names = tuple(f"class {number}" for number in range(maps.shape[2]))
    return Explanation(names, maps.astype(np.float32), maps.mean(axis=(0, 1)), squeezed=False)


def test_what_speaks_for_all_classes_speaks_for_none() -> None:
    maps = np.zeros((2, 2, 3))
    maps[0, 0] = 5
    maps[1, 1, 1] = 2
    found = explanation(maps)
    assert found.heat("class 1").tolist() == [[0, 0], [0, 1]]
    assert found.heat("class 0").max() == 0


def test_a_class_that_hardly_speaks_looks_it() -> None:
    maps = np.zeros((2, 2, 3))
    maps[0, 0, 0], maps[0, 1, 1] = 10, 1
    found = explanation(maps)
    assert found.heat("class 0").max() == 1
    assert 0 < found.heat("class 1").max() < 0.2


def test_a_single_class_has_nothing_to_speak_against() -> None:
    assert explanation(np.ones((2, 2, 1))).heat("class 0").max() == 0


def plain_photo(width: int, height: int, exif: int = 1) -> bytes:
    picture = Image.new("RGB", (width, height), (120, 120, 120))
    out = io.BytesIO()
    tags = Image.Exif()
    tags[0x0112] = exif
    picture.save(out, "JPEG", quality=95, exif=tags)
    return out.getvalue()


def brightest(laid: bytes) -> tuple[float, float]:
    light = np.asarray(Image.open(io.BytesIO(laid)).convert("L"), np.float64)
    rows, columns = np.nonzero(light > light.max() - 4)
    return float(columns.mean()), float(rows.mean())


@pytest.mark.parametrize("squeezed", [True, False])
@pytest.mark.parametrize(("width", "height"), [(600, 300), (300, 600), (400, 400), (610, 203)])
@pytest.mark.parametrize("place", [(0, 0), (6, 6), (3, 3), (0, 6)])
def test_the_map_lies_over_its_part_of_the_photo(
    width: int, height: int, squeezed: bool, place: tuple[int, int]
) -> None:
    heat = np.zeros((7, 7), np.float32)
    heat[place] = 1
    laid = overlay(plain_photo(width, height), heat, squeezed=squeezed, opacity=1)
    left, top, right, bottom = (0, 0, width, height) if squeezed else square_box(width, height)
    x, y = brightest(laid)
    row, column = place
    assert x == pytest.approx(left + (right - left) * (column + 0.5) / 7, abs=(right - left) / 14)
    assert y == pytest.approx(top + (bottom - top) * (row + 0.5) / 7, abs=(bottom - top) / 14)
    assert Image.open(io.BytesIO(laid)).size == (width, height)


def test_a_turned_photo_is_laid_over_upright(prepared: Path, real_photos: Path) -> None:
    """The large view that the map lies on is upright, and so is what the network is shown."""
    upright = thumbnail(plain_photo(600, 300, exif=6), name="x", side=600)
    assert Image.open(io.BytesIO(upright)).size == (300, 600)
    heat = np.zeros((7, 7), np.float32)
    heat[0, 3] = 1
    x, y = brightest(overlay(upright, heat, squeezed=False, opacity=1))
    assert x == pytest.approx(150, abs=20)
    assert y < 250


def test_no_opacity_shows_the_photo_alone() -> None:
    laid = overlay(plain_photo(200, 100), np.ones((7, 7), np.float32), squeezed=False, opacity=0)
    pixels = np.asarray(Image.open(io.BytesIO(laid)).convert("RGB"))
    assert np.abs(pixels.astype(int) - 120).max() <= 3


def test_what_the_network_was_not_shown_is_darker() -> None:
    laid = overlay(plain_photo(600, 200), np.ones((7, 7), np.float32), squeezed=False, opacity=0.5)
    pixels = np.asarray(Image.open(io.BytesIO(laid)).convert("L"), int)
    assert pixels[:, :20].max() < 110 < pixels[:, 300].min()


def test_colours_grow_lighter_step_by_step() -> None:
    """Relative luminance rises all the way, so that the order is seen without colours."""
    steps = coloured(np.linspace(0, 1, 50, dtype=np.float32)[None])[0] / 255
    linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > 0).all()
    assert luminance[0] < 0.03
    assert luminance[-1] > 0.85
    assert len(STOPS) == 5
