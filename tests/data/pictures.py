"""Pictures that tests recognise however they were turned, coded or scaled."""

from __future__ import annotations

import io

from PIL import Image

RED, GREEN, BLUE, WHITE = (230, 30, 30), (30, 200, 40), (40, 40, 220), (255, 255, 255)


# The transposition that a camera's picture has undergone when it writes this orientation.
TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quarters(width: int = 64, height: int = 48) -> Image.Image:
    """A picture whose four quarters tell every turn and mirroring apart."""
    picture = Image.new("RGB", (width, height), WHITE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    return picture


def encoded(picture: Image.Image, format: str, **options: object) -> bytes:
    if format == "HEIF":
        from pillow_heif import from_pillow

        out = io.BytesIO()
        from_pillow(picture).save(out, quality=-1, **options)
        return out.getvalue()
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def near(picture: Image.Image, at: tuple[int, int], color: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(picture.getpixel(at), color, strict=True)) <= 12


def is_upright(picture: Image.Image) -> bool:
    width, height = picture.size
    left, right, top, bottom = width // 4, 3 * width // 4, height // 4, 3 * height // 4
    return (
        near(picture, (left, top), RED)
        and near(picture, (right, top), GREEN)
        and near(picture, (left, bottom), BLUE)
        and near(picture, (right, bottom), WHITE)
    )
