"""Published datasets are fetched from a real server, broken off, resumed, checked and taken in."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowercore.data import catalog, downloading, sources
from flowercore.data.sources import Source
from flowercore.errors import ArchiveError, DatasetError, DownloadError, NotFoundError
from tests.download.published import CHUNK, CLASSES, PER_CLASS, left, names, photos, zipped


def test_the_registry_knows_what_is_published() -> None:
    tiny, whole = sources.sources()
    assert (tiny.name, tiny.url) == ("tiny_FR", "https://www.visioncog.com/rpk/tiny_FR.zip")
    assert (tiny.photos, tiny.sha256, tiny.expected) == (500, None, None)
    assert (whole.name, whole.photos, whole.size) == ("flower_photos", 3670, 228_813_984)
    assert whole.expected == (
        "sha256:4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c"
    )
    assert list(tiny.classes) == list(whole.classes) == CLASSES
    with pytest.raises(NotFoundError, match="one of 'tiny_FR', 'flower_photos'"):
        sources.get("../x")


@pytest.mark.parametrize("name", ["tiny_FR", "flower_photos"])
def test_a_published_dataset_comes_in_with_its_five_classes(
    offer: Callable[..., Source], name: str, home: Path
) -> None:
    source = offer(name)
    steps: list[tuple[str, int, int]] = []
    report = downloading.download(source, step=lambda *step: steps.append(step))
    assert report.dataset.counts() == dict.fromkeys(CLASSES, PER_CLASS)
    (entry,) = catalog.entries()
    assert (entry.name, entry.owner) == (name, "")
    assert entry.origin.startswith("downloaded from 127.0.0.1")
    assert [what for what, *_ in steps] == sorted((what for what, *_ in steps))
    assert steps[-1][1:] == (100, 100)
    assert left(home) == []
    if name == "flower_photos":
        assert [one.name for one in report.skipped] == ["flower_photos/LICENSE.txt"]
    said = " ".join(downloading.notes(source, report))
    assert ("No hash of this archive is on record" in said) == (name == "tiny_FR")
    assert "Creative Commons" in said
    assert "were expected" not in said


def test_what_is_there_is_not_fetched_again(site: Any, offer: Callable[..., Source]) -> None:
    source = offer("tiny_FR")
    downloading.download(source)
    asked = len(site.asked)
    with pytest.raises(DatasetError, match="tiny_FR', which is taken"):
        downloading.download(source)
    assert len(site.asked) == asked


@pytest.mark.parametrize("name", ["tiny_FR", "flower_photos"])
def test_a_download_that_breaks_off_is_resumed(
    site: Any, offer: Callable[..., Source], name: str, home: Path
) -> None:
    source = offer(name)
    site.cuts = [3 * CHUNK, 2 * CHUNK, CHUNK]
    with pytest.raises(DownloadError, match=r"broke off.*kept: try again.*Without internet"):
        downloading.download(source)
    assert names() == []
    assert left(home) == [f".{source.file}.part"]
    downloading.download(source)
    assert site.asked[-1] == f"bytes={6 * CHUNK}-"
    assert names() == [name]


def test_a_wrong_hash_or_size_is_refused_and_nothing_is_kept(
    site: Any, offer: Callable[..., Source], home: Path
) -> None:
    source = offer("flower_photos")
    whole = site.original
    site.body = whole[:-1] + b"x"
    with pytest.raises(DownloadError, match="must have the hash sha256:"):
        downloading.download(source)
    site.body = whole[:-1]
    steps: list[tuple[str, int, int]] = []
    with pytest.raises(DownloadError, match=rf"must have {len(whole):,} bytes.*{len(whole) - 1:,}"):
        downloading.download(source, step=lambda *step: steps.append(step))
    assert steps == []  # said before it came in
    site.announce_length = False
    with pytest.raises(DownloadError, match=rf"must have {len(whole):,} bytes"):
        downloading.download(source)
    assert names() == left(home) == []


def test_without_a_hash_the_structure_decides(
    site: Any, offer: Callable[..., Source], home: Path
) -> None:
    with pytest.raises(ArchiveError, match="must be a zip"):
        downloading.download(offer("tiny_FR", b"<html>Log in to this network</html>"))
    four = {name: data for name, data in photos().items() if "roses" not in name}
    with pytest.raises(DatasetError, match=r"must have the classes daisy.*Received: daisy, dand"):
        downloading.download(offer("tiny_FR", zipped(four)))
    assert names() == left(home) == []
    more = photos()
    more |= {f"flower_photos/zinnia/{n}.png": more["flower_photos/daisy/0.png"] for n in range(3)}
    del more["flower_photos/daisy/3.png"]
    source = offer("tiny_FR", zipped(more))
    report = downloading.download(source)
    assert report.dataset.counts() == dict.fromkeys(CLASSES, PER_CLASS) | {"daisy": 3}
    assert [(one.name, one.reason) for one in report.skipped] == [
        ("zinnia", "It is no class of this dataset.")
    ]
    assert "20 photos were expected. Received: 19." in downloading.notes(source, report)


def test_no_such_file_and_no_way_there_say_what_to_do_without_internet(
    site: Any, offer: Callable[..., Source], home: Path
) -> None:
    source = offer("tiny_FR")
    site.status = 404
    with pytest.raises(DownloadError, match=r"no such file.*garden.*tiny_FR\.zip.*by hand"):
        downloading.download(source)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/tiny_FR.zip"
        with pytest.raises(DownloadError, match=r"refuses connections.*garden.*by hand"):
            downloading.download(replace(source, url=nowhere))
    unknown = replace(source, url="http://photos.invalid/tiny_FR.zip")
    with pytest.raises(DownloadError, match=r"photos\.invalid is not known here.*garden"):
        downloading.download(unknown)
    assert names() == left(home) == []
