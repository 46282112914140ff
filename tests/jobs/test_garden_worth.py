"""The painted garden is worth training on: hard enough to teach, true enough to be of use."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowercore.data import catalog
from flowercore.jobs import assessment, worker
from flowercore.runs import results
from flowercore.training.config import TrainConfig


@pytest.mark.real_photos
@pytest.mark.usefixtures("prepared")
@pytest.mark.slow
def test_a_head_trained_on_paintings_is_good_on_them_and_useful_on_real_photos(
    real_photos: Path,
) -> None:
    catalog.ensure_garden()
    run = worker.train_now(TrainConfig(data="garden"), lambda line: None)
    assert run.status == "finished", run.reason
    assert run.counts == {"train": 360, "validation": 40, "test": 100}
    assert 0.90 <= results.metrics(run.id)["accuracy"] <= 0.995
    assert assessment.on_dataset(run.id, str(real_photos)).evaluation().accuracy >= 0.60
