"""What a run can bear, in its report and its numbers."""

from __future__ import annotations

from flowercore.data.corruptions import KINDS
from flowercore.report.html import report
from flowercore.report.numbers import numbers
from flowercore.runs import robustness_file, store
from tests.evaluation.borne import borne
from tests.report.conftest import Case
from tests.report.test_html import read

FOUND = borne(noise=[85, 70, 52, 40, 20])


def test_without_a_measurement_there_is_no_section(made: Case) -> None:
    said, _ = read(report(made.run, made.judged, None))
    assert "What it can bear" not in said
    assert numbers(made.run, made.judged, None)["robustness"] is None


def test_curves_and_sentence_stand_in_the_report(made: Case) -> None:
    robustness_file.write(made.run.id, FOUND.to_dict())
    page = report(made.run, made.judged, None)
    said, _ = read(page)
    assert FOUND.sentence in said
    assert all(page.count(f'id="figure-robustness-{kind}"') == 1 for kind in KINDS)
    assert "accuracy on 100 test photos" in said
    assert "4 test photos are left out" in said
    assert numbers(made.run, made.judged, None)["robustness"] == FOUND.numbers()


def test_a_report_on_other_photos_says_on_which_it_was_measured(made: Case) -> None:
    robustness_file.write(made.run.id, FOUND.to_dict())
    said, _ = read(report(made.run, made.judged, None, photos="garden"))
    assert "On its own test photos, not on garden." in said


def test_a_damaged_file_spoils_no_report(made: Case) -> None:
    (store.folder(made.run.id) / "robustness.json").write_text("{")
    said, _ = read(report(made.run, made.judged, None))
    assert "What it can bear" not in said
    assert numbers(made.run, made.judged, None)["robustness"] is None
