"""Learn in a browser: a filter and a channel chosen by a click, on the visitor's own photo."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived

pytestmark = pytest.mark.browser


def click_tile(page: Page, column: int, row: int, columns: int, rows: int) -> None:
    """Click a picture of the mosaic, once it stays where it is."""
    area = page.locator(".js-plotly-plot", has=page.locator(".imagelayer image")).locator(
        ".nsewdrag"
    )
    expect(area).to_be_visible()
    before = None
    for _ in range(100):
        box = area.bounding_box()
        if box is not None and box == before:
            break
        before = box
        page.wait_for_timeout(100)
    assert before is not None
    x = before["x"] + before["width"] * (column + 0.5) / columns
    y = before["y"] + before["height"] * (row + 0.5) / rows
    page.mouse.move(x - 5, y)
    page.mouse.move(x, y, steps=3)
    page.mouse.click(x, y)


def picture(page: Page, words: str) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("img", name=re.compile(words))


def test_a_click_chooses_a_filter_and_a_channel_for_the_visitors_own_photo(
    prepared: Path,
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
    tmp_path: Path,
    paint: Callable[..., Path],
) -> None:
    one = visitor()
    page, address = one.page, serve().address
    page.goto(f"{address}/learn?view=convolution")
    arrived(page, "Learn")
    page.get_by_role("combobox", name="Kernel").click()
    page.get_by_role("option", name="A filter of the real network").click()
    expect(page.get_by_text("Nobody thought these up")).to_be_visible()
    click_tile(page, 5, 2, columns=8, rows=4)
    chosen = page.get_by_role("combobox", name="Filter", exact=True)
    expect(chosen).to_have_value("Filter 22 of 32")
    expect(page.get_by_text("ReLU6 keeps what lies between 0 and 6")).to_be_visible()

    mine = paint(tmp_path / "mine.jpg", color=(60, 120, 200), size=(900, 600))
    page.get_by_role("button", name="Another photo").click()
    page.locator("input[type=file]").set_input_files(mine)
    expect(page.get_by_text("Your photo mine.jpg")).to_be_visible()
    expect(page.get_by_text("A painted sample", exact=True)).to_be_hidden()

    page.get_by_role("button", name="Feature maps").click()
    shown = picture(page, "^The photo mine.jpg under the map of channel")
    expect(shown).to_be_visible()
    before = shown.get_attribute("alt")
    click_tile(page, 3, 1, columns=6, rows=4)
    expect(shown).not_to_have_attribute("alt", str(before))
    assert not one.refused
    assert not one.foreign
