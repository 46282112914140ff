"""The steps of the course's notebook: what each does and why, and its code here."""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache

from flowercore.evaluation.intervals import wilson_interval
from flowercore.teaching.notebook import code

_BEGINS = re.compile(r"^    # step: (\w+)\n", re.MULTILINE)
_END = "\n    return "

NOTEBOOK_RIGHT, NOTEBOOK_TESTED = 72, 100
"""Test photos that the course's notebook named right, and how many it had."""
_LOW, _HIGH = (round(100 * bound) for bound in wilson_interval(NOTEBOOK_RIGHT, NOTEBOOK_TESTED))


@dataclass(frozen=True)
class Step:
    """One step of the notebook.

    Attributes:
        name: As it is marked in the code.
        title: What it is, in a few words.
        what: What the notebook does, in a sentence of Markdown.
        why: What that is for, in a sentence of Markdown.
        today: What is different in the code here, in a sentence or two; empty for nothing.
    """

    name: str
    title: str
    what: str
    why: str
    today: str = ""

    @property
    def code(self) -> str:
        """Its lines of Python; they need those of the steps before."""
        return snippets()[self.name]


STEPS = (
    Step(
        "load",
        "Load five classes",
        "Reads the photos of five folders, one for each class; the folder's name is the label.",
        "A network can only learn names that somebody has given to photos.",
        today="`data` is the name of a dataset, such as `garden`, or any folder of class folders. "
        "Here only the names and headers are read; pixels follow when they are needed.",
    ),
    Step(
        "resize",
        "Resize to 299 pixels",
        "Squeezes each photo to a square of 299 × 299 pixels, whatever its shape was.",
        "All photos of a batch must have one size, and 299 is the one that Xception was trained "
        "with.",
        today="The size is the backbone's: 299 for Xception, 224 for EfficientNet-Lite0.",
    ),
    Step(
        "scale",
        "Scale to 0 to 1",
        "Divides all pixel values by 255, so that they lie between 0 and 1.",
        "Small numbers keep the steps of a training in hand.",
        today="Shown for one photo. For the others the division is part of the step *Standardise*, "
        "so that memory holds no second copy of all photos.",
    ),
    Step(
        "labels",
        "Encode the labels",
        "Numbers the classes from 0 to 4 and writes down one number for each photo.",
        "A loss is computed from numbers; the names come back when there is an answer.",
    ),
    Step(
        "split",
        "Split 80 to 20",
        "Keeps a fifth of the photos aside as test photos, drawn at random with seed 42.",
        "What a model says of photos that it has learned from tells nothing about new ones.",
        today="The same photos as with scikit-learn's `train_test_split`. The validation photos, "
        "which Keras takes from the end when it trains, are parted here as well.",
    ),
    Step(
        "standardise",
        "Standardise",
        "Takes the mean of the training photos off every value and divides by their standard "
        "deviation.",
        "Values then lie around 0 with a spread of 1. Xception was trained with others, between "
        "−1 and 1, so this is one of the suspects for the 72 %.",
        today="Validation photos are left out of mean and deviation: they shall stay unseen. The "
        "code counts in whole numbers, so the result is exact.",
    ),
    Step(
        "backbone",
        "Load Xception, frozen",
        "Loads Xception with its ImageNet weights and without its last layer, and freezes all of "
        "it.",
        "It has learned from a million photos what edges, petals and textures look like: that "
        "is what is transferred.",
        today="The network is compiled to LiteRT once on this machine and then runs without "
        "TensorFlow.",
    ),
    Step(
        "pool",
        "Average each map",
        "`GlobalAveragePooling2D` averages each of the 2,048 feature maps over all its places.",
        "Where something is in the photo no longer counts, only how much of it there is.",
        today="A frozen network gives the same features every time. So each photo passes through "
        "it once here; in the notebook it does so again in each of the 25 epochs.",
    ),
    Step(
        "head",
        "Add the new layer",
        "`Dense(5, activation='softmax')`: a weight for each feature and class, and a bias for "
        "each class.",
        "This small layer is all that is trained: it learns which features speak for which class.",
    ),
    Step(
        "compile",
        "Choose loss and optimizer",
        "Sparse categorical cross-entropy as the loss, Adam as the optimizer.",
        "The loss says how wrong an answer is; the optimizer, how the weights move to make it "
        "smaller.",
        today="The cross-entropy is the loss of every head here; “sparse” only means that labels "
        "are numbers.",
    ),
    Step(
        "fit",
        "Train 25 epochs",
        "Shows the head all training photos 25 times in batches of 16, and watches a tenth that "
        "it does not learn from.",
        "Each batch moves the weights a little. The watched photos tell when it only learns by "
        "heart.",
        today="On features it takes less than a second for a few hundred photos, number for number "
        "as in Keras.",
    ),
    Step(
        "test",
        "Test: 0.72",
        f"Asks about the {NOTEBOOK_TESTED} test photos: {NOTEBOOK_RIGHT} of them are named right.",
        "It is the only number that tells how good the model is on new photos.",
        today=f"A number of so few photos needs its interval: {NOTEBOOK_RIGHT} of "
        f"{NOTEBOOK_TESTED} means between {_LOW} and {_HIGH} of 100 new photos.",
    ),
    Step(
        "confusion",
        "Look at the confusions",
        "Counts for each true class what it was called, in a table of five by five.",
        "It shows which flowers are taken for which, and so what photos are missing.",
    ),
    Step(
        "predict",
        "Ask about one photo",
        "Sends one photo through the same steps and takes the class with the largest probability.",
        "That is what it was all for. The photo must be prepared exactly as the training photos "
        "were.",
        today="A sentence says how sure the model is, as on the page Predict.",
    ),
)
"""In the order of the notebook."""


@lru_cache(maxsize=1)
def snippets() -> dict[str, str]:
    """Return the code of each step by its name, in order."""
    source = inspect.getsource(code.notebook)
    _, *parts = _BEGINS.split(source)
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {
        name: textwrap.dedent(lines.partition(_END)[0]).strip() for name, lines in found.items()
    }


def script() -> str:
    """Return all steps as one program: ``python notebook.py`` runs it on the painted garden."""
    parts = [
        '"""The course\'s notebook with the code of Flower Lab. Run it beside flowercore/."""',
        "from __future__ import annotations",
        'data = "garden"  # a dataset\'s name, or a folder of class folders',
        *(f"# {step.title}\n{step.code}" for step in STEPS),
    ]
    return "\n\n".join(parts) + "\n"
