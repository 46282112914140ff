"""Each rule hits what it is for, says so in a sentence, and leaves good photos alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from flowercore.audit.quality import quality
from flowercore.data import looks
from flowercore.data.dataset import scan


@pytest.fixture
def judged(tmp_path: Path, real_photos: Path) -> Callable[..., dict[str, str]]:
    """Save changed copies of a good photo and return the kinds of what is wrong with them."""
    with Image.open(sorted((real_photos / "tulip").iterdir())[3]) as picture:
        good = picture.convert("RGB")

    def judge(**changes: Callable[[Image.Image], Image.Image]) -> dict[str, str]:
        (tmp_path / "set" / "a").mkdir(parents=True)
        for name, change in changes.items():
            change(good.copy()).save(tmp_path / "set" / "a" / f"{name}.png")
        data = scan(tmp_path / "set", name="set", origin="a test")
        found = quality(data, looks.survey(data), 224)
        assert all(one["why"].endswith((".", "again.")) for one in found)
        assert all(0 <= one["score"] <= 1 for one in found)
        return {f"{Path(one['key']).stem} {one['kind']}": one["why"] for one in found}

    return judge


def brightened(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: ImageEnhance.Brightness(picture).enhance(factor)


def paled(picture: Image.Image) -> Image.Image:
    return Image.blend(picture, Image.new("RGB", picture.size, "white"), 0.9)


def on_black(picture: Image.Image) -> Image.Image:
    black = Image.new("RGB", (400, 400))
    black.paste(picture.resize((160, 160)), (120, 120))
    return black


def test_each_rule_hits_its_own(judged: Callable[..., dict[str, str]]) -> None:
    found = judged(
        good=lambda picture: picture,
        dim=brightened(0.12),
        half=brightened(0.5),
        pale=paled,
        soft=lambda picture: picture.filter(ImageFilter.GaussianBlur(12)),
        small=lambda picture: picture.resize((100, 80)),
        wide=lambda picture: picture.resize((1000, 240)),
        spot=on_black,
        black=lambda picture: Image.new("RGB", picture.size),
        white=lambda picture: Image.new("RGB", picture.size, "white"),
        grey=lambda picture: Image.new("RGB", picture.size, "grey"),
    )
    assert set(found) == {
        "dim dark",
        "pale bright",
        "soft blurry",
        "small tiny",
        "wide odd-shape",
        "black dark",
        "white bright",
        "grey blurry",
    }
    assert "100 x 80 pixels" in found["small tiny"]
    assert "4.2 times as long" in found["wide odd-shape"]


def test_the_worse_the_higher_the_score(tmp_path: Path) -> None:
    (tmp_path / "set" / "a").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for light in (0, 10, 20):
        noise = np.clip(light + rng.normal(0, light / 4, (240, 320, 3)), 0, 255)
        Image.fromarray(noise.astype(np.uint8)).save(tmp_path / "set" / "a" / f"{light:02d}.png")
    data = scan(tmp_path / "set", name="set", origin="a test")
    scores = [one["score"] for one in quality(data, looks.survey(data), 224)]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1


def test_unreadable_files_with_and_without_a_header(tmp_path: Path, paint: Callable) -> None:
    cut = paint(tmp_path / "set" / "a" / "cut.jpg", size=(300, 300))
    cut.write_bytes(cut.read_bytes()[:-500])
    (tmp_path / "set" / "a" / "empty.jpg").touch()
    (tmp_path / "set" / "beside.jpg").touch()
    (tmp_path / "set" / "hollow").mkdir()
    data = scan(tmp_path / "set", name="set", origin="a test")
    found = {one["key"]: one for one in quality(data, looks.survey(data), 224)}
    assert set(found) == {"a/cut.jpg", "a/empty.jpg"}
    assert found["a/cut.jpg"]["sha256"] == data.photos[0].sha256
    assert found["a/empty.jpg"]["sha256"] == ""
    assert "cut off" in found["a/cut.jpg"]["why"]
    assert "empty" in found["a/empty.jpg"]["why"]
