"""Tasks in real workers: how far they are, stopped, killed, one a visitor and kind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import catalog
from flowercore.errors import JobError, NotFoundError
from flowercore.jobs import tasks, uploads, worker
from flowercore.jobs.executor import open_slots
from flowercore.jobs.job_queue import JobQueue
from flowercore.jobs.tasks import Task
from flowercore.runs import holder
from flowercore.settings import settings
from tests.jobs.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def archive(tiny_dataset: Callable[..., Path], tmp_path: Path) -> Path:
    """A small archive, taken in within a moment."""
    folder = tiny_dataset(classes=2, per_class=4)
    path = tmp_path / "small.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(folder.rglob("*.jpg")):
            packed.write(file, file.relative_to(folder))
        packed.writestr("daisy/notes.jpg", b"no photo")
    return path


@pytest.fixture
def large(paint: Callable[..., Path], tmp_path: Path) -> Path:
    """An archive that keeps a worker busy for seconds."""
    photo = paint(tmp_path / "one.jpg", size=(1600, 1200)).read_bytes()
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for label in ("daisy", "rose"):
            for number in range(150):
                packed.writestr(f"{label}/{number}.jpg", photo)
    return path


def upload(path: Path) -> str:
    with path.open("rb") as file:
        return uploads.keep(file, path.name, path.stat().st_size)


def submit(queue: JobQueue, path: Path, name: str = "mine", visitor: str = "ann") -> str:
    return queue.submit_task("import", {"upload": upload(path), "name": name}, visitor)


def end(task_id: str) -> Task:
    until(lambda: not tasks.look(task_id).active, "the task ended")
    return tasks.look(task_id)


def under_way(task_id: str) -> None:
    until(lambda: not tasks.look(task_id).active or tasks.look(task_id).done > 2, "under way")
    assert tasks.look(task_id).state == "running"


def uploaded(home: Path) -> list[Path]:
    return list((home / "uploads").iterdir())


def test_a_task_runs_in_a_worker_and_tells_what_came_of_it(
    one_slot: JobQueue, archive: Path, home: Path
) -> None:
    task_id = submit(one_slot, archive)
    done = end(task_id)
    assert done.state == "finished", done.reason
    assert done.pid != os.getpid()
    assert done.result["classes"] == {"daisy": 4, "dandelion": 4}
    assert [one["name"] for one in done.result["skipped"]] == ["daisy/notes.jpg"]
    assert done.result["left_out"] == 1
    assert [entry.name for entry in catalog.entries()] == ["mine"]
    assert catalog.entries()[0].origin == "imported from small.zip"
    until(lambda: uploaded(home) == [], "the upload was deleted")
    assert tasks.newest("ann", "import") == done
    assert tasks.newest("ben", "import") is None


def test_progress_is_seen_and_another_of_the_same_visitor_and_kind_is_refused(
    queue: JobQueue, large: Path, archive: Path
) -> None:
    first = submit(queue, large)
    under_way(first)
    seen = tasks.look(first)
    assert (seen.total, 0 < seen.share < 1) == (100, True)
    assert seen.step
    with pytest.raises(JobError, match="One import a visitor runs at a time"):
        submit(queue, archive)
    other = submit(queue, archive, "other", "ben")
    assert end(other).state == "finished"
    queue.cancel_task(first)
    assert end(first).state == "stopped"
    assert end(submit(queue, archive)).state == "finished"


def test_a_task_that_is_stopped_leaves_nothing(one_slot: JobQueue, large: Path, home: Path) -> None:
    task_id = submit(one_slot, large)
    under_way(task_id)
    one_slot.cancel_task(task_id)
    stopped = end(task_id)
    assert (stopped.state, stopped.reason) == ("stopped", "You stopped it.")
    assert catalog.entries() == []
    until(lambda: uploaded(home) == [], "the upload was deleted")
    assert not list((home / "datasets").glob(".import-*"))


def test_a_waiting_task_is_stopped_at_once(
    one_slot: JobQueue, large: Path, archive: Path, home: Path
) -> None:
    first = submit(one_slot, large)
    second = submit(one_slot, archive, "other", "ben")
    one_slot.cancel_task(second)
    assert tasks.look(second).state == "stopped"
    assert len(uploaded(home)) == 1
    one_slot.cancel_task(first)
    assert end(first).state == "stopped"


def test_a_killed_worker_fails_its_task_in_words_and_the_next_one_runs(
    one_slot: JobQueue, large: Path, archive: Path, home: Path
) -> None:
    task_id = submit(one_slot, large)
    under_way(task_id)
    next_one = submit(one_slot, archive, "other", "ben")
    pid = tasks.look(task_id).pid
    assert pid is not None
    assert pid != os.getpid()
    os.kill(pid, signal.SIGKILL)
    failed = end(task_id)
    assert failed.state == "failed"
    assert "gone" in (failed.reason or "")
    assert end(next_one).state == "finished"
    # Nothing half-imported is listed, and nothing of it stays.
    assert [entry.name for entry in catalog.entries()] == ["other"]
    assert not list((home / "datasets").glob(".import-*"))
    until(lambda: uploaded(home) == [], "the uploads were deleted")


def test_a_closed_queue_fails_its_tasks_and_the_next_server_clears_away(
    large: Path, archive: Path, home: Path
) -> None:
    queue = JobQueue(open_slots())
    ids = [submit(queue, large, f"set {who}", who) for who in ("ann", "ben", "cleo")]
    under_way(ids[0])
    queue.close()
    failed = [end(task_id) for task_id in ids]
    assert {one.state for one in failed} == {"failed"}
    assert failed[2].reason == tasks.SERVER_STOPPED
    assert catalog.entries() == []
    assert len(uploaded(home)) == 3
    upload(archive)  # one that its page was about to hand over is kept
    following = JobQueue(open_slots())
    try:
        assert len(uploaded(home)) == 1
        assert end(submit(following, archive)).state == "finished"
    finally:
        following.close()


KILLED = """
import os, signal, sys
from flowercore.jobs import queue, tasks
task_id = queue.submit_task("import", {"upload": sys.argv[1], "name": "mine"}, "ann")
while tasks.look(task_id).done <= 2:
    pass
