"""Two people train at once: each sees their own training go on, and one's stop stops one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flowercore.runs import results, store
from tests.browser.conftest import Visitor
from tests.browser.serving import Server
from tests.browser.walking import arrived

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Minutes of fine-tuning: nobody waits for its end.
LONG = "/train?data=twins&fine_tune=true&from=head&tail_epochs=200&batch=1&epochs=3"
AT_WORK = re.compile(r"Epoch \d+ of 203: fine-tuning")


def begin(page: Page, address: str) -> store.Run:
    page.goto(address + LONG)
    arrived(page, "Train")
    before = {run.id for run in store.runs()}
    page.get_by_role("button", name="Start training").click()
    # The page may show somebody else's run until then.
    page.wait_for_url(lambda url: not any(f"run={id}" in url for id in before) and "run=" in url)
    (run,) = [run for run in store.runs() if run.id not in before]
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    return run


def test_two_trainings_at_once(
    run_id: str, serve: Callable[..., Server], visitor: Callable[..., Visitor], home: Path
) -> None:
    server = serve()
    one, other = visitor().page, visitor().page
    mine, theirs = begin(one, server.address), begin(other, server.address)
    assert mine.visitor != theirs.visitor
    expect(one.get_by_text(AT_WORK)).to_be_visible()
    expect(other.get_by_text(AT_WORK)).to_be_visible()

    # A second one of the same visitor waits for the first.
    arrived(one, "Train")
    one.get_by_role("button", name="Start training").first.click()
    expect(one.get_by_text("One training a visitor runs at a time")).to_be_visible()

    one.get_by_role("button", name="Stop", exact=True).click()
    expect(one.get_by_text(re.compile(r"Stopped after epoch \d+ of 203"))).to_be_visible()
    done = store.get(mine.id)
    assert done.status == "stopped"
    assert f"after epoch {len(results.history(mine.id))} of" in str(done.reason)

    other.reload()
    arrived(other, "Train")
    assert theirs.id in other.url
    expect(other.get_by_text(AT_WORK)).to_be_visible()
    seen = other.get_by_text(AT_WORK).inner_text().split(":")[0]
    expect(other.get_by_text(seen, exact=False)).not_to_be_visible()
    expect(other.get_by_text(AT_WORK)).to_be_visible()
    assert store.get(theirs.id).active

    other.get_by_role("button", name="Stop", exact=True).click()
    expect(other.get_by_role("button", name="Train again")).to_be_visible()
    assert "Traceback" not in server.log.read_text()
