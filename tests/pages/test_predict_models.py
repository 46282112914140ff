"""Predict: which model answers, before anything was trained and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.data import catalog
from flowercore.runs import starter, store
from tests.pages.reading import button, pictures, shown, texts
from ui import models

STARTER = "Flower Lab's starter: five flowers · 92.4 % right"


def box(app: AppTest) -> str:
    return str(next(one for one in app.selectbox if one.label == "Model").value)


def test_before_anything_was_trained_the_starter_answers(
    visit: Callable[..., AppTest], with_starter: Path, tiny: catalog.Entry
) -> None:
    app = visit("predict")
    assert box(app) == starter.NAME
    assert [shown(one) for one in app.selectbox[0].options] == [STARTER]
    assert app.query_params["run"] == "starter"
    said = texts(app)
    assert "5-fold cross-validation on 500 real photos" in said
    assert "right on 92.4 % (95 % interval 90 to 94)" in said
    assert "No model to ask yet" not in said
    assert not pictures(app)


def test_the_starter_and_the_visitors_runs_are_offered(
    visit: Callable[..., AppTest], run_id: str, with_starter: Path
) -> None:
    app = visit("predict")
    assert box(app) == run_id
    assert len(app.selectbox[0].options) == 2
    assert "cross-validation" not in texts(app)
    app = visit("predict", run=starter.NAME)
    assert box(app) == starter.NAME
    assert not app.warning


def test_the_starter_comes_before_what_somebody_else_trained(
    with_starter: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_along, run = store.get(starter.NAME), store.get(run_id)
    hers, his = replace(run, visitor="her"), replace(run, visitor="him")
    stopped = replace(hers, status="stopped")
    monkeypatch.setattr(models, "visitor", lambda: "her")
    assert models.usual([his, stopped, hers, come_along]) == 2
    assert models.usual([his, stopped, come_along]) == 2
    assert models.usual([stopped, his]) == 1
    assert models.usual([stopped]) == 0


def test_the_painted_garden_is_there_to_try_the_starter(
    visit: Callable[..., AppTest], with_starter: Path, tiny: catalog.Entry
) -> None:
    (with_starter / "datasets" / tiny.name).rename(with_starter / "datasets" / catalog.GARDEN)
    app = visit("predict")
    assert "Painted flowers; the model has seen real photos only" in texts(app)
    assert len(pictures(app)) == 6
    button(app, "What is this?")
    assert "Answered by Flower Lab's starter" in texts(app)
    assert "folder" in texts(app)
    assert "once the network has seen some" in texts(app)


def test_while_the_machine_is_not_ready_the_page_says_that_a_model_comes(
    visit: Callable[..., AppTest],
) -> None:
    said = texts(visit("predict"))
    assert "Getting ready for the first time" in said
    assert "can be asked as soon as this machine is ready" in said
