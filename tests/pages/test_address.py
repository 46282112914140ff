"""When the address decides what is looked at, and when the page does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog, keeping


@pytest.fixture
def two(home: Path, tiny_dataset: Callable[..., Path]) -> None:
    for name in ("tulips", "asters"):
        catalog.import_source(tiny_dataset(), name)


def photos(app: AppTest) -> str:
    return str(next(box for box in app.selectbox if box.label == "Photos").value)


def said(app: AppTest, topic: str) -> str:
    """Return what the address says, which is a list where the page wrote it."""
    value = app.query_params[topic]
    return value if isinstance(value, str) else value[0]


def test_a_browser_that_is_behind_does_not_take_back_a_renaming(
    two: None, visit: Callable[..., AppTest]
) -> None:
    app = visit("explore", data="tulips", view="bring")
    next(one for one in app.button if one.label == "Rename").click().run()
    app.text_input(key="rename_dataset_tulips").set_value("lilies").run()
    app.button(key="dataset_rename").click().run()
    assert photos(app) == "lilies"
    for _ in range(2):  # however long it stays behind
        app.query_params["data"] = "tulips"
        app.run()
        assert photos(app) == "lilies"
        assert said(app, "data") == "lilies"
        assert not app.warning


def test_what_comes_late_from_the_box_before_is_no_choice(
    two: None, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    selectbox, radio, boxes = st.selectbox, st.radio, {}

    def noted(*args: Any, **more: Any) -> Any:
        if more["key"].startswith("choose_data"):
            boxes[more["key"]] = more["on_change"]
        return selectbox(*args, **more)

    def later(*args: Any, **more: Any) -> Any:
        for key, callback in list(boxes.items())[:-1]:
            st.session_state[key] = "tulips"
            callback()
        return radio(*args, **more)

    monkeypatch.setattr(st, "selectbox", noted)
    monkeypatch.setattr(st, "radio", later)
    app = visit("explore", data="tulips", view="bring")
    next(one for one in app.button if one.label == "Rename").click().run()
    app.text_input(key="rename_dataset_tulips").set_value("lilies").run()
    app.button(key="dataset_rename").click().run()
    app.run()
    assert photos(app) == "lilies"
    assert not app.warning


def test_a_browser_that_is_behind_does_not_take_back_a_choice_or_a_view(
    two: None, visit: Callable[..., AppTest]
) -> None:
    app = visit("explore", data="tulips", view="charts")
    next(box for box in app.selectbox if box.label == "Photos").set_value("asters").run()
    app.radio(key="choose_view_explore").set_value("bring").run()
    app.query_params["data"] = "tulips"
    app.query_params["view"] = "charts"
    app.run()
    assert photos(app) == "asters"
    assert app.radio(key="choose_view_explore").value == "bring"
    assert said(app, "data") == "asters"
    assert said(app, "view") == "bring"


def test_a_link_to_another_page_decides(two: None, visit: Callable[..., AppTest]) -> None:
    app = visit("explore", data="tulips")
    app.switch_page("pages/train.py")
    app.query_params["data"] = "asters"
    app.run()
    assert photos(app) == "asters"
    app.switch_page("pages/explore.py")
    app.run()
    assert photos(app) == "asters"


def test_a_bad_address_is_named_until_something_is_chosen(
    two: None, visit: Callable[..., AppTest]
) -> None:
    app = visit("explore", data="tulips", view="charts")
    app.switch_page("pages/train.py")
    app.query_params["data"] = "roses"
    app.run()
    for _ in range(2):
        assert "There is no dataset “roses” here" in app.warning[0].value
        assert photos(app) == "tulips"
        assert said(app, "data") == "roses"
        app.run()
    next(box for box in app.selectbox if box.label == "Photos").set_value("asters").run()
    assert not app.warning
    assert said(app, "data") == "asters"


def test_what_is_deleted_elsewhere_meanwhile_is_named(
    two: None, visit: Callable[..., AppTest]
) -> None:
    app = visit("explore", data="tulips", view="charts")
    keeping.delete("tulips")
    app.run()
    assert "There is no dataset “tulips” here" in app.warning[0].value
    assert photos(app) == "asters"
