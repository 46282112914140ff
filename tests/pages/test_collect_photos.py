"""Photos are collected class by class, survive a reload, and become a dataset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog, drafts
from flowercore.data.catalog import Entry
from tests.pages.reading import button, errors, pictures, shown, texts

Visit = Callable[..., AppTest]
WAY = "Camera or single photos"


@pytest.fixture
def snap(paint: Callable[..., Path], tmp_path: Path) -> Callable[[int], bytes]:
    return lambda number: paint(tmp_path / "snap.jpg", seed=number).read_bytes()


def page(visit: Visit) -> AppTest:
    app = visit("explore", view="bring")
    app.radio(key="way").set_value(WAY).run()
    app.radio(key="way_").set_value("Files").run()
    assert not app.exception
    return app


def give(app: AppTest, label: str, *photos: tuple[str, bytes]) -> AppTest:
    box = app.selectbox(key="class_of_")
    if label not in box.options:  # a browser can type a new one
        box.options.append(label)
    box.set_value(label).run()
    uploader = next(one for one in app.file_uploader if "Photos of" in one.label)
    uploader.set_value([(name, data, "image/jpeg") for name, data in photos]).run()
    assert not app.exception, app.exception[0].message
    return app


@pytest.mark.usefixtures("tiny")
def test_class_by_class_photos_become_a_dataset(visit: Visit, snap: Callable[[int], bytes]) -> None:
    app = page(visit)
    assert "Nothing collected yet" in texts(app)
    give(app, "rose", *((f"{n}.jpg", snap(n)) for n in range(3)))
    give(app, "tulip", *((f"{n}.jpg", snap(n)) for n in range(3, 5)))
    assert drafts.look("local").counts() == {"rose": 3, "tulip": 2}
    assert "tulip · 2 photos" in texts(app)
    button(app, "Make it a dataset")
    assert "'tulip' with 2" in errors(app)[0]

    again = page(visit)  # as after a reload
    assert sum("collected photo" in alt for alt in pictures(again)) == 5
    button(again, "Remove")
    assert drafts.look("local").counts() == {"rose": 2, "tulip": 2}
    give(again, "rose", ("x.jpg", snap(9)))
    give(again, "tulip", ("y.jpg", snap(10)))
    next(one for one in again.text_input if one.key == "draft_name").set_value("table 4").run()
    button(again, "Make it a dataset")
    assert errors(again) == []
    assert again.selectbox[0].value == "table 4"
    assert "6 photos in 2 classes" in texts(again)
    entry = next(one for one in catalog.entries() if one.name == "table 4")
    assert entry.classes == {"rose": 3, "tulip": 3}
    assert drafts.look("local").photos == ()


@pytest.mark.usefixtures("tiny")
def test_what_cannot_be_used_is_told_and_the_rest_comes_in(
    visit: Visit, snap: Callable[[int], bytes]
) -> None:
    app = give(page(visit), "rose", ("a.jpg", snap(1)), ("b.jpg", b"no photo"))
    assert app.warning[0].proto.title == "1 photo left out"
    assert "'b.jpg'" in shown(app.warning[0].value)
    assert drafts.look("local").counts() == {"rose": 1}
    app.run()
    assert not app.warning
    give(app, "../<script>", ("c.jpg", snap(2)))
    assert "usable as the name of a folder" in shown(app.warning[0].value)
    assert drafts.look("local").counts() == {"rose": 1}


@pytest.mark.usefixtures("tiny")
def test_all_that_was_collected_can_be_thrown_away(
    visit: Visit, snap: Callable[[int], bytes]
) -> None:
    app = give(page(visit), "rose", ("a.jpg", snap(1)))
    button(app, "Throw away")
    assert drafts.look("local").photos == ()
    assert "Nothing collected yet" in texts(app)


def test_names_from_people_are_shown_as_they_are(
    visit: Visit, snap: Callable[[int], bytes], tiny: Entry
) -> None:
    app = give(page(visit), "_rose_ [x](y)", ("a.jpg", snap(1)))
    assert "**\\_rose\\_ \\[x\\]\\(y\\)** · 1 photo" in [
        one.value.split(" :")[0] for one in app.markdown
    ]
