"""The benchmark of a Dask cluster, on a few photos."""

from __future__ import annotations

import pytest

from tests.benchmarks.conftest import Measure


@pytest.mark.slow
def test_scaling_with_one_worker_and_with_two(measure: Measure) -> None:
    workers, shard, million = measure("scaling", "--quick").tables
    assert [row.what for row in workers.rows[:2]] == ["one worker", "two workers"]
    assert 0 < workers.rows[3].median < 100
    assert shard.rows[-1].median > 5, "a vector of 1,280 floats has 5 kB"
    assert all("a million photos" in row.more for row in million.rows)
