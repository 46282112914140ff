"""Asking about photos by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from flowercore.__main__ import main
from flowercore.jobs import starter_setup


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict]:
    main(["predict", "starter", *words, "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def ready(prepared: Path) -> None:
    starter_setup.set_up()


def test_the_starter_answers_says_what_is_strange_and_draws_maps(
    ready: None,
    real_photos: Path,
    not_flowers: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flower = sorted((real_photos / "sunflower").iterdir())[0]
    thing = sorted(not_flowers.iterdir())[6]
    text = tmp_path / "text.jpg"
    text.write_text("words")
    maps = tmp_path / "maps"
    answers = ask(capsys, str(flower), str(thing), str(text), str(flower), "--explain", str(maps))
    assert answers[0]["label"] == "sunflower"
    assert answers[0]["calibrated"] is True
    assert answers[0]["novel"] is False
    assert answers[1]["novel"] is True
    assert answers[1]["verdict"] == "This does not look like any of the five."
    assert answers[1]["distance"] > answers[0]["distance"]
    assert set(answers[2]) == {"photo", "error"}
    assert answers[3] == answers[0]
    assert sorted(path.name for path in maps.iterdir()) == sorted(
        f"{path.stem}.jpg" for path in (flower, thing)
    )
    with Image.open(answers[0]["map"]) as laid, Image.open(flower) as photo:
        assert laid.size == photo.size
    # A second time nothing is overwritten.
    again = ask(capsys, str(flower), "--explain", str(maps))
    assert again[0]["map"] == str(maps / f"{flower.stem} (2).jpg")


def test_a_folder_that_cannot_be_made_is_said(
    ready: None, real_photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    flower = str(sorted((real_photos / "rose").iterdir())[0])
    words = ["predict", "starter", flower, "--explain", str(tmp_path / "file" / "maps")]
    assert main(words) == 2
    assert "Maps go into a folder that can be written." in capsys.readouterr().err


def test_a_machine_that_is_not_prepared_says_so(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", "starter", "x.jpg"]) == 2
    assert "python -m flowercore prepare" in capsys.readouterr().err
