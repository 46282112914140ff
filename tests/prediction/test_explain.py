"""Class activation maps: exact, in their place, and readable."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.backbones import registry
from flowercore.data import views
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


def photo(seen_photos: Path, label: str, place: int = 0) -> bytes:
    return sorted((seen_photos / label).iterdir())[place].read_bytes()


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
    prepared: Path, seen_photos: Path, tiny_dataset: Callable[..., Path], settings: dict
) -> None:
    run = trained(tiny_dataset(), **settings)
    predictor = Predictor.for_run(run.id)
    found = explain(predictor, "x", photo(seen_photos, "rose"))
    bias = results.head(run.id)["bias"]
    np.testing.assert_allclose(found.maps.mean(axis=(0, 1)) + bias, found.logits, atol=1e-3)
    assert found.maps.shape == (7, 7, 3)
    assert found.squeezed == (settings.get("preprocessing") == "notebook")
    if len(predictor.views) == 1:
        (answer,) = predictor.predict([("x", photo(seen_photos, "rose"))])
        logits = found.logits.astype(np.float64)
        softmax = np.exp(logits) / np.exp(logits).sum()
        temperature = results.calibration(run.id).get("temperature", 1)
        if temperature == 1:
            assert list(answer.probabilities.values()) == pytest.approx(softmax, abs=1e-5)


def test_the_map_lights_up_where_the_flower_is(prepared: Path, seen_photos: Path) -> None:
    """A rose on the left, a tulip on the right: each class's map lies on its own side."""
    predictor = Predictor.for_run(trained(seen_photos).id)
    right_sides = 0
    for place in range(8):
        halves = [
            Image.open(io.BytesIO(photo(seen_photos, label, place)))
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


def plain_photo(width: int, height: int, colour: tuple[int, int, int] = (120, 120, 120)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", quality=95)
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


class Light:
    """A network of one feature, whose map says how light each place is."""

    threads = 1

    def one(self, pixels: np.ndarray) -> np.ndarray:
        return self.maps(pixels[np.newaxis])[0][0]

    def maps(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        side = pixels.shape[1] // 7
        light = pixels.mean(axis=3).reshape(-1, 7, side, 7, side).mean(axis=(2, 4)) / 255
        maps = light[..., np.newaxis].astype(np.float32)
        return maps.mean(axis=(1, 2)), maps


@pytest.mark.parametrize("squeezed", [True, False])
@pytest.mark.parametrize("exif", range(1, 9))
@pytest.mark.parametrize(("width", "height"), [(700, 350), (350, 700), (420, 420)])
def test_the_map_is_light_where_the_photo_is(
    width: int, height: int, exif: int, squeezed: bool
) -> None:
    """From the file to the picture on the page, however the photo is turned and cut."""
    picture = Image.new("RGB", (width, height))
    x, y = round(0.25 * width), round(0.2 * height)
    picture.paste((255, 255, 255), (x - 20, y - 20, x + 20, y + 20))
    file = io.BytesIO()
    tags = Image.Exif()
    tags[0x0112] = exif
    picture.save(file, "JPEG", quality=95, exif=tags)
    predictor = Predictor(
        "a run",
        ("light", "dark"),
        kernel=np.array([[1, 0]], np.float32),
        bias=np.zeros(2, np.float32),
        extractor=Light(),
        backbone=registry.get(registry.DEFAULT),
        views=views.judged(squeezed=squeezed, flip_average=True),
    )

    found = explain(predictor, "x", file.getvalue())
    upright = thumbnail(file.getvalue(), name="x", side=1000)
    laid = overlay(upright, found.heat("light"), squeezed=found.squeezed, opacity=1)
    whole = Image.open(io.BytesIO(upright)).size
    assert whole == ((width, height) if exif < 5 else (height, width))
    part = whole if squeezed else tuple((side + min(whole)) / 2 for side in whole)
    # The map knows places no finer than its own.
    for true, seen, side in zip(brightest(upright), brightest(laid), part, strict=True):
        assert seen == pytest.approx(true, abs=0.75 * side / 7)


def test_no_opacity_shows_the_photo_alone() -> None:
    laid = overlay(plain_photo(200, 100), np.ones((7, 7), np.float32), squeezed=False, opacity=0)
    pixels = np.asarray(Image.open(io.BytesIO(laid)).convert("RGB"))
    assert np.abs(pixels.astype(int) - 120).max() <= 3


COLOURS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "yellow": (255, 215, 0),
    "red": (220, 20, 30),
    "blue": (90, 150, 255),
}


def luminance(colours: np.ndarray) -> np.ndarray:
    """Return the relative luminance, 0..1, of sRGB colours, 0..255."""
    steps = colours / 255
    linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def laid_over(colour: tuple[int, int, int], opacity: float) -> np.ndarray:
    """Return a wide photo of one colour under a map that is hot on its left and cold elsewhere."""
    heat = np.zeros((7, 7), np.float32)
    heat[:, :3] = 1
    laid = overlay(plain_photo(900, 300, colour), heat, squeezed=False, opacity=opacity)
    return np.asarray(Image.open(io.BytesIO(laid)).convert("RGB"), np.float64)[150]


@pytest.mark.parametrize("opacity", [0.5, 0.8, 1.0])
@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
def test_a_map_is_read_on_any_photo(colour: tuple[int, int, int], opacity: float) -> None:
    """The part that is shown to the network is 600 pixels wide, between rims of 150."""
    row = laid_over(colour, opacity)
    hot, cold, rim = row[220], row[650], row[850]
    high, low = luminance(hot), luminance(cold)
    assert (high + 0.05) / (low + 0.05) > 1.8
    assert hot[0] > hot[2] + 20, "yellow, whatever colour the photo has"
    assert cold[2] > cold[0] + 20, "blue, whatever colour the photo has"
    assert np.ptp(rim) < 6, "without colours"
    assert luminance(rim) < low, "darker than where nothing speaks"


@pytest.mark.parametrize("opacity", [0.5, 0.8, 1.0])
def test_heat_on_black_is_lighter_than_none_on_white(opacity: float) -> None:
    hot, cold = laid_over(COLOURS["black"], opacity)[220], laid_over(COLOURS["white"], opacity)[650]
    assert luminance(hot) > luminance(cold) + 0.05


@pytest.mark.parametrize("opacity", [0.1, 0.3])
def test_a_faint_map_leaves_the_photo_some_of_its_colours(opacity: float) -> None:
    row = laid_over(COLOURS["yellow"], opacity)
    assert row[650][0] > row[650][2] + 20


def test_colours_grow_lighter_step_by_step() -> None:
    """So that the order is seen without colours."""
    steps = coloured(Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis]))
    light = luminance(np.asarray(steps, np.float64)[0])
    # Half a step of rounding, 0..255, may go the other way.
    assert (np.diff(light) > -0.001).all()
    assert (np.diff(light[::8]) > 0).all()
    assert light[0] < 0.03
    assert light[-1] > 0.85
    ends = np.asarray(steps)[0]
    assert tuple(ends[0]) == STOPS[0]
    assert tuple(ends[-1]) == STOPS[-1]
