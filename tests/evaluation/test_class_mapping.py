"""Which class of a run a class of another dataset is: suggested, given, refused in words."""

from __future__ import annotations

import pytest

from flowercore.errors import ConfigError, DatasetError
from flowercore.evaluation.class_mapping import completed, given_as, renamed, suggested

FLOWERS = ("daisy", "dandelion", "rose", "sunflower", "tulip")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("rose", "rose"),
        ("Rose", "rose"),
        ("ROSES", "rose"),
        ("Röse", "rose"),
        ("daisies", "daisy"),
        ("sun_flower", "sunflower"),
        ("Sun-Flowers", "sunflower"),
        (" sun flower ", "sunflower"),
        ("ros", ""),
        ("weeds", ""),
        ("", ""),
        ("---", ""),
    ],
)
def test_a_class_is_found_by_its_name(given: str, expected: str) -> None:
    assert suggested([given], FLOWERS) == {given: expected}


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("irises", "iris"),
        ("iris", "Irises"),
        ("crocuses", "crocus"),
        ("cacti", "cactus"),
        ("grass", "Grasses"),
        ("nymphaea", "Nymphaeae"),
        ("Gänseblümchen", "ga\u0308nseblumchen"),
        ("ＲＯＳＥ", "rose"),
        ("गुलाब", "गुलाब"),
    ],
)
def test_ways_to_write_the_same_are_seen_through(given: str, known: str) -> None:
    assert suggested([given], ["other", known]) == {given: known}


def test_other_words_stay_other_words() -> None:
    assert suggested(["glass", "bus", "as", "गली"], ["glas", "bu", "a", "गला"]) == {
        "glass": "",
        "bus": "",
        "as": "",
        "गली": "",
    }


def test_the_very_name_comes_first_and_what_is_not_plain_is_nobodys() -> None:
    assert suggested(["roses"], ["rose", "roses"]) == {"roses": "roses"}
    assert suggested(["Roses"], ["rose", "roses"]) == {"Roses": "roses"}
    assert suggested(["ROSE"], ["rose", "Rose"]) == {"ROSE": ""}


def test_several_classes_may_be_one() -> None:
    mapping = completed(["Rose", "red", "white", "tulip"], FLOWERS, {"red": "rose", "white": ""})
    assert mapping == {"Rose": "rose", "red": "rose", "white": "", "tulip": "tulip"}
    assert renamed(mapping) == {"Rose": "rose", "red": "rose"}


def test_what_is_given_counts_more_than_what_is_suggested() -> None:
    assert completed(["rose", "tulip"], FLOWERS, {"rose": "tulip"}) == {
        "rose": "tulip",
        "tulip": "tulip",
    }


def test_classes_that_nobody_mapped_are_named_with_what_to_do() -> None:
    with pytest.raises(DatasetError) as refused:
        completed(["rose", "weeds", "grass"], FLOWERS)
    said = str(refused.value)
    assert "'weeds', 'grass'" in said
    assert "'daisy', 'dandelion', 'rose', 'sunflower', 'tulip'" in said
    assert "--map 'weeds=CLASS'" in said
    assert "--map 'weeds='" in said


@pytest.mark.parametrize(
    ("given", "mapping", "received"),
    [
        (["rose"], {"lily": "rose"}, "Received: 'lily'."),
        (["rose"], {"rose": "lily"}, "Received: 'lily'."),
        (["rose", "tulip"], {"rose": "", "tulip": ""}, "Received: 'rose', 'tulip', none of them"),
        ([], {}, "Received: no class"),
    ],
)
def test_a_mapping_that_cannot_be_used(
    given: list[str], mapping: dict[str, str], received: str
) -> None:
    with pytest.raises(DatasetError) as refused:
        completed(given, FLOWERS, mapping)
    assert received in str(refused.value)


def test_a_mapping_as_it_is_typed() -> None:
    assert given_as("Roses=rose", ["Roses"]) == ("Roses", "rose")
    assert given_as("weeds=", ["weeds"]) == ("weeds", "")
    assert given_as("a=b=c", ["a=b"]) == ("a=b", "c")
    assert given_as("a=b=c", ["a"]) == ("a", "b=c")
    assert given_as("lily=rose", []) == ("lily", "rose")
    for text in ("rose", "=rose", ""):
        with pytest.raises(ConfigError, match="GIVEN=CLASS"):
            given_as(text, ["rose"])
