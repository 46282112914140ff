from __future__ import annotations

import pytest

from flowercore.prediction.verdict import CLOSE, PROBABLE, QUITE_SURE, TOGETHER, verdict


def of(*values: float) -> dict[str, float]:
    return dict(zip(("rose", "tulip", "daisy", "lily", "iris"), values, strict=False))


@pytest.mark.parametrize(
    ("probabilities", "sentence"),
    [
        (of(0.97, 0.03), "Rose, quite sure."),
        (of(QUITE_SURE, 1 - QUITE_SURE), "Rose, quite sure."),
        (of(0.79, 0.21), "Probably rose."),
        (of(PROBABLE, 0.3, 0.2), "Probably rose."),
        (of(0.55, 0.45), "Rose or tulip, not sure."),
        (of(0.45, 0.55), "Tulip or rose, not sure."),
        (of(0.35, 0.3, 0.2, 0.15), "Rose or tulip, not sure."),
        (of(0.49, 0.21, 0.3), "Perhaps rose, not sure."),
        (of(0.2, 0.2, 0.2, 0.2, 0.2), "Not sure at all: no class stands out."),
        (of(0.05, 0.03, 0.9, 0.01, 0.01), "Daisy, quite sure."),
        (of(1.0), "Rose, quite sure."),
        (of(0.5), "Probably rose."),
        ({"red_rose": 0.9, "McIntosh": 0.1}, "Red rose, quite sure."),
        ({"_": 0.9, "McIntosh": 0.1}, "_, quite sure."),
        ({"x": 0.1, "McIntosh apple": 0.9}, "McIntosh apple, quite sure."),
    ],
)
def test_words_fit_the_probabilities(probabilities: dict[str, float], sentence: str) -> None:
    assert verdict(probabilities) == sentence


def test_thresholds_leave_no_gap() -> None:
    # With two classes "no class stands out" cannot be: one of them always has half.
    assert TOGETHER <= 1.0
    assert (PROBABLE + CLOSE / 2) < QUITE_SURE
    for hundredths in range(50, 101):
        sentence = verdict(of(hundredths / 100, 1 - hundredths / 100))
        assert "stands out" not in sentence
        assert "Perhaps" not in sentence


def test_no_class_is_refused() -> None:
    with pytest.raises(ValueError, match="Received: none"):
        verdict({})
