"""The commands for a room: is this machine ready, and the start of a workshop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flowercore.data.names import shown
from flowercore.doctor import machine, parts
from flowercore.doctor.check import PROBLEM, Check, worst
from flowercore.errors import ConfigError, FlowercoreError
from flowercore.settings import settings
from flowercore.workshop import addresses, leaders, qr

ROOT = Path(__file__).resolve().parents[1]
_SIGNS = {"ok": "ok", "warning": "WARNING", "problem": "PROBLEM"}
_QR_WIDTH = 50
_HIGHEST_PORT = 65_535


def doctor(arguments: Namespace) -> list[dict[str, Any]]:
    """Check the machine, line by line as each answer is known.

    Returns:
        With ``--json`` the checks, those with a problem also under ``error``; else nothing more.

    Raises:
        FlowercoreError: Without ``--json``, if there is a problem.
    """
    _check_port(arguments.port)
    checks: list[Check] = []
    for look in _looks(arguments.port, running=arguments.running):
        checks.append(look())
        if not arguments.json:
            _print(checks[-1])
    if arguments.json:
        return [_plain(one) for one in checks]
    problems = [one.name for one in checks if one.state == PROBLEM]
    if problems:
        raise FlowercoreError(f"Not ready for a workshop: {', '.join(problems)}.")
    ready = "Ready for a workshop." if worst(checks) == "ok" else "Ready, with the warnings above."
    print(ready)
    return []


def workshop(arguments: Namespace) -> None:
    """Print the addresses, then become the server; it ends with Ctrl+C."""
    _check_port(arguments.port)
    free = machine.port(arguments.port, arguments.address)
    if free.state == PROBLEM:
        raise ConfigError(f"{free.found} {free.advice}")
    secure = _certificate(arguments.cert, arguments.key)
    token = settings().leader_token or leaders.new_token()
    there = addresses.room_addresses(arguments.port, secure=bool(secure))
    scheme = "https" if secure else "http"
    here = f"{scheme}://localhost:{arguments.port}/workshop?token={token}"
    if arguments.json:
        print(json.dumps({"room": there, "leader": here, "token": token}), flush=True)
    else:
        print("\n".join(_welcome(there, here, token)), flush=True)
    command = serve_command(arguments.port, arguments.address, there, secure)
    environment = os.environ | {"FLOWERCORE_WORKSHOP": "on", "FLOWERCORE_LEADER_TOKEN": token}
    if os.name != "posix":  # Windows would give the terminal back while the server runs
        raise SystemExit(subprocess.call(command, env=environment))
    # The server takes this process's place: what ends the one ends the other.
    os.execve(command[0], command, environment)


def serve_command(
    port: int, address: str, there: Sequence[str], secure: Mapping[str, str] | None = None
) -> list[str]:
    """Return the command that serves a workshop.

    Args:
        port: Port.
        address: Network address to listen on.
        there: Addresses under which the room comes in.
        secure: Options of Streamlit for HTTPS; none for plain HTTP.
    """
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "asgi.py")]
    options = {"server.address": address, "server.port": str(port), "server.headless": "true"}
    if there:
        # Else Streamlit asks a server in the internet for this machine's address.
        options["browser.serverAddress"] = there[0].split("://")[1].split(":")[0].split("/")[0]
    options |= secure or {}
    return [*command, *(f"--{name}={value}" for name, value in options.items())]


def _looks(port: int, *, running: bool) -> list[Callable[[], Check]]:
    there = addresses.room_addresses(port)
    looks = [
        machine.disk,
        machine.memory,
        parts.backbone,
        parts.photos,
        parts.starter_model,
        parts.answer,
        lambda: machine.network(there),
        lambda: machine.camera(there),
        parts.packages,
    ]
    return looks if running else [lambda: machine.port(port), *looks]


def _welcome(there: Sequence[str], here: str, token: str) -> list[str]:
    lines = ["", "  Flower Lab, workshop", ""]
    if there:
        lines += [f"  The room types:     {there[0]}"]
        lines += [f"                or    {one}" for one in there[1:]]
    else:
        lines += ["  This machine is in no network: only its own browser reaches the dashboard."]
    lines += [f"  You, on this machine: {here}"]
    lines += [f"  You, elsewhere:       the room's address, page Workshop, token {token}"]
    if there and sys.stdout.isatty() and os.get_terminal_size().columns >= _QR_WIDTH:
        lines += ["", qr.terminal(there[0])]
    return [*lines, "", "  Ctrl+C ends it. Names, locks and runs are kept.", ""]


def _certificate(cert: str | None, key: str | None) -> dict[str, str]:
    if cert is None and key is None:
        return {}
    files = {"server.sslCertFile": cert, "server.sslKeyFile": key}
    missing = [
        file or "none" for file in files.values() if file is None or not Path(file).is_file()
    ]
    if missing:
        raise ConfigError(
            "--cert and --key go together, and each names a file that is there. Received: "
            f"{', '.join(shown(file) for file in missing)}."
        )
    return {name: str(Path(str(file)).absolute()) for name, file in files.items()}


def _print(check: Check) -> None:
    print(f"{_SIGNS[check.state]:<8} {check.name}: {check.found}", flush=True)
    if check.advice:
        print(f"{'':<8} {check.advice}", flush=True)


def _plain(check: Check) -> dict[str, Any]:
    found = check.to_dict()
    return found | {"error": check.found} if check.state == PROBLEM else found


def _check_port(port: int) -> None:
    if not 1 <= port <= _HIGHEST_PORT:
        raise ConfigError(f"A port must be from 1 to {_HIGHEST_PORT}. Received: {port}.")
