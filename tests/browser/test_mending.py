"""From a check of the photos over a corrected label to a second training, with a real worker."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from flowercore.__main__ import main
from flowercore.data import catalog, edits
from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived, sideways

pytestmark = pytest.mark.browser

SWAPPED = 3


@pytest.fixture
def doubtful(prepared: Path, real_photos: Path, tmp_path: Path) -> str:
    """A shared dataset of real photos, some in the wrong class, and a run trained on it."""
    source = tmp_path / "doubtful"
    for label in ("dandelion", "sunflower", "tulip"):
        shutil.copytree(real_photos / label, source / label, ignore=_all_but(25))
    for photo in sorted((source / "sunflower").iterdir())[:SWAPPED]:
        photo.rename(source / "tulip" / photo.name)
    catalog.import_source(source, "doubtful")
    assert main(["train", "--data", "doubtful", "--json"]) == 0
    return "doubtful"


def _all_but(count: int) -> Callable[[str, list[str]], list[str]]:
    return lambda _, names: sorted(names)[count:]


def test_a_visitor_checks_mends_and_trains_again(
    doubtful: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    one = visitor()
    page = one.page
    page.goto(f"{serve().address}/explore?data=doubtful&view=problems")
    arrived(page, "Explore")
    page.get_by_role("button", name="Check these photos").click()
    expect(page.get_by_text("Label may be wrong").first).to_be_visible()

    # What is shared is mended in a copy.
    page.get_by_role("button", name="Make my copy").click()
    expect(page.get_by_text("copied from doubtful")).to_be_visible()
    page.get_by_role("button", name="Check these photos").click()
    expect(page.get_by_text("Label may be wrong").first).to_be_visible()
    page.get_by_role("button", name="It is sunflower").first.click()
    expect(page.get_by_text("Last change:")).to_be_visible()
    data = catalog.load("my doubtful", mended=False)
    (edit,) = edits.read(data.root)
    assert (edit.action, edit.label, edit.key.partition("/")[0]) == (
        "relabel",
        "sunflower",
        "tulip",
    )

    page.get_by_role("button", name="Retrain with the fixes").click()
    expect(page.get_by_text("After", exact=True)).to_be_visible()
    expect(page.get_by_text("Tested on the same photos as the run before")).to_be_visible()
    page.get_by_role("link", name="Photo by photo").click()
    arrived(page, "Compare")
    expect(page.get_by_role("heading", name="Which is better?")).to_be_visible()
    assert one.foreign == []
    assert one.refused == []


@pytest.mark.slow
def test_problems_fit_a_phone(
    doubtful: str, serve: Callable[..., Server], visitor: Callable[..., Visitor]
) -> None:
    page = visitor(width=390, height=844).page
    page.goto(f"{serve('streamlit_app.py').address}/explore?data=doubtful&view=problems")
    arrived(page, "Explore")
    page.get_by_role("button", name="Check these photos").click()
    expect(page.get_by_text("Label may be wrong").first).to_be_visible()
    assert sideways(page) <= 0
