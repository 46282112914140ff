"""Bringing photos in with a real browser: a zip with progress, the camera, and what is theirs."""

from __future__ import annotations

import io
import os
import re
import signal
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from flowercore.data import catalog, drafts
from tests.browser.conftest import Visitor
from tests.browser.serving import PATIENCE_SECONDS, QUIET, Server, chromium
from tests.browser.walking import arrived, sideways
from tests.conftest import skip_or_fail
from tests.jobs.waiting import children

pytestmark = pytest.mark.browser
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser whose camera shows a clock."""
    path = chromium()
    if path is None:
        skip_or_fail("no Chromium on this machine (see .ci/chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *CAMERA])
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        yield browser
        browser.close()


@pytest.fixture
def archive(paint: Callable[..., Path], tmp_path: Path) -> Path:
    """A zip that keeps a worker busy for some seconds."""
    photo = paint(tmp_path / "one.jpg", size=(2000, 1500)).read_bytes()
    path = tmp_path / "my flowers.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for label in ("daisy", "rose"):
            for number in range(90):
                packed.writestr(f"set/{label}/{number}.jpg", photo)
        packed.writestr("set/rose/notes.jpg", b"no photo")
    return path


def names() -> list[str]:
    return [entry.name for entry in catalog.entries()]


def open_bring(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/explore?view=bring")
    arrived(page, "Explore")


@contextmanager
def held_up(server: Server) -> Iterator[None]:
    """Let the server's workers stand still, however fast they are."""
    workers = children(server.process.pid)
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


def test_a_zip_comes_in_is_renamed_taken_home_and_deleted(
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
    archive: Path,
    tiny_dataset: Callable[..., Path],
    home: Path,
) -> None:
    catalog.import_source(tiny_dataset(), "shared")
    server, one = serve(), visitor()
    page = one.page
    open_bring(page, server)
    page.locator("input[type=file]").first.set_input_files(archive)
    expect(page.get_by_role("textbox", name="Name for these photos")).to_have_value("my flowers")
    page.get_by_role("button", name="Bring in").click()
    expect(page.get_by_text(re.compile(r"every photo: \d+"))).to_be_visible()
    with held_up(server):
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.reload()  # the page shows it again, and it goes on
        expect(page.get_by_text("Bringing in “my flowers”")).to_be_visible()
    expect(page.get_by_text("180 photos in 2 classes: daisy and rose.")).to_be_visible()
    expect(page.get_by_text("1 file left out")).to_be_visible()
    expect(page.get_by_role("combobox", name="Photos")).to_have_value("my flowers")
    assert not list((home / "uploads").iterdir())
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_text("1 file left out")).to_be_hidden()

    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("table 4")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("combobox", name="Photos")).to_have_value("table 4")

    page.get_by_role("button", name="Download as zip").click()
    link = page.get_by_role("link", name=re.compile("Download table 4.zip"))
    expect(link).to_be_visible()
    answer = page.request.get(f"{server.address}{link.get_attribute('href')}")
    assert "attachment" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.body())) as packed:
        assert len(packed.namelist()) == 180

    # Another browser is another visitor.
    other = visitor().page
    open_bring(other, server)
    expect(other.get_by_role("combobox", name="Photos")).to_have_value("shared")
    other.goto(f"{server.address}/explore?data=table 4")
    expect(other.get_by_text("There is no dataset “table 4” here")).to_be_visible()

    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("It cannot be brought back.")).to_be_visible()
    assert names() == ["shared", "table 4"]
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("combobox", name="Photos")).to_have_value("shared")
    assert names() == ["shared"]
    assert one.foreign == []
    assert one.refused == []


def test_pictures_are_taken_one_after_another_and_survive_a_reload(
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
    tiny_dataset: Callable[..., Path],
) -> None:
    catalog.import_source(tiny_dataset(), "shared")
    one = visitor(width=390, height=844)
    page = one.page
    open_bring(page, serve())
    page.get_by_text("Camera or single photos").click()
    for label in ("rose", "tulip"):
        box = page.get_by_role("combobox", name="Class of the next photos")
        box.fill(label)
        box.press("Enter")
        expect(page.get_by_text(f"Take pictures of {label}")).to_be_visible()
        for count in (1, 2, 3):
            take(page, f"{label} · {count} photo")
    assert sideways(page) <= 0
    page.reload()
    expect(page.get_by_text("rose · 3 photos")).to_be_visible()
    page.get_by_role("textbox", name="Name for these photos").fill("our table")
    page.get_by_role("button", name="Make it a dataset").click()
    expect(page.get_by_text("6 photos in 2 classes")).to_be_visible()
    (entry,) = (one for one in catalog.entries() if one.name == "our table")
    assert entry.classes == {"rose": 3, "tulip": 3}
    assert drafts.look(entry.owner).photos == ()
    assert one.foreign == []
    assert one.refused == []


def take(page: Page, then: str) -> None:
    """Press the camera's button until there is one more: its clock may show the same twice."""
    for _ in range(10):
        page.get_by_role("button", name="Take Photo").click()
        try:
            expect(page.get_by_text(then)).to_be_visible(timeout=3000)
            return
        except AssertionError:
            continue
    pytest.fail(f"never shown: {then}")
