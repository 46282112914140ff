"""What the machine has: memory, disk, a free port, a network, and what phones will miss."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import psutil

from flowercore.doctor.check import OK, PROBLEM, WARNING, Check
from flowercore.errors import StorageError
from flowercore.files import home_folder, storage_errors
from flowercore.settings import GIGABYTE, settings

# Measured: server 200 MB, each of two workers up to 1.3 GB while it fine-tunes with TensorFlow.
_MEMORY_TIGHT = 3 * GIGABYTE
_MEMORY_LEAST = 1 * GIGABYTE
# Compiled networks, caches and thirty people's runs of a workshop.
_ROOM_BYTES = 2 * GIGABYTE


def memory() -> Check:
    """Look at the free memory."""
    free = int(psutil.virtual_memory().available)
    return judge_memory(free)


def judge_memory(free: int) -> Check:
    """Judge how much memory programs can still have.

    Args:
        free: Bytes.
    """
    found = f"{free / GIGABYTE:.1f} GB are free."
    if free < _MEMORY_LEAST:
        advice = "End other programs: a training needs about 1 GB, fine-tuning more."
        return Check("memory", PROBLEM, found, advice)
    if free < _MEMORY_TIGHT:
        advice = "End other programs, or set FLOWERCORE_SLOTS=1: then one training runs at a time."
        return Check("memory", WARNING, found, advice)
    return Check("memory", OK, found)


def disk() -> Check:
    """Look at the home folder: whether it can be written, and how much room is left."""
    try:
        with storage_errors():
            folder = home_folder()
            probe = folder / ".doctor"
            probe.write_bytes(b"")
            probe.unlink()
            free = int(psutil.disk_usage(str(folder)).free)
    except StorageError as error:
        return Check("disk", PROBLEM, str(error), "Set FLOWERCORE_HOME to a folder of your own.")
    return judge_disk(free, settings().limits.disk_free_bytes)


def judge_disk(free: int, keep: int) -> Check:
    """Judge how much disk is left.

    Args:
        free: Bytes that are free.
        keep: Bytes that must stay free.
    """
    found = f"{free / GIGABYTE:.1f} GB are free; {keep / GIGABYTE:.1f} GB must stay free."
    advice = "Delete runs or datasets, or set FLOWERCORE_HOME to a folder on another disk."
    if free < keep:
        return Check("disk", PROBLEM, found, advice)
    if free < keep + _ROOM_BYTES:
        return Check("disk", WARNING, found, advice)
    return Check("disk", OK, found)


def port(number: int, address: str = "0.0.0.0") -> Check:
    """Look whether the dashboard can listen.

    Args:
        number: Port.
        address: Network address that it listens on.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # Windows would lend a port that is taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except OSError as error:
            return Check(
                "port",
                PROBLEM,
                f"Port {number} cannot be used: {error.strerror or error}.",
                "End the program that uses it, or choose another: make workshop PORT=8502.",
            )
    return Check("port", OK, f"Port {number} is free.")


def network(addresses: Sequence[str]) -> Check:
    """Judge the addresses under which a room comes in.

    Args:
        addresses: As `flowercore.workshop.addresses.room_addresses` gives them.
    """
    if not addresses:
        return Check(
            "network",
            WARNING,
            "This machine is in no network: only its own browser reaches the dashboard.",
            "Join the room's network, or open a hotspot on this machine or on a phone.",
        )
    found = f"The room types {addresses[0]}"
    more = f" (or {', '.join(addresses[1:])})" if addresses[1:] else ""
    return Check(
        "network",
        OK,
        f"{found}{more}.",
        "Try it with one phone: guest networks often keep their guests apart, and a firewall may "
        "ask once whether Python may be reached.",
    )


def camera(addresses: Sequence[str]) -> Check:
    """Judge whether phones can open their camera in a page: browsers ask for HTTPS.

    Args:
        addresses: See `network`.
    """
    if addresses and addresses[0].startswith("https://"):
        return Check("camera", OK, "Served over HTTPS: phones open their camera in the page.")
    return Check(
        "camera",
        WARNING,
        "Over plain http only this machine's own browser opens its camera in the page.",
        "Phones take photos with the file picker instead. For the live camera serve HTTPS: "
        "docs/workshop.md says how.",
    )
