"""A zip is uploaded, taken in by a worker, and reported; what is wrong with one is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.jobs import queue, tasks
from flowercore.runs import holder
from flowercore.settings import settings
from tests.pages.bringing import UPLOADER, ended, hand_over, zipped
from tests.pages.reading import button, errors, shown, texts

Visit = Callable[..., AppTest]


def uploaded(home: Path) -> list[Path]:
    return list((home / "uploads").glob("*"))


def test_a_zip_is_brought_in_and_reported_until_that_was_read(
    visit: Visit, tiny_dataset: Callable[..., Path], tiny: Entry, home: Path
) -> None:
    data = zipped(tiny_dataset(classes=2, name="mine"), {"daisy/broken.jpg": b"no photo"})
    app = hand_over(visit("explore", view="bring"), "my flowers.zip", data)
    assert ended(app, "import").state == "finished"
    assert app.success[0].proto.title == "“my flowers” is in"
    assert shown(app.success[0].value) == "12 photos in 2 classes: daisy and dandelion."
    left_out = app.dataframe[0].value
    assert left_out["File"].tolist() == ["daisy/broken.jpg"]
    assert "must be JPEG" in left_out["Why"][0]
    assert app.query_params["data"] == "my flowers"
    assert uploaded(home) == []
    # Another visit, such as after a reload: the report is still there until it was read.
    again = visit("explore", data="my flowers", view="bring")
    assert again.success
    assert not button(again, "Got it").success
    assert not visit("explore", data="my flowers").success


def test_progress_is_shown_to_whoever_comes_back_and_can_be_stopped(
    visit: Visit, tiny: Entry
) -> None:
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new("import", {"name": "big <set>"}, visitor="local", held_by=name)
        tasks.update(task, state="running", step="Unpacking", done=30, total=100)
        app = visit("explore", view="bring")
        assert "Bringing in “big <set>”" in texts(app)
        assert app.get("progress")[0].proto.text == "Unpacking: 30 %".replace(" %", "\u202f%")
        with pytest.raises(KeyError):
            app.file_uploader(key=UPLOADER)
        queue.cancel_task(task.id)
        app.run()
        assert "Stopping …" in texts(app)
        tasks.update(tasks.look(task.id), state="stopped", reason="You stopped it.")
        app.run()
        assert app.info[0].value == "You stopped it\\."
        assert app.file_uploader(key=UPLOADER) is not None


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.zip", b"not a zip", "Received: 'x.zip'"),
        ("x.zip", b"", "Received: 'x.zip'"),
        ("x.tgz", b"\x1f\x8b not really", "Received: 'x.tgz'"),
    ],
)
def test_a_bad_archive_is_refused_in_words_and_leaves_nothing(
    visit: Visit, home: Path, name: str, data: bytes, words: str
) -> None:
    app = hand_over(visit("explore"), name, data)
    assert ended(app, "import").state == "failed"
    assert len(errors(app)) == 1
    assert words in errors(app)[0]
    assert str(home) not in errors(app)[0]
    assert catalog.entries() == []
    assert uploaded(home) == []
    assert errors(button(app, "All right")) == []


def test_a_name_that_is_taken_is_refused_at_once(
    visit: Visit, tiny_dataset: Callable[..., Path], tiny: Entry, home: Path
) -> None:
    app = visit("explore", view="bring")
    app.file_uploader(key=UPLOADER).upload("tiny.zip", zipped(tiny_dataset())).run()
    field = next(one for one in app.text_input if one.label == "Name for these photos")
    assert field.value == "tiny 2"  # offered instead
    field.set_value("Tiny").run()
    button(app, "Bring in")
    assert "Received: 'Tiny', which is taken" in errors(app)[0]
    assert tasks.newest("local", "import") is None
    assert uploaded(home) == []


def test_a_full_disk_is_told_and_nothing_is_kept(
    visit: Visit,
    tiny_dataset: Callable[..., Path],
    tiny: Entry,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = visit("explore", view="bring")
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(10**18))
    settings.cache_clear()
    hand_over(app, "mine.zip", zipped(tiny_dataset()))
    assert "must stay free" in errors(app)[0]
    assert uploaded(home) == []
