"""Choosing runs in the table of the Compare page, which is a canvas: with a real browser only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived, sideways
from tests.pages.compared_runs import another

pytestmark = pytest.mark.browser

ROW_HEIGHT = 35
CHECKBOX = 17


def click(page: Page, x: int, row: int) -> None:
    """Click into the table; row 0 is its head."""
    # It waits until the table moves no more.
    table = page.get_by_test_id("stDataFrame").first
    table.click(position={"x": x, "y": ROW_HEIGHT * (row + 0.5)})


def chosen(page: Page, *run_ids: str) -> None:
    """Wait until the address names these runs, in this order."""
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?runs={'%2C'.join(run_ids)}")
    arrived(page, "Compare")


def test_rows_are_ticked_whatever_their_order(
    run_id: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    third, second, first = (another(run_id, number, f"run {number}") for number in range(3))
    one = visitor()
    page = one.page
    page.goto(f"{serve().address}/compare?runs=")
    arrived(page, "Compare")
    expect(page.get_by_text("Tick two runs to see which is better")).to_be_visible()

    click(page, CHECKBOX, 1)
    chosen(page, first)
    click(page, CHECKBOX, 3)
    chosen(page, first, third)
    expect(page.get_by_role("heading", name="Which is better?")).to_be_visible()
    expect(page.get_by_role("figure", name="Validation accuracy over the epochs")).to_be_visible()

    page.reload()
    chosen(page, first, third)
    click(page, CHECKBOX, 1)
    chosen(page, third)
    click(page, CHECKBOX, 2)
    chosen(page, third, second)

    # Renamed last in the alphabet and sorted by name, downwards: it comes first.
    page.get_by_role("button", name="Rename").first.click()
    page.get_by_role("textbox", name="Name").fill("zinnia")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    arrived(page, "Compare")
    click(page, 80, 0)
    click(page, 80, 0)
    click(page, CHECKBOX, 1)
    chosen(page, second)
    assert one.foreign == []
    assert one.refused == []


@pytest.mark.slow
def test_six_runs_fit_a_phone(
    run_id: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    long = "a name that somebody typed without ever thinking of a phone"
    runs = [another(run_id, number, f"{long} {number}", wrong=[number]) for number in range(6)]
    page = visitor(width=390, height=844).page
    page.goto(f"{serve().address}/compare?runs={','.join(runs)}")
    arrived(page, "Compare")
    expect(page.get_by_role("figure", name="Validation loss over the epochs")).to_be_visible()
    assert sideways(page) <= 0
