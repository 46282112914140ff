"""Learn, Notebook: each step with its code and the page that does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from flowercore.backbones import weights
from flowercore.data.catalog import Entry
from flowercore.teaching.notebook.steps import STEPS
from tests.pages.reading import button, texts
from ui.chapters.chapters import CHAPTERS
from ui.chapters.notebook import PAGES
from ui.evaluate_views import VIEWS as EVALUATE_VIEWS
from ui.explore_views import VIEWS as EXPLORE_VIEWS
from ui.pages import EVALUATE, EXPLORE, LEARN, TRAIN

ROOT = Path(__file__).resolve().parents[2]


def test_every_step_shows_its_code_and_a_page(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="notebook")
    for number, step in enumerate(STEPS, start=1):
        app.radio(key="step").set_value(step.name).run()
        assert not app.exception
        assert app.code[0].value == step.code
        said = texts(app)
        assert f"{number}. {step.title}" in said
        assert f"Why: {step.why}" in said
        assert PAGES[step.name].label in [one.label for one in (*app.page_link, *app.button)]


def test_steps_can_be_turned_like_pages(visit: Callable[..., AppTest]) -> None:
    app = visit("learn", view="notebook")
    assert "Step before" not in texts(app)
    button(app, "Next step")
    assert app.radio(key="step").value == STEPS[1].name
    button(app, "Step before")
    assert app.radio(key="step").value == STEPS[0].name
    app.radio(key="step").set_value(STEPS[-1].name).run()
    assert "Next step" not in texts(app)


def test_missing_xception_is_said_with_what_is_taken_instead(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit("learn", view="notebook")
    said = texts(app)
    assert "so the code takes EfficientNet-Lite0; the numbers differ." in said
    assert "xception_weights_tf_dim_ordering_tf_kernels_notop.h5" in said
    monkeypatch.setattr(weights, "missing", lambda backbone: None)
    app.run()
    assert "Without Xception" not in texts(app)


def test_every_step_leads_to_a_view_that_there_is() -> None:
    assert PAGES.keys() == {step.name for step in STEPS}
    views = {EXPLORE: EXPLORE_VIEWS, EVALUATE: EVALUATE_VIEWS, LEARN: CHAPTERS}
    for place in PAGES.values():
        assert (ROOT / place.page.file).is_file()
        if "view" in place.query_params:
            assert place.query_params["view"] in views[place.page]
        elif place.query_params:
            assert place.page == TRAIN


@pytest.mark.parametrize(
    ("step", "key", "value"),
    [("split", "split", "notebook"), ("standardise", "preprocessing", "notebook")],
)
def test_what_a_link_asks_of_train_is_chosen_there(
    step: str, key: str, value: str, visit: Callable[..., AppTest], tiny: Entry
) -> None:
    app = visit("train", **PAGES[step].query_params)
    assert app.radio(key=key).value == value
    assert "There is no" not in texts(app)
