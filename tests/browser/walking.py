"""Steps that a visitor takes in the browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

MAIN = "[data-testid=stMain]"


def arrived(page: Page, heading: str) -> None:
    """Wait until a page's heading stands there and its script has ended."""
    expect(page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning"
    )


def go(page: Page, title: str) -> None:
    """Go to a page by the navigation."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    arrived(page, "Flower Lab" if title == "Home" else title)


def sideways(page: Page) -> int:
    """Return by how many pixels the page can be scrolled sideways."""
    return page.evaluate(
        f"""() => Math.max(...[document.documentElement, document.querySelector('{MAIN}')]
            .map(one => one.scrollWidth - one.clientWidth))"""
    )
