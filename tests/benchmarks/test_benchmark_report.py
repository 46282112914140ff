"""How measured rows become a page."""

from __future__ import annotations

import platform

import pytest

from benchmarks import report, write
from benchmarks.growth import copies
from benchmarks.notebook_model import Found
from benchmarks.notebook_report import verdict
from benchmarks.report import Row, Section, Table

ROW = Row("a | b", (3.0, 1.0, 2.0), "s", {"times faster": "12.0"})
SECTION = Section("Title", "python -m x", (Table("what", (ROW,)),), "Text.", ("Remark.",))


def test_a_row_is_told_by_median_and_spread() -> None:
    lines = report.markdown(SECTION).splitlines()
    assert lines[0] == "## Title"
    assert "| what | median | spread | times faster |" in lines
    assert "| a \\| b | 2.00 s | 1.00 to 3.00 | 12.0 |" in lines
    assert lines[-1] == "- Remark."


def test_percentiles() -> None:
    row = Row("x", tuple(float(n) for n in range(101)), "ms")
    text = report.table(Table("what", (row,), ("p50", "p95", "p99")))
    assert text.splitlines()[-1] == "| x | 50.0 ms | 95.0 ms | 99.0 ms |"


def test_what_was_measured_once_says_so() -> None:
    assert "| 4.00 s | once |" in report.table(Table("what", (Row("x", (4.0,), "s"),)))


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (1234.5, "1,234"), (12.34, "12.3"), (0.01234, "0.0123")]
)
def test_three_digits_count(value: float, said: str) -> None:
    assert report.number(value) == said


def test_a_section_survives_json() -> None:
    assert Section.from_json(SECTION.to_json()) == SECTION


def test_sides_take_turns() -> None:
    assert [report.alternating("ab", turn) for turn in range(3)] == [
        ["a", "b"],
        ["b", "a"],
        ["a", "b"],
    ]


def test_the_machine_has_no_name() -> None:
    facts = report.machine()
    assert {"processor", "cores", "memory", "Python", "numpy"} <= facts.keys()
    assert platform.node() not in facts.values()


def test_the_page_joins_what_was_found() -> None:
    ran, not_run = write.PRINTED[0], write.PRINTED[-1]
    text = write.document({"cores": "2"}, [SECTION], [(ran, "a line"), (not_run, None)])
    assert "| cores | 2 |" in text
    assert "## Title" in text
    assert f"### {ran.module}\n\n```text\na line\n```" in text
    assert f"### {not_run.module}" not in text
    assert f"`{not_run.command}`" in text


def test_epochs_that_were_not_carried_out_count_as_the_mean_of_the_later_ones() -> None:
    found = Found(5.0, 1.0, 2.0, (10.0, 4.0, 6.0), 3.0, 0.9)
    assert found.fitting(3) == 20
    assert found.fitting(25) == 10 + 24 * 5
    assert found.in_a_kernel(25) == 1 + 2 + 130 + 3


def test_a_less_accurate_way_makes_the_comparison_void() -> None:
    assert "VOID" in verdict(0.011, 3)
    assert "VOID" not in verdict(0.01, 3)
    assert "0.5 points more accurate over 3 seeds" in verdict(-0.005, 3)
    assert "Ours is as accurate over 1 seed" in verdict(0.0, 1)


def test_copies_differ(tmp_path, tiny_dataset) -> None:
    source = tiny_dataset(classes=2, per_class=2)
    copies(source, tmp_path / "many", 9)
    contents = [path.read_bytes() for path in (tmp_path / "many").rglob("*.jpg")]
    assert len(contents) == len(set(contents)) == 9
