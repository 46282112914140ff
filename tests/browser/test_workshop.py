"""A workshop as it is: started from the terminal, two people train, the leader sees both."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flowercore.runs import store
from flowercore.workshop import names, room
from tests.browser.conftest import Visitor
from tests.browser.rules import SCHEMES, violations
from tests.browser.serving import PATIENCE_SECONDS, ROOT, Server, environment_of
from tests.browser.walking import arrived, go, sideways
from ui.workshop.views import VIEWS

pytestmark = pytest.mark.browser

TOKEN = re.compile(r"workshop\?token=([A-Za-z0-9_-]{20,})")


@pytest.fixture
def workshop(
    run_id: str, with_starter: Path, home: Path, tmp_path: Path
) -> Iterator[tuple[Server, str]]:
    """Start a workshop as `make workshop` does; return the server and the leader's token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "workshop.log"
    command = [sys.executable, "-m", "flowercore", "workshop", "--port", str(port)]
    # A room that is this machine alone: a test reaches no network.
    environment = environment_of(home) | {
        "FLOWERCORE_GARDEN": "off",
        "FLOWERCORE_ROOM_ADDRESS": f"http://127.0.0.1:{port}",
    }
    environment.pop("FLOWERCORE_LEADER_TOKEN", None)
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    server = Server(f"http://127.0.0.1:{port}", process, log)
    end = time.monotonic() + PATIENCE_SECONDS
    try:
        while process.poll() is None and time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.05)
        found = TOKEN.search(log.read_text())
        assert found is not None, log.read_text()
        yield server, found.group(1)
    finally:
        server.stop()


def train(page: Page, address: str) -> None:
    page.goto(f"{address}/train?data=twins&epochs=5")
    arrived(page, "Train")
    page.get_by_role("button", name="Start training").click()


def test_two_train_and_the_leader_sees_both(
    workshop: tuple[Server, str], visitor: Callable[..., Visitor], home: Path
) -> None:
    server, token = workshop
    assert os.fspath(home) not in server.log.read_text()

    leads = visitor()
    leader = leads.page
    leader.goto(f"{server.address}/workshop?token={token}")
    arrived(leader, "Workshop")
    expect(leader.get_by_text("Nobody has trained yet")).to_be_visible()
    expect(leader.get_by_role("img", name="QR code of the address http")).to_be_visible()
    assert token not in leader.url
    assert token not in leader.content()

    comes = visitor(width=390, height=844)
    one, other = comes.page, visitor().page
    one.goto(f"{server.address}/workshop")
    arrived(one, "Workshop")
    expect(one.get_by_label("Leader's token", exact=True)).to_be_visible()
    expect(one.get_by_role("table")).not_to_be_visible()

    train(one, server.address)
    assert sideways(one) == 0
    name_button = one.get_by_test_id("stMain").get_by_test_id("stPopoverButton")
    name_button.locator("visible=true").first.click()
    one.get_by_label("Your nickname", exact=True).last.fill("Ada L.")
    one.get_by_role("button", name="Use this name").last.click()
    expect(one.get_by_text("On the leader's board: Ada L.").last).to_be_visible()
    train(other, server.address)

    # Without a click of the leader's: the board follows by itself.
    table = leader.get_by_role("table")
    expect(table.get_by_role("row", name=re.compile(r"Ada L\..*Finished.*%"))).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(3)  # and the one with the columns' names
    (second,) = [who for who, name in room.read().members.items() if _trained(who) and not name]
    invented = names.invented_for(room.read().members)[second]
    row = table.get_by_role("row", name=re.compile(rf"{invented}.*Finished.*%"))
    expect(row).to_be_visible()

    # What the leader locks is there in the form that a visitor has open.
    go(leader, "Workshop")
    leader.get_by_text("Lead", exact=True).click()
    leader.get_by_text("Fine-tuning", exact=True).click()
    leader.get_by_role("button", name="Save").click()
    expect(leader.get_by_text("In force.")).to_be_visible()
    other.reload()
    arrived(other, "Train")
    expect(other.get_by_text("The leader has switched fine-tuning off.").first).to_be_visible()

    for view in VIEWS:
        leader.goto(f"{server.address}/workshop?view={view}")
        arrived(leader, "Workshop")
        for scheme in SCHEMES:
            assert not violations(leader, scheme)

    assert not leads.refused + comes.refused
    assert not leads.foreign + comes.foreign
    log = server.log.read_text()
    assert log.count(token) == 2  # as it was printed at the start, and nowhere else
    assert "Traceback" not in log


def _trained(who: str) -> bool:
    return any(run.visitor == who for run in store.runs())
