"""The whole audit on small and on odd datasets: it says what it can, and never NaN."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from flowercore.audit import store
from flowercore.audit.audit import Audit, audit
from flowercore.audit.findings import KINDS, to_csv
from flowercore.data import catalog, edits, looks
from flowercore.data.dataset import Dataset, scan
from flowercore.errors import CancelledError
from tests.command_line import answer, flowercore, refused

Tiny = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("prepared")


def scanned(folder: Path) -> Dataset:
    return scan(folder, name="set", origin="a test")


def audited(data: Dataset) -> Audit:
    """Audit a dataset and check what must hold for every audit."""
    found = audit(data)
    assert (found.dataset, found.identity) == (data.name, data.identity)
    for table in (found.problems, found.twins, found.map):
        assert not table.isna().any(axis=None)
    assert set(found.problems["kind"]) <= set(KINDS)
    assert list(found.photos.columns) == list(looks.COLUMNS)
    assert len(found.photos) == len(data.photos)
    assert list(found.class_looks) == list(data.classes)
    store.save(found)
    assert store.load(data.name).counts == found.counts
    return found


def kinds(found: Audit) -> dict[str, int]:
    return {kind: found.counts[kind] for kind in KINDS if found.counts[kind]}


def test_a_clean_set_has_no_problems(shapes: Tiny) -> None:
    found = audited(scanned(shapes(classes=3, per_class=12)))
    # Some lie apart from the others, as always, and shapes are not what the network knows best.
    assert set(kinds(found)) <= {"outlier", "suspect-label"}
    assert found.counts["suspect-label"] <= 3
    assert (found.counts["photos"], found.notes) == (36, ())
    for label, look in found.class_looks.items():
        with Image.open(io.BytesIO(look.mean)) as picture:
            assert picture.size == (looks.TILE, looks.TILE)
        colours = [colour for colour, _ in look.palette]
        wanted = {"daisy": (230, 230, 240), "rose": (200, 30, 40), "sunflower": (240, 200, 20)}
        assert min(np.abs(np.subtract(one, wanted[label])).max() for one in colours) < 40
        assert 0.1 < look.brightness < 0.9


def test_the_same_dataset_gives_the_same_tables(shapes: Tiny) -> None:
    data = scanned(shapes(classes=3, per_class=10))
    first, second = audited(data), audited(data)
    for name in ("photos", "problems", "twins", "map"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), check_exact=True)
    assert (first.class_looks, first.notes) == (second.class_looks, second.notes)


def test_two_classes_of_three(tiny_dataset: Tiny) -> None:
    found = audited(scanned(tiny_dataset(classes=2, per_class=3)))
    assert "Labels cannot be judged" in found.notes[0]
    assert len(found.map) == 6


def test_all_photos_are_the_same(tiny_dataset: Tiny) -> None:
    folder = tiny_dataset(classes=2, per_class=6)
    paths = sorted(folder.rglob("*.jpg"))
    for path in paths[1:]:
        shutil.copy(paths[0], path)
    found = audited(scanned(folder))
    assert found.twins["group"].unique().tolist() == [0]
    assert kinds(found) == {"twin-across-classes": 12, "tiny": 12}
    assert np.ptp(found.map[["tsne_x", "tsne_y"]], axis=0).max() == 0


def test_all_photos_show_nothing(tmp_path: Path) -> None:
    for number in range(12):
        path = tmp_path / "set" / ("a" if number % 2 else "b") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (240 + number, 240), "black").save(path)
    found = audited(scanned(tmp_path / "set"))
    assert kinds(found) == {"dark": 12}
    assert "Labels cannot be judged" in found.notes[0]


def test_a_class_that_is_unreadable(tiny_dataset: Tiny) -> None:
    folder = tiny_dataset(classes=3, per_class=6)
    for path in (folder / "rose").iterdir():
        path.write_bytes(path.read_bytes()[:-200])
    (folder / "daisy" / "words.jpg").write_text("words")
    found = audited(scanned(folder))
    assert found.counts["unreadable"] == 7
    assert found.counts["left out"] == 1
    assert found.class_looks["rose"].mean is None
    assert found.class_looks["rose"].palette == ()
    assert found.class_looks["rose"].brightness is None
    assert len(found.map) == 12
    assert {one.sha256 for one in found.problems.itertuples() if one.kind == "unreadable"} > {""}


def test_nothing_can_be_read(tiny_dataset: Tiny) -> None:
    folder = tiny_dataset(classes=2, per_class=3)
    for path in folder.rglob("*.jpg"):
        path.write_bytes(path.read_bytes()[:-200])
    found = audited(scanned(folder))
    assert kinds(found) == {"unreadable": 6}
    assert len(found.map) == 0


def test_one_photo_is_left_of_a_class_and_then_none_at_all(shapes: Tiny) -> None:
    mine = catalog.import_source(shapes(classes=3, per_class=8), "mine").dataset
    edits.add(mine, [one.key for one in mine.photos[1:8]], edits.EXCLUDE)
    found = audited(catalog.load("mine"))
    assert found.counts["excluded"] == 7
    assert "Labels of 'daisy' cannot be judged" in "".join(found.notes)
    assert "uneven: sunflower has 8 photos, daisy 1" in found.notes[0]
    edits.add(mine, [one.key for one in mine.photos], edits.EXCLUDE)
    found = audited(catalog.load("mine"))
    assert (found.counts["photos"], len(found.map), kinds(found)) == (0, 0, {})


def test_an_edited_label_is_the_one_that_is_judged(shapes: Tiny) -> None:
    mine = catalog.import_source(shapes(classes=2, per_class=16), "mine").dataset
    edits.add(mine, [mine.photos[0].key], edits.RELABEL, label="rose")
    found = audited(catalog.load("mine"))
    (suspect,) = found.problems[found.problems["kind"] == "suspect-label"].itertuples()
    assert (suspect.key, suspect.suggested) == (mine.photos[0].key, "daisy")
    assert suspect.why.endswith("%).")
    assert "not rose" in suspect.why


def test_a_stop_is_heard_at_every_step(tiny_dataset: Tiny) -> None:
    data = scanned(tiny_dataset(classes=2, per_class=10))
    steps: list[str] = []

    def note(step: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        if step not in steps:
            steps.append(step)

    audit(data, progress=note)
    assert len(steps) == 7
    for number, stopped_at in enumerate(steps):
        reached: list[str] = []

        def stop(wanted: int = number, reached: list[str] = reached) -> None:
            if len(reached) > wanted:
                raise CancelledError("stopped")

        def note_reached(step: str, *_: int, reached: list[str] = reached) -> None:
            if step not in reached:
                reached.append(step)

        with pytest.raises(CancelledError):
            audit(data, progress=note_reached, check=stop)
        assert reached[-1] in {stopped_at, *steps[number : number + 1]}


def test_the_table_for_a_spreadsheet_has_no_formulas(tiny_dataset: Tiny) -> None:
    folder = tiny_dataset(classes=2, per_class=3)
    (folder / "daisy").rename(folder / "=1+1")
    text = to_csv(audited(scanned(folder)).problems)
    assert text.startswith("photo,sha256,kind,rank,score,why,suggested\r\n")
    assert "\r\n'=1+1/" in text
    assert "\r\n=" not in text


def test_the_command(tiny_dataset: Tiny, tmp_path: Path) -> None:
    folder = tiny_dataset(classes=2, per_class=6)
    cut = folder / "daisy" / "daisy_000.jpg"
    cut.write_bytes(cut.read_bytes()[:-200])
    output = tmp_path / "problems.csv"
    done = answer("audit", str(folder), "--output", str(output))
    assert done["counts"]["unreadable"] == 1
    assert done["problems"][0]["kind"] == "unreadable"
    assert len(output.read_text().splitlines()) == len(done["problems"]) + 1
    assert store.load(folder.name) is None

    answer("import", str(folder), "--name", "mine")
    shown = flowercore("audit", "mine")
    assert shown.returncode == 0
    assert "Drawing the map" in shown.stderr
    assert "unreadable: 0" in shown.stdout
    assert store.load("mine").identity == json.loads(json.dumps(catalog.load("mine").identity))

    assert "as in the catalog" in refused("audit", "nowhere")
    assert "can be written" in refused("audit", "mine", "--output", str(tmp_path / "no" / "x.csv"))
