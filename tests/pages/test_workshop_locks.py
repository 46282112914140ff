"""A visitor of a workshop: their name, and a form that says what is locked and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from flowercore.data.catalog import Entry
from flowercore.runs import store
from flowercore.workshop import names, room
from flowercore.workshop.locks import Locks
from tests.pages.reading import button, errors, start_button, texts
from tests.pages.room_visits import ANN, BEN, LEADER, come, workshop

__all__ = ["come", "workshop"]

Come = Callable[..., AppTest]


def locked_toggle(app: AppTest) -> bool:
    """Tell whether the only switch of fine-tuning is off and stays off."""
    keys = {one.key for one in app.toggle}
    locked = app.toggle(key="fine_tune_locked")
    return "fine_tune" not in keys and locked.disabled and not locked.value


def test_outside_a_workshop_nobody_has_a_name(visit: Callable[..., AppTest], tiny: Entry) -> None:
    app = visit("train")
    assert not app.sidebar.text_input
    assert not [one for one in app.text_input if "nickname" in one.key]


def test_a_visitor_has_an_invented_name_until_they_choose(come: Come, tiny: Entry) -> None:
    app = come(ANN, "train")
    assert names.invented(ANN) in texts(app)
    app.text_input(key="nickname_train").set_value("Ann")
    app.button(key="call_train").click().run()
    assert room.name_of(ANN) == "Ann"
    assert "On the leader's board: Ann" in texts(app)
    other = come(BEN, "train")
    other.text_input(key="nickname_train").set_value("ANN")
    other.button(key="call_train").click().run()
    assert "Somebody in the room is called 'ANN' already" in errors(other)[0]
    other.text_input(key="nickname_train").set_value("<script>")
    other.button(key="call_train").click().run()
    assert "A nickname may hold letters" in errors(other)[0]
    assert room.name_of(BEN) == names.invented(BEN)


def test_without_locks_the_form_is_as_always(come: Come, tiny: Entry) -> None:
    app = come(ANN, "train")
    assert app.number_input(key="epochs").value == 25
    assert not app.toggle(key="fine_tune").disabled
    assert len(app.selectbox(key="backbone").options) > 5
    assert "The leader" not in texts(app).replace("the leader's board", "")


def test_what_is_locked_is_disabled_with_the_reason(come: Come, tiny: Entry) -> None:
    room.lock(
        Locks(backbones=("efficientnet-lite0",), fine_tuning=False, epochs_max=10, own_photos=False)
    )
    app = come(ANN, "train")
    assert locked_toggle(app)
    assert app.selectbox(key="backbone").disabled
    assert app.number_input(key="epochs").value == 10
    assert not errors(app)
    assert not start_button(app).disabled
    said = texts(app)
    assert "The leader allows 10 epochs at most." in said
    assert "The leader has switched fine-tuning off" in said
    assert "The leader allows EfficientNet-Lite0 (ImageNet) only." in said
    disabled = {str(one.key) for one in app.button if one.disabled}
    assert {"recipe_notebook", "recipe_fine-tune", "recipe_control"} <= disabled
    app.number_input(key="epochs").set_value(11).run()
    assert errors(app) == [
        "In this workshop a training may have 10 epochs at most. Received: 11. Lower the number "
        "of epochs."
    ]
    assert start_button(app).disabled


def test_only_what_breaks_a_lock_is_disabled(come: Come, tiny: Entry) -> None:
    room.lock(Locks(fine_tuning=False))
    app = come(ANN, "train")
    disabled = {str(one.key): one.disabled for one in app.button}
    assert not disabled["recipe_notebook"]
    assert disabled["recipe_fine-tune"]
    assert disabled["recipe_control"]


def test_what_was_chosen_before_the_lock_is_not_kept(come: Come, tiny: Entry) -> None:
    app = come(ANN, "train")
    app.toggle(key="fine_tune").set_value(True).run()
    app.selectbox(key="backbone").set_value("small-convnet").run()
    room.lock(Locks(backbones=("efficientnet-lite0", "no-pretraining"), fine_tuning=False))
    app.run()
    assert not app.exception
    assert locked_toggle(app)
    assert app.selectbox(key="backbone").value == "efficientnet-lite0"
    assert len(app.selectbox(key="backbone").options) == 2


def test_an_address_opens_no_lock(come: Come, tiny: Entry) -> None:
    room.lock(Locks(backbones=("efficientnet-lite0",), fine_tuning=False, epochs_max=10))
    app = come(ANN, "train", fine_tune="true", epochs="20")
    assert locked_toggle(app)
    assert "10 epochs at most. Received: 20." in errors(app)[0]
    assert start_button(app).disabled


def test_a_lock_that_comes_while_the_form_is_open_holds(
    come: Come, prepared: Path, tiny: Entry
) -> None:
    app = come(ANN, "train")
    assert not start_button(app).disabled
    room.lock(Locks(epochs_max=10))
    button(app, "Start training")
    assert any("10 epochs at most. Received: 25." in one for one in errors(app))
    assert not store.runs()


def test_the_leader_is_not_bound(come: Come, tiny: Entry) -> None:
    room.lock(Locks(fine_tuning=False, epochs_max=10, own_photos=False))
    app = come(LEADER, "train")
    assert app.number_input(key="epochs").value == 25
    assert not app.toggle(key="fine_tune").disabled
    assert "way" in {one.key for one in come(LEADER, "explore", view="bring").radio}


def test_photos_of_ones_own_are_locked_with_the_reason(come: Come, tiny: Entry) -> None:
    room.lock(Locks(own_photos=False))
    app = come(ANN, "explore", view="bring")
    assert "The leader has switched off bringing photos in" in texts(app)
    assert "way" not in {one.key for one in app.radio}
    assert not app.get("file_uploader")
