"""Numbers and names in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowercore.runs.store import Run
from ui import words
from ui.choices import run_labels


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ({}, "There are no classes yet."),
        ({"rose": 9}, "There is one class only: a model needs at least two to choose between."),
        ({"rose": 100, "tulip": 100}, "Well balanced: every class has 100 photos."),
        ({"rose": 90, "tulip": 120}, "Well balanced: 90 to 120 photos in each class."),
        (
            {"rose": 100, "tulip": 250},
            "A little uneven: tulip has 2.5 times as many photos as rose.",
        ),
        (
            {"rose": 1000, "tulip": 100},
            "Uneven: rose has 10.0 times as many photos as tulip, so a model will lean towards "
            "rose.",
        ),
        (
            {"rose": 5, "tulip": 5},
            "Well balanced: every class has 5 photos. With 5 photos of rose its scores will be "
            "shaky.",
        ),
    ],
)
def test_balance(counts: dict[str, int], verdict: str) -> None:
    assert words.balance(counts) == verdict


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (0.44, "0.4 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")],
)
def test_duration(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 kB"),
        (85_400, "85 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (2_440_000, "2.4 MB"),
    ],
)
def test_size(count: int, said: str) -> None:
    assert words.size(count) == said


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        ("2025-11-24T07:01:00+00:00", "Europe/Berlin", "today, 08:01"),
        ("2025-11-23T23:30:00+00:00", "Europe/Berlin", "today, 00:30"),
        ("2025-11-23T23:30:00+00:00", None, "yesterday, 23:30"),
        ("2025-11-02T07:01:00+00:00", "No/Where", "2 Nov 2025, 07:01"),
        ("2025-11-24T07:01:00+00:00", "../etc/passwd", "today, 07:01"),
        ("nonsense", "Europe/Berlin", ""),
    ],
)
def test_when(moment: str, zone: str | None, said: str) -> None:
    assert words.when(moment, zone, datetime(2025, 11, 24, 12, tzinfo=UTC)) == said


def test_of_hundred() -> None:
    assert words.of_hundred(0.861, 0.972) == "between 86 and 97 of 100 new photos like these"
    assert words.of_hundred(0.899, 0.901) == "about 90 of 100 new photos like these"


def test_listing() -> None:
    assert words.listing([]) == ""
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b", "c"]) == "a, b and c"


def test_plain_text_means_nothing_to_markdown() -> None:
    assert words.plain("![x](y) *a* :red[b] <i>") == (r"\!\[x\]\(y\) \*a\* \:red\[b\] \<i\>")
    assert words.plain("two\nlines") == "two lines"


def test_a_run_is_named_by_its_data_and_never_by_a_path() -> None:
    run = Run("20251124-070100-abcdef", "failed", config={"data": "/home/somebody/flowers"})
    assert words.name_of(run, None) == "flowers"
    named = Run("20251124-070100-abcdef", "failed", config={"name": "my try", "data": "x"})
    assert words.name_of(named, None) == "my try"
    renamed = Run("20251124-070100-abcdef", "failed", config={"name": "my try"}, name="my best")
    assert words.name_of(renamed, None) == "my best"


def run_at(number: int, time: str, given: str = "", **more: object) -> Run:
    return Run(
        f"20251124-070100-abcde{number}",
        "finished",
        config={"name": given},
        dataset={"name": "garden"},
        created=f"2025-11-24T{time}:00+00:00",
        **more,  # type: ignore[arg-type]
    )


def test_runs_are_called_so_that_they_can_be_told_apart() -> None:
    runs = [
        run_at(6, "07:05", "tuned"),
        run_at(5, "07:05", "tuned"),
        run_at(4, "07:03", "tuned"),
        run_at(3, "07:02"),
        run_at(2, "07:02"),
        run_at(1, "07:01", "only one"),
        run_at(0, "07:00", "only one", name="renamed"),
    ]
    assert list(words.names_of(runs, "Europe/Berlin").values()) == [
        "renamed",
        "only one",
        "garden 08:02",
        "garden 08:02 (2)",
        "tuned 08:03",
        "tuned 08:05",
        "tuned 08:05 (2)",
    ]


def test_a_damaged_run_is_called_so() -> None:
    damaged = [Run("20251124-070100-abcdef", "damaged"), Run("20251124-070100-abcde0", "damaged")]
    assert list(words.names_of(damaged, None).values()) == ["damaged run", "damaged run (2)"]


def test_local() -> None:
    there = words.local("2025-11-23T23:30:00+00:00", "Europe/Berlin")
    assert there is not None
    assert f"{there:%d %H:%M}" == "24 00:30"
    assert words.local("nonsense", None) is None


def test_accuracy_with_interval() -> None:
    said = words.accuracy_with_interval(0.88, (0.8019, 0.93))
    assert said.replace("\u202f", " ") == "88.0 % (80 to 93)"


def test_runs_that_are_called_alike_are_numbered_by_age() -> None:
    runs = [
        Run(
            f"20261124-1200{second:02d}-00000{second}",
            "failed",
            created=f"2026-11-24T12:00:{second:02d}+00:00",
            dataset={"name": "garden"},
        )
        for second in (3, 2, 1)
    ]
    labels = list(run_labels(runs, None).values())
    assert len(set(labels)) == 3
    assert [label.split(" · ")[1].partition(" (")[2] for label in labels] == ["", "2)", "3)"]
