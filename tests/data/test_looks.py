"""What photos look like: numbers with a meaning, kept by content, open about failures."""

from __future__ import annotations

import io
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from flowercore.data import look_cache, looks
from flowercore.data.dataset import Dataset, scan
from flowercore.errors import CancelledError

ROOT = Path(__file__).resolve().parents[2]
Tiny = Callable[..., Path]
NUMBERS = ["brightness", "contrast", "sharpness", "red", "green", "blue"]


def scanned(folder: Path) -> Dataset:
    return scan(folder, name="set", origin="a test")


def plain(path: Path, color: tuple[int, int, int], size: tuple[int, int] = (300, 260)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path, quality=95)


def test_a_row_for_each_photo_in_order(tiny_dataset: Tiny) -> None:
    data = scanned(tiny_dataset(classes=2, per_class=3))
    table = looks.survey(data)
    assert tuple(table.columns) == looks.COLUMNS
    assert list(table["key"]) == [one.key for one in data.photos]
    assert table["aspect"].tolist() == [one.width / one.height for one in data.photos]
    assert table["error"].tolist() == [None] * 6
    assert table[NUMBERS].apply(lambda c: c.between(0, 5)).all(axis=None)
    assert table["phash"].map(lambda text: len(text) == 16 and int(text, 16) >= 0).all()
    for colours in table["palette"]:
        assert sum(share for _, share in colours) == pytest.approx(1)
        assert [share for _, share in colours] == sorted((s for _, s in colours), reverse=True)


def test_the_numbers_say_what_is_seen(tmp_path: Path, paint: Callable[..., Path]) -> None:
    plain(tmp_path / "set" / "a" / "black.jpg", (0, 0, 0))
    plain(tmp_path / "set" / "a" / "red.jpg", (255, 0, 0))
    plain(tmp_path / "set" / "a" / "white.jpg", (255, 255, 255))
    sharp = paint(tmp_path / "set" / "b" / "sharp.png", size=(400, 300), format="PNG")
    with Image.open(sharp) as picture:
        soft = picture.resize((40, 30)).resize((400, 300), Image.Resampling.BICUBIC)
    soft.save(tmp_path / "set" / "b" / "soft.png")
    row = looks.survey(scanned(tmp_path / "set")).set_index("key")
    assert row.loc["a/black.jpg", "brightness"] == pytest.approx(0, abs=0.01)
    assert row.loc["a/white.jpg", "brightness"] == pytest.approx(1, abs=0.01)
    assert row.loc["a/red.jpg", ["red", "green", "blue"]].tolist() == pytest.approx(
        [1, 0, 0], abs=0.02
    )
    ((colour, share),) = row.loc["a/red.jpg", "palette"]
    assert share == 1
    assert np.abs(np.subtract(colour, (255, 0, 0))).max() <= 3
    assert row.loc["a/black.jpg", "contrast"] == pytest.approx(0, abs=0.01)
    assert row.loc["b/sharp.png", "sharpness"] > 5 * row.loc["b/soft.png", "sharpness"]


