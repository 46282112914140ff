"""Predict: a photo in, a verdict in words out, and nothing kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.runs import results, store
from tests.pages.reading import button, errors, kept_by_streamlit, pictures, shown, texts


@pytest.fixture
def blue(tmp_path: Path, paint: Callable[..., Path]) -> bytes:
    return paint(tmp_path / "blue.jpg", color=(50, 60, 200), size=(80, 60)).read_bytes()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    for name, data in files:
        app.file_uploader[0].upload(name, data)
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def test_without_a_run_the_page_leads_to_training(visit: Callable[..., AppTest]) -> None:
    app = visit("predict")
    assert "No model to ask yet" in texts(app)
    assert not app.file_uploader
    button(app, "Train a model")
    assert app.title[0].value == "Train"


def test_a_photo_is_answered_as_the_predictor_does(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = upload(visit("predict"), ("mine.jpg", blue))
    (expected,) = Predictor.for_run(run_id).predict([("mine.jpg", blue)])
    assert isinstance(expected, Prediction)
    assert expected.label == "iris"
    assert [shown(one.value) for one in app.subheader] == [expected.verdict]
    assert pictures(app)[0] == "The photo mine.jpg, upright"
    assert "mine.jpg · " in texts(app)
    (chart,) = app.get("plotly_chart")
    assert "iris first with" in chart.proto.alt
    assert not errors(app)


def test_the_uploaded_bytes_are_dropped(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    blue += b"the only one of its kind"
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert app.file_uploader[0].value == []
    assert blue not in kept_by_streamlit()
    kept = app.session_state["answers"]
    assert blue not in [one.preview for one in kept]
    button(app, "Clear")
    assert "answers" not in app.session_state
    assert not app.subheader


def test_many_photos_are_answered_and_those_that_fail_are_named(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = upload(
        visit("predict"),
        ("a.jpg", blue),
        ("text.jpg", b"I am no photo"),
        ("empty.jpg", b""),
        ("cut.jpg", blue[:700]),
        ("b.jpg", blue),
    )
    assert len(app.get("plotly_chart")) == 2
    assert len(errors(app)) == 3
    assert "A photo must be JPEG, PNG, WebP or HEIC. Received: 'text.jpg'" in errors(app)[0]
    assert [one.proto.title.replace("\\", "") for one in app.error] == [
        "text.jpg",
        "empty.jpg",
        "cut.jpg",
    ]


def test_a_name_made_to_break_the_page_is_shown_as_it_is(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    name = '"><img src=x onerror=alert(1)>.jpg'
    app = upload(visit("predict"), (name, blue))
    assert f"{name} · " in texts(app)
    name = "![x](http://x.example/y.png) :red[a] $x$.jpg"
    app = upload(visit("predict"), (name, b"no"))
    assert app.error[0].proto.title.startswith("\\!\\[x\\]\\(")


def test_a_turned_photo_is_shown_upright(
    visit: Callable[..., AppTest], run_id: str, tmp_path: Path, paint: Callable[..., Path]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = paint(tmp_path / "turned.jpg", size=(80, 40), exif=exif.tobytes()).read_bytes()
    app = upload(visit("predict"), ("turned.jpg", turned))
    preview = app.session_state["answers"][0].preview
    assert Image.open(io.BytesIO(preview)).size == (40, 80)


def test_a_sample_is_a_test_photo_and_its_folder_is_told(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("predict")
    offered = pictures(app)
    table = results.predictions(run_id)
    tested = table.loc[table["split"] == "test", "key"].str.rpartition("/")[2]
    assert len(offered) == 6
    assert {alt.removeprefix("Sample photo ") for alt in offered} <= set(tested)
    button(app, "What is this?")
    assert "it lies in the folder" in texts(app).lower()
    button(app, "Others")
    assert sorted(pictures(app)[1:]) != sorted(offered)


def test_without_its_photos_a_model_answers_all_the_same(
    visit: Callable[..., AppTest], home: Path, run_id: str, blue: bytes
) -> None:
    (home / "datasets" / "twins" / "dataset.json").unlink()
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert [shown(one.value) for one in app.subheader]
    assert not [one for one in app.button if one.label == "What is this?"]


def test_an_unknown_run_in_the_address_is_told(visit: Callable[..., AppTest], run_id: str) -> None:
    app = visit("predict", run="nobody")
    assert "There is no run “nobody”" in shown(app.warning[0].value)
    assert app.file_uploader


def test_a_head_that_is_damaged_is_told_in_words(
    visit: Callable[..., AppTest], home: Path, run_id: str, blue: bytes
) -> None:
    (store.folder(run_id) / "head.safetensors").write_bytes(b"nonsense")
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert "head.safetensors cannot be read" in errors(app)[0]
    assert str(home) not in errors(app)[0]


def test_a_backbone_that_is_gone_is_told_in_words(
    visit: Callable[..., AppTest], home: Path, run_id: str, blue: bytes
) -> None:
    for file in (home / "backbones").glob("*.tflite"):
        file.unlink()
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert "must be prepared once" in errors(app)[0]
