"""Many photos: one after another, in order, failures with reasons, a table and a CSV."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from flowercore.backbones import registry
from flowercore.errors import PhotoError
from flowercore.prediction import batch
from flowercore.prediction.batch import Judged
from flowercore.prediction.predictor import Prediction, PredictionFailure, Predictor


class Brightness:
    """A network whose only feature is how light a photo is."""

    threads = 2

    def one(self, pixels: np.ndarray) -> np.ndarray:
        return np.array([pixels.mean() / 255], np.float32)

    def maps(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        raise NotImplementedError


@pytest.fixture
def predictor() -> Predictor:
    kernel, bias = np.array([[-20, 20]], np.float32), np.array([10, -10], np.float32)
    backbone = registry.get(registry.DEFAULT)
    return Predictor("x", ("dark", "=light"), kernel, bias, Brightness(), backbone)


@pytest.fixture
def photo(paint: Callable[..., Path], tmp_path: Path) -> Callable[[int], bytes]:
    def make(value: int) -> bytes:
        return paint(tmp_path / "x.jpg", color=(value,) * 3, size=(400, 300)).read_bytes()

    return make


def gone() -> bytes:
    raise PhotoError("It is gone.")


def test_each_is_read_when_its_turn_comes_and_answered_in_order(
    predictor: Predictor, photo: Callable[[int], bytes]
) -> None:
    told: list[int] = []
    read: list[int] = []

    def reader(number: int) -> Callable[[], bytes]:
        def content() -> bytes:
            # Told after each 16: nobody reads far ahead.
            assert number - (told[-1] if told else 0) < 16
            read.append(number)
            return b"no photo" if number == 3 else photo(20 if number % 2 else 230)

        return content

    photos = [(f"{number}.jpg", reader(number)) for number in range(37)]
    photos[5] = ("gone.jpg", gone)
    judged = batch.judge(predictor, photos, told.append)
    assert told == [16, 32, 37]
    assert [one.outcome.photo for one in judged] == [name for name, _ in photos]
    assert [isinstance(one.outcome, Prediction) for one in judged].count(False) == 2
    assert judged[5].outcome == PredictionFailure("gone.jpg", "It is gone.")
    for number, one in enumerate(judged):
        if isinstance(one.outcome, Prediction):
            assert one.outcome.label == ("dark" if number % 2 else "=light")
            assert Image.open(io.BytesIO(one.tile or b"")).size == (96, 72)


def answer(name: str, novel: bool | None = None) -> Judged:
    shares = {"dark": 0.3, "=light": 0.7}
    return Judged(
        Prediction(name, "=light", shares, "", 0.01, novel=novel, distance=None), b"\xff\xd8"
    )


def test_the_table_follows_the_threshold_and_what_is_strange() -> None:
    judged = [
        answer("a.jpg"),
        answer("b.jpg", novel=True),
        Judged(PredictionFailure("c", "x"), None),
    ]
    table = batch.table(judged)
    assert list(table["file"]) == ["a.jpg", "b.jpg"]
    assert list(table["verdict"]) == [
        "Probably =light.",
        "This does not look like any of the two.",
    ]
    assert set(table["class"]) == {"'=light"}
    assert batch.table(judged, 0.9)["verdict"][0] == "Perhaps =light, not sure."
    assert base64.b64decode(table["picture"][0].partition(",")[2]) == b"\xff\xd8"
    assert list(batch.table([]).columns) == list(table.columns)


def test_no_cell_of_the_csv_is_a_formula_and_failures_have_reasons() -> None:
    name = "=HYPERLINK(1)" + "x" * 300
    judged = [answer(name), Judged(PredictionFailure("@b.jpg", "-It is damaged."), None)]
    table = pd.read_csv(io.StringIO(batch.csv(judged)), keep_default_na=False)
    assert list(table.columns) == [
        "file",
        "verdict",
        "class",
        "probability",
        "novel",
        "strangeness",
        "p_dark",
        "p_=light",
        "error",
    ]
    assert table["file"][0].startswith("'=HYPERLINK")
    assert table["class"][0] == "'=light"
    assert (table["file"][1], table["error"][1]) == ("'@b.jpg", "'-It is damaged.")
    assert float(table["probability"][0]) == 0.7
