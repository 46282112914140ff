"""The index that saves reading photos again."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flowercore.data import photo_index
from flowercore.data.dataset import scan
from flowercore.data.photo import PhotoFacts
from flowercore.data.photo_index import IndexedPhoto
from flowercore.errors import StorageError
from flowercore.settings import settings

FOUND = {"rose/a.jpg": IndexedPhoto(5, PhotoFacts("JPEG", 40, 30, 1234, "ab" * 32))}


def index_file(home: Path) -> Path:
    return home / "cache" / "photos.sqlite"


def test_what_is_stored_is_found_again(tmp_path: Path) -> None:
    photo_index.update(tmp_path, FOUND, [])

    assert photo_index.load(tmp_path) == FOUND
    assert photo_index.load(tmp_path / "other") == {}
    photo_index.update(tmp_path, {}, FOUND)
    assert photo_index.load(tmp_path) == {}


def test_rows_follow_a_renamed_folder(tmp_path: Path) -> None:
    photo_index.update(tmp_path / "old", FOUND, [])
    photo_index.update(tmp_path / "new", {"gone.jpg": FOUND["rose/a.jpg"]}, [])

    photo_index.move(tmp_path / "old", tmp_path / "new")

    assert photo_index.load(tmp_path / "new") == FOUND
    assert photo_index.load(tmp_path / "old") == {}


@pytest.mark.parametrize("damage", ["text", "cut", "middle", "tables"])
def test_a_damaged_index_is_rebuilt(
    damage: str, home: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset(classes=3, per_class=60)
    first = scan(root, name="tiny", origin="")
    file = index_file(home)
    data = file.read_bytes()
    if damage == "text":
        file.write_text("this is no database, " * 1000)
    elif damage == "cut":
        file.write_bytes(data[:5000])
    elif damage == "middle":
        file.write_bytes(data[:4096] + b"\x55" * (len(data) - 4096))
    else:
        file.unlink()
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE photos (something TEXT)")
        connection.commit()
        connection.close()

    assert scan(root, name="tiny", origin="") == first
    assert len(photo_index.load(root)) == 180


def test_the_index_is_written_ahead(home: Path, tmp_path: Path) -> None:
    photo_index.update(tmp_path, FOUND, [])

    connection = sqlite3.connect(index_file(home))
    mode = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert mode == ("wal",)


def test_processes_may_write_at_once(home: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from flowercore.data import photo_index\n"
        "from flowercore.data.photo import PhotoFacts\n"
        "facts = photo_index.IndexedPhoto(1, PhotoFacts('JPEG', 1, 1, 1, 'x'))\n"
        "for n in range(40):\n"
        "    photo_index.update(Path('/photos'), {f'{sys.argv[1]}/{n}.jpg': facts}, [])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(n)], stderr=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    errors = [process.communicate(timeout=60)[1] for process in running]

    assert errors == ["", "", ""]
    assert len(photo_index.load(Path("/photos"))) == 120


def test_an_index_that_is_still_being_made_is_not_seen(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    real = sqlite3.connect

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
            cursor = super().execute(sql, *parameters)
            if sql.startswith(("PRAGMA journal_mode", "\nCREATE TABLE")):
                seen.append(index_file(home).exists())
            return cursor

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: real(*a, **o, factory=Watched))
    photo_index.update(tmp_path, FOUND, [])

    assert seen == [False, False]
    assert index_file(home).exists()


def test_many_may_begin_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems: list[Exception] = []

    def look(together: threading.Barrier) -> None:
        together.wait()
        try:
            photo_index.update(tmp_path, FOUND, [])
            assert photo_index.load(tmp_path) == FOUND
        except Exception as error:
            problems.append(error)

    for number in range(5):
        monkeypatch.setenv("FLOWERCORE_HOME", str(tmp_path / f"home{number}"))
        settings.cache_clear()
        together = threading.Barrier(4)
        threads = [threading.Thread(target=look, args=(together,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert problems == []


def test_a_home_that_is_no_folder_is_said(home: Path, tiny_dataset: Callable[..., Path]) -> None:
    home.write_text("a file where the home folder should be")

    with pytest.raises(StorageError, match="home folder"):
        scan(tiny_dataset(), name="tiny", origin="")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_READONLY, "must be writable"),
        (sqlite3.SQLITE_CANTOPEN, "must be writable"),
        (sqlite3.SQLITE_FULL, "disk is full"),
        (sqlite3.SQLITE_IOERR | (3 << 8), "could not be used"),
    ],
)
def test_sqlite_errors_are_put_in_words(
    code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, for whom nothing is read-only: a connection that refuses."""

    def refuse(*args: object, **options: object) -> sqlite3.Connection:
        error = sqlite3.OperationalError("refused")
        error.sqlite_errorcode = code
        raise error

    photo_index.update(tmp_path, FOUND, [])
    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(StorageError, match=words):
        photo_index.load(tmp_path)


def test_a_read_only_index_is_said(home: Path, tmp_path: Path) -> None:
    """A real refusal by SQLite that holds for root as well: a query-only file system stand-in."""
    photo_index.update(tmp_path, FOUND, [])
    file = index_file(home)
    with file.open("r+b") as opened:
        # Bytes 18 and 19 are the format versions; a later one makes a database read-only.
        opened.seek(18)
        opened.write(b"\x03\x02")

    with pytest.raises(StorageError, match="must be writable"):
        photo_index.update(tmp_path, {}, FOUND)
