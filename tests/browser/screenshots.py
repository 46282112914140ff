"""Take the pictures of the documents anew: ``python tests/browser/screenshots.py``.

Starts a dashboard on a home folder of its own, trains on the painted garden and photographs every
page at desktop and phone width, light and dark, into ``docs/screenshots``.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "screenshots"
PAGES = {"home": "", "explore": "explore", "train": "train", "evaluate": "evaluate"}
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# A picture of flat colours loses nothing visible by a palette, and weighs a third.
COLORS = 255


def main() -> None:
    """Start the dashboard, take all pictures, stop it."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {**os.environ, "FLOWERCORE_HOME": home}
        command = [sys.executable, "-m", "flowercore", "train", "--data", "garden"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "-m", "streamlit", "run", "asgi.py"]
        options = ["--server.headless=true", f"--server.port={port}"]
        server = subprocess.Popen([*command, *options], cwd=ROOT, env=environment)
        try:
            photograph(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def photograph(address: str) -> None:
    """Take the pictures of a running dashboard."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        _series(browser, address, "light", DESKTOP, "light")
        _series(browser, address, "dark", DESKTOP, "dark")
        _series(browser, address, "light", PHONE, "phone")
        browser.close()


def _series(browser: Browser, address: str, scheme: str, size: dict[str, int], ending: str) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    for name, path in PAGES.items():
        _open(page, f"{address}/{path}")
        _take(page, f"{name}-{ending}.png")
    _open(page, f"{address}/predict")
    page.get_by_role("button", name="What is this?").first.click()
    _settle(page)
    if size is PHONE:
        page.locator("[data-testid=stImage]").first.scroll_into_view_if_needed()
    _take(page, f"predict-{ending}.png")
    context.close()


def _open(page: Page, address: str) -> None:
    for attempt in range(60):
        try:
            page.goto(address)
            break
        except Exception:
            if attempt == 59:
                raise
            time.sleep(0.5)
    page.get_by_role("heading", level=1).wait_for()
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(500)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    # Pictures and charts arrive after the script has ended.
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


def _take(page: Page, name: str) -> None:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(TARGET / name, optimize=True)


if __name__ == "__main__":
    main()
