"""Probabilities in plain words."""

from __future__ import annotations

from collections.abc import Mapping

# From here on the most probable class is named without doubt. Never "certain": a softmax is
# sure of itself also on photos of something else.
QUITE_SURE = 0.8
THRESHOLD = 0.5
"""Below this probability of the most probable class the answer is "not sure", unless a visitor
chooses another: from here on it is more probable than all others together."""
# Two classes that are nearer than this are named together ...
CLOSE = 0.15
# ... if they hold at least this much together; below, no class stands out.
TOGETHER = 0.6
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def verdict(
    probabilities: Mapping[str, float], threshold: float = THRESHOLD, *, novel: bool = False
) -> str:
    """Say in a sentence what the probabilities mean.

    Args:
        probabilities: Probability 0..1 by class name; at least one class.
        threshold: Probability of the most probable class below which the answer is "not sure".
        novel: Whether the photo is like none that the model has learned from.

    Returns:
        A sentence such as "Rose, quite sure." or "Rose or tulip, not sure."

    Raises:
        ValueError: If there is no class.
    """
    if not probabilities:
        raise ValueError("A verdict needs at least one class. Received: none.")
    if novel:
        return f"This does not look like any of the {_number(len(probabilities))}."
    ordered = sorted(probabilities.items(), key=lambda item: -item[1])
    first, highest = ordered[0]
    if highest >= threshold:
        if highest >= QUITE_SURE:
            return _sentence(f"{_words(first)}, quite sure.")
        return f"Probably {_words(first)}." if highest >= THRESHOLD else f"Perhaps {_words(first)}."
    # A second of zero for the lone class: it has nothing to be close to.
    second, next_highest = ordered[1] if len(ordered) > 1 else ("", 0.0)
    if highest - next_highest >= CLOSE:
        return f"Perhaps {_words(first)}, not sure."
    if highest + next_highest < TOGETHER:
        return "Not sure at all: no class stands out."
    return _sentence(f"{_words(first)} or {_words(second)}, not sure.")


def _number(count: int) -> str:
    return dict(zip(range(2, 11), _NUMBERS, strict=True)).get(count, f"{count} classes")


def _words(name: str) -> str:
    return name.replace("_", " ").strip() or name


def _sentence(text: str) -> str:
    # Only the first letter: the rest of a name may have capitals of its own.
    return text[:1].upper() + text[1:]
