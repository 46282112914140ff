from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flowercore.backbones import registry, runtime
from flowercore.data import views
from flowercore.data.views import MIRRORED, PLAIN, SQUEEZED, View
from flowercore.errors import NotFoundError, StorageError
from flowercore.prediction.predictor import Prediction, PredictionFailure, Predictor, softmax
from flowercore.runs import holder, results, store

CLASSES = ("red", "green", "blue")
SIZE = 32
BACKBONE = replace(registry.get(registry.DEFAULT), input_size=SIZE)


class MeanColor:
    """An extractor whose features are the mean red, green and blue, 0..1."""

    def __init__(self, threads: int = 2) -> None:
        self.threads = threads
        self.seen: list[tuple[int, ...]] = []
        self.names: set[str] = set()

    def one(self, pixels: np.ndarray) -> np.ndarray:
        self.seen.append(pixels.shape)
        self.names.add(threading.current_thread().name)
        return (pixels.mean(axis=(0, 1)) / 255).astype(np.float32)


@pytest.fixture
def predictor() -> Predictor:
    kernel = 20 * np.eye(3, dtype=np.float32)
    return Predictor("a-run", CLASSES, kernel, np.zeros(3, np.float32), MeanColor(), BACKBONE)


@pytest.fixture
def colors(tmp_path: Path, paint: Callable[..., Path]) -> dict[str, bytes]:
    shades = {"red": (220, 30, 30), "green": (30, 220, 30), "blue": (30, 30, 220)}
    return {
        name: paint(tmp_path / f"{name}.png", color=shade, format="PNG").read_bytes()
        for name, shade in shades.items()
    }


def finished_run(features: int, classes: tuple[str, ...] = CLASSES) -> store.Run:
    run = store.new_run({"backbone": registry.DEFAULT}, visitor="v", held_by="nobody")
    rng = np.random.default_rng(0)
    kernel = rng.normal(0, 1, (features, 3)).astype(np.float32)
    results.write_head(run.id, {"kernel": kernel, "bias": np.ones(3, np.float32)})
    return store.update(run, status="finished", dataset={"classes": list(classes)})


def test_each_photo_gets_its_class_in_the_order_given(
    predictor: Predictor, colors: dict[str, bytes]
) -> None:
    names = ["blue", "red", "green", "red"] * 5
    answers = predictor.predict([(f"{name}.png", colors[name]) for name in names])
    assert [answer.label for answer in answers if isinstance(answer, Prediction)] == names
    assert [answer.photo for answer in answers] == [f"{name}.png" for name in names]


def test_probabilities_are_the_softmax_of_the_head(colors: dict[str, bytes]) -> None:
    kernel = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0], [1.5, 0.0, 0.0]], np.float32)
    bias = np.array([0.5, 0.0, -0.5], np.float32)
    seen: list[np.ndarray] = []

    class Remembering(MeanColor):
        def one(self, pixels: np.ndarray) -> np.ndarray:
            seen.append(super().one(pixels))
            return seen[-1]

    (answer,) = Predictor("r", CLASSES, kernel, bias, Remembering(), BACKBONE).predict(
        [("x.png", colors["green"])]
    )
    logits = seen[0].astype(np.float64) @ kernel.astype(np.float64) + bias
    expected = np.exp(logits) / np.exp(logits).sum()
    assert isinstance(answer, Prediction)
    assert list(answer.probabilities) == list(CLASSES)
    np.testing.assert_allclose(list(answer.probabilities.values()), expected, atol=1e-6)
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-12)
    assert answer.label == CLASSES[int(expected.argmax())]


def test_answer_has_words_and_a_time(predictor: Predictor, colors: dict[str, bytes]) -> None:
    (answer,) = predictor.predict([("x.png", colors["red"])])
    assert isinstance(answer, Prediction)
    assert answer.verdict == "Red, quite sure."
    assert answer.seconds > 0


