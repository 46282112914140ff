"""From photos to a tested classifier: seconds of each part, and the accuracy that they buy.

    python -m benchmarks.main_job --data FOLDER_OR_NAME

Trains once on an empty feature cache and then with the seeds 1 to 5 on a full one, in one process
and a home folder of its own. Seconds of different machines say little; compare the ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path


def main() -> None:
    """Print a table of seconds and accuracies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="garden", help="a dataset's name, or a folder")
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as home:
        os.environ["FLOWERCORE_HOME"] = home
        measure(str(Path(data).absolute()) if Path(data).is_dir() else data)


def measure(data: str) -> None:
    """Train and print; the environment already names the home folder."""
    from flowercore.backbones import registry, runtime
    from flowercore.data import catalog
    from flowercore.jobs import worker
    from flowercore.runs import results
    from flowercore.training.config import TrainConfig

    runtime.prepare(registry.DEFAULT)
    if data == catalog.GARDEN:
        catalog.ensure_garden()
    accuracies: list[float] = []
    totals: list[float] = []
    for seed in (1, 1, 2, 3, 4, 5):
        run = worker.train_now(TrainConfig(data=data, seed=seed), lambda line: None)
        seconds, photos = run.seconds, sum(run.counts.values())
        accuracy = results.metrics(run.id)["accuracy"]
        print(
            f"seed {seed}, {'full' if totals else 'empty'} cache: "
            f"features {seconds['features']:.3f} s ({photos / seconds['features']:.0f} photos/s), "
            f"training {seconds['training']:.3f} s, total {seconds['total']:.2f} s, "
            f"test accuracy {accuracy:.3f}"
        )
        totals.append(seconds["total"])
        accuracies.append(accuracy)
    print(f"mean test accuracy over seeds 1 to 5: {statistics.mean(accuracies[1:]):.3f}")
    print(f"empty against full cache: {totals[0] / statistics.median(totals[1:]):.0f}x")


if __name__ == "__main__":
    main()
