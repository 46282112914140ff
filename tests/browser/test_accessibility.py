"""Every page keeps the rules that axe knows, in both themes, and fits a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize

from flowercore.data import catalog
from tests.browser.conftest import Visitor
from tests.browser.rules import SCHEMES, violations
from tests.browser.serving import Server
from tests.browser.walking import MAIN, at_rest, choose, go, sideways
from ui.chapters.chapters import CHAPTERS
from ui.chapters.words import WORDS
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
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
GROUND = "one => getComputedStyle(one).backgroundColor"


LOWEST = f"""() => {{
    const parts = document.querySelectorAll('{MAIN} [data-testid=stElementContainer]')
    const down = document.querySelector('{MAIN}').scrollTop
    return Math.max(...[...parts].map(one => one.getBoundingClientRect().bottom + down))
}}"""


def too_tall(page: Page) -> list[str]:
    """Return by how much a chapter, or a part of it, does not fit the screen."""
    found, parts = [], page.get_by_role("radiogroup", name="Part of the chapter")
    for number in range(parts.get_by_role("radio").count() or 1):
        if number:
            parts.locator("label").filter(has=page.get_by_role("radio")).nth(number).click()
            at_rest(page)
        lowest = page.evaluate(LOWEST)
        if lowest > DESK["height"]:
            found.append(f"{lowest} pixels down in part {number}")
    return found


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
            if title == "Learn" and view != WORDS.short:
                wrong[title, view, "tall"] = too_tall(page)
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
