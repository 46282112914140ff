"""Every page keeps the rules that axe knows, in both themes, and fits a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize

from flowercore.data import catalog
from tests.browser.conftest import Visitor
from tests.browser.rules import SCHEMES, violations
from tests.browser.serving import Server
from tests.browser.walking import at_rest, choose, go, sideways
from ui.chapters.chapters import CHAPTERS
from ui.evaluate_views import VIEWS as EVALUATE_VIEWS
from ui.explore_views import VIEWS as EXPLORE_VIEWS

pytestmark = pytest.mark.browser

VIEWS: dict[str, list[str]] = {
    "Home": [],
    "Learn": [one.short for one in CHAPTERS.values()],
    "Explore": [one.title for one in EXPLORE_VIEWS.values()],
    "Train": [],
    "Evaluate": [one.title for one in EVALUATE_VIEWS.values()],
    "Compare": [],
    "Predict": [],
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
    page.goto(server.address)
    for title, views in VIEWS.items():
        page.set_viewport_size(DESK)
        go(page, title)
        for view in views or [""]:
            if view:
                choose(page, view)
            at_rest(page)
            for scheme in SCHEMES:
                wrong[title, view, scheme] = violations(page, scheme)
                grounds.add((scheme, page.locator("[data-testid=stApp]").evaluate(GROUND)))
            page.set_viewport_size(PHONE)
            at_rest(page)
            wide = sideways(page)
            wrong[title, view, "phone"] = [f"{wide} pixels sideways"] if wide else []
            page.set_viewport_size(DESK)
    assert not {place: found for place, found in wrong.items() if found}
    assert len(grounds) == len({ground for _, ground in grounds}) == len(SCHEMES)
