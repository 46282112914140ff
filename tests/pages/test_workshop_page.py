"""The leader's page: locked until the token is known, then board, address and decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.jobs import queue
from flowercore.runs import holder, results, store
from flowercore.runs.results import Progress
from flowercore.settings import settings
from flowercore.workshop import addresses, leaders, names, room
from tests.pages.reading import button, errors, pictures, shown, texts
from tests.pages.room_visits import ANN, BEN, LEADER, TOKEN, come, finished, workshop

__all__ = ["come", "workshop"]

Come = Callable[..., AppTest]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Note which tasks were submitted instead of starting a worker for each."""
    noted: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "submit_task", lambda *task: noted.append(task))
    return noted


def board(app: AppTest) -> list[list[str]]:
    """Return the rows of the board as they are read."""
    (table,) = app.table
    return [[shown(str(cell)) for cell in row] for row in table.value.to_numpy().tolist()]


def test_outside_a_workshop_there_is_no_such_page(visit: Callable[..., AppTest]) -> None:
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        visit("workshop")


def test_the_page_is_locked_and_says_nothing(come: Come, tiny: Entry) -> None:
    finished(ANN, 0.8)
    app = come(BEN, "workshop")
    assert "This page is the leader's" in texts(app)
    assert not app.table
    assert not app.get("image")
    assert not app.radio


def test_the_token_opens_it_and_is_remembered(come: Come) -> None:
    app = come(BEN, "workshop")
    app.text_input(key="leader_token").set_value(TOKEN)
    button(app, "Open")
    assert leaders.is_leader(BEN)
    assert app.radio[0].options == ["Board", "Come in", "Lead"]
    again = come(BEN, "workshop")
    assert again.radio[0].options == ["Board", "Come in", "Lead"]
    assert come(ANN, "workshop").radio == []


def test_a_wrong_token_is_told_and_a_sixth_is_not_looked_at(come: Come) -> None:
    app = come(BEN, "workshop")
    for _ in range(leaders.WRONG_MAX):
        app.text_input(key="leader_token").set_value("wrong-token")
        button(app, "Open")
        assert "This is not the leader's token" in errors(app)[0]
        assert app.text_input(key="leader_token").value == ""
    app.text_input(key="leader_token").set_value(TOKEN)
    button(app, "Open")
    assert "Wait a minute" in errors(app)[0]
    assert not leaders.is_leader(BEN)


def test_a_token_in_the_address_opens_it_once_and_leaves_the_address(come: Come) -> None:
    app = come(BEN, "workshop", token="wrong-token")
    assert "token" not in app.query_params
    assert "This is not the leader's token" in errors(app)[0]
    app = come(BEN, "workshop", token=TOKEN)
    assert leaders.is_leader(BEN)
    assert "token" not in app.query_params
    assert TOKEN not in texts(app)
    assert app.radio[0].options == ["Board", "Come in", "Lead"]


def test_where_all_are_one_visitor_nobody_leads(
    workshop: None, visit: Callable[..., AppTest]
) -> None:
    app = visit("workshop", token=TOKEN)
    assert "make workshop" in texts(app)
    assert not app.text_input
    assert "token" not in app.query_params


def test_an_empty_board_waits(come: Come) -> None:
    app = come(LEADER, "workshop")
    assert "Nobody has trained yet" in texts(app)
    assert pictures(app) == ["QR code of the address http://10.0.0.5:8501"]


def test_the_board_shows_the_room_best_first_and_no_photos_names(
    come: Come, tiny: Entry, tiny_dataset: Callable[..., Path]
) -> None:
    catalog.import_source(tiny_dataset(name="x"), "bens holiday", owner=BEN)
    for who in (ANN, BEN):
        room.arrive(who)
    room.call(ANN, "Ann Lee")
    finished(ANN, 0.7)
    finished(ANN, 0.9)
    finished(BEN, 0.8, data="bens holiday")
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run({"data": "tiny"}, visitor=BEN, held_by=name)
        store.update(run, status="features")
        results.write_progress(run.id, Progress(step="features", done=41, total=100))
        app = come(LEADER, "workshop")
        assert [row[0] for row in board(app)] == [names.invented(BEN), "Ann Lee"]
        assert "Photos 41 %" in board(app)[0][1]
        assert board(app)[1][2:4] == ["90.0 % (85 to 95)", "tiny"]
        app.toggle(key="board_all").set_value(True).run()
        assert [row[2] for row in board(app)] == [
            *("…", "90.0 % (85 to 95)", "80.0 % (75 to 85)", "70.0 % (65 to 75)"),
        ]
    assert board(app)[2][3] == "own photos"
    assert "holiday" not in texts(app) + str(board(app))
    assert "2 people with 4 runs, 1 at work" in texts(app)


def test_a_full_room_fits_a_screen_side_by_side(come: Come, tiny: Entry) -> None:
    for number in range(30):
        who = f"{number:032x}"
        room.arrive(who)
        finished(who, 0.6 + number / 100)
        finished(who, 0.5)
    app = come(LEADER, "workshop")
    tables = [table.value for table in app.table]
    assert [len(table) for table in tables] == [16, 14]
    assert [list(table) for table in tables] == [["Who", "Test accuracy"]] * 2
    best, last = tables[0]["Test accuracy"].iloc[0], tables[1]["Test accuracy"].iloc[-1]
    assert shown(best) == "89.0 % (84 to 94)"
    assert shown(last) == "60.0 % (55 to 65)"
    app.toggle(key="board_all").set_value(True).run()
    assert len(board(app)) == 60


