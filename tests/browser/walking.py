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


def at_rest(page: Page) -> None:
    """Wait until a page's script has ended, and nothing that it drew changes its size."""
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning"
    )
    page.evaluate(
        f"""async () => {{
            const sizes = () => [...document.querySelectorAll('{MAIN} *')]
                .map(one => one.clientWidth + 'x' + one.clientHeight).join()
            let before
            for (let times = 0; times < 40 && before !== (before = sizes()); times++)
                await new Promise(done => setTimeout(done, 150))
        }}"""
    )


def choose(page: Page, view: str) -> None:
    """Turn to a view of the page that is open."""
    views = page.get_by_role("radiogroup", name="View")
    views.get_by_text(view, exact=True).click()
    expect(views.get_by_role("radio", name=view, exact=True)).to_be_checked()


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
