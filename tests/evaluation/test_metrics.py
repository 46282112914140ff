from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as reference

from flowercore.errors import ConfigError
from flowercore.evaluation.metrics import (
    Evaluation,
    cross_entropy,
    evaluate,
    largest_confusions,
    wilson_interval,
)

FLOWERS = ("daisy", "dandelion", "rose", "sunflower", "tulip")


def random_case(seed: int, count: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, classes, count)
    logits = rng.normal(0, 1.5, (count, classes))
    logits[np.arange(count), true] += 1.0
    exp = np.exp(logits)
    return true, exp / exp.sum(axis=1, keepdims=True)


def from_matrix(matrix: list[list[int]], classes: tuple[str, ...]) -> Evaluation:
    true, predicted = [], []
    for row, line in enumerate(matrix):
        for column, count in enumerate(line):
            true += [row] * count
            predicted += [column] * count
    return evaluate(np.array(true), np.eye(len(classes))[predicted], classes)


@pytest.mark.parametrize(("seed", "count"), [(0, 1), (1, 7), (2, 100), (3, 5000)])
def test_numbers_equal_those_of_scikit_learn(seed: int, count: int) -> None:
    true, probabilities = random_case(seed, count, len(FLOWERS))
    predicted = probabilities.argmax(axis=1)
    labels = list(range(len(FLOWERS)))

    result = evaluate(true, probabilities, FLOWERS)

    assert result.count == count
    assert result.accuracy == pytest.approx(reference.accuracy_score(true, predicted), abs=1e-9)
    assert result.loss == pytest.approx(
        reference.log_loss(true, probabilities, labels=labels), abs=1e-9
    )
    np.testing.assert_array_equal(
        result.confusion_matrix, reference.confusion_matrix(true, predicted, labels=labels)
    )
    precision, recall, f1, support = reference.precision_recall_fscore_support(
        true, predicted, labels=labels, zero_division=0
    )
    for index, name in enumerate(FLOWERS):
        score = result.per_class[name]
        assert score.precision == pytest.approx(precision[index], abs=1e-9)
        assert score.recall == pytest.approx(recall[index], abs=1e-9)
        assert score.f1 == pytest.approx(f1[index], abs=1e-9)
        assert score.support == support[index]


def test_rows_of_the_matrix_are_the_true_class() -> None:
    result = evaluate(np.array([0, 0, 1]), np.eye(2)[[1, 1, 1]], ("rose", "tulip"))
    assert result.confusion_matrix.tolist() == [[0, 2], [0, 1]]


def test_class_never_predicted_and_class_without_photos_score_zero() -> None:
    result = evaluate(np.array([0, 1]), np.eye(3)[[0, 0]], ("rose", "tulip", "daisy"))
    tulip, daisy = result.per_class["tulip"], result.per_class["daisy"]
    assert (tulip.precision, tulip.recall, tulip.f1, tulip.support) == (0.0, 0.0, 0.0, 1)
    assert (daisy.precision, daisy.recall, daisy.f1, daisy.support) == (0.0, 0.0, 0.0, 0)


def test_a_certain_mistake_costs_as_much_as_in_keras() -> None:
    assert cross_entropy(np.array([1]), np.array([[1.0, 0.0]])) == pytest.approx(-math.log(1e-7))


def test_float32_probabilities_are_accepted() -> None:
    true, probabilities = random_case(4, 200, 5)
    single = evaluate(true, probabilities.astype(np.float32), FLOWERS)
    assert single.loss == pytest.approx(evaluate(true, probabilities, FLOWERS).loss, abs=1e-6)


def test_survives_json_and_back() -> None:
    true, probabilities = random_case(5, 60, 5)
    result = evaluate(true, probabilities, FLOWERS)
    text = json.dumps(result.to_dict())
    assert set(json.loads(text)) == {
        "accuracy",
        "loss",
        "count",
        "classes",
        "confusion_matrix",
        "per_class",
        "accuracy_interval",
    }
    back = Evaluation.from_dict(json.loads(text))
    assert back.to_dict() == result.to_dict()
    assert back.confusion_matrix.dtype == np.int64


def test_no_photo_is_refused_in_words() -> None:
    with pytest.raises(ConfigError, match=r"at least 1 photo\. Received: 0 photos\."):
        evaluate(np.array([], dtype=int), np.zeros((0, 2)), ("rose", "tulip"))


@pytest.mark.parametrize(
    ("true", "probabilities"),
    [
        (np.array([0, 1]), np.eye(2)[[0]]),
        (np.array([0]), np.eye(3)[[0]]),
        (np.array([2]), np.eye(2)[[0]]),
        (np.array([-1]), np.eye(2)[[0]]),
        (np.array([0.0]), np.eye(2)[[0]]),
        (np.array([0]), np.array([[np.nan, 1.0]])),
        (np.array([0]), np.array([[3.0, 4.0]])),
    ],
    ids=["rows", "columns", "index", "negative", "not whole", "nan", "logits"],
)
def test_arrays_that_do_not_fit_are_refused(true: np.ndarray, probabilities: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must"):
        evaluate(true, probabilities, ("rose", "tulip"))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(
    ("right", "count"), [(0, 1), (1, 1), (0, 20), (20, 20), (85, 100), (1, 3), (4321, 5000)]
)
def test_wilson_interval_equals_that_of_scipy(right: int, count: int, confidence: float) -> None:
    expected = binomtest(right, count).proportion_ci(confidence, method="wilson")
    low, high = wilson_interval(right, count, confidence)
    assert low == pytest.approx(expected.low, abs=1e-9)
    assert high == pytest.approx(expected.high, abs=1e-9)
    assert 0.0 <= low < high <= 1.0


def test_evaluation_holds_the_95_percent_interval_of_its_accuracy() -> None:
    result = from_matrix([[40, 10], [5, 45]], ("rose", "tulip"))
    assert result.accuracy_interval == wilson_interval(85, 100, 0.95)


@pytest.mark.parametrize(("right", "count", "confidence"), [(0, 0, 0.9), (2, 1, 0.9), (1, 2, 1.0)])
def test_wilson_interval_refuses_what_is_no_proportion(
    right: int, count: int, confidence: float
) -> None:
    with pytest.raises(ValueError, match="Received"):
        wilson_interval(right, count, confidence)


def test_largest_confusions_are_sorted_and_leave_out_the_diagonal_and_zeros() -> None:
    result = from_matrix([[50, 1, 0], [4, 9, 7], [0, 1, 80]], ("daisy", "rose", "tulip"))
    assert largest_confusions(result) == [
        ("rose", "tulip", 7),
        ("rose", "daisy", 4),
        ("daisy", "rose", 1),
    ]
    assert len(largest_confusions(result, k=10)) == 4
    assert largest_confusions(from_matrix([[3, 0], [0, 3]], ("rose", "tulip"))) == []
