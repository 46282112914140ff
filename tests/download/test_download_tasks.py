"""Downloads as tasks, at once, from a file at hand, and at the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowercore import __main__ as command_line
from flowercore.data import downloading
from flowercore.data.sources import Source
from flowercore.errors import ArchiveError, CancelledError, DatasetError
from flowercore.jobs import tasks, worker
from flowercore.runs import holder
from tests.download.published import CHUNK, CLASSES, PER_CLASS, left, until


def test_as_a_task_it_is_seen_and_stopped_and_goes_on_from_there(
    site: Any, offer: Callable[..., Source], home: Path
) -> None:
    offer("flower_photos")
    site.silent_after = 5 * CHUNK
    name = holder.new_name()
    with holder.held(name):
        first, second = (
            tasks.new("download", {"source": "flower_photos"}, visitor=who, held_by=name)
            for who in ("ann", "ben")
        )
        working = threading.Thread(target=worker.task, args=(first.id,))
        working.start()
        until(lambda: tasks.look(first.id).done > 0)
        seen = tasks.look(first.id)
        assert (seen.state, seen.step, seen.total) == ("running", "Fetching", len(site.original))
        tasks.cancel(first.id)
        working.join(20)
        assert tasks.look(first.id).state == "stopped"
        assert left(home) == [".flower_photos.tgz.part"]
        site.silent_after = None
        worker.task(second.id)
    done = tasks.look(second.id)
    assert done.state == "finished", done.reason
    assert site.asked[-1] == f"bytes={5 * CHUNK}-"
    assert done.result["classes"] == dict.fromkeys(CLASSES, PER_CLASS)
    assert "The archive's SHA-256 is the published one." in done.result["notes"]


def test_two_at_once_fetch_it_once(site: Any, offer: Callable[..., Source]) -> None:
    source = offer("tiny_FR")
    outcomes: list[object] = []

    def go() -> None:
        try:
            outcomes.append(downloading.download(source))
        except DatasetError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in outcomes) == [
        "DatasetError",
        "DatasetError",
        "ImportReport",
    ]
    assert len(site.asked) == 1


def test_whoever_waits_for_another_can_stop(site: Any, offer: Callable[..., Source]) -> None:
    source = offer("tiny_FR")
    site.silent_after = CHUNK
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise CancelledError("enough")

    def go() -> None:
        with pytest.raises(CancelledError):
            downloading.download(source, check=check)

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: len(site.asked) == 1)
    stop.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_an_archive_at_hand_needs_no_server(
    site: Any, offer: Callable[..., Source], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = offer("flower_photos")
    site.status = 404
    bad = tmp_path / "other.tgz"
    bad.write_bytes(site.original + b"x")
    with pytest.raises(ArchiveError, match="must have the hash"):
        downloading.download(source, file=bad)
    with pytest.raises(DatasetError, match="does not exist"):
        downloading.download(source, file=tmp_path / "gone.tgz")
    file = tmp_path / source.file
    file.write_bytes(site.original)
    assert command_line.main(["download", source.name, "--file", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["classes"] == dict.fromkeys(CLASSES, PER_CLASS)
    assert file.read_bytes() == site.original


def test_the_command_line_fetches_and_says_what_is_known(
    site: Any, offer: Callable[..., Source], capsys: pytest.CaptureFixture[str]
) -> None:
    offer("tiny_FR")
    site.status = 503
    assert command_line.main(["download", "tiny_FR"]) == 1
    assert "Without internet: the painted garden needs none" in capsys.readouterr().err
    site.status = 200
    assert command_line.main(["download", "tiny_FR", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "tiny_FR"
    assert "No hash of this archive is on record" in told["notes"][0]
    assert command_line.main(["download", "nothing"]) == 2
    assert "one of 'tiny_FR'" in capsys.readouterr().err
