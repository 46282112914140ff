"""Photos like one that a visitor uploads, which is not kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.jobs import tasks
from flowercore.training.features import dataset_features
from tests.pages.reading import button, errors, pictures, shown, texts

UPLOADER = "like_upload_0"


@pytest.fixture
def known(prepared: Path, tiny: Entry) -> Entry:
    """The dataset tiny, whose photos a training has looked at."""
    dataset_features(catalog.load("tiny"), "efficientnet-lite0")
    return tiny


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader(key=UPLOADER).upload(name, data).run()
    assert not app.exception
    return app


def test_the_photos_most_like_an_upload_are_shown(
    visit: Callable[..., AppTest], known: Entry, home: Path
) -> None:
    photo = (home / "datasets" / "tiny" / "rose" / "rose_003.jpg").read_bytes()
    app = upload(visit("explore", **{"class": "daisy"}), "<my>.jpg", photo)
    found = pictures(app)
    place = found.index("Your photo <my>.jpg")
    # It is itself among them, whatever is filtered above.
    assert found[place + 1] == "rose, photo rose_003.jpg"
    assert len(found) == 6 + 1 + 18
    alike = next(one.value for one in app.caption if "alike" in one.value)
    assert shown(alike) == "rose 100 % alike"
    kept = app.session_state["like_asked"]
    assert len(kept.preview) < 20_000
    assert photo not in (kept.preview, kept.name)

    app = button(app, "Clear")
    assert len(pictures(app)) == 6
    assert "like_asked" not in app.session_state


def test_what_is_no_photo_is_refused_in_words(visit: Callable[..., AppTest], known: Entry) -> None:
    app = upload(visit("explore"), "notes.jpg", b"no photo at all")
    assert len(errors(app)) == 1
    assert "Received: 'notes.jpg'" in errors(app)[0]
    assert "like_asked" not in app.session_state


def test_what_comes_after_a_refused_photo_is_looked_at(
    visit: Callable[..., AppTest], known: Entry, home: Path
) -> None:
    photo = (home / "datasets" / "tiny" / "rose" / "rose_003.jpg").read_bytes()
    app = upload(visit("explore"), "notes.jpg", b"no photo at all")
    # A browser sends it through the uploader that is shown.
    app.file_uploader[0].upload("mine.jpg", photo).run()
    assert not errors(app)
    assert "Your photo mine.jpg" in pictures(app)


def test_where_nothing_was_looked_at_a_check_is_offered(
    visit: Callable[..., AppTest], prepared: Path, tiny: Entry
) -> None:
    photo = (prepared / "datasets" / "tiny" / "rose" / "rose_003.jpg").read_bytes()
    app = upload(visit("explore"), "mine.jpg", photo)
    assert "No photo of this dataset was looked at yet." in texts(app)
    # Also after a check that failed, which is told once.
    failed = tasks.new("audit", {"data": "tiny"}, visitor="local", held_by="")
    tasks.update(failed, state="failed", reason="The disk is full.")
    app.run()
    assert not app.exception
    assert errors(app) == ["The disk is full."]


def test_where_the_backbone_is_not_prepared_it_is_told(
    visit: Callable[..., AppTest], tiny: Entry, home: Path
) -> None:
    photo = (home / "datasets" / "tiny" / "rose" / "rose_003.jpg").read_bytes()
    app = upload(visit("explore"), "mine.jpg", photo)
    assert "must be prepared once on this machine" in errors(app)[0]
