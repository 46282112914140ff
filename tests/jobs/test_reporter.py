"""What a training writes down of how far it is."""

from __future__ import annotations

from pathlib import Path
from time import sleep

from flowercore.jobs.reporter import Reporter
from flowercore.runs import results, store
from flowercore.training.config import TrainConfig


def test_what_went_before_the_first_count_says_nothing_of_the_time_left(home: Path) -> None:
    run = store.new_run(TrainConfig(data="garden").to_dict(), visitor="", held_by="")
    count = Reporter(run.id, 25, 5).step("beside")
    sleep(0.5)  # an import, say
    count(10, 20)
    sleep(0.25)  # it writes now and then
    count(15, 20)
    told = results.progress(run.id)
    assert (told.done, told.first) == (15, 10)
    assert 0.2 < told.seconds < 0.5
    assert told.seconds_left == told.seconds
