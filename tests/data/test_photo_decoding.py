"""Every photo comes out upright and in plain RGB."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from flowercore.data import photo
from tests.data.pictures import BLUE, TURNED, WHITE, encoded, exif, is_upright, quarters


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(64, 48), (48, 64)])
def test_a_photo_comes_out_upright(size: tuple[int, int], format: str, orientation: int) -> None:
    turn = TURNED[orientation]
    stored = quarters(*size) if turn is None else quarters(*size).transpose(turn)
    options = {"lossless": True} if format == "WEBP" else {}
    data = encoded(stored, format, exif=exif(orientation), **options)

    facts = photo.inspect(data, name="turned")
    picture = photo.decode(data, name="turned")

    assert (facts.width, facts.height) == picture.size == size
    assert picture.mode == "RGB"
    assert is_upright(picture)


def test_a_png_may_say_its_orientation_after_the_picture() -> None:
    data = encoded(quarters().transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif(6))
    start = data.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    iend = data.index(b"IEND") - 4
    moved = data[:start] + data[end:iend] + data[start:end] + data[iend:]

    assert photo.inspect(moved, name="late.png").width == 64
    assert is_upright(photo.decode(moved, name="late.png"))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "RGB", "L"])
def test_transparency_lies_on_white(mode: str) -> None:
    clear = Image.new("RGBA", (20, 10), (200, 10, 10, 0))
    clear.paste((60, 60, 60, 255), (10, 0, 20, 10))
    if mode == "RGBA":
        data = encoded(clear, "PNG")
    elif mode == "LA":
        data = encoded(clear.convert("LA"), "PNG")
    elif mode in {"P", "PA"}:
        palette = Image.new("P", (20, 10), 0)
        palette.putpalette([200, 10, 10, 60, 60, 60])
        palette.paste(1, (10, 0, 20, 10))
        transparency = 0 if mode == "P" else b"\x00\xff"
        data = encoded(palette, "PNG", transparency=transparency)
    else:
        keyed = Image.new(mode, (20, 10), 200 if mode == "L" else (200, 10, 10))
        keyed.paste(60 if mode == "L" else (60, 60, 60), (10, 0, 20, 10))
        data = encoded(keyed, "PNG", transparency=200 if mode == "L" else (200, 10, 10))

    picture = photo.decode(data, name="clear.png")

    assert picture.getpixel((4, 5)) == WHITE
    assert picture.getpixel((15, 5)) == (60, 60, 60)


def test_half_transparency_mixes_with_white() -> None:
    data = encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 128)), "WEBP", lossless=True)

    assert photo.decode(data, name="half.webp").getpixel((4, 4)) == (127, 127, 127)


@pytest.mark.parametrize(
    ("picture", "format"),
    [
        (Image.new("L", (8, 8), 90), "PNG"),
        (Image.new("L", (8, 8), 90), "JPEG"),
        (Image.fromarray(np.full((8, 8), 90 * 256 + 17, np.uint16)), "PNG"),
    ],
    ids=["grey png", "grey jpeg", "16 bit png"],
)
def test_greys_keep_their_brightness(picture: Image.Image, format: str) -> None:
    assert photo.decode(encoded(picture, format), name="grey").getpixel((4, 4)) == (90, 90, 90)


def test_one_bit_pictures_are_black_and_white() -> None:
    picture = Image.new("1", (8, 8), 0)
    picture.putpixel((1, 1), 1)

    out = photo.decode(encoded(picture, "PNG"), name="bits.png")

    assert (out.getpixel((0, 0)), out.getpixel((1, 1))) == ((0, 0, 0), WHITE)


def test_palette_colors_are_looked_up() -> None:
    data = encoded(quarters().quantize(4), "PNG")

    assert is_upright(photo.decode(data, name="palette.png"))


def test_cmyk_jpegs_are_not_inverted() -> None:
    """Adobe programs store CMYK inverted, and Pillow writes it so, with the Adobe marker."""
    data = encoded(quarters().convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data

    assert is_upright(photo.decode(data, name="cmyk.jpg"))


def test_the_adobe_marker_decides_how_colors_are_coded() -> None:
    """Without the marker these three components would be taken for brightness and two colours."""
    data = bytearray(encoded(quarters(), "JPEG", keep_rgb=True, quality=95))
    assert b"Adobe" in data
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    for number in range(3):
        # Plain numbers in place of the letters R, G, B, which would tell as well.
        data[frame + 10 + 3 * number] = data[scan + 5 + 2 * number] = number + 1

    assert is_upright(photo.decode(bytes(data), name="rgb.jpg"))


def test_metadata_does_not_come_along() -> None:
    for format in ("JPEG", "PNG", "WEBP", "HEIF"):
        data = encoded(quarters(), format, exif=exif(1))

        assert photo.decode(data, name="a").info == {}


def test_the_first_frame_of_an_animation_is_taken() -> None:
    frames = [quarters(), Image.new("RGB", (64, 48), BLUE)]
    for format in ("PNG", "WEBP"):
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:], lossless=True)

        assert is_upright(photo.decode(data, name="moving"))
