"""What axe finds wrong with a page, in either theme."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.walking import at_rest

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NAMES = "all => all.map(one => one.dataset.testid)"
SERIOUS = {"serious", "critical"}
ALL = {"resultTypes": ["violations"]}
# Nothing else of a page is another in the second theme.
COLOURS = {**ALL, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
STREAMLITS_OWN = {
    # The value over a slider's handle has the colour of the handle. With white letters on it, as
    # Streamlit writes on a button of that colour, no shade of it is light enough for both.
    ("color-contrast", "stSlider"),
}
"""Rule, and the widget in whose own parts Streamlit breaks it."""


def violations(page: Page, scheme: Literal["light", "dark"]) -> list[str]:
    """Return what axe finds serious on a page in a theme, Streamlit's own left out."""
    page.emulate_media(color_scheme=scheme)
    at_rest(page)
    wrong = []
    options = ALL if scheme == SCHEMES[0] else COLOURS
    for one in Axe().run(page, options=options).response["violations"]:
        for node in one["nodes"] if one["impact"] in SERIOUS else ():
            place = page.locator(node["target"][0]).locator("xpath=ancestor::*[@data-testid]")
            known = {(one["id"], widget) for widget in place.evaluate_all(NAMES)}
            if not known & STREAMLITS_OWN:
                wrong.append(f"{one['id']}: {node['html'][:200]}")
    return wrong
