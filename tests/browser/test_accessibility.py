"""No serious violation of accessibility rules that axe knows, on any page, in either theme."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from flowercore.data import catalog
from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived
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
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Charts and tables are drawn a little later than the rest of a page.
DRAWING_MILLISECONDS = 300
NAMES = "all => all.map(one => one.dataset.testid)"
GROUND = "one => getComputedStyle(one).backgroundColor"
SERIOUS = {"serious", "critical"}
STREAMLITS_OWN = {
    # The value over a slider's handle has the colour of the handle. With white letters on it, as
    # Streamlit writes on a button of that colour, no shade of it is light enough for both.
    ("color-contrast", "stSlider"),
}
"""Rule, and the widget in whose own parts Streamlit breaks it."""


def violations(page: Page) -> list[str]:
    """Return what axe finds serious on a page, Streamlit's own left out."""
    wrong = []
    for one in Axe().run(page).response["violations"]:
        for node in one["nodes"] if one["impact"] in SERIOUS else ():
            place = page.locator(node["target"][0]).locator("xpath=ancestor::*[@data-testid]")
            known = {(one["id"], widget) for widget in place.evaluate_all(NAMES)}
            if not known & STREAMLITS_OWN:
                wrong.append(f"{one['id']}: {node['html'][:200]}")
    return wrong


def test_every_page_can_be_read_and_reached_in_both_themes(
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
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(DRAWING_MILLISECONDS)
            grounds.add((scheme, page.locator("[data-testid=stApp]").evaluate(GROUND)))
            wrong[path, scheme] = violations(page)
    assert not {place: found for place, found in wrong.items() if found}
    assert len(grounds) == len({ground for _, ground in grounds}) == len(SCHEMES)
