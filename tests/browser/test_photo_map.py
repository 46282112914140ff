"""Choosing photos on the map and following those alike: with a real browser only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from flowercore.data import catalog
from flowercore.training.features import dataset_features
from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived, sideways
from tests.pages.audited_home import check

pytestmark = pytest.mark.browser

VIEWS = {
    "photos": "18 photos in 3 classes",
    "charts": "Does colour give the class away?",
    "map": "Each point is a photo.",
    "problems": "Label may be wrong",
    "bring": "as a whole",
}


@pytest.fixture
def checked(prepared: Path, tiny_dataset: Callable[..., Path]) -> None:
    """A dataset of 3 classes with 6 photos each that was looked at and checked."""
    catalog.import_source(tiny_dataset(), "tiny")
    dataset_features(check("tiny"), "efficientnet-lite0")


def point(page: Page, trace: int, place: int) -> tuple[float, float]:
    """Return the middle of a point of the map, once it stays where it is."""
    spot = page.locator(".scatterlayer .trace").nth(trace).locator(".point").nth(place)
    expect(spot).to_be_visible()
    before = None
    for _ in range(100):
        box = spot.bounding_box()  # None while the chart is drawn anew
        if box is not None and box == before:
            return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = box
        page.wait_for_timeout(200)
    raise AssertionError("The map does not come to rest.")


def beside(page: Page) -> Locator:
    """Return the photos that are shown beside the map."""
    return page.get_by_test_id("stMain").locator("img[alt*=', photo ']")


def test_a_click_on_the_map_shows_that_photo_beside_it(
    checked: None, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    one = visitor()
    page = one.page
    page.goto(f"{serve().address}/explore?view=map")
    arrived(page, "Explore")
    expect(page.locator(".scatterlayer .point").first).to_be_visible()

    x, y = point(page, trace=2, place=4)
    page.mouse.move(x - 20, y - 5)
    page.mouse.move(x, y, steps=4)
    expect(page.locator(".hoverlayer")).to_contain_text("rose/rose_004.jpg")
    page.mouse.click(x, y)
    expect(beside(page)).to_have_count(1)
    expect(beside(page)).to_have_attribute("alt", "rose, photo rose_004.jpg")
    arrived(page, "Explore")

    # It opens there, and leads to those that are like it.
    page.get_by_test_id("stMain").get_by_role("button", name="rose", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("img[alt='rose, photo rose_004.jpg, large']")).to_be_visible()
    like = dialog.locator("img[alt^='Like it: ']")
    expect(like).to_have_count(6)
    label, name = str(like.first.get_attribute("alt")).removeprefix("Like it: ").split(", ")
    dialog.locator("[class*=_like_] button:visible").first.click()
    expect(dialog.locator(f"img[alt='{label}, photo {name}, large']")).to_be_visible()
    dialog.get_by_role("button", name="Back").click()
    expect(dialog.locator("img[alt='rose, photo rose_004.jpg, large']")).to_be_visible()
    assert one.foreign == []
    assert one.refused == []


def test_a_line_around_points_shows_their_photos(
    checked: None, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    page = visitor().page
    page.goto(f"{serve().address}/explore?view=map")
    arrived(page, "Explore")
    page.get_by_text("A line around", exact=True).click()
    # Only then is the chart on the page the one that takes a line.
    expect(page.get_by_text("Draw a line around some points")).to_be_visible()
    arrived(page, "Explore")
    corners = [point(page, trace=1, place=place) for place in (1, 2)]
    (left, y), (right, _) = corners
    page.mouse.move(left - 15, y - 15)
    page.mouse.down()
    for corner in ((right + 15, y - 15), (right + 15, y + 15), (left - 15, y + 15)):
        page.mouse.move(*corner, steps=5)
    page.mouse.up()
    expect(beside(page)).to_have_count(2)
    for place in (1, 2):
        expect(beside(page).nth(place - 1)).to_have_attribute(
            "alt", f"dandelion, photo dandelion_00{place}.jpg"
        )


@pytest.mark.slow
def test_every_view_fits_a_phone(
    checked: None, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    server, one = serve(), visitor(width=390, height=844)
    for view, sign in VIEWS.items():
        one.page.goto(f"{server.address}/explore?view={view}")
        arrived(one.page, "Explore")
        expect(one.page.get_by_text(sign).first).to_be_visible()
        assert sideways(one.page) <= 0, view
    assert one.foreign == []
    assert one.refused == []
