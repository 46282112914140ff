"""An address as a QR code, for phones: as a picture, and as text for a terminal."""

from __future__ import annotations

import io

import segno

_QUIET = 4
"""Modules of white around a code, which the standard (ISO/IEC 18004) asks for."""


def png(address: str, side: int = 720) -> bytes:
    """Return a QR code as a PNG picture, black on white in every theme.

    Args:
        address: What it leads to.
        side: Least pixels of a side; a module is a whole number of them, so that it stays sharp.
    """
    code = segno.make(address, error="m", micro=False)
    modules = code.symbol_size(scale=1, border=_QUIET)[0]
    out = io.BytesIO()
    code.save(out, kind="png", scale=-(-side // modules), border=_QUIET)
    return out.getvalue()


def terminal(address: str) -> str:
    """Return a QR code as lines of half blocks, white on the terminal's own black or the reverse.

    Args:
        address: What it leads to.
    """
    out = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out=out, compact=True, border=_QUIET)
    return out.getvalue()
