"""Interpreters run whatever else looks at the thread that makes them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from flowercore.backbones import litert


def test_an_interpreter_runs_while_a_profiler_holds_what_it_saw(compiled_backbones: Path) -> None:
    (file,) = compiled_backbones.glob("efficientnet-lite0*.tflite")
    seen: list[FrameType] = []
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, argument: seen.append(frame))
    try:
        network = litert.load(file)
    finally:
        sys.setprofile(before)
    assert seen
    (features,) = network.run(np.zeros((224, 224, 3), np.uint8), litert.FEATURES)
    assert features.shape == (1280,)


def test_a_network_that_gives_less_gives_the_same(compiled_backbones: Path) -> None:
    (file,) = compiled_backbones.glob("efficientnet-lite0*.tflite")
    whole = file.read_bytes()
    photo = np.random.default_rng(0).integers(0, 256, (224, 224, 3)).astype(np.uint8)
    given = litert._Interpreter(whole, 1).run([photo], litert.FEATURES, litert.FEATURE_MAP)
    for output, values in zip((litert.FEATURES, litert.FEATURE_MAP), given, strict=True):
        lean = litert.giving(whole, output)
        assert len(Interpreter(model_content=lean).get_output_details()) == 1
        (found,) = litert._Interpreter(whole, 1, 1, lean).run([photo], output)
        np.testing.assert_array_equal(found, values)
        assert litert.giving(lean, output) is lean
    assert whole == file.read_bytes()
    assert len(Interpreter(model_content=whole).get_output_details()) > 2
