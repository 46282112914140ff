"""The views of the Evaluate page: matrix, classes, certainty, mistakes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import edits
from flowercore.data.garden import SPECIES
from flowercore.evaluation.calibration import Calibration
from flowercore.evaluation.coverage import answered
from flowercore.runs import results, store
from tests.pages.evaluated import figures_of, links, matrix_texts, mistakes, of_test, write_run
from tests.pages.reading import button, errors, pictures, shown, texts
from ui import datasets, mending, own_copy


@pytest.fixture
def metrics(run_id: str) -> dict[str, object]:
    return results.metrics(run_id)


def test_scores_stand_class_by_class_with_their_intervals(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate", view="classes")
    table = app.dataframe[0].value.set_index("Class")
    assert table.index.tolist() == ["aster", "daisy", "iris"]
    assert table["Photos"].tolist() == [4, 4, 4]
    for label, score in of_test(run_id).evaluation.per_class.items():
        for name in ("precision", "recall", "f1"):
            title = "F1" if name == "f1" else name.capitalize()
            interval = getattr(score, f"{name}_interval")
            if interval is None:
                assert table.loc[label, f"{title}, 95 %"] == "–"
                continue
            assert table.loc[label, title] == pytest.approx(100 * getattr(score, name))
            low, high = interval
            assert table.loc[label, f"{title}, 95 %"] == f"{100 * low:.0f} to {100 * high:.0f}"


def test_each_class_has_curves_against_the_rest(visit: Callable[..., AppTest], run_id: str) -> None:
    app = visit("evaluate", view="classes")
    app.selectbox(key="ranked_class").set_value("iris").run()
    assert "a photo of it gets more than another photo 100.0 % of the time" in texts(app)
    areas = app.dataframe[1].value
    assert areas["Class"].tolist() == ["aster", "daisy", "iris"]
    found = of_test(run_id).ranking("aster")
    assert found is not None
    assert areas["ROC area"][0] == pytest.approx(found.roc.area)


def test_the_matrix_shows_photos_or_per_cent(
    visit: Callable[..., AppTest], run_id: str, metrics: dict[str, object]
) -> None:
    app = visit("evaluate")
    counts = [str(count) for row in metrics["confusion_matrix"] for count in row]
    assert matrix_texts(app) == counts
    app.radio(key="matrix").set_value("Per cent of each row").run()
    assert matrix_texts(app)[-1] == "100 %"
    again = visit("evaluate", matrix="Per cent of each row")
    assert matrix_texts(again) == matrix_texts(app)
    app.radio(key="matrix").set_value("Per cent of each column").run()
    assert "diagonal is the precision" in texts(app)


def test_the_box_shows_the_photos_of_a_cell_the_surest_first(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate")
    assert "Click a cell" in texts(app)
    assert pictures(app) == []
    box = app.selectbox(key="cell")
    assert box.options[0] in ("aster taken for daisy", "daisy taken for aster")
    assert "iris, named right" in box.options
    box.set_value(box.options[0]).run()
    true, said = box.options[0].split(" taken for ")
    table = of_test(run_id).cell(true, said)
    assert [one.rpartition(" ")[2] for one in pictures(app)] == [
        key.rpartition("/")[2] for key in table["key"]
    ]
    assert all(one.startswith(f"{true}, taken for {said}") for one in pictures(app))
    assert visit("evaluate", cell=box.options[0]).selectbox(key="cell").value == box.options[0]


def test_a_cell_of_another_run_in_the_address_is_none(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate", cell="rose taken for orchid")
    assert app.selectbox(key="cell").value is None
    assert "Click a cell" in texts(app)


def test_a_photo_opens_large_with_its_probabilities_and_its_map(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate", cell="iris, named right")
    button(app, "Why?")
    assert any("with a map of what speaks for iris" in one for one in pictures(app))
    assert "Right: it is iris." in texts(app)
    chosen = next(one for one in app.selectbox if one.label == "What speaks for")
    assert chosen.options[0] == "iris"


def test_a_photo_is_shown_without_its_map_where_the_network_is_not_ready(
    visit: Callable[..., AppTest], home: Path, run_id: str
) -> None:
    shutil.rmtree(home / "backbones")
    app = visit("evaluate", cell="iris, named right")
    button(app, "Why?")
    assert any(one.endswith("large") for one in pictures(app))
    assert any("must be prepared once on this machine" in one for one in errors(app))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (Calibration(0.5, 0.5, 400, 10, 0.437, 0.391), "Calibrated with a temperature of 0.50"),
        (
            Calibration(1.0, 1.06, 400, 10, 0.398, 0.397),
            "No temperature needed. The best one, 1.06",
        ),
        (Calibration(reason="Too few photos."), "It is not calibrated. Too few photos."),
    ],
    ids=["applied", "left out", "impossible"],
)
def test_certainty_is_told_before_and_after(
    visit: Callable[..., AppTest], home: Path, values: Calibration, words: str
) -> None:
    run = write_run(home, [name for name in SPECIES for _ in range(20)], right=0.8)
    results.write_calibration(run, asdict(values))
    app = visit("evaluate", view="certainty")
    assert words in texts(app)
    assert len(figures_of(app)) == 3
    before = [one.delta for one in app.metric if one.label == "Log loss"][-1]
    assert bool(before) == values.applied
    # The same numbers above and here.
    assert len({one.value for one in app.metric if one.label == "Log loss"}) == 1


def test_the_threshold_says_what_it_means_and_predict_uses_it(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate", view="certainty")
    app.slider(key="evaluate_threshold").set_value(0).run()
    assert "It answers every photo and is right on" in texts(app)
    app.slider(key="evaluate_threshold").set_value(100).run()
    found = of_test(run_id)
    refused = 1 - answered(found.true, found.probabilities, 1.0).coverage
    assert f"{100 * refused:.0f} %" in texts(app) or "on every photo" in texts(app)
    app.switch_page("pages/predict.py").run()
    assert app.slider(key="predict_threshold").value == 100


def test_a_run_from_before_offers_calibration(visit: Callable[..., AppTest], run_id: str) -> None:
    (store.folder(run_id) / "calibration.json").unlink()
    app = visit("evaluate", view="certainty")
    assert "This run was not calibrated when it was trained." in texts(app)
    assert any(one.label == "Calibrate this run" for one in app.button)


def test_mistakes_are_shown_the_surest_first_and_rights_the_least_sure(
    visit: Callable[..., AppTest], run_id: str
) -> None:
    app = visit("evaluate", view="mistakes")
    assert 0 < mistakes(run_id) == len(pictures(app))
    told = [shown(one.value) for one in app.caption if "taken for" in one.value]
    assert len(told) == mistakes(run_id)
    shares = [int(line.split(", ")[1].removesuffix(" %")) for line in told]
    assert shares == sorted(shares, reverse=True)
    app.radio(key="mistakes").set_value("Least confident right answers").run()
    assert len(pictures(app)) == 12 - mistakes(run_id)
    found = [shown(one.value).split(", ") for one in app.caption if "%" in one.value]
    sure = [int(one[1].removesuffix(" %")) for one in found if len(one) == 2]
    assert sure == sorted(sure)


def test_a_wrong_label_is_one_click_from_the_list_of_edits(
    visit: Callable[..., AppTest], home: Path, run_id: str
) -> None:
    app = visit("evaluate", view="mistakes")
    key = (
        of_test(run_id)
        .photos[~of_test(run_id).right]
        .sort_values("probability", ascending=False, kind="stable")["key"]
        .iloc[0]
    )
    app.button(key=f"exclude_wrong_{key}").click().run()
    (made,) = edits.read(home / "datasets" / "twins")
    assert (made.key, made.action) == (key, "exclude")
    assert "Excluded" in texts(app)
    assert len(pictures(app)) == mistakes(run_id), "an excluded photo is shown all the same"
    button(app, "Undo")
    assert edits.read(home / "datasets" / "twins") == ()
    predicted = str(of_test(run_id).photos.set_index("key").loc[key, "predicted"])
    app.button(key=f"relabel_wrong_{key}").click().run()
    (made,) = edits.read(home / "datasets" / "twins")
    assert (made.action, made.label) == ("relabel", predicted)
    assert f"A run says {predicted}" in made.why
    assert f"Relabelled as {predicted}" in texts(app)
    assert "All changes, and training again with them" in [one.proto.label for one in links(app)]


def test_shared_photos_are_mended_in_a_copy_of_ones_own(
    visit: Callable[..., AppTest], home: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (mending, own_copy, datasets):
        monkeypatch.setattr(module, "visitor", lambda: "someone")
    app = visit("evaluate", view="mistakes")
    assert not any(one.label == "Exclude it" for one in app.button)
    button(app, "Make my copy")
    assert "Changes go into your copy, “my twins”." in texts(app)
    button(app, "Exclude it")
    assert edits.read(home / "datasets" / "twins") == ()
    assert len(edits.read(home / "datasets" / "my twins")) == 1


@pytest.mark.parametrize("view", ["confusions", "classes", "certainty", "mistakes"])
@pytest.mark.parametrize(
    ("labels", "right"),
    [(["rose"], 1.0), (["rose"], 0.0), (["rose"] * 9, 0.5), (["rose", "tulip"] * 5, 1.0)],
    ids=["one photo", "one wrong photo", "classes absent", "no mistake"],
)
def test_odd_tests_show_neither_nan_nor_an_empty_chart(
    visit: Callable[..., AppTest], home: Path, view: str, labels: list[str], right: float
) -> None:
    write_run(home, labels, right=right)
    app = visit("evaluate", view=view)
    assert not errors(app)
    assert "nan" not in re.sub(r"[a-z]nan|nan[a-z]", "", texts(app).lower())
    for figure in figures_of(app):
        assert any(one.get("x") or one.get("z") for one in figure["data"])
    if view == "classes" and set(labels) == {"rose"}:
        assert "Here all photos are of one class." in texts(app)
        assert "There is no photo of daisy" in texts(app)


def test_fifty_classes_are_named_and_reachable(visit: Callable[..., AppTest], home: Path) -> None:
    names = [f"species number {number:02d}" for number in range(50)]
    write_run(home, [name for name in names for _ in range(4)], right=0.8, classes=names)
    app = visit("evaluate")
    (figure,) = figures_of(app)
    assert len(figure["layout"]["yaxis"]["ticktext"]) == 50
    assert len(app.selectbox(key="cell").options) == 50
