"""Whether a temperature lowers the log loss of photos that nobody has seen.

    python -m benchmarks.calibration --data FOLDER [--seeds 20]

For each of some settings of the head and each seed, a run is trained on the photos of a folder of
class folders, its temperature fitted on training and validation photos as the product does, and
the log loss of its test photos compared with and without it. Beside it the temperature that would
have been the best for the test photos, and one that is fitted on the validation photos alone.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

SETTINGS: dict[str, dict[str, float]] = {
    "defaults": {},
    "5 epochs": {"epochs": 5},
    "100 epochs": {"epochs": 100},
    "rate 0.01": {"learning_rate": 0.01},
    "L2 0.01": {"l2": 0.01},
    "dropout 0.3": {"dropout": 0.3},
}


def losses(data: Path, seed: int, settings: dict[str, float]) -> tuple[float, ...]:
    """Train a run; return losses without, with, and with the validation's temperature, and more."""
    from flowercore.evaluation.calibration import fit_temperature
    from flowercore.evaluation.judgement import judgement
    from flowercore.evaluation.metrics import photo_losses
    from flowercore.jobs import worker
    from flowercore.runs import results
    from flowercore.training.config import TrainConfig

    config = TrainConfig.from_dict({"data": str(data), "seed": seed, **settings})
    run = worker.train_now(config, lambda _: None)
    assert run.status == "finished", run.reason
    known = results.calibration(run.id)
    table = results.predictions(run.id)
    parts = {
        part: judgement(table[table["split"] == part], run.classes)
        for part in ("validation", "test")
    }
    test, validation = parts["test"], parts["validation"]
    assert test is not None
    assert validation is not None
    few = fit_temperature(validation.true, validation.raw).value

    def loss(temperature: float) -> float:
        scaled = judgement(table[table["split"] == "test"], run.classes, temperature)
        assert scaled is not None
        return float(photo_losses(scaled.true, scaled.probabilities).mean())

    best = fit_temperature(test.true, test.raw).value
    used = float(known["temperature"])
    return loss(1), loss(used), loss(few), float(known["fitted"]), best, float(used != 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="a folder of class folders")
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        os.environ["FLOWERCORE_HOME"] = place
        print("settings: fitted, best; loss without, with, with the validation's; used, lower of")
        for name, settings in SETTINGS.items():
            found = np.array(
                [losses(arguments.data, seed, settings) for seed in range(1, arguments.seeds + 1)]
            )
            used = found[:, 5] > 0
            lower = int((found[used, 1] < found[used, 0]).sum())
            few = int((found[:, 2] < found[:, 0]).sum())
            without, after, validation, fitted, best, _ = found.mean(axis=0)
            print(
                f"{name}: {fitted:.2f}, {best:.2f}; {without:.3f}, {after:.3f}, {validation:.3f}; "
                f"used in {used.sum()}, lower in {lower}; the validation's lower in {few} of "
                f"{len(found)}"
            )


if __name__ == "__main__":
    main()
