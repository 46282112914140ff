"""A photo large: its bars, and the words on what its map means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.runs import results, store
from tests.pages.evaluated import figures_of, of_test
from tests.pages.judged_page import SECONDS
from tests.pages.reading import button, errors, pictures, shown, texts
from ui.why_dialog import bars

RIM = "The rim without colours was not shown to the network."
MIRROR = "The answer also counts the photo's mirror image, which has its own map."


def probabilities(count: int) -> dict[str, float]:
    values = [count - place for place in range(count)]
    return {f"class {place}": one / sum(values) for place, one in enumerate(values)}


def test_the_true_class_is_marked_among_all() -> None:
    drawn, rest = bars(probabilities(3), "class 1")
    assert list(drawn) == ["class 0", "class 1 (its label)", "class 2"]
    assert rest == ""


@pytest.mark.parametrize(("label", "last"), [("class 3", "class 11"), ("class 49", "class 49")])
def test_of_many_classes_the_most_probable_and_the_true_one_are_drawn(
    label: str, last: str
) -> None:
    given = probabilities(50)
    drawn, rest = bars(given, label)
    assert len(drawn) == 12
    assert f"{label} (its label)" in drawn
    assert list(drawn)[-1].removesuffix(" (its label)") == last
    left = 100 * (1 - sum(drawn.values()))
    assert shown(rest) == f"38 other classes: {left:.1f} % together."


def page() -> None:
    """Draw the dialog of a cell's photos anew each time: a test knows no part of a page."""
    import streamlit as st

    from flowercore.runs import store
    from ui import why_dialog
    from ui.judged import on_test_photos
    from ui.judged_photo import judged_photos

    (run,) = store.runs()
    judged = on_test_photos(run)
    assert judged is not None
    data, photos, _ = judged_photos(judged, judged.judgement.cell("iris", "iris"))
    assert data is not None
    if "here_large" in st.session_state:
        why_dialog.why_dialog(run, data, photos, "here")
    else:
        why_dialog.open_judged(run, data, photos, 0, "here")


def opened() -> AppTest:
    app = AppTest.from_function(page, default_timeout=SECONDS).run()
    assert not app.exception, app.exception[0].message
    return app


def test_the_map_of_each_class_and_of_each_photo_is_its_own(run_id: str) -> None:
    app = opened()
    assert "iris (its label)" in json.dumps(figures_of(app)[-1])
    assert "Yellow speaks for iris and against the others, dark blue does not." in texts(app)
    box = next(one for one in app.selectbox if one.label == "What speaks for")
    assert box.options[0] == "iris"
    assert sorted(box.options) == ["aster", "daisy", "iris"]
    box.set_value("aster").run()
    assert "Yellow speaks for aster" in texts(app)
    assert any("with a map of what speaks for aster" in one for one in pictures(app))
    keys = of_test(run_id).cell("iris", "iris")["key"].tolist()
    for place in (1, 2, 3, 0):
        button(app, "Next")
        assert f"{place + 1} of 4" in texts(app)
        name = keys[place].rpartition("/")[2]
        assert any(f"photo {name}, large" in one for one in pictures(app))
    button(app, "Previous")
    assert "4 of 4" in texts(app)


def test_the_map_can_be_taken_off(run_id: str) -> None:
    app = opened()
    app.slider[0].set_value(0).run()
    assert "The photo alone." in texts(app)
    button(app, "Next")
    assert "The photo alone." in texts(app), "it stays so for the next photo"


def test_the_rim_is_told_of_where_there_is_one(run_id: str) -> None:
    app = opened()
    assert RIM in texts(app)
    assert MIRROR not in texts(app)


def test_a_square_photo_has_no_rim(home: Path, run_id: str) -> None:
    for path in (home / "datasets" / "twins" / "iris").iterdir():
        Image.open(path).resize((60, 60)).save(path)
    hashes = {one.key: one.sha256 for one in catalog.load("twins").photos}
    table = results.predictions(run_id)
    results.write_predictions(run_id, table.assign(sha256=table["key"].map(hashes)))
    app = opened()
    assert "Yellow speaks for iris" in texts(app)
    assert RIM not in texts(app)


def test_a_run_that_judges_with_the_mirror_image_says_so(run_id: str) -> None:
    path = store.folder(run_id) / "run.json"
    facts = json.loads(path.read_text())
    facts["config"]["flip_average"] = True
    path.write_text(json.dumps(facts))
    assert MIRROR in texts(opened())


def test_a_photo_that_is_gone_is_told_and_its_bars_stay(home: Path, run_id: str) -> None:
    app = opened()
    key = of_test(run_id).cell("iris", "iris")["key"].iloc[1]
    (home / "datasets" / "twins" / key).unlink()
    button(app, "Next")
    assert len(errors(app)) == 1
    assert "2 of 4" in texts(app)
    assert "iris (its label)" in json.dumps(figures_of(app)[-1])
    button(app, "Next")
    assert errors(app) == []
    assert any("with a map of what speaks for iris" in one for one in pictures(app))
