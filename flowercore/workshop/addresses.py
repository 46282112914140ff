"""Under which addresses a room reaches this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

import psutil

from flowercore.settings import settings

# Networks inside the machine, of containers and virtual machines: nobody in the room is in them.
_INSIDE = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman", "cni", "lxc")
_ELSEWHERE = ("192.0.2.1", 9)  # kept for documentation: nothing is sent, only a route is chosen


def network_addresses() -> list[str]:
    """Return this machine's IPv4 addresses that others may reach, the likeliest first."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        (name, one.address)
        for name, some in psutil.net_if_addrs().items()
        if name in up
        for one in some
        if one.family == socket.AF_INET
    ]
    return in_order(found, _usual())


def in_order(found: Iterable[tuple[str, str]], usual: str | None) -> list[str]:
    """Sort addresses by how likely a room reaches the machine under them.

    Args:
        found: Pairs of an interface's name and an IPv4 address of it.
        usual: The address under which the machine itself goes out, if it does.

    Returns:
        That one, then those of networks of the house, then others, then those inside the machine.
    """

    def place(one: tuple[str, str]) -> tuple[int, int]:
        name, address = one
        inside = name.lower().startswith(_INSIDE)
        private = ipaddress.ip_address(address).is_private
        return (0 if address == usual else 2 if inside else 1, 0 if private else 1)

    usable = [
        one
        for one in dict.fromkeys(found)
        if not (
            ipaddress.ip_address(one[1]).is_loopback or ipaddress.ip_address(one[1]).is_link_local
        )
    ]
    return list(dict.fromkeys(address for _, address in sorted(usable, key=place)))


def room_addresses(port: int, *, secure: bool = False) -> list[str]:
    """Return what the room may type into its browsers, the likeliest first.

    Args:
        port: On which the dashboard listens.
        secure: Whether it speaks HTTPS.

    Returns:
        The address that the environment names, alone; else one a network; none without a network.
    """
    chosen = settings().room_address
    if chosen:
        return [chosen]
    scheme = "https" if secure else "http"
    return [f"{scheme}://{one}:{port}" for one in network_addresses()]


def _usual() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:  # no route: a machine without a network
            return None
        return str(probe.getsockname()[0])
