"""What type a file is, by its first bytes: its name and its sender may say anything."""

from __future__ import annotations

from flowercore.data.names import shown
from flowercore.errors import PhotoError

FORMATS = ("JPEG", "PNG", "WebP", "HEIC")
# Bytes of a file that ``kind_of`` and ``describe`` need to see.
HEAD = 2048

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF_BRANDS = {b"mif1", b"msf1"}
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def kind_of(head: bytes) -> str | None:
    """Return which of ``FORMATS`` the first bytes of a file belong to, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(_PNG_MAGIC):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        end = min(max(16, int.from_bytes(head[:4], "big")), 256)
        brands = {head[8:12], *(head[i : i + 4] for i in range(16, end, 4))}
        if head[8:12] in _HEIC_BRANDS or (head[8:12] in _HEIF_BRANDS and brands & _HEIC_BRANDS):
            return "HEIC"
    return None


def describe(head: bytes) -> str:
    """Say in words what a file is that is no photo, from its first bytes."""
    for magic, words in _OTHERS.items():
        if head.startswith(magic):
            return words
    if head.startswith((b"GIF87a", b"GIF89a")):
        moving = head.count(b"\x21\xf9\x04") > 1 or b"NETSCAPE2.0" in head
        return "a GIF animation" if moving else "a GIF picture"
    if head[4:8] == b"ftyp":
        return "an AVIF picture" if head[8:12] in {b"avif", b"avis"} else "a video or other media"
    if b"<svg" in head.lower():
        return "an SVG drawing"
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return "a file of another kind"
    return "a text file" if "\x00" not in text else "a file of another kind"


_OTHERS = {
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"BM": "a BMP picture",
    b"%PDF": "a PDF document",
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
    b"PK\x03\x04": "a zip archive or office document",
    b"\x1f\x8b": "a gzip archive",
    b"\x00\x00\x00\x0cjP": "a JPEG 2000 picture",
    b"\xff\x0a": "a JPEG XL picture",
    b"8BPS": "a Photoshop document",
}


def require_photo(head: bytes, *, name: str) -> str:
    """Refuse a file whose first bytes belong to no photo.

    Args:
        head: The first ``HEAD`` bytes, or fewer if the file is shorter.
        name: How messages call the photo.

    Returns:
        One of ``FORMATS``.

    Raises:
        PhotoError: If the file is empty or of another type.
    """
    if not head:
        raise PhotoError(f"A photo must hold a picture. Received: '{shown(name)}', which is empty.")
    kind = kind_of(head)
    if kind is None:
        raise PhotoError(
            f"A photo must be JPEG, PNG, WebP or HEIC. Received: '{shown(name)}', {describe(head)}."
        )
    return kind
