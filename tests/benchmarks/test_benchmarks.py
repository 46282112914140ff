"""Every benchmark on about 20 photos, so that none rots; figures mean nothing here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import growth, setting, write
from benchmarks.visitor import Visitor
from tests.benchmarks.conftest import Measure
from tests.browser.serving import environment_of, start

FEW = ("--quick", "--photos", "20")


def names(section: object, table: int = 0) -> list[str]:
    return [row.what for row in section.tables[table].rows]  # type: ignore[attr-defined]


def test_predict_by_size_and_stage(measure: Measure) -> None:
    section = measure("predict", *FEW)
    (found,) = section.tables
    assert found.statistics == ("p50", "p95", "p99")
    assert len(found.rows) == 2 * 3
    decode, verdict = found.rows[0], found.rows[1]
    assert decode.median < verdict.median, "decoding is a part of the way to the verdict"


def test_growth_step_by_step(measure: Measure) -> None:
    section = measure("growth", "--counts", "20")
    seconds, memory = section.tables
    assert len(seconds.rows) == len(memory.rows) == 7
    assert all(20 < row.median < 1_500 for row in memory.rows)


@pytest.mark.parametrize(("cost", "said"), [(10, "A straight line"), (13, "Not a straight line")])
def test_a_photo_that_costs_more_among_more_bends_the_line(cost: float, said: str) -> None:
    found = {
        count: {
            step: {"seconds": seconds, "own": count / 500, "system": 0.0, "megabytes": 100.0}
            for step in growth.STEPS
        }
        for count, seconds in ((500, 1.0), (5_000, cost))
    }
    section = growth.section(found)
    assert section.remarks[0].startswith(said)
    assert "nan" not in section.remarks[0]
    assert section.tables[0].rows[1].more["a photo, times that of the size before"] == (
        f"{cost / 10:.2f}"
    )
    assert section.tables[0].rows[1].more["the program's own time a photo, likewise"] == "1.00"


def test_a_visitor_without_a_browser(starter_files: Path, tmp_path: Path) -> None:
    server = start("asgi.py", tmp_path, environment_of(starter_files))
    try:
        with Visitor(server.address) as visitor:
            shown = visitor.open("predict")
            assert 0 < shown.first <= shown.whole
            assert visitor.rerun().whole > 0
            with pytest.raises(KeyError):
                visitor.press("No such button")
            with pytest.raises(RuntimeError, match="no page"):
                visitor.open("nowhere")
    finally:
        server.stop()


@pytest.mark.slow
def test_pages_alone_and_in_a_room_idle_and_busy(measure: Measure) -> None:
    section = measure("pages", *FEW)
    assert len(section.tables) == 1 + 4
    everything, alone, *_ = section.tables
    assert len(everything.rows) == 4 * 3
    assert [row.what for row in alone.rows] == [
        *("home", "learn", "explore", "train", "evaluate", "compare", "predict")
    ]
    first, whole, _ = everything.rows[:3]
    assert len(first.values) == len(whole.values) == 7
    assert all(a <= b for a, b in zip(first.values, whole.values, strict=True))


@pytest.mark.slow
def test_features_next_to_other_runtimes(measure: Measure) -> None:
    found = names(measure("features", *FEW))
    for runtime in ("LiteRT", "Keras predict", "tf.function", "ONNX Runtime", "matrix product"):
        assert any(name.startswith(runtime) for name in found), runtime


@pytest.mark.slow
def test_scaling_on_a_cluster_of_this_machine(measure: Measure) -> None:
    assert names(measure("scaling", "--quick"))


@pytest.mark.slow
@pytest.mark.parametrize("backbone", ["efficientnet-lite0", "xception"])
def test_the_notebooks_way_against_ours(measure: Measure, backbone: str) -> None:
    section = measure("notebook_way", *FEW, "--backbone", backbone)
    times, accuracy, steps = section.tables
    assert len(times.rows) == 2 + 3
    assert all(float(row.more["times faster"]) > 0 for row in times.rows[2:])
    assert [row.what for row in accuracy.rows] == ["the notebook's way", "ours"]
    assert any("Extrapolated" in remark for remark in section.remarks)
    whole, kernel = times.rows[0], times.rows[1]
    assert kernel.median + steps.rows[0].median == pytest.approx(whole.median)


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return setting.photos(setting.GARDEN, 20, tmp_path_factory.mktemp("garden"))


# What each is told so that it ends soon, and a word of what it prints.
PRINTED = {
    "main_job": (("--data", "FOLDER"), "empty against full cache"),
    "jobs": (("--data", "FOLDER", "--trainings", "1"), "stop in the epochs"),
    "learn": (("--times", "1"), "feature maps"),
    "learn_page": (("--times", "1", "--chapter", "separable"), "slowest of all"),
    "workshop_board": ((), "runs, 30 at work"),
    "gallery": (("--data", "FOLDER", "--photos", "60", "--times", "1"), "another order"),
    "audit": (("--data", "FOLDER", "--photos", "20"), "save and load"),
    "calibration": (("--data", "FOLDER", "--seeds", "1"), "dropout 0.3"),
    "fine_tuning": (
        ("--data", "FOLDER", "--folds", "2", "fine_tune_epochs=1", "augment=1"),
        "fine-tuned against head alone",
    ),
    "first_page": (("--runs", "1"), "server's memory then"),
    "page_rerun": (("--data", "FOLDER", "--times", "1"), "with two trainings"),
    "uploads": (
        ("--data", "FOLDER", "--uploads", "10", "--times", "1", "--files", "15"),
        "15 photos at once",
    ),
    "rest": (
        ("--data", "FOLDER", "--clients", "1", "--seconds", "1", "--times", "1"),
        "photos/s, errors: {}",
    ),
    "evaluate_page": (("--data", "FOLDER", "--times", "1"), "20 photos, 5 classes"),
    "head": ((), "times faster"),
}
BROWSER = {"first_page", "learn_page", "page_rerun", "uploads", "rest", "evaluate_page"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        pytest.param(name, marks=pytest.mark.browser) if name in BROWSER else name
        for name in PRINTED
    ],
)
def test_those_that_print(module: str, garden: Path, command: Callable[..., str]) -> None:
    words, said = PRINTED[module]
    told = [str(garden) if word == write.FOLDER else word for word in words]
    chosen = ["-m", f"benchmarks.{module}"]
    if module in LESS:
        chosen = ["-c", f"from benchmarks import {module} as one; {LESS[module]}; one.main()"]
    assert said in command(*chosen, *told, prepared=module in NEED_A_HOME)


NEED_A_HOME = {"learn", "fine_tuning"}
# What cannot be told on the command line.
LESS = {
    "head": "one.REPEATS = 1",
    "evaluate_page": "one.CASES = {'20 photos, 5 classes': (20, 5)}",
}


# Ten minutes that tell of accuracy: not a part of `make bench`.
BY_ITSELF = {"fine_tuning"}


def test_none_is_forgotten() -> None:
    files = (setting.ROOT / "benchmarks").glob("*.py")
    commands = {file.stem for file in files if "parse_args" in file.read_text("utf-8")}
    commands |= {"head", "workshop_board"}
    listed = {one.module for one in (*write.MEASURED, *write.PRINTED)}
    assert commands - {"write", "setting"} == listed | BY_ITSELF
    assert {one.module for one in write.PRINTED} | BY_ITSELF == set(PRINTED)
