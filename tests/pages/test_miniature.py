"""Home's miniature: a painted flower, judged by the starter while one looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.data.catalog import Entry
from flowercore.runs import starter


@pytest.fixture
def garden(with_starter: Path, tiny: Entry) -> None:
    (with_starter / "datasets" / tiny.name).rename(with_starter / "datasets" / catalog.GARDEN)


def captions(app: AppTest) -> str:
    return " ".join(one.value for one in app.caption)


def test_a_flower_is_judged_on_the_spot_and_another_one_too(
    visit: Callable[..., AppTest], garden: None
) -> None:
    app = visit()
    assert not app.error
    (flower,) = app.radio
    assert list(flower.options) == ["daisy", "dandelion", "rose"]
    assert "Computed here in" in captions(app)
    first = [str(one.proto) for one in app.get("image")]
    assert len(first) == 2
    flower.set_value("rose").run()
    assert "Computed here in" in captions(app)
    assert str(app.get("image")[0].proto) != first[0]
    rose = str(app.get("image")[0].proto)
    next(one for one in app.button if one.label == "Another one").click().run()
    assert not app.exception
    assert str(app.get("image")[0].proto) != rose


def test_without_a_starter_home_has_no_miniature(visit: Callable[..., AppTest]) -> None:
    assert not starter.available()
    app = visit()
    assert not app.radio
    assert "Computed here in" not in captions(app)
