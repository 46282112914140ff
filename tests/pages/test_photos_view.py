"""Photos: filters, order, and what is said where a check is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog, edits
from flowercore.data.catalog import Entry
from flowercore.jobs import queue
from tests.pages.audited_home import check
from tests.pages.reading import button, pictures, shown, texts


@pytest.fixture
def checked(tiny: Entry) -> Entry:
    check("tiny")
    return tiny


def options(app: AppTest, key: str) -> list[str]:
    return app.selectbox(key=key).options


def test_before_a_check_sizes_are_known_and_it_is_offered(
    visit: Callable[..., AppTest], tiny: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(queue, "submit_task", lambda *what: asked.append(what))
    app = visit("explore")
    assert "Brightness, sharpness and problems are known after a check." in texts(app)
    assert "Brightest first" not in options(app, "sort")
    assert "Largest first" in options(app, "sort")
    button(app, "Check these photos")
    assert asked == [("audit", {"data": "tiny"}, "local")]


def test_after_a_check_all_filters_and_orders_are_there(
    visit: Callable[..., AppTest], checked: Entry
) -> None:
    app = visit("explore")
    assert "Check these photos" not in texts(app)
    assert {"Brightest first", "Most suspect first"} <= set(options(app, "sort"))
    assert options(app, "issue") == [
        *("Any", "Any problem", "Label may be wrong", "Unlike the others", "Too dark"),
    ]
    app.selectbox(key="issue").set_value("Any problem").run()
    assert pictures(app) == ["daisy, photo daisy_000.jpg", "daisy, photo daisy_001.jpg"]
    assert "2 of 18 photos" in texts(app)
    assert pictures(visit("explore", issue="Too dark")) == ["daisy, photo daisy_001.jpg"]


def test_what_was_decided_is_no_problem_any_more(
    visit: Callable[..., AppTest], checked: Entry
) -> None:
    data = catalog.load("tiny")
    edits.add(data, [data.photos[1].key], edits.KEEP)
    assert options(visit("explore"), "issue") == ["Any", "Any problem", "Label may be wrong"]


def test_the_most_suspect_comes_first(visit: Callable[..., AppTest], tiny: Entry) -> None:
    check("tiny", [(9, "suspect-label", "x"), (4, "suspect-label", "y")])
    app = visit("explore", sort="Most suspect first")
    assert pictures(app)[:2] == ["dandelion, photo dandelion_003.jpg", "daisy, photo daisy_004.jpg"]


def test_bounds_are_filters_and_all_filters_are_cleared_at_once(
    visit: Callable[..., AppTest], checked: Entry
) -> None:
    app = visit("explore", **{"class": "rose", "size_from": "0.006"})
    largest = [f"rose, photo rose_00{number}.jpg" for number in (4, 5)]
    assert pictures(app) == largest
    assert "2 of 18 photos" in texts(app)
    button(app, "Clear 2 filters")
    assert len(pictures(app)) == 18
    assert app.radio(key="class").value == "All"
    assert app.number_input(key="size_from").value is None
    assert "size_from" not in app.query_params


def test_no_photo_is_like_that(visit: Callable[..., AppTest], checked: Entry) -> None:
    app = visit("explore", light_from="0.99")
    assert pictures(app) == []
    assert "No photo is like that." in texts(app)
    assert "0 of 18 photos" in texts(app)


def test_a_filter_leads_back_to_the_first_page(
    visit: Callable[..., AppTest], tiny_dataset: Callable[..., Path]
) -> None:
    catalog.import_source(tiny_dataset(classes=3, per_class=20), "many")
    app = visit("explore", page="3")
    assert len(pictures(app)) == 12
    app.number_input(key="size_from").set_value(0.001).run()
    assert len(pictures(app)) == 24


@pytest.mark.parametrize("value", ["x", "-1", "1e400"])
def test_bounds_that_are_none_are_passed_over(
    visit: Callable[..., AppTest], checked: Entry, value: str
) -> None:
    assert len(pictures(visit("explore", light_from=value))) == 18


def test_a_class_may_be_called_like_the_choice_of_all(
    visit: Callable[..., AppTest], tiny_dataset: Callable[..., Path]
) -> None:
    folder = tiny_dataset(classes=2, name="odd")
    (folder / "daisy").rename(folder / "All")
    catalog.import_source(folder, "odd")
    app = visit("explore")
    assert app.radio(key="class").options == ["All classes", "All", "dandelion"]
    assert len(pictures(app)) == 12
    app.radio(key="class").set_value("All").run()
    assert len(pictures(app)) == 6


def test_photos_of_one_part_of_a_split(visit: Callable[..., AppTest], run_id: str) -> None:
    app = visit("explore", data="twins")
    assert "Part" not in [one.label for one in app.radio]
    app.selectbox(key="photos_split").set_value(run_id).run()
    app.radio(key="photos_part").set_value("Test").run()
    assert not app.exception
    assert "12 of 60 photos" in texts(app)
    button(app, "Clear 1 filter")
    assert "of 60 photos" not in texts(app)
    assert app.selectbox(key="photos_split").value == ""


def test_a_photo_opens_with_its_problems_and_those_like_it(
    visit: Callable[..., AppTest], prepared: Path, tiny: Entry
) -> None:
    from flowercore.training.features import dataset_features

    data = check("tiny")
    vectors = dataset_features(data, "efficientnet-lite0").vectors[:, 0]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = [data.photos[row] for row in np.argsort(-(unit @ unit[1]), kind="stable")[1:7]]
    app = button(visit("explore", sort="Name"), "daisy", place=1)
    said = texts(app)
    assert "Unlike the others. Far from every daisy." in said
    assert "Too dark. Its mean brightness is 2 %." in said
    assert "The file holds no camera facts" in said
    expected = [f"Like it: {one.label}, {one.key.rpartition('/')[2]}" for one in nearest]
    assert [alt for alt in pictures(app) if alt.startswith("Like it")] == expected


def test_without_features_the_dialog_says_so(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = button(visit("explore"), "daisy")
    assert "known once a check or a training has looked at all of them" in texts(app)


def test_camera_facts_stand_beside_the_photo(
    visit: Callable[..., AppTest], tiny_dataset: Callable[..., Path]
) -> None:
    from PIL import Image

    folder = tiny_dataset(classes=2, name="taken")
    photo = folder / "daisy" / "daisy_000.jpg"
    exif = Image.Exif()
    exif[0x0110] = "Brownie **No. 2**"
    with Image.open(photo) as picture:
        picture.save(photo, exif=exif)
    catalog.import_source(folder, "taken")
    app = button(visit("explore"), "daisy")
    facts = {key: shown(value) for key, value in app.table[0].value.iloc[:, 0].items()}
    # As text, not as Markdown: the signs were made plain.
    assert facts["Camera"] == "Brownie No. 2"
    assert app.table[0].value.iloc[:, 0]["Camera"].count("\\*") == 4