def test_backbone_sees_the_size_it_takes(predictor: Predictor, colors: dict[str, bytes]) -> None:
    extractor = MeanColor()
    Predictor(
        "r", CLASSES, np.eye(3), np.zeros(3), extractor, replace(BACKBONE, input_size=17)
    ).predict([("x.png", colors["red"])])
    assert extractor.seen == [(17, 17, 3)]


def test_a_photo_that_cannot_be_read_does_not_stop_the_others(
    predictor: Predictor, colors: dict[str, bytes]
) -> None:
    cut_off = colors["blue"][: len(colors["blue"]) // 2]
    photos = [
        ("a.png", colors["red"]),
        ("b.jpg", b"no photo at all"),
        ("c.png", cut_off),
        ("d.png", b""),
        ("e.png", colors["green"]),
    ]
    answers = predictor.predict(photos)
    kinds = [type(answer) for answer in answers]
    failure = PredictionFailure
    assert kinds == [Prediction, failure, failure, failure, Prediction]
    for answer in answers[1:4]:
        assert isinstance(answer, PredictionFailure)
        assert answer.photo in answer.error
        assert "Received" in answer.error


def test_nothing_to_judge_is_no_error(predictor: Predictor) -> None:
    assert predictor.predict([]) == []


def test_photos_are_judged_side_by_side(colors: dict[str, bytes]) -> None:
    together = threading.Barrier(2, timeout=10)

    class Meeting(MeanColor):
        def one(self, pixels: np.ndarray) -> np.ndarray:
            # Breaks unless two photos are here at the same time.
            together.wait()
            return super().one(pixels)

    extractor = Meeting(threads=2)
    answers = Predictor("r", CLASSES, np.eye(3), np.zeros(3), extractor, BACKBONE).predict(
        [("a.png", colors["red"]), ("b.png", colors["blue"])]
    )
    assert len(answers) == 2
    assert len(extractor.names) == 2


def test_softmax_survives_large_logits() -> None:
    values = softmax(np.array([1000.0, 1000.0, -1000.0], np.float32))
    np.testing.assert_allclose(values, [0.5, 0.5, 0.0])
    assert values.dtype == np.float64


def test_a_finished_run_is_loaded_with_its_head_and_backbone(
    monkeypatch: pytest.MonkeyPatch, colors: dict[str, bytes]
) -> None:
    backbone = registry.get(registry.DEFAULT)
    run = finished_run(backbone.feature_dim)
    asked: list[str] = []
    shapes: list[tuple[int, ...]] = []

    class Flat(MeanColor):
        def one(self, pixels: np.ndarray) -> np.ndarray:
            shapes.append(pixels.shape)
            return np.full(backbone.feature_dim, 0.01, np.float32)

    monkeypatch.setattr(runtime, "extractor", lambda name: asked.append(name) or Flat())
    predictor = Predictor.for_run(run.id)
    (answer,) = predictor.predict([("x.png", colors["red"])])

    assert (predictor.run_id, predictor.classes) == (run.id, CLASSES)
    assert asked == [registry.DEFAULT]
    assert shapes == [(backbone.input_size, backbone.input_size, 3)]
    tensors = results.head(run.id)
    expected = softmax(np.full(backbone.feature_dim, 0.01) @ tensors["kernel"] + tensors["bias"])
    assert isinstance(answer, Prediction)
    np.testing.assert_allclose(list(answer.probabilities.values()), expected, atol=1e-6)


def test_a_backbone_that_was_not_prepared_says_how_to() -> None:
    run = finished_run(registry.get(registry.DEFAULT).feature_dim)
    with pytest.raises(StorageError, match="python -m flowercore prepare"):
        Predictor.for_run(run.id)


def test_an_unknown_run_is_refused() -> None:
    for run_id in ("20260101-000000-abcdef", "../../etc/passwd", ""):
        with pytest.raises(NotFoundError, match="no run"):
            Predictor.for_run(run_id)


def test_a_run_that_still_trains_is_refused() -> None:
    name = holder.new_name()
    with holder.held(name):
        run = store.new_run({"backbone": registry.DEFAULT}, visitor="v", held_by=name)
        store.update(run, status="training")
        with pytest.raises(NotFoundError, match=r"must have ended.*Received: .*training"):
            Predictor.for_run(run.id)


def test_a_run_without_a_head_is_refused() -> None:
    run = store.new_run({"backbone": registry.DEFAULT}, visitor="v", held_by="nobody")
    store.save(replace(run, status="stopped", dataset={"classes": list(CLASSES)}))
    with pytest.raises(NotFoundError, match="no trained head"):
        Predictor.for_run(run.id)


@pytest.mark.parametrize("fault", ["features", "classes"])
def test_a_head_that_does_not_fit_is_refused(fault: str) -> None:
    dim = registry.get(registry.DEFAULT).feature_dim
    run = finished_run(7) if fault == "features" else finished_run(dim, ("red", "green"))
    with pytest.raises(StorageError, match=r"must fit.*Received: \(.*train again"):
        Predictor.for_run(run.id)


def test_damaged_run_files_are_told_in_words() -> None:
    run = finished_run(registry.get(registry.DEFAULT).feature_dim)
    folder = store.folder(run.id)
    (folder / "head.safetensors").write_bytes(b"broken")
    with pytest.raises(StorageError, match=r"head\.safetensors"):
        Predictor.for_run(run.id)
    (folder / "run.json").write_text("{")
    with pytest.raises(StorageError, match=r"run\.json"):
        Predictor.for_run(run.id)


def test_a_photo_is_judged_in_all_views_of_the_run(paint: Callable[..., Path]) -> None:
    class Left(MeanColor):
        def one(self, pixels: np.ndarray) -> np.ndarray:
            return super().one(pixels[:, : SIZE // 2])

    def answer(*shown: View) -> list[float]:
        predictor = Predictor("r", CLASSES, 3 * np.eye(3), np.zeros(3), Left(), BACKBONE, shown)
        (given,) = predictor.predict([("x", data)])
        assert isinstance(given, Prediction)
        return list(given.probabilities.values())

    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, :20, 0] = picture[:, 20:, 2] = 255
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    data = out.getvalue()
    plain, mirrored = answer(PLAIN), answer(MIRRORED)
    assert plain[0] > 0.8 > 0.2 > mirrored[0]
    np.testing.assert_allclose(answer(PLAIN, MIRRORED), np.mean([plain, mirrored], axis=0))


def test_a_run_of_the_notebook_gets_standardised_pixels(
    monkeypatch: pytest.MonkeyPatch, paint: Callable[..., Path], tmp_path: Path
) -> None:
    facts = registry.get(registry.DEFAULT)
    run = finished_run(facts.feature_dim)
    run = store.update(
        run,
        config={**run.config, "preprocessing": "notebook"},
        model={"standardisation": {"mean": 0.5, "deviation": 0.25}},
    )
    seen: list[np.ndarray] = []

    class Remembering(MeanColor):
        def one(self, pixels: np.ndarray) -> np.ndarray:
            seen.append(pixels)
            return np.zeros(facts.feature_dim, np.float32)

    monkeypatch.setattr(runtime, "extractor", lambda name: Remembering())
    data = paint(tmp_path / "x.png", format="PNG").read_bytes()
    Predictor.for_run(run.id).predict([("x", data)])
    network_input = seen[0] * facts.preprocessing.scale + facts.preprocessing.offset
    (squeezed,) = views.pixels(data, [SQUEEZED], name="x", size=facts.input_size)
    np.testing.assert_allclose(network_input, (squeezed / 255 - 0.5) / 0.25, atol=1e-4)


def test_a_run_of_another_backbone_than_todays_is_refused() -> None:
    run = finished_run(registry.get(registry.DEFAULT).feature_dim)
    store.update(run, model={"fingerprint": "0123456789abcdef"})
    with pytest.raises(StorageError, match=r"another version of its backbone.*[Tt]rain again"):
        Predictor.for_run(run.id)


def test_predicting_imports_no_framework() -> None:
    code = (
        "import sys, flowercore.prediction.predictor, ai_edge_litert.interpreter\n"
        "bad = {'tensorflow', 'keras', 'streamlit', 'scipy', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'imported: {bad}' if bad else 0)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
