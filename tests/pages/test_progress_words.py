from __future__ import annotations

import pytest

from flowercore.runs.results import Progress
from ui.progress_words import sentence, share, short, waiting


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(), "Getting ready"),
        (
            Progress("weights", done=12_300_000, total=83_683_744, seconds=10),
            "Fetching the weights: 12.3 MB of 83.7 MB, 58 s left",
        ),
        (Progress("weights", total=1), "Compiling the backbone for this machine, only once"),
        (
            Progress("weights", done=5_000_000, total=5_000_000, seconds=10),
            "Compiling the backbone for this machine, only once",
        ),
        (Progress("photos", done=1, total=2), "Measuring the colours of photo 1 of 2"),
        (Progress("features", total=1), "Looking at the photos"),
        (
            Progress("features", done=1200, total=3670, first=1000, seconds=2),
            "Photo 1,200 of 3,670 through the backbone, 25 s left",
        ),
        (
            Progress("features", done=500, total=500, first=500),
            "Photo 500 of 500 through the backbone",
        ),
        (Progress("trunk", total=1), "Compiling the frozen blocks for this machine, only once"),
        (
            Progress("activations", done=100, total=500, seconds=40),
            "Photo 100 of 500 through the frozen blocks, 2 min 40 s left",
        ),
        (Progress("beside", total=1), "Getting the backbone's end ready"),
        (
            Progress("beside", done=120, total=360, seconds=2),
            "Photo 120 of 360 through the end as it was pretrained, 4 s left",
        ),
        (Progress("judging", done=20, total=100), "Judging photo 20 of 100"),
        (Progress("head", done=3, total=25, epoch=3, epochs=25), "Epoch 4 of 25"),
        (Progress("head", done=25, total=25, epoch=25, epochs=25), "Epoch 25 of 25"),
        (Progress("no such step", done=1, total=2), "Getting ready"),
    ],
)
def test_each_step_has_a_sentence(progress: Progress, said: str) -> None:
    assert sentence(progress) == said


def test_an_epoch_is_told_with_its_part_and_its_time() -> None:
    tail = Progress("tail", done=46, total=184, seconds=30, epoch=27, epochs=33)
    assert sentence(tail, 12.3, phases=True) == (
        "Epoch 28 of 33: fine-tuning, 12 s an epoch, 1 min 30 s left"
    )
    head = Progress("head", done=3, total=25, epoch=3, epochs=33)
    assert sentence(head, 0.1, phases=True) == "Epoch 4 of 33: the head"
    assert sentence(tail, 12.3) == "Epoch 28 of 33, 12 s an epoch, 1 min 30 s left"


def test_little_is_left_but_never_nothing() -> None:
    assert sentence(Progress("features", done=499, total=500, seconds=9)).endswith("1 s left")


def test_the_share_stays_within_its_bounds() -> None:
    assert share(Progress("features", done=125, total=500)) == 0.25
    assert share(Progress("features", done=600, total=500)) == 1
    assert share(Progress("features", done=-1, total=500)) == 0
    assert share(Progress("features", done=3, total=0)) == 0


def test_who_waits_is_told_how_many_come_first() -> None:
    assert waiting(0) == "Next in line"
    assert waiting(1) == "1 training ahead of this one"
    assert waiting(12) == "12 trainings ahead of this one"


def test_a_step_is_told_in_short() -> None:
    assert short(Progress("features", done=41, total=100)) == "Photos 41\u202f%"
    assert short(Progress("tail", done=46, total=184, epoch=27, epochs=33)) == "Training 25\u202f%"
    assert short(Progress("features", total=1)) == "Photos"
    assert short(Progress()) == "Getting ready"
