"""One photo spoilt more and more: what is shown is what was asked about."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.backbones import registry, runtime
from flowercore.data import views
from flowercore.data.corruptions import KINDS, STRENGTHS, Corruption
from flowercore.errors import PhotoError
from flowercore.prediction.predictor import Predictor
from flowercore.prediction.spoilt import spoilt


@pytest.fixture
def predictor(prepared: Path) -> Predictor:
    rng = np.random.default_rng(0)
    backbone = registry.get(registry.DEFAULT)
    return Predictor(
        "none",
        ("daisy", "rose", "tulip"),
        rng.normal(0, 0.1, (backbone.feature_dim, 3)).astype(np.float32),
        np.zeros(3, np.float32),
        runtime.extractor(backbone.name),
        backbone,
        views.judged(squeezed=True, flip_average=True),
        temperature=2.0,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_strength_is_shown_and_asked_about(
    predictor: Predictor, real_photos: Path, kind: str
) -> None:
    data = sorted((real_photos / "rose").iterdir())[3].read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    found = spoilt(predictor, "x", data, sha256=sha256, kind=kind)
    assert [one.strength for one in found] == [0, *STRENGTHS]
    (plain,) = predictor.predict([("x", data)])
    assert (found[0].label, found[0].probability) == (
        plain.label,
        max(plain.probabilities.values()),
    )
    for strength in STRENGTHS:
        way = [views.corrupted(view, Corruption(kind, strength)) for view in predictor.views]
        raw = predictor.raw(predictor.features("x", data, way, sha256))
        said = predictor.scaled(raw)
        assert found[strength].label == predictor.classes[int(said.argmax())]
        assert found[strength].probability == said.max()
        (wanted,) = views.pixels(data, way[:1], name="x", size=224, sha256=sha256)
        picture = np.asarray(Image.open(io.BytesIO(found[strength].picture)), float)
        assert picture.shape == (224, 224, 3)
        assert np.abs(picture - wanted).mean() < 8
    assert len({one.probability for one in found}) == 6


def test_a_photo_that_cannot_be_read_is_said(predictor: Predictor) -> None:
    with pytest.raises(PhotoError):
        spoilt(predictor, "x", b"words", sha256="0" * 64, kind="noise")
