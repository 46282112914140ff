"""The few lines of Python that use an exported model, with nothing of Flower Lab in them."""

from __future__ import annotations

# What `flowercore.data.photo.square_box` keeps of a photo, and what the course's notebook does.
_HALF_SQUARE = """\
x, y = ((side - min(photo.size)) / 4 for side in photo.size)  # cut half of what is too long
box = (x, y, photo.width - x, photo.height - y)
"""
_WHOLE = """\
box = None  # the whole photo, squeezed to a square
"""

_PIXELS = """\
photo = Image.open(sys.argv[1])
photo.draft(None, ({size}, {size}))  # a large JPEG need not be read at full size
photo = ImageOps.exif_transpose(photo).convert("RGB")
{box}\
square = photo.resize(({size}, {size}), Image.Resampling.BICUBIC, box, reducing_gap=3.0)
"""

_KERAS = '''\
"""Say what a photo shows, the most probable class first: python use.py photo.jpg

Needs: pip install "keras>={keras}" tensorflow pillow
"""

import sys
from pathlib import Path

import keras
import numpy as np
from PIL import Image, ImageOps

here = Path(__file__).parent
model = keras.models.load_model(here / "model.keras")
labels = (here / "labels.txt").read_text("utf-8").splitlines()

{pixels}
probabilities = model.predict(np.array([square]), verbose=0)[0]
for number in probabilities.argsort()[::-1]:
    print(f"{{probabilities[number]:.4f}} {{labels[number]}}")
'''

_LITERT = """\
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image, ImageOps

classify = Interpreter("model.tflite").get_signature_runner()
labels = open("labels.txt", encoding="utf-8").read().splitlines()

{pixels}
probabilities = classify(pixels=np.array([square], np.float32))["probabilities"][0]
print(labels[probabilities.argmax()], probabilities.max())
"""


def labels_text(classes: tuple[str, ...]) -> str:
    """Return the content of ``labels.txt``: a class a line, in the order of the model's outputs."""
    # A folder's name may hold a line break; a line here may not.
    return "".join(" ".join(name.splitlines()) + "\n" for name in classes)


def keras_script(size: int, *, squeezed: bool, keras: str) -> str:
    """Return the content of ``use.py``.

    Args:
        size: Side of the square that the model takes, pixels.
        squeezed: Whether the whole photo is squeezed to the square.
        keras: Version of Keras that wrote the model; an older one may not read it.
    """
    return _KERAS.format(pixels=_pixels(size, squeezed), keras=keras)


def litert_script(size: int, *, squeezed: bool) -> str:
    """Return the same for the LiteRT model, to be run in its folder; see `keras_script`."""
    return _LITERT.format(pixels=_pixels(size, squeezed))


def _pixels(size: int, squeezed: bool) -> str:
    return _PIXELS.format(size=size, box=_WHOLE if squeezed else _HALF_SQUARE)
