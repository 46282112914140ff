"""What Flower Lab needs on the machine: packages, networks, photos, and a question answered."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from time import perf_counter

from flowercore.backbones import registry, runtime, weights
from flowercore.data import catalog, garden
from flowercore.doctor.check import OK, PROBLEM, WARNING, Check
from flowercore.errors import FlowercoreError
from flowercore.prediction.answer import PredictionFailure
from flowercore.prediction.predictor import Predictor
from flowercore.runs import starter

PREPARE = "Run: python -m flowercore prepare"
INSTALL = "Run: make install, or pip install -r requirements.txt"
_IMPORT_SECONDS = 180
_SLOW_SECONDS = 2.0
_FLOWER = "sunflower"
# In a process of its own: a broken TensorFlow ends the process that imports it.
_IMPORTS = """
import importlib, json, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    module, package = importlib.import_module(name), name.partition(".")[0].replace("_", "-")
    found[name] = getattr(module, "__version__", None) or metadata.version(package)
print("\\n" + json.dumps(found))
"""
_PACKAGES = {
    "streamlit": "Streamlit",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "ai_edge_litert.interpreter": "LiteRT",
}


def packages(names: dict[str, str] | None = None) -> Check:
    """Import the large packages in a process of their own.

    Args:
        names: What each is called, by module; the usual ones by default.
    """
    names = names or _PACKAGES
    began = perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORTS, *names],
            capture_output=True,
            text=True,
            timeout=_IMPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Check(
            "packages",
            PROBLEM,
            f"They were not imported within {_IMPORT_SECONDS} s.",
            "The disk may be very slow, or a virus scanner reads every file: try again.",
        )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return Check("packages", PROBLEM, f"They cannot be imported: {last[:200]}.", INSTALL)
    versions = json.loads(done.stdout.strip().splitlines()[-1])
    said = ", ".join(f"{title} {versions[name]}".strip() for name, title in names.items())
    own = ".".join(map(str, sys.version_info[:3]))
    took = perf_counter() - began
    return Check("packages", OK, f"Python {own}, {said}: imported in {took:.0f} s.")


def backbone() -> Check:
    """Look whether the default network is compiled, and which others could be trained."""
    default = registry.get(registry.DEFAULT)
    if not runtime.ready(registry.DEFAULT):
        return Check("network weights", PROBLEM, f"{default.title} is not prepared.", PREPARE)
    there = sum(weights.missing(one) is None for one in registry.backbones())
    return Check(
        "network weights",
        OK,
        f"{default.title} is ready; the weights of {there} of {len(registry.backbones())} networks "
        "are here.",
    )


def photos() -> Check:
    """Look whether there is something to learn from."""
    try:
        entries = catalog.entries()
    except FlowercoreError as error:
        return Check("photos", PROBLEM, str(error))
    if not any(entry.name == catalog.GARDEN for entry in entries):
        return Check("photos", PROBLEM, "The sample garden is not painted.", PREPARE)
    count = sum(sum(entry.classes.values()) for entry in entries)
    return Check("photos", OK, f"Datasets: {len(entries)}, photos: {count:,}.")


def starter_model() -> Check:
    """Look whether the model is there that answers before anything was trained."""
    if starter.available():
        return Check("starter model", OK, "It is set up.")
    if not starter.packaged():
        return Check(
            "starter model",
            WARNING,
            "This copy of Flower Lab comes without one.",
            "Train a model first; Predict then asks that one.",
        )
    return Check("starter model", PROBLEM, "It is not set up on this machine.", PREPARE)


def answer() -> Check:
    """Paint a photo and ask the starter about it, all the way that a visitor's photo goes."""
    try:
        predictor = Predictor.for_run(starter.NAME)
        photo = ("a painted sunflower", _painted())
        predictor.predict([photo])  # the first answer warms up
        (found,) = predictor.predict([photo])
    except FlowercoreError as error:
        return Check("a photo answered", PROBLEM, str(error), PREPARE)
    if isinstance(found, PredictionFailure):
        return Check("a photo answered", PROBLEM, found.error, PREPARE)
    return judge_answer(found.verdict, found.seconds)


def judge_answer(said: str, seconds: float) -> Check:
    """Judge how long an answer took.

    Args:
        said: The answer.
        seconds: From the file's bytes to the answer.
    """
    found = f"A painted sunflower: “{said}” In {seconds * 1000:.0f} ms."
    if seconds > _SLOW_SECONDS:
        advice = "Slow for a room: end other programs, and plug the laptop in."
        return Check("a photo answered", WARNING, found, advice)
    return Check("a photo answered", OK, found)


def _painted() -> bytes:
    out = io.BytesIO()
    rng = garden.picture_rng(garden.SEED, _FLOWER, 0)
    picture = garden.paint_flower(_FLOWER, rng, garden.picture_size(rng))
    picture.save(out, "JPEG", quality=garden.JPEG_QUALITY)
    return out.getvalue()
