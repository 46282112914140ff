"""From a cell of the matrix to its photos and to what speaks for them: with a real browser only."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from flowercore.data import edits
from flowercore.evaluation.judgement import Judgement
from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived
from tests.pages.evaluated import of_test

pytestmark = pytest.mark.browser

VIEWS = {
    "confusions": "Confusion matrix",
    "classes": "One class against the rest",
    "certainty": "Is it right as often as it says?",
    "mistakes": "the surest first",
}


def middle_of_cell(page: Page, found: Judgement, true: str, said: str) -> tuple[float, float]:
    """Return the middle of a cell of the matrix, once the chart stays where it is."""
    area = page.locator(".js-plotly-plot .nsewdrag").first
    expect(area).to_be_visible()
    area.scroll_into_view_if_needed()
    before = None
    for _ in range(100):
        box = area.bounding_box()  # None while the chart is drawn anew
        if box is not None and box == before:
            size = len(found.classes)
            column, row = found.classes.index(said), found.classes.index(true)
            return (
                box["x"] + box["width"] * (column + 0.5) / size,
                box["y"] + box["height"] * (row + 0.5) / size,
            )
        before = box
        page.wait_for_timeout(200)
    raise AssertionError("The matrix does not come to rest.")


def click_cell(page: Page, found: Judgement, true: str, said: str) -> None:
    """Click a cell of the matrix, once the chart answers the mouse."""
    for _ in range(60):
        x, y = middle_of_cell(page, found, true, said)
        page.mouse.move(x - 9, y - 5)
        page.mouse.move(x, y, steps=4)
        page.wait_for_timeout(500)
        if f"{true} taken for {said}" in str(page.locator(".hoverlayer").first.text_content()):
            page.mouse.click(x, y)
            return
    raise AssertionError("The matrix does not answer the mouse.")


def shown(page: Page) -> Locator:
    """Return the photos of the chosen cell."""
    return page.get_by_test_id("stMain").locator("img[alt*=', photo ']")


def mistaken(found: Judgement) -> tuple[str, str]:
    """Return true and predicted class of a mistake."""
    first = found.photos[~found.right].iloc[0]
    return str(first["label"]), str(first["predicted"])


def test_a_click_on_a_cell_shows_its_photos(
    run_id: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    one, found = visitor(), of_test(run_id)
    page = one.page
    page.goto(f"{serve().address}/evaluate?run={run_id}")
    arrived(page, "Evaluate")
    for true, said in (mistaken(found), ("iris", "iris")):
        click_cell(page, found, true, said)
        keys = found.cell(true, said)["key"].tolist()
        expect(shown(page)).to_have_count(len(keys))
        for place, key in enumerate(keys):
            name = re.escape(key.rpartition("/")[2])
            expect(shown(page).nth(place)).to_have_attribute("alt", re.compile(f"photo {name}$"))
        expect(shown(page).first).to_have_attribute("alt", re.compile(f"^{true}, "))
    # A cell without photos says so.
    empty = next(
        (true, said)
        for true in found.classes
        for said in found.classes
        if found.cell(true, said).empty
    )
    click_cell(page, found, *empty)
    expect(page.get_by_text(f"No photo of {empty[0]} was taken for {empty[1]}.")).to_be_visible()
    expect(shown(page)).to_have_count(0)
    assert one.foreign == []
    assert one.refused == []


def test_a_photo_opens_with_a_map_that_follows_class_and_strength(
    run_id: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    one = visitor()
    page = one.page
    page.goto(f"{serve().address}/evaluate?run={run_id}&cell=iris, named right")
    arrived(page, "Evaluate")
    expect(shown(page)).to_have_count(4)
    page.get_by_role("button", name="Why?").first.click()
    dialog = page.get_by_role("dialog")
    laid = dialog.locator("img[alt$='with a map of what speaks for iris']")
    expect(laid).to_be_visible()
    first = laid.get_attribute("src")
    expect(dialog.get_by_text("1 of 4")).to_be_visible()

    dialog.get_by_role("combobox", name="What speaks for").click()
    page.get_by_role("option", name="aster").click()
    other = dialog.locator("img[alt$='with a map of what speaks for aster']")
    expect(other).to_be_visible()
    assert other.get_attribute("src") != first

    dialog.get_by_role("slider").press("Home")
    expect(dialog.get_by_text("The photo alone.")).to_be_visible()
    # Through the photos without a mouse; how strong the map shall be stays.
    dialog.get_by_role("button", name="Next").press("Enter")
    expect(dialog.get_by_text("2 of 4")).to_be_visible()
    expect(dialog.get_by_text("The photo alone.")).to_be_visible()
    assert one.foreign == []
    assert one.refused == []


def test_a_mistake_becomes_an_edit_and_is_taken_back(
    run_id: str, home: Path, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    page = visitor().page
    page.goto(f"{serve().address}/evaluate?run={run_id}&view=mistakes")
    arrived(page, "Evaluate")
    count = int((~of_test(run_id).right).sum())
    expect(shown(page)).to_have_count(count)
    # The photos are everybody's: a visitor mends a copy.
    page.get_by_role("button", name="Make my copy").click()
    expect(page.get_by_text("Changes go into your copy, “my twins”.")).to_be_visible()
    arrived(page, "Evaluate")
    page.get_by_text("Wrong label?").first.click()
    page.get_by_role("button", name="Exclude it").click()
    expect(page.get_by_text(re.compile("Excluded"))).to_be_visible()
    expect(shown(page)).to_have_count(count)
    assert len(edits.read(home / "datasets" / "my twins")) == 1
    assert edits.read(home / "datasets" / "twins") == ()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(re.compile("Excluded"))).to_have_count(0)
    assert edits.read(home / "datasets" / "my twins") == ()


def test_the_report_is_one_file_that_draws_itself(
    run_id: str, tmp_path: Path, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    page = visitor().page
    page.goto(f"{serve().address}/evaluate?run={run_id}")
    arrived(page, "Evaluate")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Report").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    page.goto(path.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert page.locator(".js-plotly-plot").count() == 6
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) <= 0
