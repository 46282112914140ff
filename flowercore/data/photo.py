"""The one door for an untrusted photo: type by content, limits before decoding, upright RGB.

The first frame of an animated PNG or WebP is taken; a GIF is refused as a type.
"""

from __future__ import annotations

import hashlib
import io
import math
import stat
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from flowercore.data.names import shown
from flowercore.data.photo_errors import damaged, pillow_errors, too_large
from flowercore.data.photo_header import Header, read_header
from flowercore.errors import PhotoError
from flowercore.settings import settings

SIDE_MAX = 65_535
"""Longest side in pixels, as in JPEG: resizing takes memory by the length of a line."""

# One at a time: a 50-megapixel photo takes 200 MB and more while it is decoded.
_LARGE_PIXELS = 16_000_000
_BAND_ROWS = 256
_one_large = threading.Lock()

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PhotoFacts(NamedTuple):
    """What is known of a photo without decoding it.

    Attributes:
        format: JPEG, PNG, WebP or HEIC, by content.
        width: Pixels, upright.
        height: Pixels, upright.
        bytes: Size of the file.
        sha256: Hash of the file's bytes, 64 hexadecimal digits.
    """

    format: str
    width: int
    height: int
    bytes: int
    sha256: str


def read_photo_bytes(path: Path) -> bytes:
    """Read a photo's file, checking its size first.

    Args:
        path: The file.

    Returns:
        Its bytes, at most ``Limits.photo_bytes``.

    Raises:
        PhotoError: If it is missing, not a regular file, too large or not readable.
    """
    limit = settings().limits.photo_bytes
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise PhotoError(
                f"A photo must be a file. Received: '{shown(path.name)}', a folder or device."
            )
        if state.st_size > limit:
            raise too_large(path.name, state.st_size)
        with path.open("rb") as file:
            # Not the limit and one: so much memory would be asked for, and given back, each time.
            data = file.read(state.st_size + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PhotoError(
            f"A photo must be a readable file. Received: '{shown(path.name)}': {reason}."
        ) from error
    if len(data) > limit:
        raise too_large(path.name, len(data))
    return data


def inspect(data: bytes, *, name: str) -> PhotoFacts:
    """Read a photo's facts from its header.

    Args:
        data: The whole file.
        name: How messages call the photo.

    Returns:
        The facts; nothing was decoded, so the picture may still turn out damaged.

    Raises:
        PhotoError: If it is empty, of another type, over a limit, or its header is broken.
    """
    header = _checked_header(data, name)
    width, height = header.width, header.height
    if header.orientation >= 5:
        width, height = height, width
    return PhotoFacts(header.format, width, height, len(data), hashlib.sha256(data).hexdigest())


def decode(data: bytes, *, name: str, at_least: int | None = None) -> Image.Image:
    """Decode a photo: upright, RGB, transparency on white.

    Args:
        data: The whole file.
        name: How messages call the photo.
        at_least: Pixels that the shorter side must keep. A larger JPEG is then decoded at 1/2, 1/4
            or 1/8 of its size, many times faster, and any photo above 16 megapixels is averaged
            down to save memory. None gives the full size.

    Returns:
        The picture. The first frame where there are several.

    Raises:
        PhotoError: If it is empty, of another type, over a limit, cut off or damaged.
    """
    header = _checked_header(data, name)
    large = header.width * header.height > _LARGE_PIXELS
    with _one_large if large else nullcontext(), pillow_errors(name, header.format):
        picture = _open(header)
        if picture.size != (header.width, header.height):
            raise damaged(name, header.format)
        if at_least is not None and header.format == "JPEG":
            picture.draft(None, (at_least, at_least))
        picture.load()
        rgb = _reduced(picture, at_least) if large and at_least else _to_rgb(picture)
    if header.orientation in _UPRIGHT:
        rgb = rgb.transpose(_UPRIGHT[header.orientation])
    rgb.info = {}
    return rgb


def square_box(width: int, height: int) -> tuple[float, float, float, float]:
    """Return the part of a photo that is shown to a backbone.

    Squeezing a whole photo to a square distorts flowers; cutting the square out of its middle loses
    their edges. Half of each beat both (docs/decisions.md): the longer side is cut to the mean of
    both sides, and that part is then squeezed.

    Args:
        width: Of the upright photo, pixels.
        height: Likewise.

    Returns:
        Left, top, right, bottom in pixels; a centred part.
    """
    shorter = min(width, height)
    kept_width, kept_height = (width + shorter) / 2, (height + shorter) / 2
    left, top = (width - kept_width) / 2, (height - kept_height) / 2
    return left, top, left + kept_width, top + kept_height


def thumbnail(data: bytes, *, name: str, side: int) -> bytes:
    """Make a small JPEG of a photo.

    Args:
        data: The whole file.
        name: How messages call the photo.
        side: Longest side in pixels; a smaller photo keeps its size.

    Returns:
        JPEG bytes without metadata.

    Raises:
        PhotoError: As ``decode``.
    """
    header = _checked_header(data, name)
    shorter, longer = sorted((header.width, header.height))
    picture = decode(data, name=name, at_least=max(1, math.ceil(side * shorter / longer)))
    picture.thumbnail((side, side), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _checked_header(data: bytes, name: str) -> Header:
    limits = settings().limits
    if len(data) > limits.photo_bytes:
        raise too_large(name, len(data))
    header = read_header(data, name=name)
    count = header.width * header.height
    received = f"Received: '{shown(name)}', {header.width:,} x {header.height:,} pixels"
    if count > limits.photo_pixels:
        raise PhotoError(
            f"A photo must have at most {limits.photo_pixels / 1e6:g} megapixels. "
            f"{received} ({count / 1e6:,.0f} megapixels). Make it smaller first."
        )
    if max(header.width, header.height) > SIDE_MAX:
        raise PhotoError(f"A photo must be at most {SIDE_MAX:,} pixels wide and high. {received}.")
    return header


def _open(header: Header) -> ImageFile.ImageFile:
    # The plugin itself, not Image.open: only this one format may run, and no global setting
    # (Image.MAX_IMAGE_PIXELS, registered plugins) decides.
    file = io.BytesIO(header.picture)
    if header.format == "JPEG":
        return JpegImagePlugin.JpegImageFile(file)
    if header.format == "PNG":
        return PngImagePlugin.PngImageFile(file)
    if header.format == "WebP":
        return WebPImagePlugin.WebPImageFile(file)
    from pillow_heif import HeifImageFile

    return HeifImageFile(file)


def _reduced(picture: Image.Image, at_least: int) -> Image.Image:
    """Convert band by band: a whole 48-megapixel RGBA in RGB as well would take 400 MB."""
    factor = max(1, min(picture.size) // at_least)
    width, height = picture.size
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, _BAND_ROWS // factor)
    for top in range(0, height, rows):
        band = _to_rgb(picture.crop((0, top, width, min(top + rows, height))))
        small.paste(band.reduce(factor), (0, top // factor))
    return small


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # Pillow's convert() cuts 16-bit greys off at 255 instead of scaling them.
        grey = np.clip(np.asarray(picture, dtype=np.int32) >> 8, 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, (255, 255, 255))
        white.paste(picture, mask=picture.getchannel("A"))
        return white
    return picture if picture.mode == "RGB" else picture.convert("RGB")
