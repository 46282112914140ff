"""Under which address a room comes in, and its QR code."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from flowercore.errors import ConfigError
from flowercore.settings import settings
from flowercore.workshop import addresses, qr

FOUND = [
    ("lo", "127.0.0.1"),
    ("docker0", "172.17.0.1"),
    ("eth1", "169.254.7.7"),
    ("wlan0", "192.168.1.20"),
    ("eth0", "10.0.0.5"),
    ("eth0", "10.0.0.5"),
]


def test_the_way_out_comes_first_and_containers_last() -> None:
    assert addresses.in_order(FOUND, "10.0.0.5") == ["10.0.0.5", "192.168.1.20", "172.17.0.1"]
    assert addresses.in_order(FOUND, None) == ["192.168.1.20", "10.0.0.5", "172.17.0.1"]
    assert addresses.in_order(FOUND[:1], None) == []


def test_this_machine_names_no_address_that_only_it_reaches() -> None:
    assert not [one for one in addresses.network_addresses() if one.startswith(("127.", "169.254"))]


def test_an_address_that_is_named_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWERCORE_ROOM_ADDRESS", "https://lab.example/")
    settings.cache_clear()
    assert addresses.room_addresses(8501) == ["https://lab.example"]
    monkeypatch.delenv("FLOWERCORE_ROOM_ADDRESS")
    settings.cache_clear()
    monkeypatch.setattr(addresses, "network_addresses", lambda: ["10.0.0.5", "192.168.1.20"])
    assert addresses.room_addresses(8502) == ["http://10.0.0.5:8502", "http://192.168.1.20:8502"]


@pytest.mark.parametrize("text", ["lab.example", "ftp://lab", "http://", "http://a b"])
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("FLOWERCORE_ROOM_ADDRESS", text)
    settings.cache_clear()
    with pytest.raises(ConfigError, match="FLOWERCORE_ROOM_ADDRESS must be an address"):
        settings()


def modules(picture: np.ndarray) -> np.ndarray:
    """Return the modules of a code's picture, True for dark, its quiet zone cut off."""
    dark = picture < 128
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    inner = dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # The finder pattern in the corner is 7 modules wide.
    width = int(np.argmin(inner[0])) // 7
    return inner[width // 2 :: width, width // 2 :: width]


def test_the_picture_is_sharp_has_a_quiet_zone_and_holds_the_address() -> None:
    import segno

    address = "http://192.168.1.20:8501"
    picture = np.asarray(Image.open(io.BytesIO(qr.png(address, side=400))).convert("L"))
    assert picture.shape[0] == picture.shape[1] >= 400
    assert set(np.unique(picture)) == {0, 255}
    wanted = np.array([list(row) for row in segno.make(address, error="m", micro=False).matrix])
    found = modules(picture)
    assert np.array_equal(found, wanted.astype(bool))
    border = np.flatnonzero((picture < 128).any(1))[0]
    assert border == 4 * picture.shape[0] // (len(wanted) + 8)
    assert not np.array_equal(
        found,
        modules(
            np.asarray(
                Image.open(io.BytesIO(qr.png("http://192.168.1.21:8501", side=400))).convert("L")
            )
        ),
    )


def test_the_terminal_gets_it_as_lines() -> None:
    lines = qr.terminal("http://10.0.0.5:8501").splitlines()
    assert len(lines) > 12
    assert any("█" in line or "▀" in line or "▄" in line for line in lines)
