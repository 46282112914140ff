"""Every page keeps the rules that axe knows, in both themes, and fits a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize

from flowercore.data import catalog
from tests.browser.conftest import Visitor
from tests.browser.rules import DRAWING_MILLISECONDS, SCHEMES, violations
from tests.browser.serving import Server
from tests.browser.walking import arrived, sideways
from ui.chapters.chapters import CHAPTERS
from ui.evaluate_views import VIEWS as EVALUATE_VIEWS
from ui.explore_views import VIEWS as EXPLORE_VIEWS

pytestmark = pytest.mark.browser

PAGES = {
    "": "Flower Lab",
    "train": "Train",
    "compare": "Compare",
    "predict": "Predict",
    **{f"learn?view={name}": "Learn" for name in CHAPTERS},
    **{f"explore?view={name}": "Explore" for name in EXPLORE_VIEWS},
    **{f"evaluate?view={name}": "Evaluate" for name in EVALUATE_VIEWS},
}
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
GROUND = "one => getComputedStyle(one).backgroundColor"


def test_every_page_can_be_read_and_reached_in_both_themes_and_on_a_phone(
    run_id: str,
    with_starter: Path,
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
) -> None:
    (with_starter / "datasets" / "twins").rename(with_starter / "datasets" / catalog.GARDEN)
    server, page = serve(), visitor().page
    wrong, grounds = {}, set()
    for path, heading in PAGES.items():
        page.goto(f"{server.address}/{path}")
        arrived(page, heading)
        page.wait_for_timeout(DRAWING_MILLISECONDS)
        for scheme in SCHEMES:
            wrong[path, scheme] = violations(page, scheme)
            grounds.add((scheme, page.locator("[data-testid=stApp]").evaluate(GROUND)))
        page.set_viewport_size(PHONE)
        page.wait_for_timeout(DRAWING_MILLISECONDS)
        wrong[path, "phone"] = [f"{sideways(page)} pixels sideways"] if sideways(page) else []
        page.set_viewport_size(DESK)
    assert not {place: found for place, found in wrong.items() if found}
    assert len(grounds) == len({ground for _, ground in grounds}) == len(SCHEMES)
