"""The report: whole in one file, true to the numbers, safe whatever names classes have."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from flowercore.evaluation.calibration import Calibration
from flowercore.evaluation.judgement import judgement
from flowercore.report.html import PHOTOS, report
from flowercore.runs import results
from tests.report.conftest import Case, case


class Reader(HTMLParser):
    """Collects text and addresses outside of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.sources: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag in ("script", "style")
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if not self._script:
            self.words.append(data)


def read(page: str) -> tuple[str, list[str]]:
    reader = Reader()
    reader.feed(page)
    return " ".join(" ".join(reader.words).split()), reader.sources


def test_it_says_what_the_evaluation_says(made: Case) -> None:
    evaluation = made.judged.evaluation
    said, _ = read(report(made.run, made.judged, None, data=made.data))
    low, high = evaluation.accuracy_interval
    assert f"{100 * evaluation.accuracy:.1f} %" in said
    assert f"between {100 * low:.0f} and {100 * high:.0f} of 100 new photos" in said
    assert f"{evaluation.right} of 18" in said
    assert f"{100 * evaluation.macro_f1:.1f} %" in said
    assert f"{evaluation.loss:.3f}" in said
    rose = evaluation.per_class["rose"]
    assert rose.recall_interval is not None
    assert f"{100 * rose.recall_interval[0]:.0f} to {100 * rose.recall_interval[1]:.0f} %" in said
    ranking = made.judged.ranking("rose")
    assert ranking is not None
    assert f"{ranking.roc.area:.3f}" in said


def test_nothing_is_fetched_and_all_pictures_are_inside(made: Case) -> None:
    page = report(made.run, made.judged, None, data=made.data)
    _, sources = read(page)
    assert sources
    assert all(one.startswith("data:image/jpeg;base64,") for one in sources)
    assert len(sources) == min(PHOTOS, int((~made.judged.right).sum()))
    for name in ("matrix", "reliability", "histogram", "coverage", "roc", "precision-recall"):
        assert f'id="figure-{name}"' in page
    assert "Plotly.newPlot" in page


def test_the_surest_mistake_comes_first(made: Case) -> None:
    said, _ = read(report(made.run, made.judged, None, data=made.data))
    wrong = made.judged.photos[~made.judged.right]
    keys = wrong.sort_values("probability", ascending=False)["key"].tolist()[:PHOTOS]
    places = [said.index(key) for key in keys]
    assert places == sorted(places)


def test_names_bring_no_markup(made: Case) -> None:
    page = report(made.run, made.judged, None, photos="<script>alert(1)</script>", data=made.data)
    body = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<i>My</i>" not in body
    assert "<b>dandelion" not in body
    assert "alert(1)</script>" not in page.replace("\\u003c", "<").replace("&lt;", "")
    said, _ = read(page)
    assert "<i>My</i> run" in said


@pytest.mark.parametrize(
    ("calibration", "words"),
    [
        (None, "It was not calibrated."),
        (Calibration(reason="Too few."), "It is not calibrated. Too few."),
        (
            Calibration(1.0, 1.05, 400, 10, 0.4, 0.399),
            "No temperature is needed: the best one, 1.05",
        ),
    ],
)
def test_calibration_is_told(made: Case, calibration: Calibration | None, words: str) -> None:
    said, _ = read(report(made.run, made.judged, calibration, data=made.data))
    assert words in said
    assert "as trained" not in said


def test_a_temperature_is_told_with_before_and_after(made: Case) -> None:
    scaled = case(made.run, made.data, temperature=2.0)
    calibration = Calibration(2.0, 2.0, 400, 10, 0.5, 0.4)
    said, _ = read(report(scaled.run, scaled.judged, calibration, data=scaled.data))
    assert "Calibrated with a temperature of 2.00, fitted on 400 training" in said
    assert f"the log loss is {scaled.judged.evaluation.loss:.3f}, as trained" in said


def test_photos_that_are_gone_leave_the_rest(made: Case) -> None:
    for data in (None, replace(made.data, photos=())):
        said, sources = read(report(made.run, made.judged, None, data=data))
        assert sources == []
        assert "Its most confident mistakes" not in said
        assert "Class by class" in said


@pytest.mark.parametrize("kind", ["one photo", "one class", "no mistake", "unsure"])
def test_odd_tests_make_a_whole_report_without_nan(made: Case, kind: str) -> None:
    table = results.predictions(made.run.id)
    columns = [f"p_{name}" for name in made.run.classes]
    if kind == "one photo":
        table = table.iloc[:1]
    elif kind == "one class":
        table = table[table["label"] == "rose"]
    elif kind == "no mistake":
        right = np.eye(3)[[made.run.classes.index(label) for label in table["label"]]]
        table = table.assign(**dict(zip(columns, right.T, strict=True)))
    else:
        table = table.assign(**dict.fromkeys(columns, 1 / 3))
    judged = judgement(pd.DataFrame(table), made.run.classes)
    assert judged is not None
    page = report(made.run, judged, None, data=made.data)
    said, _ = read(page)
    assert "nan" not in said.lower().replace("finance", "")
    assert "None" not in said
    assert ("all photos are of one class" in said) == (kind in ("one photo", "one class"))


def test_a_run_whose_settings_were_edited_is_reported_all_the_same(made: Case) -> None:
    run = replace(made.run, config={"backbone": "nothing", "epochs": "many"})
    said, _ = read(report(run, made.judged, None, data=made.data))
    assert "nothing" in said


def test_it_tells_neither_folders_nor_people(made: Case) -> None:
    said, _ = read(report(made.run, made.judged, None, data=made.data))
    assert str(made.data.root) not in said
    assert "v1" not in said
