from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from sklearn import metrics as reference

from flowercore.errors import ConfigError
from flowercore.evaluation.intervals import f1_interval, wilson_interval
from flowercore.evaluation.metrics import (
    Evaluation,
    evaluate,
    largest_confusions,
    photo_losses,
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


def test_a_certain_mistake_costs_as_much_as_in_scikit_learn() -> None:
    true, probabilities = np.array([1, 0]), np.array([[1.0, 0.0], [0.9, 0.1]])
    expected = reference.log_loss(true, probabilities, labels=[0, 1])
    assert photo_losses(true, probabilities).mean() == pytest.approx(expected, abs=1e-9)


def test_float32_probabilities_are_accepted() -> None:
    true, probabilities = random_case(4, 200, 5)
    single = evaluate(true, probabilities.astype(np.float32), FLOWERS)
    assert single.loss == pytest.approx(evaluate(true, probabilities, FLOWERS).loss, abs=1e-6)


def test_survives_json_and_back() -> None:
    true, probabilities = random_case(5, 60, 5)
    result = evaluate(true, probabilities, FLOWERS)
    text = json.dumps(result.to_dict())
    assert {"accuracy", "loss", "count", "classes", "confusion_matrix"} < set(json.loads(text))
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


def test_evaluation_holds_the_95_percent_interval_of_its_accuracy() -> None:
    result = from_matrix([[40, 10], [5, 45]], ("rose", "tulip"))
    assert result.accuracy_interval == wilson_interval(85, 100, 0.95)


@pytest.mark.parametrize(("seed", "count"), [(0, 1), (1, 7), (2, 100), (3, 5000)])
def test_balanced_accuracy_and_macro_f1_equal_those_of_scikit_learn(seed: int, count: int) -> None:
    true, probabilities = random_case(seed, count, len(FLOWERS))
    predicted = probabilities.argmax(axis=1)
    result = evaluate(true, probabilities, FLOWERS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that are predicted and not there
        balanced = reference.balanced_accuracy_score(true, predicted)
    macro = reference.f1_score(true, predicted, average="macro", zero_division=0)
    assert result.balanced_accuracy == pytest.approx(balanced, abs=1e-9)
    assert result.macro_f1 == pytest.approx(macro, abs=1e-9)
    assert result.baseline == pytest.approx(np.bincount(true).max() / count, abs=1e-9)


def test_a_class_without_photos_counts_only_where_it_was_predicted() -> None:
    missing = from_matrix([[3, 1, 0], [0, 4, 0], [0, 0, 0]], ("daisy", "rose", "tulip"))
    assert missing.balanced_accuracy == pytest.approx((3 / 4 + 1) / 2)
    assert missing.macro_f1 == pytest.approx((6 / 7 + 8 / 9) / 2)
    assert missing.per_class["tulip"].f1_interval is None
    assert missing.per_class["tulip"].recall_interval is None
    predicted = from_matrix([[3, 0, 1], [0, 4, 0], [0, 0, 0]], ("daisy", "rose", "tulip"))
    assert predicted.macro_f1 == pytest.approx((6 / 7 + 1 + 0) / 3)
    assert predicted.per_class["tulip"].precision_interval == wilson_interval(0, 1)


def test_each_number_lies_within_its_interval() -> None:
    result = from_matrix([[40, 10, 0], [5, 45, 1], [0, 0, 9]], ("daisy", "rose", "tulip"))
    assert result.macro_f1_interval is not None
    for value, (low, high) in (
        (result.balanced_accuracy, result.balanced_accuracy_interval),
        (result.macro_f1, result.macro_f1_interval),
    ):
        assert 0.75 < low < value < high < 1
    daisy = result.per_class["daisy"]
    assert daisy.precision_interval == wilson_interval(40, 45)
    assert daisy.recall_interval == wilson_interval(40, 50)
    assert daisy.f1_interval == f1_interval(40, 15)


def test_numbers_of_earlier_versions_are_read() -> None:
    result = from_matrix([[40, 10], [5, 45]], ("rose", "tulip"))
    old = {
        name: result.to_dict()[name] for name in ("loss", "count", "classes", "confusion_matrix")
    }
    back = Evaluation.from_dict(old)
    assert back.macro_f1 == result.macro_f1
    assert back.loss_interval is None


@pytest.mark.parametrize("matrix", [[[1, 2]], [[0, 0], [0, 0]], [[-1, 1], [0, 1]]])
def test_a_matrix_that_cannot_be_is_refused(matrix: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="must have a row and a column"):
        Evaluation.from_dict({"loss": 1, "classes": ["a", "b"], "confusion_matrix": matrix})


def test_largest_confusions_are_sorted_and_leave_out_the_diagonal_and_zeros() -> None:
    result = from_matrix([[50, 1, 0], [4, 9, 7], [0, 1, 80]], ("daisy", "rose", "tulip"))
    assert largest_confusions(result) == [
        ("rose", "tulip", 7),
        ("rose", "daisy", 4),
        ("daisy", "rose", 1),
    ]
    assert len(largest_confusions(result, k=10)) == 4
    assert largest_confusions(from_matrix([[3, 0], [0, 3]], ("rose", "tulip"))) == []