def test_resized_and_recoded_copies_have_nearly_the_same_hash(real_photos: Path) -> None:
    from imagehash import hex_to_hash

    with Image.open(sorted((real_photos / "rose").iterdir())[0]) as picture:
        original = picture.convert("RGB")
    small = original.resize((original.width // 2, original.height // 2))
    hashes = []
    for copy, options in ((original, {"quality": 95}), (original, {"quality": 40}), (small, {})):
        out = io.BytesIO()
        copy.save(out, "JPEG", **options)
        found, _ = looks.look(out.getvalue(), name="x.jpg")
        hashes.append(hex_to_hash(found.phash))
    assert max(hashes[0] - other for other in hashes) <= 4


def test_nothing_is_decoded_twice(tiny_dataset: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_dataset(classes=2, per_class=3)
    first = looks.survey(scanned(folder))
    for path in folder.rglob("*.jpg"):  # moved to another name, the bytes are known
        path.rename(path.with_stem(f"moved_{path.stem}"))
    read: list[str] = []
    monkeypatch.setattr(looks, "look", lambda data, *, name: read.append(name))
    again = looks.survey(scanned(folder))
    assert read == []
    pd.testing.assert_frame_equal(
        again.drop(columns="key"), first.drop(columns="key"), check_exact=True
    )


def test_what_is_not_known_yet_is_left_open(tiny_dataset: Tiny) -> None:
    data = scanned(tiny_dataset(classes=2, per_class=3))
    before = looks.known(data)
    assert before.dtypes.equals(looks.survey(data).dtypes)
    assert before[NUMBERS].isna().all(axis=None)
    assert before[["palette", "phash", "error"]].map(lambda value: value is None).all(axis=None)
    assert before["width"].tolist() == [one.width for one in data.photos]
    pd.testing.assert_frame_equal(looks.known(data), looks.survey(data))


def test_an_empty_dataset_has_the_same_columns(tiny_dataset: Tiny) -> None:
    data = scanned(tiny_dataset(classes=2, per_class=3))
    nothing = looks.survey(replace(data, photos=()))
    assert len(nothing) == 0
    assert nothing.dtypes.equals(looks.survey(data).dtypes)


def test_a_damaged_photo_says_why_under_each_of_its_names(tiny_dataset: Tiny) -> None:
    folder = tiny_dataset(classes=2, per_class=3)
    cut = folder / "daisy" / "daisy_000.jpg"
    cut.write_bytes(cut.read_bytes()[:-300])
    shutil.copy(cut, folder / "daisy" / "same.jpg")
    data = scanned(folder)
    table = looks.survey(data).set_index("key")
    for key in ("daisy/daisy_000.jpg", "daisy/same.jpg"):
        assert f"'{key}', a JPEG file that is cut off" in table.loc[key, "error"]
        assert table.loc[key, NUMBERS].isna().all()
    assert table["error"].notna().sum() == 2
    pd.testing.assert_frame_equal(looks.known(data), looks.survey(data))
    assert [tile is None for tile in looks.tiles(data, data.photos)] == [
        True,
        *[False] * 2,
        True,
    ] + [False] * 3


def test_a_photo_that_changed_or_went_is_not_kept_as_what_it_was(tiny_dataset: Tiny) -> None:
    folder = tiny_dataset(classes=2, per_class=3)
    data = scanned(folder)
    shutil.copy(folder / "dandelion" / "dandelion_001.jpg", folder / "daisy" / "daisy_000.jpg")
    (folder / "daisy" / "daisy_001.jpg").unlink()
    table = looks.survey(data)
    assert "has changed since" in table["error"][0]
    assert "no such file" in table["error"][1]
    assert looks.tiles(data, data.photos)[:2] == [None, None]
    assert look_cache.read([one.sha256 for one in data.photos[:2]]) == {}


def test_progress_is_told_and_a_stop_keeps_what_was_done(tiny_dataset: Tiny) -> None:
    data = scanned(tiny_dataset(classes=5, per_class=30))
    told: list[tuple[int, int]] = []

    def stop() -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        looks.survey(data, progress=lambda *at: told.append(at), check=stop)
    done = told[-1][0]
    assert told[0] == (0, 150)
    assert 0 < done < 150
    assert looks.known(data)["phash"].notna().sum() == done
    looks.survey(data, progress=lambda *at: told.append(at))
    assert (done, 150) in told[2:]
    assert told[-1] == (150, 150)


def test_tiles_are_square_made_on_the_spot_and_kept(
    tiny_dataset: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = scanned(tiny_dataset(classes=2, per_class=3))
    page = data.photos[:4]
    first = looks.tiles(data, page)
    for tile in first:
        assert tile is not None
        with Image.open(io.BytesIO(tile)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (looks.TILE, looks.TILE))
    monkeypatch.setattr(looks, "tile", None)
    assert looks.tiles(data, page) == first
    # A tile alone is no look: the numbers are still to be found out.
    assert looks.known(data)["phash"].isna().all()


def test_a_survey_makes_the_same_tiles(tiny_dataset: Tiny) -> None:
    data = scanned(tiny_dataset(classes=2, per_class=3))
    on_the_spot = looks.tiles(data, data.photos[:1])
    looks.survey(data)
    assert looks.tiles(data, data.photos[:1]) == on_the_spot


def test_the_mean_photo_of_a_class(tmp_path: Path) -> None:
    plain(tmp_path / "set" / "a" / "dark.jpg", (0, 100, 0))
    plain(tmp_path / "set" / "a" / "light.jpg", (200, 100, 0))
    (tmp_path / "set" / "b").mkdir()
    (tmp_path / "set" / "b" / "cut.jpg").write_bytes(
        (tmp_path / "set" / "a" / "dark.jpg").read_bytes()[:-200]
    )
    data = scanned(tmp_path / "set")
    mean = looks.mean_photo(data, data.photos[:2])
    assert mean is not None
    assert (mean.shape, mean.dtype) == ((looks.TILE, looks.TILE, 3), np.uint8)
    assert np.abs(mean.astype(int) - (100, 100, 0)).max() <= 4
    assert looks.mean_photo(data, data.photos[2:]) is None


def test_a_damaged_cache_is_made_anew(tiny_dataset: Tiny, home: Path) -> None:
    data = scanned(tiny_dataset(classes=2, per_class=3))
    first = looks.survey(data)
    (home / "cache" / "looks.sqlite").write_bytes(b"no database")
    for ending in ("-wal", "-shm"):
        (home / "cache" / f"looks.sqlite{ending}").unlink(missing_ok=True)
    pd.testing.assert_frame_equal(looks.survey(data), first)
    with sqlite3.connect(home / "cache" / "looks.sqlite") as database:
        assert database.execute("SELECT count(*) FROM tiles").fetchone() == (6,)


def test_known_and_tiles_load_nothing_heavy(tiny_dataset: Tiny) -> None:
    folder = tiny_dataset(classes=2, per_class=3)
    code = (
        "import sys; from pathlib import Path; from flowercore.data import looks;"
        "from flowercore.data.dataset import scan;"
        f"data = scan(Path({str(folder)!r}), name='x', origin='y');"
        "looks.known(data); assert None not in looks.tiles(data, data.photos);"
        "sys.exit(str({'scipy', 'imagehash'} & set(sys.modules)) if "
        "{'scipy', 'imagehash'} & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
