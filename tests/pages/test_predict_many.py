"""Predict: many photos and archives, as a table."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd
import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest
from streamlit.typing import UploadedFile

from flowercore.prediction import batch
from flowercore.prediction.predictor import Predictor
from tests.pages.reading import button, errors, shown, texts
from tests.pages.test_predict_page import upload
from ui import batch_view, photo_input
from ui.uploads import drop

EVIL = '"><img src=x onerror=alert(1)>.jpg'


@pytest.fixture
def blue(tmp_path: Path, paint: Callable[..., Path]) -> bytes:
    return paint(tmp_path / "blue.jpg", color=(50, 60, 200), size=(80, 60)).read_bytes()


def table(app: AppTest, place: int = 0) -> pd.DataFrame:
    return app.dataframe[place].value


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def zip_in(app: AppTest, data: bytes, name: str = "my.zip") -> AppTest:
    app.radio(key="photos_from").set_value("Zip").run()
    app.file_uploader[0].upload(name, data)
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def test_more_than_a_few_photos_are_a_table(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    photos = [(f"{number}.jpg", blue) for number in range(11)]
    long = "n" * 300 + ".jpg"
    app = upload(
        visit("predict"), *photos, (EVIL, blue), (long, blue), ("=1+1.jpg", b"I am no photo")
    )
    said = table(app)
    assert len(said) == 13
    assert list(said["file"][-2:-1]) == [EVIL]
    assert len(said["file"].iloc[-1]) == 80
    assert set(said["class"]) == {"iris"}
    assert said["picture"].str.startswith("data:image/jpeg;base64,").all()
    assert list(table(app, 1)["File"]) == ["'=1+1.jpg"]
    assert "must be JPEG, PNG, WebP or HEIC" in table(app, 1)["Why"][0]
    assert "14 files: 13 iris and 1 not judged." in texts(app)
    assert app.get("download_button")[0].proto.label == "Download all as CSV"
    assert not errors(app)
    assert app.file_uploader[0].value == []
    button(app, "Clear")
    assert not app.dataframe


def test_a_table_gives_way_to_a_new_answer(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = upload(visit("predict"), *[(f"{number}.jpg", blue) for number in range(13)])
    assert len(table(app)) == 13
    upload(app, ("one.jpg", blue))
    assert not app.dataframe
    assert len(app.subheader) == 1
    upload(app, *[(f"{number}.jpg", blue) for number in range(13)])
    assert len(table(app)) == 13
    assert "answers" not in app.session_state


def test_photos_of_a_zip_are_answered_and_nothing_of_it_stays(
    visit: Callable[..., AppTest], home: Path, run_id: str, blue: bytes
) -> None:
    data = packed(
        **{"a/b/deep.jpg": blue, "top.jpg": blue, "notes.txt": b"words", "cut.jpg": blue[:600]}
    )
    app = zip_in(visit("predict"), data)
    assert list(table(app)["file"]) == ["a/b/deep.jpg", "top.jpg"]
    assert list(table(app, 1)["File"]) == ["cut.jpg", "notes.txt"]
    assert list((home / "uploads").iterdir()) == []
    assert blue not in str(app.session_state["answers_batch"]).encode()


def clicked_meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Break off while the first photos are being judged, as a click there does."""
    calls: list[int] = []
    judge = batch.judge

    def interrupted(
        predictor: Predictor, photos: Iterable[batch.Photo], progress: Callable[[int], None]
    ) -> list[batch.Judged]:
        calls.append(1)
        if len(calls) == 1:
            raise StopException
        return judge(predictor, photos, progress)

    monkeypatch.setattr(batch, "judge", interrupted)
    return calls


def test_a_click_while_a_zip_is_judged_does_not_lose_it(
    visit: Callable[..., AppTest],
    home: Path,
    run_id: str,
    blue: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = visit("predict")
    calls = clicked_meanwhile(monkeypatch)
    zip_in(app, packed(**{"a.jpg": blue, "notes.txt": b"words"}))
    assert not app.dataframe
    app.file_uploader[0].set_value(None)  # dropped: it lies on the disk
    app.run()
    assert len(calls) == 2
    assert list(table(app)["file"]) == ["a.jpg"]
    assert list(table(app, 1)["File"]) == ["notes.txt"]
    assert app.file_uploader[0].value is None
    assert list((home / "uploads").iterdir()) == []


def test_who_turns_from_files_that_are_judged_has_them_dropped(
    visit: Callable[..., AppTest], run_id: str, blue: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit("predict")
    dropped: list[str] = []

    def noted(files: Sequence[UploadedFile]) -> None:
        dropped.extend(one.name for one in files)
        drop(files)

    def stopped(*_: object) -> None:
        raise StopException

    monkeypatch.setattr(batch, "judge", stopped)
    monkeypatch.setattr(photo_input, "drop", noted)
    names = [f"{number}.jpg" for number in range(13)]
    upload(app, *[(name, blue) for name in names])
    assert dropped == []
    app.radio(key="photos_from").set_value("Camera").run()
    assert dropped == names


def test_who_turns_from_a_zip_that_is_judged_leaves_nothing_of_it(
    visit: Callable[..., AppTest],
    home: Path,
    run_id: str,
    blue: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = visit("predict")

    def stopped(*_: object) -> None:
        raise StopException

    monkeypatch.setattr(batch, "judge", stopped)
    zip_in(app, packed(**{"a.jpg": blue}))
    assert len(list((home / "uploads").iterdir())) == 1
    app.radio(key="photos_from").set_value("Files").run()
    assert list((home / "uploads").iterdir()) == []
    assert not app.dataframe


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no archive", "An archive must be a zip, tar.gz or tar"),
        (packed(**{"../up.jpg": b"x"}), "names that stay inside it"),
        (packed(**{"notes.txt": b"words"}), ""),
        (packed(), ""),
    ],
)
def test_an_archive_without_photos_is_told_in_words(
    visit: Callable[..., AppTest], home: Path, run_id: str, data: bytes, words: str
) -> None:
    app = zip_in(visit("predict"), data, EVIL.replace("jpg", "zip"))
    if words:
        assert words in errors(app)[0]
        assert shown(errors(app)[0]).count("/home") == 0
    else:
        assert "There is no photo in it." in texts(app)
    assert list((home / "uploads").iterdir()) == []


def test_what_comes_after_a_refused_archive_is_answered(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = zip_in(visit("predict"), b"no archive")
    assert "An archive must be" in errors(app)[0]
    # No other click lies between: a browser sends it through the uploader that is shown.
    app.file_uploader[0].upload("good.zip", packed(**{"a.jpg": blue}))
    app.run()
    assert list(table(app)["file"]) == ["a.jpg"]
    assert not errors(app)


def test_more_than_the_most_are_counted(
    visit: Callable[..., AppTest], run_id: str, blue: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_view, "MOST", 13)
    app = upload(visit("predict"), *[(f"{number}.jpg", blue) for number in range(14)])
    assert len(table(app)) == 13
    assert "Not looked at: 1 more file." in app.warning[0].value


def test_the_camera_says_what_it_needs(visit: Callable[..., AppTest], run_id: str) -> None:
    app = visit("predict")
    app.radio(key="photos_from").set_value("Camera").run()
    assert not app.exception
    assert app.get("camera_input")
    assert "HTTPS or from this very machine" in texts(app)
    assert "nothing is stored unless you ask" in texts(app)
