"""What an exported model cannot do and must not be used for, in words."""

from __future__ import annotations

from flowercore.runs.store import Run


def limits(run: Run, *, painted: bool, tested: bool) -> list[str]:
    """Return the limits of a model, a sentence or two each.

    Args:
        run: Where it comes from.
        painted: Whether it was trained on pictures that a program painted.
        tested: Whether photos were held back for a test.
    """
    found = [
        f"It knows {len(run.classes)} classes and no other. It names one of them for every "
        "picture, also for another flower, a cat or a wall, and may be sure of itself.",
        "It must not be used to decide whether a plant can be eaten, touched or taken as medicine, "
        "nor for any other decision from which harm can come.",
        "A probability is what the model's softmax gives. Whether nine in ten are right where it "
        "says 0.9 was not checked.",
    ]
    if painted:
        found.insert(
            1,
            "It learned its classes from pictures that a program painted and has never seen a "
            "photo of them. Its results are about such pictures; on photos it is right less often.",
        )
    elif tested:
        found.append(
            f"Its results hold for photos like those of '{run.dataset['name']}'. Other cameras, "
            "places, seasons and varieties can give lower ones."
        )
    return found
