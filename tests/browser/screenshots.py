"""Take the pictures in ``docs/screenshots`` anew: ``python -m tests.browser.screenshots``.

A home folder is prepared from nothing, a model trained on the painted garden, and each page looked
at in a light and a dark theme and on a phone. No photograph is in the pictures.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.serving import QUIET, ROOT, chromium, environment_of, start
from tests.browser.walking import arrived

FOLDER = ROOT / "docs" / "screenshots"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LARGEST_BYTES = 300_000
# Charts and tables draw themselves after the page's script has ended.
DRAWING_MILLISECONDS = 2500


def ask_about_a_sample(page: Page) -> None:
    """Let the model judge the third sample."""
    page.get_by_role("button", name="What is this?").nth(2).click()
    page.get_by_text("Answered by").wait_for()


def choose_both(page: Page) -> None:
    """Compare the two newest runs."""
    page.get_by_role("button", name=re.compile("Choose all")).first.click()
    page.get_by_text("Which is better?").wait_for()


def choose_on_the_map(page: Page) -> None:
    """Click a point of the map: its photo is shown beside it."""
    page.locator(".scatterlayer .point").first.wait_for()
    page.wait_for_timeout(DRAWING_MILLISECONDS)
    box = page.locator(".scatterlayer .trace").nth(2).locator(".point").nth(5).bounding_box()
    assert box is not None
    # Scrolling to it, as a click on the element would, is not wanted on a picture.
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 9, y)
    page.mouse.move(x, y, steps=3)
    page.mouse.click(x, y)


def choose_a_cell(page: Page) -> None:
    """Show the photos of the largest mistake."""
    box = page.get_by_role("combobox", name="Photos of the cell")
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(DRAWING_MILLISECONDS)  # a click while it is being drawn opens nothing
    box.click()
    page.get_by_role("option").first.click()
    page.get_by_text("the most confident first").last.wait_for()


SCENES: dict[str, tuple[str, str, Callable[[Page], None] | None]] = {
    "home": ("/", "Flower Lab", None),
    "convolution": ("/learn?view=convolution", "Learn", None),
    "feature-maps": ("/learn?view=feature-maps", "Learn", None),
    "anatomy": ("/learn?view=anatomy", "Learn", None),
    "explore": ("/explore", "Explore", None),
    "charts": ("/explore?view=charts", "Explore", None),
    "map": ("/explore?view=map", "Explore", choose_on_the_map),
    "problems": ("/explore?view=problems", "Explore", None),
    "train": ("/train", "Train", None),
    "evaluate": ("/evaluate", "Evaluate", choose_a_cell),
    "certainty": ("/evaluate?view=certainty", "Evaluate", None),
    "compare": ("/compare", "Compare", choose_both),
    "predict": ("/predict", "Predict", ask_about_a_sample),
}


def take_all(browser: Browser, address: str) -> None:
    """Take every picture from a running server."""
    for name, (path, heading, act) in SCENES.items():
        for kind, viewport, scheme in (
            ("light", DESK, "light"),
            ("dark", DESK, "dark"),
            ("phone", PHONE, "light"),
        ):
            context = browser.new_context(viewport=viewport, color_scheme=scheme)
            page = context.new_page()
            page.goto(address + path)
            arrived(page, heading)
            if act is not None:
                act(page)
                arrived(page, heading)
            expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
            page.mouse.move(0, 0)
            page.wait_for_timeout(DRAWING_MILLISECONDS)
            save(page.screenshot(), FOLDER / f"{name}-{kind}.png")
            context.close()


def save(picture: bytes, path: Path) -> None:
    """Write a picture with as many colours as fit into `LARGEST_BYTES`."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colors in (256, 128, 64):
        out = io.BytesIO()
        image.quantize(colors, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() < LARGEST_BYTES:
            break
    path.write_bytes(out.getvalue())
    print(f"{path.name}: {out.tell() / 1000:.0f} kB, {colors} colours")


def main() -> None:
    """Prepare, train, look."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        environment = environment_of(Path(place) / "home")
        notebook = ("train", "--data", "garden", "--recipe", "notebook")
        tuned = ("train", "--data", "garden", "--recipe", "fine-tune")
        last = (("train", "--data", "garden"), ("audit", "garden"))
        for arguments in (("prepare",), notebook, tuned, *last):
            command = [sys.executable, "-m", "flowercore", *arguments]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
        server = start("asgi.py", Path(place), environment)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
                take_all(browser, server.address)
                browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
