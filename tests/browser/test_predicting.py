"""Predict in a real browser: upload, map, cover, many photos, names made to break a page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived, sideways

pytestmark = pytest.mark.browser

EVIL = '"><img src=x onerror=alert(1)>.jpg'
SENT = EVIL.replace('"', "%22")
"""A browser sends a quotation mark like that."""
LONG = "n" * 300 + ".jpg"


def upload(page: Page, *photos: tuple[str, bytes]) -> None:
    """Give photos to the page by its own widget, under any name."""
    files: list[FilePayload] = [
        {"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in photos
    ]
    page.locator("input[type=file]").set_input_files(files)


def picture(page: Page, name: re.Pattern[str]) -> Locator:
    return page.get_by_role("img", name=name)


def seen(page: Page, name: re.Pattern[str]) -> bytes:
    """Return what a picture of the page looks like, once it is loaded."""
    one = picture(page, name)
    expect(one).to_be_visible()
    page.wait_for_function("one => one.complete && one.naturalWidth > 0", arg=one.element_handle())
    return one.screenshot()


@pytest.mark.parametrize(
    ("width", "height"), [pytest.param(1280, 900, marks=pytest.mark.slow), (390, 844)]
)
def test_a_photo_is_answered_and_looked_into(
    run_id: str,
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
    paint: Callable[..., Path],
    tmp_path: Path,
    width: int,
    height: int,
) -> None:
    server, one = serve(), visitor(width=width, height=height)
    page = one.page
    boxes: list[str] = []
    page.on("dialog", lambda box: boxes.append(box.message))
    page.goto(f"{server.address}/predict?run={run_id}")
    arrived(page, "Predict")
    blue = paint(tmp_path / "blue.jpg", color=(50, 60, 200), size=(800, 600)).read_bytes()
    upload(page, (EVIL, blue))
    expect(page.get_by_text(f"{SENT} · ")).to_be_visible()
    expect(picture(page, re.compile("upright$"))).to_be_visible()

    page.get_by_text("What speaks for it", exact=True).click()
    laid = re.compile("with a map of what speaks for")
    before = seen(page, laid)
    slider = page.get_by_role("slider", name="Strength of the map")
    slider.focus()
    source = picture(page, laid).get_attribute("src")
    for _ in range(4):
        slider.press("ArrowLeft")
    expect(slider).to_have_value("10")
    expect(picture(page, laid)).not_to_have_attribute("src", source or "")
    assert seen(page, laid) != before

    page.get_by_text("Cover a part", exact=True).click()
    expect(page.get_by_text("With the part covered:")).to_be_visible()
    bars = page.get_by_role("figure", name=re.compile("with the part covered"))
    told = bars.get_attribute("aria-label")
    for end, key in ((0, "Home"), (1, "End")):
        for thumb in ("left to right", "top to bottom"):
            handle = page.get_by_role("slider", name=re.compile(thumb)).nth(end)
            handle.focus()
            handle.press(key)
            arrived(page, "Predict")
    expect(page.get_by_text("→").first).to_be_visible()
    assert told is not None
    assert sideways(page) <= 0
    assert boxes == []
    assert one.foreign == []
    assert one.refused == []
    assert "Traceback" not in server.log.read_text()


def test_many_photos_are_a_table_to_take_home(
    run_id: str,
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
    paint: Callable[..., Path],
    tmp_path: Path,
) -> None:
    server, one = serve(), visitor()
    page = one.page
    page.goto(f"{server.address}/predict?run={run_id}")
    arrived(page, "Predict")
    photos = [
        (f"{seed}.jpg", paint(tmp_path / "x.jpg", color=(50, 60, 200), seed=seed).read_bytes())
        for seed in range(12)
    ]
    upload(page, *photos, (EVIL, photos[0][1]), (LONG, photos[1][1]), ("=1+1.jpg", b"no photo"))
    expect(page.get_by_text("15 files:")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(2)
    with page.expect_download() as coming:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    table = pd.read_csv(io.BytesIO(coming.value.path().read_bytes()), keep_default_na=False)
    assert len(table) == 15
    assert table["file"][12] == SENT
    assert len(table["file"][13]) == 80
    assert table["file"][14] == "'=1+1.jpg"
    assert "must be JPEG, PNG, WebP or HEIC" in table["error"][14]
    assert set(table["class"][:14]) == {"iris"}
    assert one.foreign == []
    assert one.refused == []
    assert "Traceback" not in server.log.read_text()
