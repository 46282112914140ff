"""What is said of a run on photos from elsewhere."""

from __future__ import annotations

import pytest

from flowercore.runs.assessments import Facts
from tests.pages.reading import shown
from ui.judged_words import absent_sentence, gap_sentence, mapped_sentence, twins_sentence


@pytest.mark.parametrize(
    ("own", "here", "sentence"),
    [
        (
            (95, 100),
            (380, 500),
            "On its own test photos: 95 %. Here: 76 %: 19 points less. The photos differ from "
            "those it learned from: a domain gap.",
        ),
        (
            (60, 100),
            (400, 500),
            "On its own test photos: 60 %. Here: 80 %: 20 points more. These photos are easier "
            "for it than its own.",
        ),
        (
            (95, 100),
            (47, 50),
            "On its own test photos: 95 %. Here: 94 %: 1 point less. That may be chance: it takes "
            "more photos to tell.",
        ),
        (
            (19, 20),
            (95, 100),
            "On its own test photos: 95 %. Here: 95 %: as good on these photos as on its own.",
        ),
        (
            (954, 1000),
            (951, 1000),
            "On its own test photos: 95.4 %. Here: 95.1 %: 0.3 points less. That may be chance: "
            "it takes more photos to tell.",
        ),
        (
            (8, 8),
            (0, 9),
            "On its own test photos: 100 %. Here: 0 %: 100 points less. The photos differ from "
            "those it learned from: a domain gap.",
        ),
    ],
)
def test_own_photos_and_others_are_compared(
    own: tuple[int, int], here: tuple[int, int], sentence: str
) -> None:
    assert shown(gap_sentence(own, here)) == sentence


def test_only_what_is_called_otherwise_is_told() -> None:
    assert mapped_sentence({"rose": "rose"}, {}) == ""
    said = mapped_sentence({"Roses": "rose", "tulip": "tulip", "_x_": "", "y": "rose"}, {"_x_": 1})
    assert shown(said) == "Counted Roses as rose and y as rose. Left out: 1 photo of _x_."
    assert "_x_" not in said
    many = {f"c{place}": "rose" for place in range(20)}
    assert shown(mapped_sentence(many, {})).endswith("c7 as rose and 12 more.")


def test_classes_without_a_photo_are_named() -> None:
    facts = Facts("x", "", "", mapping={"a": "rose", "b": ""})
    assert absent_sentence(facts, ["rose"]) == ""
    said = absent_sentence(facts, ["iris", "rose", "tulip"])
    assert said == "Without a photo among them: iris and tulip."


def test_twins_are_counted() -> None:
    def said(exact: int, near: int) -> str:
        return twins_sentence(Facts("x", "", "", judged=1500, exact=exact, near=near))

    assert said(0, 0) == ""
    assert said(1, 0) == "1 of 1,500 photos is a twin of training photos (1 byte for byte)."
    assert said(1000, 4) == (
        "1,004 of 1,500 photos are twins of training photos (1,000 byte for byte, 4 saved, cut or "
        "mirrored anew)."
    )
