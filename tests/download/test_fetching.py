"""What is fetched is whole and the expected one, or not there."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest

from flowercore.download.fetching import fetch
from flowercore.errors import DownloadError, StorageError
from flowercore.settings import settings

CHUNK = 1 << 16  # what arrives in pieces of another size may be lost with its last piece


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_file_is_fetched_with_progress(
    site: Any, target: Path, partial: Path, algorithm: str
) -> None:
    expected = f"{algorithm}:{hashlib.new(algorithm, site.original).hexdigest()}"
    steps: list[tuple[int, int]] = []
    got = fetch(site.url, target, expected=expected, progress=lambda *step: steps.append(step))
    assert got == target
    assert target.read_bytes() == site.original
    assert not partial.exists()
    done = [step[0] for step in steps]
    assert done == sorted(set(done))
    assert steps[-1] == (len(site.original), len(site.original))
    assert len(steps) > 10


def test_what_is_there_is_not_fetched_again(site: Any, target: Path) -> None:
    target.write_bytes(site.original)
    fetch(site.url, target, expected=site.sha256)
    assert site.asked == []


def test_another_file_of_that_name_is_left_alone(site: Any, target: Path) -> None:
    target.write_bytes(b"mine")
    with pytest.raises(DownloadError, match=r"file\.h5 is there already.*Delete it"):
        fetch(site.url, target, expected=site.sha256)
    assert target.read_bytes() == b"mine"
    assert site.asked == []


def test_a_connection_that_breaks_is_taken_up_again(site: Any, target: Path) -> None:
    site.cuts = [16 * CHUNK, 8 * CHUNK]
    steps: list[tuple[int, int]] = []
    fetch(site.url, target, expected=site.sha256, progress=lambda *step: steps.append(step))
    assert target.read_bytes() == site.original
    assert site.asked == [None, f"bytes={16 * CHUNK}-", f"bytes={24 * CHUNK}-"]
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert {total for _, total in steps} == {len(site.original)}


def test_what_was_received_is_kept_for_the_next_attempt(
    site: Any, target: Path, partial: Path
) -> None:
    site.cuts = [6 * CHUNK] * 3
    with pytest.raises(DownloadError, match=r"broke off after 1\.2 MB.*kept: try again"):
        fetch(site.url, target, expected=site.sha256)
    assert not target.exists()
    assert partial.read_bytes() == site.original[: 18 * CHUNK]
    fetch(site.url, target, expected=site.sha256)
    assert site.asked[-1] == f"bytes={18 * CHUNK}-"
    assert target.read_bytes() == site.original


def test_a_server_that_breaks_before_the_first_byte_is_not_asked_again(
    site: Any, target: Path
) -> None:
    site.cuts = [0, 0, 0]
    with pytest.raises(DownloadError, match="broke off"):
        fetch(site.url, target, expected=site.sha256)
    assert len(site.asked) == 1


def test_a_server_without_ranges_sends_it_all_again(site: Any, target: Path, partial: Path) -> None:
    site.ranges = False
    partial.write_bytes(site.original[:1_000_000])
    fetch(site.url, target, expected=site.sha256)
    assert site.asked == ["bytes=1000000-"]
    assert target.read_bytes() == site.original


def test_a_range_that_begins_elsewhere_is_not_used(site: Any, target: Path, partial: Path) -> None:
    site.wrong_start = True
    partial.write_bytes(site.original[:1_000_000])
    fetch(site.url, target, expected=site.sha256)
    assert site.asked == ["bytes=1000000-", None]
    assert target.read_bytes() == site.original


@pytest.mark.parametrize("length", [1_000_000, 3_000_000, 4_000_000])
def test_a_wrong_beginning_is_thrown_away(
    site: Any, target: Path, partial: Path, length: int
) -> None:
    partial.write_bytes(bytes(length))
    fetch(site.url, target, expected=site.sha256)
    assert site.asked == [f"bytes={length}-", None]
    assert target.read_bytes() == site.original


def test_a_whole_part_needs_no_server(site: Any, target: Path, partial: Path) -> None:
    partial.write_bytes(site.original)
    fetch(site.url, target, expected=site.sha256)
    assert site.asked == []
    assert target.read_bytes() == site.original


def test_a_wrong_hash_is_refused_and_nothing_is_kept(
    site: Any, target: Path, partial: Path
) -> None:
    site.body = site.original[:-1] + b"x"
    received = hashlib.sha256(site.body).hexdigest()
    with pytest.raises(DownloadError, match=rf"must have the hash {site.sha256}.*{received}"):
        fetch(site.url, target, expected=site.sha256)
    assert not target.exists()
    assert not partial.exists()


@pytest.mark.parametrize("announce_length", [True, False])
def test_a_file_over_the_limit_is_refused(site: Any, target: Path, announce_length: bool) -> None:
    site.announce_length = announce_length
    done: list[int] = []
    with pytest.raises(DownloadError, match=r"may have 1 MB.*Nothing was kept"):
        fetch(
            site.url,
            target,
            expected=site.sha256,
            limit=1_000_000,
            progress=lambda step, _: done.append(step),
        )
    assert max(done, default=0) <= (0 if announce_length else 1_000_000)
    assert list(target.parent.glob("*file.h5*.part")) == []


def test_a_length_that_is_not_told_is_unknown(site: Any, target: Path) -> None:
    site.announce_length = False
    totals: set[int] = set()
    fetch(site.url, target, expected=site.sha256, progress=lambda _, total: totals.add(total))
    assert totals == {0}
    assert target.read_bytes() == site.original


@pytest.mark.parametrize("announce_length", [True, False])
def test_a_full_disk_is_told_first(
    site: Any, target: Path, monkeypatch: pytest.MonkeyPatch, announce_length: bool
) -> None:
    site.announce_length = announce_length
    monkeypatch.setenv("FLOWERCORE_DISK_FREE_BYTES", str(10**18))
    settings.cache_clear()
    with pytest.raises(StorageError, match="disk must stay free"):
        fetch(site.url, target, expected=site.sha256)
    assert not target.exists()


def test_two_at_once_fetch_it_once(site: Any, target: Path) -> None:
    fetching = [
        threading.Thread(target=fetch, args=(site.url, target), kwargs={"expected": site.sha256})
        for _ in range(4)
    ]
    for thread in fetching:
        thread.start()
    for thread in fetching:
        thread.join()
    assert len(site.asked) == 1
    assert target.read_bytes() == site.original
