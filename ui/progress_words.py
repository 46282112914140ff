"""How far a training is, in a sentence. Pure functions: nothing here draws."""

from __future__ import annotations

from flowercore.runs.results import Progress
from ui.words import duration, many, percent, size

# What happens to each photo, before the first one is done and afterwards.
_PHOTOS = {
    "photos": ("Measuring the colours", "Measuring the colours of photo {done} of {total}"),
    "features": ("Looking at the photos", "Photo {done} of {total} through the backbone"),
    "activations": (
        "Looking at the photos",
        "Photo {done} of {total} through the frozen blocks",
    ),
    "beside": (
        "Getting the backbone's end ready",
        "Photo {done} of {total} through the end as it was pretrained",
    ),
    "judging": ("Judging the photos", "Judging photo {done} of {total}"),
    "calibrating": ("Calibrating", "Calibrating: epoch {done} of {total} without some photos"),
}


_WORDS = {
    "weights": "Weights",
    "photos": "Photos",
    "features": "Photos",
    "head": "Training",
    "trunk": "Compiling",
    "activations": "Photos",
    "beside": "Photos",
    "tail": "Training",
    "judging": "Judging",
    "calibrating": "Calibrating",
}


def sentence(
    progress: Progress, epoch_seconds: float | None = None, *, phases: bool = False
) -> str:
    """Say what a run does now, how far it is with that, and how long it will take.

    Args:
        progress: What the run wrote down last.
        epoch_seconds: What its last epoch took, if there was one.
        phases: Whether the head is trained first and then fine-tuned with the backbone.
    """
    text = _step(progress, phases)
    if progress.step == "tail" and epoch_seconds:
        text += f", {duration(epoch_seconds)} an epoch"
    left = progress.seconds_left
    return text if not left else f"{text}, {_about(left)} left"


def short(progress: Progress) -> str:
    """Say in a word or two what a run does now and how much of that is done: ``Photos 41 %``."""
    word = _WORDS.get(progress.step, "Getting ready")
    counted = progress.step in _WORDS and progress.total > 1
    return f"{word} {percent(share(progress), 0)}" if counted else word


def share(progress: Progress) -> float:
    """Return how much of the present step is done, 0..1."""
    if progress.total <= 0:
        return 0.0
    return min(1.0, max(0.0, progress.done / progress.total))


def waiting(ahead: int) -> str:
    """Say how many trainings come before one that waits."""
    return f"{many(ahead, 'training')} ahead of this one" if ahead else "Next in line"


def _step(progress: Progress, phases: bool) -> str:
    if progress.step in ("head", "tail") and progress.epochs:
        epoch = min(progress.epoch + 1, progress.epochs)
        part = {"head": ": the head", "tail": ": fine-tuning"}[progress.step] if phases else ""
        return f"Epoch {epoch:,} of {progress.epochs:,}{part}"
    if progress.step == "weights" and progress.done < progress.total > 1:
        return f"Fetching the weights: {size(progress.done)} of {size(progress.total)}"
    if progress.step == "weights":
        return "Compiling the backbone for this machine, only once"
    if progress.step == "trunk":
        return "Compiling the frozen blocks for this machine, only once"
    if progress.step in _PHOTOS:
        before, then = _PHOTOS[progress.step]
        if progress.total <= 1:  # not counted yet
            return before
        return then.format(done=f"{progress.done:,}", total=f"{progress.total:,}")
    return "Getting ready"


def _about(seconds: float) -> str:
    # Whole seconds: an estimate that shows tenths would pretend.
    return duration(seconds) if seconds >= 60 else f"{max(1, round(seconds))} s"
