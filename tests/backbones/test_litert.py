"""Interpreters run whatever else looks at the thread that makes them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import numpy as np

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
