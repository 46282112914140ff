"""Why a photo is refused, in words."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from flowercore.data.names import shown
from flowercore.errors import PhotoError
from flowercore.settings import settings

# What Pillow and its codecs raise on broken bytes.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)


def cut_off(name: str, kind: str) -> PhotoError:
    """Say that the end of a photo is missing."""
    return PhotoError(
        f"A photo must be whole. Received: '{shown(name)}', a {kind} file that is cut off; "
        "copy it again from its source."
    )


def damaged(name: str, kind: str) -> PhotoError:
    """Say that a photo's bytes cannot be read."""
    return PhotoError(
        f"A photo must be readable. Received: '{shown(name)}', a {kind} file that is damaged; "
        "open it in a photo program and save it again."
    )


def too_large(name: str, size: int | None) -> PhotoError:
    """Say that a photo's file has too many bytes, or more than were read (None)."""
    limit = settings().limits.photo_bytes
    received = "more" if size is None else f"{size / 1e6:,.1f} MB"
    return PhotoError(
        f"A photo must be at most {limit / 1e6:g} MB. "
        f"Received: '{shown(name)}', {received}. Make it smaller first."
    )


@contextmanager
def pillow_errors(name: str, kind: str) -> Iterator[None]:
    """Turn what Pillow raises on broken bytes into words.

    Args:
        name: How the message calls the photo.
        kind: Its format.

    Raises:
        PhotoError: If the block met a broken or too large picture.
    """
    try:
        yield
    except MemoryError as error:
        raise PhotoError(
            f"A photo must fit into memory. Received: '{shown(name)}'. Make it smaller first."
        ) from error
    except Image.DecompressionBombError as error:
        raise damaged(name, kind) from error
    except _BROKEN as error:
        words = str(error).lower()
        if "truncated" in words or "end of file" in words or isinstance(error, EOFError):
            raise cut_off(name, kind) from error
        raise damaged(name, kind) from error
