"""What charts of photos show, in sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.pages.reading import shown
from ui import look_words
from ui.look_words import BRIGHTNESS, between_classes, color_name


def sized(*sides: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(sides, columns=["width", "height"])


def lit(**classes: list[float]) -> pd.DataFrame:
    rows = [(label, value) for label, values in classes.items() for value in values]
    return pd.DataFrame(rows, columns=["label", "brightness"])


def test_sizes_say_whether_they_are_enough() -> None:
    said = shown(look_words.sizes(sized((300, 300), (400, 300)), 224))
    assert said.startswith("Yes: each is at least 224 pixels wide and high")
    assert "50 % are wider than high and 50 % square; the longest shape is 1.3 to 1." in said
    assert look_words.sizes(sized((100, 300)), 224).startswith("No: every one is less than 224")
    one = look_words.sizes(sized((100, 300), (300, 300), (300, 300)), 224)
    assert one.startswith("Mostly: 1 photo is less than 224 pixels wide or high")
    most = look_words.sizes(sized((100, 300), (100, 300), (300, 300)), 224)
    assert most.startswith("Many are not: 2 photos are less")


@pytest.mark.parametrize(
    ("gap", "verdict"), [(0.0, "Hardly"), (0.075, "A little"), (0.3, "Yes: tulip is brightest")]
)
def test_a_spread_says_whether_it_gives_the_class_away(gap: float, verdict: str) -> None:
    values = np.linspace(0.3, 0.7, 21)
    said = look_words.spread(
        lit(rose=list(values), tulip=list(values + gap)), "brightness", BRIGHTNESS
    )
    assert said.startswith(verdict)


def test_a_spread_of_one_class_or_of_nothing_known_compares_nothing() -> None:
    assert "one class only" in look_words.spread(lit(rose=[0.1, 0.2]), "brightness", BRIGHTNESS)
    unknown = lit(rose=[np.nan], tulip=[np.nan])
    assert "one class only" in look_words.spread(unknown, "brightness", BRIGHTNESS)


def test_between_classes_is_the_share_of_variance() -> None:
    # By hand: means 1 and 3 about 2, each value 1 off its mean: 4 of 8.
    table = lit(rose=[0.0, 2.0], tulip=[2.0, 4.0])
    assert between_classes(table, "brightness") == pytest.approx(0.5)
    assert between_classes(lit(rose=[1.0], tulip=[1.0]), "brightness") == 0


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((128, 128, 128), "grey"),
        ((220, 30, 40), "red"),
        ((250, 210, 20), "yellow"),
        ((110, 100, 40), "olive"),
        ((40, 90, 30), "dark green"),
        ((120, 70, 30), "brown"),
        ((60, 130, 200), "blue"),
        ((240, 190, 205), "pale pink"),
    ],
)
def test_colours_have_names(rgb: tuple[int, int, int], name: str) -> None:
    assert color_name(rgb) == name


def test_every_colour_has_a_name() -> None:
    steps = range(0, 256, 15)
    names = {color_name((r, g, b)) for r in steps for g in steps for b in steps}
    assert len(names) > 20


def test_shares_of_one_name_are_added() -> None:
    palette = (((255, 255, 255), 0.2), ((250, 250, 250), 0.2), ((0, 0, 0), 0.1))
    assert look_words.named_shares(palette) == pytest.approx({"white": 0.8, "black": 0.2})
    assert shown(look_words.mostly(palette)) == "white 80 %, black 20 %"


def test_the_colour_of_one_class_is_told() -> None:
    white, red = ((255, 255, 255), 1.0), ((220, 30, 40), 1.0)
    said = shown(look_words.signature({"rose": (red,), "daisy": (white,), "lily": (white,)}))
    assert "red in rose (100 % of it, 0 % elsewhere)" in said
    same = look_words.signature({"daisy": (white,), "lily": (white,)})
    assert same.startswith("No: no colour stands out")
    assert "one class only" in look_words.signature({"daisy": (white,)})
