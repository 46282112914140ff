"""What chapters let a worker compute: kept for the next visitor, stopped, refused in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowercore.backbones import registry
from flowercore.data import catalog
from flowercore.errors import CancelledError, DatasetError, FlowercoreError, JobError
from flowercore.jobs import learning_curve as curve_task
from flowercore.jobs import task_kinds, tasks, timing, validation_noise
from flowercore.jobs.job_queue import JobQueue
from flowercore.jobs.task_work import TaskReporter
from flowercore.runs import holder
from flowercore.teaching import learning_curve
from flowercore.teaching import timing as paces
from flowercore.teaching import validation_noise as noise
from flowercore.training import recipes
from flowercore.training.recipes import UNTRAINED
from tests.jobs.tiny_backbone import FACTS, tiny_backbone
from tests.jobs.waiting import until

__all__ = ["tiny_backbone"]

FINGERPRINT = registry.get(registry.DEFAULT).fingerprint


def worked(kind: str, arguments: dict[str, Any], *, stop_at: str = "") -> dict[str, Any]:
    """Do a task's work in this process."""
    name = holder.new_name()
    with holder.held(name):
        task = tasks.new(kind, arguments, visitor="me", held_by=name)
        reporter = TaskReporter(task)
        if stop_at:
            really = reporter.step

            def step(called: str, done: int = 0, total: int = 0) -> None:
                if stop_at in called:
                    raise CancelledError("You stopped it.")
                really(called, done, total)

            reporter.step = step  # type: ignore[method-assign]
        return task_kinds.KINDS[kind](task.arguments, reporter)


@pytest.fixture
def seen_once(monkeypatch: pytest.MonkeyPatch, tiny_backbone: str) -> None:
    """Let the network without pretraining be one that is compiled in a moment; draw twice."""
    monkeypatch.setattr(curve_task, "UNTRAINED", tiny_backbone)
    monkeypatch.setattr(learning_curve.drawn, "__defaults__", (2,))


def test_a_learning_curve_is_kept_for_these_photos(
    prepared: Path, tiny_dataset: Callable[..., Path], seen_once: None
) -> None:
    root = tiny_dataset(per_class=8)
    broken = root / "rose" / "rose_003.jpg"
    broken.write_bytes(broken.read_bytes()[:-300])
    said = worked("learning-curve", {"data": str(root)})
    assert said == {"photos": 23, "skipped": 1}
    found = learning_curve.read(catalog.load(str(root)).identity, FINGERPRINT)
    assert found is not None
    assert (found.classes, found.photos, found.sizes) == (3, 23, (1, 2, 5))
    assert (len(found.lines), found.draws) == (2, 2)
    # Colours are told apart by one photo of each.
    assert found.lines[0].mean(2) > 0.9
    (root / "rose" / "rose_004.jpg").unlink()
    assert learning_curve.read(catalog.load(str(root)).identity, FINGERPRINT) is None


def test_photos_that_cannot_be_trained_on_are_refused_in_words(
    prepared: Path, tiny_dataset: Callable[..., Path], seen_once: None
) -> None:
    with pytest.raises(DatasetError, match="at least 3 photos"):
        worked("learning-curve", {"data": str(tiny_dataset(per_class=2))})
    with pytest.raises(FlowercoreError, match="There is"):
        worked("validation-noise", {"data": "gone"})


def test_a_stopped_one_keeps_nothing(
    prepared: Path, tiny_dataset: Callable[..., Path], seen_once: None
) -> None:
    root = tiny_dataset()
    with pytest.raises(CancelledError):
        worked("learning-curve", {"data": str(root)}, stop_at="Training heads")
    with pytest.raises(CancelledError):
        worked("validation-noise", {"data": str(root)}, stop_at="Training the same head")
    identity = catalog.load(str(root)).identity
    assert learning_curve.read(identity, FINGERPRINT) is None
    assert noise.read(identity, FINGERPRINT) is None


def test_validation_noise_is_measured_on_the_notebooks_split(
    prepared: Path, tiny_dataset: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tiny_dataset(per_class=10)
    said = worked("validation-noise", {"data": str(root)})
    assert said == {"watched": 3, "draws": noise.DRAWS}
    found = noise.read(catalog.load(str(root)).identity, FINGERPRINT)
    assert found is not None
    assert (found.watched, found.tested, found.learned) == (3, 6, 21)
    assert len(found.right) == noise.DRAWS
    assert validation_noise.recipes is recipes


def test_this_machine_is_measured(prepared: Path, tiny_backbone: str) -> None:
    said = worked("timing", {"backbone": tiny_backbone})
    found = paces.read(FACTS)
    assert set(found) == {paces.HEAD, paces.LOOK, "first", "second"}
    assert said == {"places": 4}
    assert 0 < found["second"] <= found["first"] < 1
    assert found[paces.HEAD] < found["second"]
    with pytest.raises(CancelledError):
        worked("timing", {"backbone": tiny_backbone}, stop_at="Measuring how long")


def test_places_are_blocks_from_the_first_to_the_last() -> None:
    backbone = registry.get(registry.DEFAULT)
    found = paces.places(backbone, timing._PLACES)
    assert found[0] == backbone.blocks[0].name
    assert found[-1] == backbone.blocks[-1].name
    assert len(set(found)) == timing._PLACES
    assert paces.places(FACTS, 6) == ["first", "second"]


def test_it_runs_in_a_worker_and_one_at_a_time(
    one_slot: JobQueue, prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset(per_class=10)
    task_id = one_slot.submit_task("validation-noise", {"data": str(root)}, "ann")
    with pytest.raises(JobError, match="One validation noise a visitor"):
        one_slot.submit_task("validation-noise", {"data": str(root)}, "ann")
    until(lambda: not tasks.look(task_id).active, "the task ended")
    ended = tasks.look(task_id)
    assert ended.state == "finished", ended.reason
    assert noise.read(catalog.load(str(root)).identity, FINGERPRINT) is not None


@pytest.mark.slow
def test_without_pretraining_it_learns_less(
    prepared: Path, real_photos: Path, tmp_path: Path
) -> None:
    root = tmp_path / "few"
    for label in ("daisy", "rose", "sunflower"):
        (root / label).mkdir(parents=True)
        for path in sorted((real_photos / label).iterdir())[:16]:
            shutil.copy(path, root / label)
    worked("learning-curve", {"data": str(root)})
    found = learning_curve.read(catalog.load(str(root)).identity, FINGERPRINT)
    assert found is not None
    assert [one.backbone for one in found.lines] == [registry.DEFAULT, UNTRAINED]
    with_it, without = found.lines
    assert with_it.mean(0) > without.mean(0) + 0.1
    assert with_it.mean(3) > without.mean(3) + 0.2
