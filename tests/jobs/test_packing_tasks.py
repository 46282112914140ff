"""A dataset is packed by a worker and fetched from disk under a name that nobody can guess."""

from __future__ import annotations

import asyncio
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Message

from flowercore.data import catalog
from flowercore.errors import NotFoundError
from flowercore.jobs import packing, tasks, worker
from flowercore.jobs.tasks import Task
from flowercore.runs import holder
from ui.http import packed


@pytest.fixture
def pack(tiny_dataset: Callable[..., Path]) -> Callable[[str], Task]:
    """Pack a dataset in this process; there is ``mine``."""
    catalog.import_source(tiny_dataset(), "mine")

    def work(name: str) -> Task:
        server = holder.new_name()
        with holder.held(server):
            task = tasks.new("pack", {"data": name}, visitor="ann", held_by=server)
            worker.task(task.id)
        return tasks.look(task.id)

    return work


def get(path: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the server's answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()  # the browser says nothing more
        return {}

    app = Starlette(routes=[Route("/packed/{token}", packed)])
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    bodies = [message["body"] for message in sent[1:]]
    assert max(map(len, bodies)) <= 1 << 16  # in pieces
    return sent[0]["status"], headers, b"".join(bodies)


def test_a_packed_dataset_is_streamed_from_disk(pack: Callable[[str], Task]) -> None:
    done = pack("mine")
    assert done.state == "finished", done.reason
    status, headers, body = get(f"/packed/{done.result['token']}")
    assert status == 200
    assert headers["content-type"] == "application/zip"
    assert headers["content-disposition"] == 'attachment; filename="mine.zip"'
    assert len(body) == done.result["bytes"]
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        assert len(opened.namelist()) == 18
    for wrong in ("0" * 32, "..", "%2e%2e%2fdatasets", "x", done.result["token"].upper()):
        assert get(f"/packed/{wrong}")[0] == 404


def test_what_cannot_be_packed_leaves_nothing(pack: Callable[[str], Task], home: Path) -> None:
    failed = pack("gone")
    assert failed.state == "failed"
    assert "gone" in (failed.reason or "")
    assert list((home / "packed").iterdir()) == []


def test_packed_datasets_are_deleted_after_some_hours(pack: Callable[[str], Task]) -> None:
    token = pack("mine").result["token"]
    assert packing.archive(token).name == "mine.zip"
    os.utime(packing.archive(token).parent, (0, 0))
    again = pack("mine").result["token"]
    with pytest.raises(NotFoundError):
        packing.archive(token)
    assert packing.archive(again).is_file()
