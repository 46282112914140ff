"""How the room comes in: the address, large, and its QR code."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from flowercore.settings import settings
from flowercore.workshop import addresses, qr
from ui.words import plain

_HERE = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}
_KEY = "room_address"
_USUAL_PORT = 8501


def join() -> None:
    """Show the address and its QR code for the whole screen."""
    address = room_address(choose=True)
    if address is None:
        _no_network()
        return
    code, words = st.columns([2, 3], gap="large", vertical_alignment="center")
    with code:
        code_of(address)
    with words:
        st.subheader("Point your phone's camera here, or type", anchor=False)
        st.title(plain(address), anchor=False)
        st.markdown(
            "Phone and this computer must be in the same network. You get an invented name; on the "
            "page *Train* you can choose another."
        )
        if address.startswith("http://"):
            st.caption(
                ":material/photo_camera: Over plain http a phone does not open its live camera in "
                "a page. Its file picker takes photos all the same. The guide in docs/workshop.md "
                "tells how to serve https."
            )


def code_of(address: str) -> None:
    """Show an address as a QR code.

    Args:
        address: What the room types or scans.
    """
    st.image(
        _png(address),
        width="stretch",
        alt=f"QR code of the address {address}",
    )


def room_address(*, choose: bool = False) -> str | None:
    """Return the address by which the room comes in; None if this machine has no network.

    Args:
        choose: Whether the leader can take another one, if there are several.
    """
    here = urlsplit(st.context.url or "")
    if here.hostname and here.hostname not in _HERE and settings().room_address is None:
        # The leader came by the network: so can the room.
        return f"{here.scheme}://{here.netloc}"
    port = here.port or st.get_option("server.port") or _USUAL_PORT
    found = addresses.room_addresses(int(port), secure=here.scheme == "https")
    if not found:
        return None
    if not choose or len(found) == 1:
        chosen = st.session_state.get(_KEY)
        return chosen if chosen in found else found[0]
    if st.session_state.get(_KEY) not in found:
        st.session_state[_KEY] = found[0]
    return st.radio(
        "This machine is in several networks. The room is in",
        found,
        key=_KEY,
        horizontal=True,
        format_func=plain,
        persist_state="session",
    )


@st.cache_data(max_entries=10, show_spinner=False)
def _png(address: str) -> bytes:
    return qr.png(address)


def _no_network() -> None:
    st.warning(
        "Connect it to the room's network, or name its address by FLOWERCORE_ROOM_ADDRESS, and "
        "load this page again.",
        title="This machine is in no network",
        icon=":material/wifi_off:",
    )
