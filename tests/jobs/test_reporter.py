"""What a training writes down of how far it is."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter, sleep

from flowercore.jobs.reporter import Reporter
from flowercore.runs import results, store
from flowercore.training.config import TrainConfig


def test_what_went_before_the_first_count_says_nothing_of_the_time_left(home: Path) -> None:
    run = store.new_run(TrainConfig(data="garden").to_dict(), visitor="", held_by="")
    count = Reporter(run.id, 25, 5).step("beside")
    sleep(0.5)  # an import, say
    began = perf_counter()
    count(10, 20)
    sleep(0.25)  # it writes now and then
    count(15, 20)
    counted = perf_counter() - began
    told = results.progress(run.id)
    assert (told.done, told.first) == (15, 10)
    assert 0.25 <= told.seconds <= counted
    assert told.seconds_left == told.seconds
