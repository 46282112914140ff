"""Explore: what the photos are, one closer, and bringing more in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from tests.pages.reading import button, pictures, shown, texts

UPLOADER = "import_archive_0"


def test_without_photos_the_page_says_so_and_takes_some(visit: Callable[..., AppTest]) -> None:
    app = visit("explore")
    assert "Getting ready for the first time" in texts(app)
    assert app.file_uploader(key=UPLOADER) is not None
    assert not app.selectbox


def test_a_dataset_is_told_in_words_and_pictures(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("explore")
    assert "18 photos in 3 classes, imported from tiny" in texts(app)
    assert len(pictures(app)) == 18
    assert pictures(app)[:3] == [
        f"{label}, photo {label}_000.jpg" for label in ("daisy", "dandelion", "rose")
    ]


def test_one_class_alone(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("explore")
    app.radio(key="class").set_value("rose").run()
    assert pictures(app) == [f"rose, photo rose_00{number}.jpg" for number in range(6)]
    again = visit("explore", **{"class": "rose"})
    assert pictures(again) == pictures(app)


def test_many_photos_come_in_pages(
    visit: Callable[..., AppTest], tiny_dataset: Callable[..., Path]
) -> None:
    catalog.import_source(tiny_dataset(classes=2, per_class=20), "many")
    app = visit("explore")
    assert len(pictures(app)) == 24
    assert len(pictures(visit("explore", page="2"))) == 16


def test_a_page_that_is_too_high_or_nonsense_shows_photos_all_the_same(
    visit: Callable[..., AppTest], tiny_dataset: Callable[..., Path]
) -> None:
    catalog.import_source(tiny_dataset(classes=2, per_class=20), "many")
    for page in ("99", "0", "x"):
        assert len(pictures(visit("explore", page=page))) in (16, 24)


def test_a_photo_opens_large_with_its_facts(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = button(visit("explore"), "daisy")
    assert pictures(app)[-1] == "daisy, photo daisy_000.jpg, large"
    facts = {key: shown(value) for key, value in app.table[0].value.iloc[:, 0].items()}
    assert facts["File"] == "daisy_000.jpg"
    assert facts["Size"] == "80 × 64 pixels"
    assert facts["Type"].startswith("JPEG, ")
    assert "1 of 18" in texts(app)


def test_an_address_that_names_no_dataset_is_told(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("explore", data="<b>gone</b>")
    assert "There is no dataset “<b>gone</b>” here" in shown(app.warning[0].value)
    assert app.selectbox[0].value == "tiny"


def test_the_address_names_the_dataset(
    visit: Callable[..., AppTest], tiny: Entry, tiny_dataset: Callable[..., Path]
) -> None:
    catalog.import_source(tiny_dataset(classes=2, name="other"), "other")
    assert visit("explore").selectbox[0].value == "other"
    assert visit("explore", data="tiny").selectbox[0].value == "tiny"
    app = visit("explore", data="other")
    app.selectbox[0].set_value("tiny").run()
    assert app.query_params["data"] == "tiny"
    # As the navigation does: it leads to a bare address.
    app.query_params.clear()
    app.switch_page("pages/train.py").run()
    assert app.selectbox[0].value == "tiny"
    assert app.query_params["data"] == "tiny"


def test_photos_in_two_classes_are_pointed_out(
    visit: Callable[..., AppTest], tiny_dataset: Callable[..., Path]
) -> None:
    folder = tiny_dataset(classes=2, name="twice")
    twin = folder / "dandelion" / "twin.jpg"
    twin.write_bytes((folder / "daisy" / "daisy_000.jpg").read_bytes())
    catalog.import_source(folder, "twice")
    app = visit("explore")
    assert "1 photo lies in two classes at once" in shown(app.warning[0].value)


def test_the_address_names_the_view(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("explore")
    assert app.query_params["view"] == "photos"
    for view, sign in (
        ("charts", "How many of each?"),
        ("map", "Each point is a photo."),
        ("problems", "A check looks at every photo"),
        ("bring", "Bring photos in"),
    ):
        app.radio(key="choose_view_explore").set_value(view).run()
        assert not app.exception
        assert app.query_params["view"] == view
        assert sign in texts(app)
        assert sign in texts(visit("explore", view=view))


def test_a_view_that_there_is_not_is_told(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("explore", view="<i>all</i>")
    assert "There is no view “<i>all</i>” here" in shown(app.warning[0].value)
    assert len(pictures(app)) == 18


def test_only_the_chosen_view_runs(visit: Callable[..., AppTest], tiny: Entry) -> None:
    assert not visit("explore").get("plotly_chart")
    assert not pictures(visit("explore", view="map"))


def test_a_view_stays_chosen_on_the_way_to_another_page_and_back(
    visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("explore", view="charts")
    # As the navigation does: it leads to a bare address.
    app.query_params.clear()
    app.switch_page("pages/train.py").run()
    app.query_params.clear()
    app.switch_page("pages/explore.py").run()
    assert app.radio(key="choose_view_explore").value == "charts"
