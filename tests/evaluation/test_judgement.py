from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flowercore.errors import StorageError
from flowercore.evaluation.calibration import scaled
from flowercore.evaluation.judgement import Judgement, judgement
from flowercore.evaluation.metrics import evaluate

CLASSES = ("rose", "tulip", "01")


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": ["rose/a.jpg", "rose/b.jpg", "tulip/c.jpg", "01/d.jpg"],
            "sha256": ["a", "b", "c", "d"],
            "label": ["rose", "rose", "tulip", "01"],
            "predicted": ["rose", "tulip", "tulip", "rose"],
            "p_rose": [0.7, 0.2, 0.1, 0.5],
            "p_tulip": [0.2, 0.7, 0.6, 0.1],
            "p_01": [0.1, 0.1, 0.3, 0.4],
        },
        index=[9, 4, 2, 0],
    )


def judged(temperature: float = 1.0) -> Judgement:
    found = judgement(table(), CLASSES, temperature)
    assert found is not None
    return found


def test_numbers_are_those_of_the_scaled_probabilities() -> None:
    found = judged(2.0)
    expected = evaluate(np.array([0, 0, 1, 2]), scaled(found.raw, 2.0), CLASSES)
    assert found.evaluation.to_dict() == expected.to_dict()
    assert found.evaluation.loss != pytest.approx(judged().evaluation.loss)
    assert found.evaluation.accuracy == judged().evaluation.accuracy == 0.5


def test_confidence_is_that_of_the_class_that_was_named() -> None:
    found = judged(2.0)
    np.testing.assert_allclose(found.photos["probability"], found.confidence)
    assert found.right.tolist() == [True, False, True, False]


def test_a_cell_holds_its_photos_the_most_confident_first() -> None:
    more = table()
    more.loc[10] = ["rose/e.jpg", "e", "rose", "tulip", 0.05, 0.9, 0.05]
    found = judgement(more, CLASSES)
    assert found is not None
    assert found.cell("rose", "tulip")["key"].tolist() == ["rose/e.jpg", "rose/b.jpg"]
    assert found.cell("tulip", "rose").empty


def test_probabilities_of_a_photo_by_its_row() -> None:
    found = judged()
    (row,) = found.cell("tulip", "tulip").index
    assert found.photos["key"][row] == "tulip/c.jpg"
    assert found.at(row) == pytest.approx({"rose": 0.1, "tulip": 0.6, "01": 0.3})


def test_ranking_takes_a_class_against_all_others() -> None:
    found = judged().ranking("rose")
    assert found is not None
    assert (found.positives, found.negatives) == (2, 2)


def test_no_photo_is_no_judgement() -> None:
    assert judgement(table().iloc[:0], CLASSES) is None


@pytest.mark.parametrize(
    "harm",
    [
        lambda one: one.drop(columns="p_rose"),
        lambda one: one.assign(label="orchid"),
        lambda one: one.assign(p_rose="x"),
        lambda one: one.assign(p_rose=np.nan),
        lambda one: one.assign(p_rose=7.0),
        lambda one: one.drop(columns="sha256"),
    ],
    ids=["column", "label", "text", "nan", "no share", "hash"],
)
def test_a_table_that_was_edited_is_refused_in_words(harm) -> None:
    with pytest.raises(StorageError, match="edited by hand"):
        judgement(harm(table()), CLASSES)
