"""The split of an earlier run, followed again: after mending, the same photos are the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flowercore.data.dataset import Photo
from flowercore.data.split import Split
from flowercore.errors import ConfigError
from flowercore.runs import results


@dataclass(frozen=True)
class Part:
    """What an earlier run used a photo for.

    Attributes:
        name: train, validation or test.
        label: The class that it had then.
    """

    name: str
    label: str


def parts(run_id: str) -> dict[str, Part]:
    """Return what a run used each of its photos for, by SHA-256.

    Raises:
        NotFoundError: If there is no such run, or it did not finish.
        StorageError: If its predictions are damaged.
    """
    table = results.predictions(run_id)
    columns = (table[name] for name in ("sha256", "split", "label"))
    return {sha256: Part(name, label) for sha256, name, label in zip(*columns, strict=True)}


def follow(before: Mapping[str, Part], photos: Sequence[Photo], classes: Sequence[str]) -> Split:
    """Return the parts that photos had before; those that were not there then are learned from.

    Args:
        before: From `parts`.
        photos: What is to be split.
        classes: Each must keep a photo to learn from.

    Raises:
        ConfigError: If one has none.
    """
    names = [before[one.sha256].name if one.sha256 in before else "train" for one in photos]
    learned = {one.label for one, name in zip(photos, names, strict=True) if name == "train"}
    if missing := [label for label in classes if label not in learned]:
        raise ConfigError(
            "The split of an earlier run must leave a photo of every class to learn from. "
            f"Received: none of {', '.join(missing)}. Train with a split of its own."
        )
    return Split(
        **{
            part: np.array([row for row, name in enumerate(names) if name == part], np.int64)
            for part in ("train", "validation", "test")
        }
    )


def notes(before: Mapping[str, Part], photos: Sequence[Photo]) -> tuple[str, ...]:
    """Say what changed in the test since then: nothing leaves or changes it without a word."""
    now = {one.sha256: one for one in photos}
    test = {sha256: part.label for sha256, part in before.items() if part.name == "test"}
    gone = sum(1 for sha256 in test if sha256 not in now)
    changed = sum(
        1 for sha256, label in test.items() if sha256 in now and now[sha256].label != label
    )
    new = sum(1 for sha256 in now if sha256 not in before)
    said = [
        f"Tested on the same photos as the run before: {len(test) - gone:,} of {len(test):,}."
        + (f" {_photos(gone)} taken out since." if gone else "")
        + (f" {_photos(changed, 'carries', 'carry')} another label now." if changed else "")
    ]
    if new:
        said.append(f"{_photos(new, 'is', 'are')} new and learned from.")
    return tuple(said)


def _photos(count: int, one: str = "was", many: str = "were") -> str:
    return f"{count:,} photo {one}" if count == 1 else f"{count:,} photos {many}"
