"""What people call a run: kept beside what a worker writes, within bounds."""

from __future__ import annotations

import json

import pytest

from flowercore.errors import ConfigError, NotFoundError
from flowercore.runs import store
from flowercore.runs.label import NAME_LENGTH, NOTE_LENGTH


@pytest.fixture
def run() -> store.Run:
    made = store.new_run({"name": "first try"}, visitor="", held_by="")
    return store.update(made, status="finished", dataset={"name": "garden"})


def test_a_run_is_called_by_its_label_then_its_settings_then_its_data(run: store.Run) -> None:
    assert (run.given_name, run.title) == ("first try", "first try")
    named = store.label(run.id, name="  the best ")
    assert (named.name, named.title) == ("the best", "the best")
    assert store.get(run.id) == named
    assert store.label(run.id, name="").title == "first try"
    nameless = store.update(run, config={})
    assert nameless.given_name == ""
    assert nameless.title == f"garden · {run.id[9:15]}"


def test_name_and_note_are_changed_one_at_a_time(run: store.Run) -> None:
    store.label(run.id, name="best")
    store.label(run.id, note="with\r\ntwo lines")
    seen = store.get(run.id)
    assert (seen.name, seen.note) == ("best", "with\ntwo lines")
    assert store.label(run.id, note="").name == "best"


def test_a_worker_that_writes_at_the_same_time_takes_nothing_back(run: store.Run) -> None:
    # The worker read the run before it was named, and knows of no name.
    store.label(run.id, name="best", note="keep this")
    store.update(run, counts={"train": 3})
    seen = store.get(run.id)
    assert (seen.name, seen.note, seen.counts) == ("best", "keep this", {"train": 3})
    assert (
        not {"name", "note"} & json.loads((store.folder(run.id) / "run.json").read_bytes()).keys()
    )


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ({"name": "x" * (NAME_LENGTH + 1)}, "name may have 100 characters at most. Received: 101"),
        (
            {"note": "x" * (NOTE_LENGTH + 1)},
            "note may have 1,000 characters at most. Received: 1,0",
        ),
        ({"name": "a\x00b"}, "name must not hold control characters. Received: 'ab'"),
        ({"name": "a\nb"}, "name must not hold control characters"),
        ({"name": "a\u202eb"}, "name must not hold control characters"),
        ({"name": "a\ud800b"}, "name must not hold control characters"),
        ({"note": "a\tb"}, "note must not hold control characters besides line breaks"),
    ],
)
def test_a_label_out_of_bounds_is_refused_with_the_rule(
    run: store.Run, label: dict[str, str], rule: str
) -> None:
    store.label(run.id, name="before", note="before")
    with pytest.raises(ConfigError) as refusal:
        store.label(run.id, **label)
    assert rule in str(refusal.value)
    assert (store.get(run.id).name, store.get(run.id).note) == ("before", "before")


def test_what_just_fits_is_taken(run: store.Run) -> None:
    flowers = "👩\u200d🌾 Blüte"
    named = store.label(run.id, name=flowers.ljust(NAME_LENGTH, "x"), note="y" * NOTE_LENGTH)
    assert store.get(run.id) == named
    assert named.name.startswith(flowers)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"name": 3, "note": ""}', '{"name": "a\\u0000", "note": ""}']
)
def test_a_label_edited_by_hand_leaves_the_run_as_it_was(run: store.Run, text: str) -> None:
    store.label(run.id, name="best", note="a note")
    (store.folder(run.id) / "label.json").write_text(text)
    assert store.get(run.id) == run


def test_a_damaged_run_keeps_its_name(run: store.Run) -> None:
    store.label(run.id, name="best")
    (store.folder(run.id) / "run.json").write_text("{")
    seen = store.get(run.id)
    assert (seen.status, seen.title) == ("damaged", "best")


def test_what_is_not_there_cannot_be_named() -> None:
    with pytest.raises(NotFoundError, match="no run of that name"):
        store.label("20260101-000000-abcdef", name="x")
