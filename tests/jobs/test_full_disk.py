"""A disk that runs full while a training writes to it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowercore.errors import StorageError
from flowercore.jobs.executor import open_slots
from flowercore.jobs.job_queue import JobQueue
from flowercore.runs import results, store
from flowercore.settings import settings
from flowercore.training.config import TrainConfig
from tests.conftest import skip_or_fail
from tests.jobs.waiting import computing, in_epochs, pid_of, wait_for, wait_for_end


@pytest.fixture
def small_disk(
    home: Path, compiled_backbones: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Put the home folder on a disk of 64 MB."""
    home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(home)])
    if mounted.returncode != 0:
        skip_or_fail("a small disk can only be mounted as root")
    try:
        monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", "1")
        settings.cache_clear()
        shutil.copytree(compiled_backbones, home / "backbones")
        yield home
    finally:
        subprocess.run(["umount", "--lazy", str(home)], check=True)


def fill(filler: Path) -> None:
    """Write a file until there is no room for another byte."""
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def test_a_disk_that_runs_full_in_the_epochs_fails_the_run_with_that_reason(
    small_disk: Path, long: TrainConfig, two: Path
) -> None:
    queue = JobQueue(open_slots())
    try:
        run = queue.submit(long, "ann")
        wait_for(run.id, in_epochs)
        fill(small_disk / "filler")
        seen = wait_for_end(run.id)
        assert seen.status == "failed"
        assert "disk is full" in (seen.reason or "")
        assert len(results.history(run.id)) > 0
        fill(small_disk / "what the run gave back")
        with pytest.raises(StorageError):
            queue.submit(TrainConfig(data=str(two)), "ann")
        assert [one.id for one in store.runs()] == [run.id]
        (small_disk / "filler").unlink()
        again = queue.submit(TrainConfig(data=str(two)), "ann")
        assert wait_for_end(again.id).status == "finished"
    finally:
        queue.close()


def test_a_disk_that_runs_full_in_the_features_fails_the_run_with_that_reason(
    small_disk: Path, many: Path
) -> None:
    queue = JobQueue(open_slots())
    try:
        run = queue.submit(TrainConfig(data=str(many)), "ann")
        wait_for(run.id, computing)
        fill(small_disk / "filler")
        seen = wait_for_end(run.id)
        assert seen.status == "failed"
        assert "full" in (seen.reason or "")
    finally:
        queue.close()


@pytest.mark.usefixtures("prepared")
def test_a_worker_that_may_not_write_large_files_fails_its_run_with_words(
    long: TrainConfig, two: Path, one_slot: JobQueue
) -> None:
    run = one_slot.submit(long, "ann")
    wait_for(run.id, in_epochs)
    worker = pid_of(run.id)
    _, most = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (4096, most))
    seen = wait_for_end(run.id)
    assert seen.status == "failed"
    assert "home folder could not be used" in (seen.reason or "")
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (most, most))
    again = one_slot.submit(TrainConfig(data=str(two)), "ann")
    assert wait_for_end(again.id).status == "finished"
    assert os.getpid() != worker == pid_of(again.id)
