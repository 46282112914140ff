"""How long a training takes here, from trainings and measurements; never from nothing."""

from __future__ import annotations

import pytest

from flowercore.backbones import registry
from flowercore.errors import StorageError
from flowercore.files import home_folder
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.teaching import timing
from flowercore.teaching.timing import HEAD, LOOK, Pace, of_runs, pace
from flowercore.training.config import TrainConfig

BACKBONE = registry.get(registry.DEFAULT)


def run(seconds: dict[str, list[float]], *, status: str = "finished", **config: object) -> Run:
    made = store.new_run(
        TrainConfig.from_dict({"data": "x", **config}).to_dict(), visitor="", held_by="nobody"
    )
    rows = [
        {"epoch": number, "loss": 1.0, "accuracy": 0.5, "seconds": one, "phase": phase}
        for phase, every in seconds.items()
        for number, one in enumerate(every, start=1)
    ]
    results.write_history(made.id, rows, durable=False)
    return store.update(made, status=status, counts={"train": 100})


def test_trainings_tell_how_long_they_took_by_block() -> None:
    runs = [
        run({"head": [0.1, 0.1, 0.2], "tail": [9.0, 4.0, 4.0]}, fine_tune_from="block5a"),
        run({"head": [0.3, 0.3, 0.3]}),
        run({"head": [7.0]}, batch_norm="moving"),
        run({"head": [7.0]}, status="stopped"),
        run({"head": [7.0]}, backbone="vgg16"),
    ]
    found = of_runs(BACKBONE, runs)
    assert set(found) == {HEAD, "block5a"}
    # The first epoch of a fine-tuning is longer, as its graph is built.
    assert found["block5a"] == Pace(pytest.approx(0.04), 1)
    assert found[HEAD] == Pace(pytest.approx(0.002), 2)


def test_a_damaged_history_tells_nothing() -> None:
    damaged = run({"head": [0.1]})
    (store.folder(damaged.id) / "history.csv").write_text("x\n")
    assert of_runs(BACKBONE, [damaged]) == {}


def test_trainings_count_before_measurements_and_nothing_is_made_up() -> None:
    measured = {"stem": 0.04, "head": 0.004, HEAD: 0.001, LOOK: 0.01}
    runs = {"block5a": Pace(0.03, runs=2)}
    assert pace(BACKBONE, "stem", runs, measured) == Pace(0.04)
    assert pace(BACKBONE, "block5a", runs, measured) == Pace(0.03, runs=2)
    assert pace(BACKBONE, HEAD, runs, measured) == Pace(0.001)
    assert pace(BACKBONE, HEAD, {}, {}) is None
    assert pace(BACKBONE, "stem", runs, {}) is None
    assert pace(BACKBONE, "block6a", runs, {}) is None
    names = [block.name for block in BACKBONE.blocks]
    first, last = names.index("block5a"), names.index("head")
    share = (names.index("block6a") - first) / (last - first)
    between = pace(BACKBONE, "block6a", runs, measured)
    assert between == Pace(pytest.approx(0.03 - share * 0.026), between=True)


def test_what_was_measured_is_kept_by_network() -> None:
    assert timing.read(BACKBONE) == {}
    timing.write(BACKBONE, {HEAD: 0.001, "stem": 0.04})
    assert timing.read(BACKBONE) == {HEAD: 0.001, "stem": 0.04}
    assert timing.read(registry.get("vgg16")) == {}
    (path,) = home_folder("teaching").iterdir()
    path.write_text('{"seconds": {"stem": -1}}')
    with pytest.raises(StorageError, match="Compute it again"):
        timing.read(BACKBONE)