def test_the_way_in_is_said_in_words_and_as_a_code(come: Come) -> None:
    app = come(LEADER, "workshop", view="join")
    assert "http://10.0.0.5:8501" in texts(app)
    assert pictures(app) == ["QR code of the address http://10.0.0.5:8501"]
    assert "Over plain http a phone does not open its live camera" in texts(app)


def test_of_several_networks_the_leader_chooses_the_rooms(
    come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWERCORE_ROOM_ADDRESS")
    settings.cache_clear()
    monkeypatch.setattr(addresses, "network_addresses", lambda: ["10.0.0.5", "192.168.1.20"])
    app = come(LEADER, "workshop", view="join")
    assert pictures(app) == ["QR code of the address http://10.0.0.5:8501"]
    app.radio(key="room_address").set_value("http://192.168.1.20:8501").run()
    assert pictures(app) == ["QR code of the address http://192.168.1.20:8501"]
    app.radio(key="choose_view_workshop").set_value("board").run()
    assert pictures(app) == ["QR code of the address http://192.168.1.20:8501"]


def test_a_machine_without_a_network_says_so(come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWERCORE_ROOM_ADDRESS")
    settings.cache_clear()
    monkeypatch.setattr(addresses, "network_addresses", lambda: [])
    app = come(LEADER, "workshop", view="join")
    assert "FLOWERCORE_ROOM_ADDRESS" in texts(app)
    assert not pictures(app)
    assert "Nobody has trained yet" in texts(come(LEADER, "workshop"))


def test_a_leader_chooses_the_rooms_photos(
    come: Come, tiny: Entry, tiny_dataset: Callable[..., Path], asked: list[tuple[Any, ...]]
) -> None:
    catalog.import_source(tiny_dataset(name="x"), "zinnias", owner=LEADER)
    catalog.import_source(tiny_dataset(name="x"), "anns", owner=ANN)
    app = come(LEADER, "workshop", view="lead")
    box = app.selectbox(key="preload_name")
    assert box.options == [
        "No choice: the first in the list",
        "tiny (18 photos)",
        "zinnias (18 photos)",
    ]
    box.set_value("zinnias").run()
    assert "all in the room see them" in texts(app)
    button(app, "Start everybody with these")
    assert asked == [("preload", {"data": "zinnias", "backbones": []}, LEADER)]
    assert room.read().preloaded == "zinnias"
    for who, options in ((ANN, ["zinnias", "anns", "tiny"]), (BEN, ["zinnias", "tiny"])):
        chosen = come(who, "train").selectbox[0]
        assert chosen.options == options
        assert chosen.value == "zinnias"


def test_a_leader_locks_and_what_is_not_saved_is_said(come: Come) -> None:
    app = come(LEADER, "workshop", view="lead")
    assert "Nothing is locked." in texts(app)
    app.toggle(key="lock_tuning").set_value(False).run()
    app.number_input(key="lock_epochs").set_value(10).run()
    assert "Not saved yet." in texts(app)
    assert not room.read().locks.any
    button(app, "Save")
    assert (room.read().locks.fine_tuning, room.read().locks.epochs_max) == (False, 10)
    assert "In force." in texts(app)
    again = come(LEADER, "workshop", view="lead")
    assert again.number_input(key="lock_epochs").value == 10


def test_a_leader_takes_a_nickname_away(come: Come) -> None:
    room.arrive(ANN)
    room.call(ANN, "Rude Word")
    app = come(LEADER, "workshop", view="lead")
    assert "2 people came in so far, 1 under a nickname" in texts(app)
    button(app, "Take the nickname away")
    assert room.name_of(ANN) == names.invented(ANN)
    assert "Rude Word" not in texts(app)


def test_clearing_says_what_goes_and_does_it(
    come: Come, tiny: Entry, tiny_dataset: Callable[..., Path]
) -> None:
    catalog.import_source(tiny_dataset(name="x"), "anns", owner=ANN)
    room.arrive(ANN)
    room.call(ANN, "Ann")
    finished(ANN, 0.9)
    mine = finished(LEADER, 0.8)
    app = come(LEADER, "workshop", view="lead")
    app.button(key="clear_room").click().run()
    said = texts(app)
    assert "This deletes for good, of 1 visitor:" in said
    for words in ("1 run with their models", "1 own dataset with 18 photos", "1 nickname"):
        assert words in said
    app.button(key="clear_keep").click().run()
    assert len(store.runs()) == 2
    app.button(key="clear_room").click().run()
    app.button(key="clear_now").click().run()
    assert [run.id for run in store.runs()] == [mine.id]
    assert [entry.name for entry in catalog.entries()] == ["tiny"]
    assert set(room.read().members) == {LEADER}
    assert "The room is cleared: 1 run and 1 dataset deleted." in texts(app)
