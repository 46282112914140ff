"""metrics.json: every number, ready for programs."""

from __future__ import annotations

import json

import pytest

from flowercore.evaluation.calibration import Calibration, scaled
from flowercore.report.numbers import numbers
from tests.report.conftest import Case, case


def test_all_numbers_are_there(made: Case) -> None:
    found = json.loads(json.dumps(numbers(made.run, made.judged, None)))
    evaluation = made.judged.evaluation
    assert found["accuracy"] == evaluation.accuracy
    assert found["confusion_matrix"] == evaluation.confusion_matrix.tolist()
    assert found["photos"] == "its own test photos"
    assert set(found["ranking"]) == set(made.run.classes)
    assert found["coverage"][0] == {
        "threshold": 0.0,
        "coverage": 1.0,
        "accuracy": evaluation.accuracy,
    }
    assert sum(one["count"] for one in found["calibration"]["bins"]) == 18
    assert len(found["mistakes"]) == 18 - evaluation.right
    assert found["mistakes"][0]["probability"] >= found["mistakes"][-1]["probability"]
    assert "v1" not in json.dumps(found)


def test_before_and_after_a_temperature(made: Case) -> None:
    after = case(made.run, made.data, temperature=2.0)
    found = numbers(made.run, after.judged, Calibration(2.0, 2.0, 400, 10, 0.5, 0.4), photos="set")
    raw = numbers(made.run, made.judged, None)
    assert found["photos"] == "set"
    assert found["calibration"]["temperature"] == 2.0
    assert found["calibration"]["loss_as_trained"] == pytest.approx(raw["loss"])
    assert found["calibration"]["error_as_trained"] == raw["calibration"]["error"]
    assert found["loss"] != pytest.approx(raw["loss"])
    assert after.judged.probabilities == pytest.approx(scaled(made.judged.raw, 2.0))


def test_json_has_no_number_that_is_none(made: Case) -> None:
    text = json.dumps(numbers(made.run, made.judged, None), allow_nan=False)
    assert "NaN" not in text
