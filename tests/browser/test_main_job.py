"""The product's main job in a real browser: photos in, a trained model, a verdict on a photo."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from flowercore.data import catalog
from flowercore.runs import store
from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived, at_rest, go, sideways

pytestmark = pytest.mark.browser

FRAMEWORKS = ("tensorflow", "keras", "sklearn", "scipy")
PAGES = {
    "": "Flower Lab",
    "learn": "Learn",
    "explore": "Explore",
    "train": "Train",
    "evaluate": "Evaluate",
    "compare": "Compare",
    "predict": "Predict",
}
SERVER_MEGABYTES = 400
PER_CLASS = 20


@pytest.fixture
def archive(real_photos: Path, tmp_path: Path) -> Path:
    """Pack the first real photos of each class into a zip, some folders deep."""
    path = tmp_path / "my flowers.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for folder in sorted(real_photos.iterdir()):
            for photo in sorted(folder.glob("*.jpg"))[:PER_CLASS]:
                packed.write(photo, f"set/{folder.name}/{photo.name}")
        packed.writestr("set/rose/not a photo.jpg", b"I am none")
    return path


def stays_light(server: Server) -> None:
    if sys.platform == "linux":
        mapped = server.libraries()
        assert not [name for name in FRAMEWORKS if f"/{name}" in mapped]
        assert server.resident_megabytes() < SERVER_MEGABYTES


def test_from_photos_to_a_verdict(
    prepared: Path,
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
    archive: Path,
    real_photos: Path,
) -> None:
    server, one = serve(), visitor()
    page = one.page
    page.goto(server.address)
    arrived(page, "Flower Lab")

    page.get_by_role("button", name="Look around").click()
    arrived(page, "Explore")
    if page.get_by_text("Bring photos in", exact=True).count():
        page.get_by_text("Bring photos in", exact=True).first.click()
        arrived(page, "Explore")
    page.locator("input[type=file]").set_input_files(archive)
    page.get_by_role("button", name="Bring in").click()
    expect(page.get_by_text("100 photos in 5 classes: daisy, dandelion")).to_be_visible()
    expect(page.get_by_text("1 file left out")).to_be_visible()
    page.get_by_text("Charts", exact=True).click()
    expect(page.get_by_text("Well balanced: every class has 20 photos.")).to_be_visible()

    go(page, "Train")
    expect(page.get_by_role("combobox", name="Photos")).to_have_value("my flowers")
    expect(page.get_by_text("The model learns from 70 photos")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.reload()
    verdict = page.get_by_role("link", name="See where it is right and wrong")
    expect(verdict).to_be_visible()
    run = store.runs()[0]
    assert run.status == "finished"
    assert re.fullmatch(r"[0-9a-f]{32}", run.visitor)
    assert run.id in page.url

    verdict.click()
    arrived(page, "Evaluate")
    assert run.id in page.url
    expect(page.get_by_text(re.compile(r"It named \d+ of 20 test photos right"))).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("Confusion matrix of 5"))).to_be_visible()

    go(page, "Predict")
    unseen = sorted((real_photos / "sunflower").glob("*.jpg"))[PER_CLASS:]
    page.locator("input[type=file]").set_input_files(unseen[0])
    expect(page.get_by_role("img", name=f"The photo {unseen[0].name}, upright")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("sunflower", re.I))).to_be_visible()

    stays_light(server)
    assert one.foreign == []
    assert one.refused == []
    assert "Traceback" not in server.log.read_text()


def test_a_deep_link_on_a_cold_server(
    run_id: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    page = visitor().page
    page.goto(f"{serve().address}/train?epochs=7")
    arrived(page, "Train")
    expect(page).to_have_title("Train · Flower Lab")
    labels = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    assert [label.split()[-1] for label in labels] == [
        *("Home", "Learn", "Explore", "Train", "Evaluate", "Compare", "Predict"),
    ]
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("7")


def test_a_machine_that_has_nothing_gets_ready_before_the_visitors_eyes(
    serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    server, page = serve(ready=False), visitor().page
    page.goto(server.address)
    expect(page.get_by_text("Getting ready for the first time")).to_be_visible()
    expect(page.get_by_role("img", name="daisy, painted by Flower Lab")).to_be_visible(
        timeout=120_000
    )
    expect(page.get_by_text("Getting ready for the first time")).to_be_hidden()
    stays_light(server)


def test_without_the_server_around_it_the_dashboard_works_for_one_visitor(
    prepared: Path,
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
) -> None:
    page = visitor().page
    page.goto(f"{serve('streamlit_app.py').address}/evaluate")
    arrived(page, "Evaluate")
    page.get_by_role("button", name="Train a model").click()
    arrived(page, "Train")


@pytest.mark.slow
def test_nothing_scrolls_sideways_on_a_phone_where_nothing_was_done_yet(
    serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    server, page = serve(ready=False), visitor(width=390, height=844).page
    for path, heading in PAGES.items():
        page.goto(f"{server.address}/{path}")
        arrived(page, heading)
        assert sideways(page) <= 0, path


@pytest.mark.slow
def test_a_number_out_of_bounds_is_taken_and_answered_with_the_rule(
    run_id: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    page = visitor().page
    page.goto(f"{serve().address}/train")
    arrived(page, "Train")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("201")
    page.keyboard.press("Tab")
    expect(page.get_by_text("whole number from 1 to 200. Received: 201.")).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    epochs.fill("")
    page.keyboard.press("Tab")
    expect(epochs).to_have_value("25")
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


def test_choices_survive_moving_and_reloading(
    run_id: str,
    serve: Callable[..., Server],
    visitor: Callable[..., Visitor],
    tiny_dataset: Callable[..., Path],
) -> None:
    catalog.import_source(tiny_dataset(), "another")
    page = visitor().page
    page.goto(f"{serve().address}/train?data=twins")
    arrived(page, "Train")
    page.get_by_role("spinbutton", name="Epochs").fill("9")
    page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile("epochs=9"))
    at_rest(page)  # a number that the server has not read yet is lost to a page that is opened
    go(page, "Evaluate")
    go(page, "Home")
    go(page, "Train")
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("9")
    page.reload()
    arrived(page, "Train")
    expect(page.get_by_role("spinbutton", name="Epochs")).to_have_value("9")
    expect(page.get_by_role("combobox", name="Photos")).to_have_value("twins")

    # The browser's own way back and forward, and what it chose stays chosen.
    photos = page.get_by_role("combobox", name="Photos")
    photos.fill("another")
    photos.press("Enter")
    expect(page).to_have_url(re.compile("data=another"))
    arrived(page, "Train")
    page.go_back()
    expect(photos).to_have_value("twins")
    expect(page).to_have_url(re.compile("data=twins"))
    page.go_forward()
    expect(photos).to_have_value("another")
    go(page, "Explore")
    expect(photos).to_have_value("another")
