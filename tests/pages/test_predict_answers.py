"""Predict: what is told beside a verdict, and what can be done with an answer."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.figures import GREEN
from flowercore.runs import results, starter, store
from tests.pages.reading import button, errors, pictures, shown, texts
from tests.pages.test_predict_page import upload
from ui.what_if import change

EVIL = '"><img src=x onerror=alert(1)>.jpg'


@pytest.fixture
def blue(tmp_path: Path, paint: Callable[..., Path]) -> bytes:
    return paint(tmp_path / "blue.jpg", color=(50, 60, 200), size=(80, 60)).read_bytes()


def look(app: AppTest, at: str) -> AppTest:
    app.radio(key="look_1_0").set_value(at).run()
    assert not app.exception, app.exception[0].message
    return app


def bars(app: AppTest) -> str:
    (chart,) = app.get("plotly_chart")
    return chart.proto.spec


def test_what_is_no_flower_is_told_so_with_the_rates(
    visit: Callable[..., AppTest], with_starter: Path, blue: bytes
) -> None:
    app = upload(visit("predict"), ("noise.jpg", blue))
    assert app.subheader[0].value == "This does not look like any of the five\\."
    said = texts(app)
    assert "If it were one of them:" in said
    assert "How does it know?" in said
    assert "refuses 4 of 100 flowers and lets 1 of 100 other things in" in said
    assert "(95 % interval 0.2 to 5.4)" in said
    assert GREEN not in bars(app)


def test_a_real_flower_is_none_of_that(
    visit: Callable[..., AppTest], with_starter: Path, real_photos: Path
) -> None:
    photo = sorted((real_photos / "sunflower").iterdir())[0]
    app = upload(visit("predict"), (photo.name, photo.read_bytes()))
    assert "unflower" in app.subheader[0].value
    assert "If it were one of them:" not in texts(app)
    assert "The nearest" not in texts(app)
    assert "How does it know?" in texts(app)


def test_of_an_own_run_the_rates_are_those_by_construction(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert "it refuses 4 photos of 100, by construction" in texts(app)
    assert "How many other things it lets in was not measured" in texts(app)


def test_a_run_that_does_not_know_what_its_photos_are_like_says_nothing_of_it(
    visit: Callable[..., AppTest], home: Path, run_id: str, blue: bytes
) -> None:
    (home / "runs" / run_id / "novelty.safetensors").unlink()
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert "How does it know?" not in texts(app)


def test_the_map_of_each_class_lies_over_the_photo(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = look(upload(visit("predict"), ("mine.jpg", blue)), "What speaks for it")
    assert pictures(app)[0] == "The photo mine.jpg, with a map of what speaks for iris"
    assert "Yellow speaks for iris" in texts(app)
    app.selectbox(key="answer_class_1_0").set_value("aster").run()
    assert pictures(app)[0].endswith("what speaks for aster")
    app.slider(key="answer_opacity").set_value(0).run()
    assert "The photo alone." in texts(app)


def test_a_covered_part_moves_the_probabilities(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = upload(visit("predict"), ("mine.jpg", blue))
    before = bars(app)
    look(app, "Cover a part")
    assert pictures(app)[0] == "The photo mine.jpg with a part covered"
    app.slider(key="1_0_across").set_value((0, 100)).run()
    app.slider(key="1_0_down").set_value((0, 100)).run()
    assert bars(app) != before
    assert "With the part covered:" in texts(app)
    assert "→" in texts(app)
    app.slider(key="1_0_across").set_value((50, 50)).run()
    assert "Nothing moved" in texts(app)
    assert not errors(app)


def test_changes_are_told_largest_first_and_small_ones_not() -> None:
    said = change({"a": 0.9, "b": 0.06, "c": 0.04}, {"a": 0.4, "b": 0.555, "c": 0.045})
    assert shown(said).splitlines() == ["- a: 90 % → 40 %", "- b: 6 % → 56 %"]


def test_it_looks_like_training_photos_of_the_run(
    visit: Callable[..., AppTest], home: Path, run_id: str
) -> None:
    table = results.predictions(run_id)
    learned = set(table.loc[table["split"] == "train", "sha256"])
    tested = table.loc[table["split"] == "test", "key"].iloc[0]
    photo = home / "datasets" / "twins" / tested
    app = upload(visit("predict"), ("mine.jpg", photo.read_bytes()))
    assert "among the photos of twins that it learned from" in texts(app)
    like = [alt for alt in pictures(app) if alt.startswith("Like it: ")]
    assert len(like) == 3
    for alt in like:
        label, name = alt.removeprefix("Like it: ").split(", ")
        file = home / "datasets" / "twins" / label / name
        assert hashlib.sha256(file.read_bytes()).hexdigest() in learned


def test_the_starter_shows_the_nearest_of_the_visitors_photos_and_says_so(
    visit: Callable[..., AppTest], run_id: str, with_starter: Path, blue: bytes
) -> None:
    app = upload(visit("predict", run=starter.NAME), ("mine.jpg", blue))
    told = "of twins; the photos that the starter learned from are not here"
    assert f"The nearest, and yet not like it :gray[{told}]" in texts(app)
    assert len([alt for alt in pictures(app) if alt.startswith("Like it: iris")]) == 3


def test_without_known_photos_nothing_is_shown_as_alike(
    visit: Callable[..., AppTest], with_starter: Path, blue: bytes
) -> None:
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert "It looks like these" not in texts(app)


def test_each_of_several_answers_can_be_looked_at_closer(
    visit: Callable[..., AppTest], run_id: str, blue: bytes
) -> None:
    app = upload(visit("predict"), ("a.jpg", blue), ("b.jpg", blue))
    assert "What speaks for it" not in texts(app)
    button(app, "Why?", 1)
    assert app.radio(key="look_1_1").options == ["Photo", "What speaks for it", "Cover a part"]
    assert pictures(app).count("The photo b.jpg, upright") == 2


def test_an_answered_photo_can_be_added_to_an_own_dataset(
    visit: Callable[..., AppTest], home: Path, run_id: str, blue: bytes
) -> None:
    app = upload(visit("predict"), (EVIL, blue))
    before = catalog.load("twins").counts()
    assert app.selectbox(key="keep_in_1_0").options == ["twins"]
    assert app.selectbox(key="keep_as_1_0_twins").value == "iris"
    assert "the copy that you see, at most 720 pixels" in texts(app)
    button(app, "Add the photo")
    assert "Added to twins as iris." in texts(app)
    assert catalog.load("twins").counts() == before | {"iris": before["iris"] + 1}
    button(app, "Add the photo")
    assert "twins has this photo as iris already." in texts(app)
    assert not errors(app)


def test_without_an_own_dataset_nothing_is_offered_to_be_added(
    visit: Callable[..., AppTest], with_starter: Path, blue: bytes
) -> None:
    app = upload(visit("predict"), ("mine.jpg", blue))
    assert "Add it to a dataset of yours" not in texts(app)


@pytest.mark.parametrize("origin", [catalog.GARDEN_ORIGIN, "the folder garden"])
def test_a_model_of_painted_flowers_leads_to_one_of_real_ones(
    visit: Callable[..., AppTest], run_id: str, with_starter: Path, real_photos: Path, origin: str
) -> None:
    run = store.get(run_id)
    store.update(run, dataset={**run.dataset, "name": "garden", "origin": origin})
    photo = sorted((real_photos / "sunflower").iterdir())[0]
    app = upload(visit("predict"), (photo.name, photo.read_bytes()))
    assert app.subheader[0].value == "This does not look like any of the three\\."
    painted = origin == catalog.GARDEN_ORIGIN
    assert bool(asks_the_starter(app)) == painted
    assert ("learned from painted flowers only" in texts(app)) == painted
    if painted:
        button(app, asks_the_starter(app)[0])
        assert "unflower" in app.subheader[0].value
        assert "Answered by Flower Lab's starter" in texts(app)
        assert not asks_the_starter(app)


def asks_the_starter(app: AppTest) -> list[str]:
    return [one.label for one in app.button if one.label.startswith("Ask the starter")]


def test_the_starter_is_asked_about_all_photos_that_could_be_read(
    visit: Callable[..., AppTest], run_id: str, with_starter: Path, real_photos: Path
) -> None:
    run = store.get(run_id)
    store.update(run, dataset={**run.dataset, "origin": catalog.GARDEN_ORIGIN})
    photos = [sorted((real_photos / name).iterdir())[0] for name in ("sunflower", "rose")]
    files = [(one.name, one.read_bytes()) for one in photos]
    broken = ("broken.jpg", files[0][1][:2000])
    assert len(asks_the_starter(upload(visit("predict"), files[0], broken))) == 1
    app = upload(visit("predict"), *files, broken)
    assert len(errors(app)) == 1  # of the broken one
    (label,) = asks_the_starter(app)
    button(app, label)
    assert "Answered by Flower Lab's starter" in texts(app)
    assert len(app.get("plotly_chart")) == 2
    assert "It lies in the folder" not in texts(app)


def test_the_answer_names_the_model_as_the_box_does(
    visit: Callable[..., AppTest], home: Path, run_id: str, blue: bytes
) -> None:
    copy = home / "runs" / f"{run_id[:-1]}{'0' if run_id[-1] != '0' else '1'}"
    shutil.copytree(home / "runs" / run_id, copy)
    values = json.loads((copy / "run.json").read_text("utf-8"))
    (copy / "run.json").write_text(json.dumps({**values, "id": copy.name}), "utf-8")
    numbered = [one for one in visit("predict").selectbox[0].options if "(2)" in one]
    assert len(numbered) == 1
    asked = max(run_id, copy.name)
    app = upload(visit("predict", run=asked), ("mine.jpg", blue))
    assert f"Answered by {shown(numbered[0])}" in texts(app)