print(task_id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_is_left_of_an_import_whose_server_was_killed(
    large: Path, archive: Path, home: Path
) -> None:
    command = [sys.executable, "-c", KILLED, upload(large)]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    task_id = killed.stdout.strip()
    failed = end(task_id)  # its worker leaves by itself
    assert failed.state == "failed"
    assert "gone" in (failed.reason or "")
    assert catalog.entries() == []
    following = JobQueue(open_slots())
    try:
        assert uploaded(home) == []
        assert end(submit(following, archive)).state == "finished"
    finally:
        following.close()
    assert [entry.name for entry in catalog.entries()] == ["mine"]
    assert not list((home / "datasets").glob(".import-*"))


def test_two_visitors_import_at_once_and_of_one_name_one_wins(
    queue: JobQueue, archive: Path
) -> None:
    first, second = (submit(queue, archive, f"set of {who}", who) for who in ("ann", "ben"))
    assert {end(one).state for one in (first, second)} == {"finished"}
    third, fourth = (submit(queue, archive, "same", who) for who in ("ann", "ben"))
    ends = [end(one) for one in (third, fourth)]
    assert sorted(one.state for one in ends) == ["failed", "finished"]
    assert "taken" in next(one.reason or "" for one in ends if one.state == "failed")
    assert [entry.name for entry in catalog.entries()] == ["same", "set of ann", "set of ben"]


def test_what_cannot_be_done_is_told(one_slot: JobQueue, tmp_path: Path, home: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no archive")
    failed = end(submit(one_slot, bad))
    assert failed.state == "failed"
    assert "Received: 'bad.zip'" in (failed.reason or "")
    assert str(home) not in (failed.reason or "")
    lost = end(one_slot.submit_task("import", {"upload": "0" * 32, "name": "x"}, "ann"))
    assert "no longer there" in (lost.reason or "")
    odd = end(one_slot.submit_task("import", {}, "ann"))
    assert "should not happen: KeyError" in (odd.reason or "")
    with pytest.raises(JobError, match="must be one of"):
        one_slot.submit_task("nonsense", {}, "ann")


def test_only_so_many_tasks_wait(
    one_slot: JobQueue, large: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWERCORE_JOBS_WAITING_MAX", "1")
    settings.cache_clear()
    first = submit(one_slot, large)
    submit(one_slot, archive, "b", "ben")
    with pytest.raises(JobError, match="At most 1 tasks may wait"):
        submit(one_slot, archive, "c", "cleo")
    one_slot.cancel_task(first)


def test_a_task_that_was_begun_elsewhere_is_not_begun_again(archive: Path) -> None:
    name = holder.new_name()
    arguments = {"upload": upload(archive), "name": "mine"}
    with holder.held(name):
        task = tasks.new("import", arguments, visitor="ann", held_by=name)
        tasks.update(task, state="running")
        worker.task(task.id)
        assert tasks.look(task.id).state == "running"
        assert catalog.entries() == []
    assert tasks.look(task.id).state == "failed"


def test_a_worker_clears_away_by_itself(archive: Path, home: Path) -> None:
    name = holder.new_name()
    with holder.held(name):
        arguments = {"upload": upload(archive), "name": "mine"}
        task = tasks.new("import", arguments, visitor="ann", held_by=name)
        worker.task(task.id)  # its server hears of the end no more
    assert tasks.look(task.id).state == "finished"
    assert uploaded(home) == []


def test_ids_that_were_not_made_here_are_no_tasks(home: Path) -> None:
    for wrong in ("", "..", "../runs", "20260101-000000-000000-abcdef", "x" * 5000):
        with pytest.raises(NotFoundError):
            tasks.look(wrong)
        with pytest.raises(NotFoundError):
            tasks.cancel(wrong)


def test_a_task_edited_by_hand_hides_no_other(archive: Path) -> None:
    name = holder.new_name()
    with holder.held(name):
        good, bad = (tasks.new("import", {}, visitor="ann", held_by=name) for _ in range(2))
        for text in ("", "[]", '{"id": 5}', '{"id": "x", "kind": "import"}'):
            (tasks.folder(bad.id) / "task.json").write_text(text)
            found = tasks.newest("ann", "import")
            assert found is not None
            assert found.id == good.id


def test_old_tasks_are_forgotten(home: Path) -> None:
    old = home / "tasks" / "20200101-000000-000000-abcdef"
    old.mkdir(parents=True)
    tasks.new("import", {}, visitor="ann", held_by="nobody")
    assert not old.exists()
