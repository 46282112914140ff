"""Learn: the photo that all chapters look at, a painted one or the visitor's own."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from flowercore.data import garden
from flowercore.teaching.samples import SAMPLES, sample
from tests.pages.reading import button, errors, kept_by_streamlit, texts

EVIL = '"><img src=x onerror=alert(1)> :red[a] $x$.jpg'


@pytest.fixture
def large(tmp_path: Path, paint: Callable[..., Path]) -> bytes:
    return paint(tmp_path / "mine.jpg", color=(50, 60, 200), size=(1600, 900)).read_bytes()


@pytest.fixture
def app(visit: Callable[..., AppTest]) -> AppTest:
    return visit("learn", view="convolution")


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader[0].upload(name, data)
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def test_a_sample_is_the_gardens_own_picture(tmp_path: Path) -> None:
    assert set(SAMPLES) == set(garden.SPECIES)
    assert all(0 <= number < 100 for number in SAMPLES.values())
    species, number = "rose", SAMPLES["rose"]
    garden.paint_garden(tmp_path, per_class=number + 1)
    assert sample(species) == (tmp_path / species / f"{species}_{number:03d}.jpg").read_bytes()


def test_another_sample_is_one_click_away_and_stays_through_the_chapters(app: AppTest) -> None:
    button(app, "Tulip")
    assert "A painted tulip" in texts(app)
    app.query_params["view"] = "words"
    app.run()
    app.query_params["view"] = "convolution"
    app.run()
    assert "A painted tulip" in texts(app)


def test_of_an_upload_a_small_copy_stays_and_nothing_else(app: AppTest, large: bytes) -> None:
    large += b"the only one of its kind"
    upload(app, "mine.jpg", large)
    assert "Your photo mine.jpg." in texts(app)
    assert app.file_uploader[0].value in (None, [])
    assert large not in kept_by_streamlit()
    photo = app.session_state["chapters_photo"]
    assert Image.open(io.BytesIO(photo.picture)).size == (720, 405)
    assert large not in [photo.picture]


def test_what_is_no_photo_is_told_in_words_and_changes_nothing(app: AppTest) -> None:
    upload(app, EVIL, b"I am no photo")
    assert "A photo must be JPEG, PNG, WebP or HEIC" in errors(app)[0]
    assert EVIL in errors(app)[0]
    assert "A painted daisy" in texts(app)


def test_what_comes_after_a_refused_photo_is_taken(app: AppTest, large: bytes) -> None:
    upload(app, "notes.jpg", b"I am no photo")
    upload(app, "mine.jpg", large)
    assert not errors(app)
    assert "Your photo mine.jpg" in texts(app)


def test_a_name_made_to_break_the_page_is_shown_as_it_is(app: AppTest, large: bytes) -> None:
    upload(app, EVIL, large)
    assert f"Your photo {EVIL}" in texts(app)
    (said,) = (one.value for one in app.caption if one.value.startswith("Your photo"))
    assert r"\:red\[a\]" in said
    assert r"\<img src\=x" in said
