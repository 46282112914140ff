from __future__ import annotations

import pytest

from flowercore.prediction.verdict import QUITE_SURE, THRESHOLD, verdict


def of(*values: float) -> dict[str, float]:
    return dict(zip(("rose", "tulip", "daisy", "lily", "iris"), values, strict=False))


@pytest.mark.parametrize(
    ("probabilities", "sentence"),
    [
        (of(0.97, 0.03), "Rose, quite sure."),
        (of(QUITE_SURE, 1 - QUITE_SURE), "Rose, quite sure."),
        (of(0.79, 0.21), "Probably rose."),
        (of(THRESHOLD, 0.3, 0.2), "Probably rose."),
        (of(0.55, 0.45), "Probably rose."),
        (of(0.48, 0.45, 0.07), "Rose or tulip, not sure."),
        (of(0.45, 0.48, 0.07), "Tulip or rose, not sure."),
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


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 0.9, 1.0])
def test_it_is_not_sure_below_the_threshold_and_only_there(threshold: float) -> None:
    for hundredths in range(20, 101):
        highest = hundredths / 100
        rest = (1 - highest) / 4
        sentence = verdict(of(highest, rest, rest, rest, rest), threshold)
        assert ("ot sure" in sentence) == (highest < threshold)


def test_what_it_is_sure_of_from_a_low_threshold_on_is_not_called_probable() -> None:
    assert verdict(of(0.4, 0.35, 0.25), 0.3) == "Perhaps rose."
    assert verdict(of(0.85, 0.15), 0.9) == "Perhaps rose, not sure."


def test_no_class_is_refused() -> None:
    with pytest.raises(ValueError, match="Received: none"):
        verdict({})
