"""The pages of the dashboard: where they are and what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from flowercore.workshop import room


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        file: Its script, relative to the entrypoint.
        title: Its name in the navigation.
        icon: Its Material symbol.
        help: What it is for, in a sentence.
    """

    file: str
    title: str
    icon: str
    help: str


HOME = Page(
    "pages/home.py",
    "Home",
    ":material/home:",
    "What this is, what to do next, and the state of things.",
)
LEARN = Page(
    "pages/learn.py",
    "Learn",
    ":material/school:",
    "How a network sees a flower: the course, to try with your own hands.",
)
EXPLORE = Page(
    "pages/explore.py",
    "Explore",
    ":material/photo_library:",
    "Look at the photos a model learns from, and bring your own.",
)
TRAIN = Page(
    "pages/train.py",
    "Train",
    ":material/model_training:",
    "Teach a pretrained network your classes, and watch it learn.",
)
EVALUATE = Page(
    "pages/evaluate.py",
    "Evaluate",
    ":material/fact_check:",
    "How good a trained model is, and which photos it gets wrong.",
)
COMPARE = Page(
    "pages/compare.py",
    "Compare",
    ":material/balance:",
    "All runs side by side: which one is better, and is that more than luck?",
)
PREDICT = Page(
    "pages/predict.py",
    "Predict",
    ":material/local_florist:",
    "Ask a trained model what a photo shows.",
)

WORKSHOP = Page(
    "pages/workshop.py",
    "Workshop",
    ":material/groups:",
    "The leader's page: the room's address, all runs as they train, and what the room may do.",
)

PAGES = (HOME, LEARN, EXPLORE, TRAIN, EVALUATE, COMPARE, PREDICT)


def pages() -> tuple[Page, ...]:
    """Return the pages of the navigation; the leader's is there in a workshop only."""
    return (*PAGES, WORKSHOP) if room.is_open() else PAGES
