"""The notebook's way against ours: the same backbone, photos, split and epochs.

    python -m benchmarks.notebook_way [--data FOLDER] [--backbone xception] [--seeds 3]

The notebook's way is `benchmarks.notebook_model`. Ours is measured three times: in a fresh process
with nothing cached, in a worker that has started (what a visitor's first click costs), and again
with features cached (every click after). ``--backbone xception`` takes it with random weights.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks import random_xception, report, setting
from benchmarks.notebook_model import Found, Task
from benchmarks.notebook_report import Times, section
from benchmarks.report import Section

if TYPE_CHECKING:
    from flowercore.jobs.slots import Slot
    from flowercore.runs.store import Run

CLICKS = 3


class Comparison:
    """Both sides on one folder of photos.

    Args:
        arguments: Of the command line.
        place: Folder of its own, which holds the home folder.
    """

    def __init__(self, arguments: Namespace, place: Path) -> None:
        from flowercore.backbones import registry
        from flowercore.training.config import TrainConfig

        random = arguments.backbone == "xception"
        if random:
            random_xception.register()
        self.backbone = random_xception.NAME if random else arguments.backbone
        self.facts = registry.get(self.backbone)
        self._place, self._home = place, place / "home"
        self._photos = setting.photos(arguments.data, arguments.photos, place)
        self._config = TrainConfig(
            data=str(self._photos), backbone=self.backbone, epochs=arguments.epochs
        )
        self._measured = arguments.epochs_measured
        self._module = "benchmarks.random_xception" if random else "flowercore"

    def prepare(self) -> float | None:
        """Compile what is compiled once a machine; return the seconds, None if it was there."""
        from flowercore.backbones import runtime

        there = runtime.ready(self.backbone)
        began = perf_counter()
        self._run("prepare", "--backbone", self.backbone)
        seconds = perf_counter() - began
        # Near-duplicates and what is no flower are told by the default one.
        self._run("prepare", "--backbone", "efficientnet-lite0")
        return None if there else seconds

    def _run(self, *words: str) -> str:
        command = [sys.executable, "-m", self._module, *words]
        done = subprocess.run(command, cwd=setting.ROOT, check=True, capture_output=True, text=True)
        return done.stdout

    def ours_once(self, seeds: list[int]) -> dict[int, tuple[float, dict[str, Any]]]:
        """Train once a seed; return accuracy on the test photos and the parts of the split."""
        from flowercore.runs import results

        found = {}
        slot = self._slot()
        for seed in seeds:
            run, _ = self._click(slot, seed)
            table = results.predictions(run.id)
            numbers = {name: number for number, name in enumerate(run.classes)}
            parts = {
                part: [
                    (str(self._photos / key), numbers[label])
                    for key, label in zip(rows["key"], rows["label"], strict=True)
                ]
                for part, rows in table.groupby("split")
            }
            found[seed] = (float(results.metrics(run.id)["accuracy"]), parts)
        slot.replace()
        return found

    def notebook(self, seed: int, parts: dict[str, Any]) -> Found:
        """Train the notebook's way in a process of its own."""
        task = Task(
            self.backbone,
            self.facts.input_size,
            len({number for _, number in parts["train"]}),
            parts,
            self._config.epochs,
            self._measured,
            self._config.batch_size,
            self._config.learning_rate,
            seed,
        )
        asked, answered = self._place / "task.json", self._place / "found.json"
        asked.write_text(task.to_json(), "utf-8")
        module = "benchmarks.notebook_model"
        code = (
            "import sys; from benchmarks import notebook_model, random_xception; "
            "random_xception.register(); notebook_model.main()"
        )
        chosen = ["-m", module] if self._module == "flowercore" else ["-c", code]
        command = [sys.executable, *chosen, str(asked), str(answered)]
        subprocess.run(command, cwd=setting.ROOT, check=True)
        read = json.loads(answered.read_text("utf-8"))
        return Found(**{**read, "epochs": tuple(read["epochs"])})

    def ours(self, seed: int) -> tuple[tuple[float, ...], dict[str, float]]:
        """Train our way three times; return seconds of each, and of the first click's steps."""
        self._forget()
        began = perf_counter()
        settings = {
            "data": self._photos,
            "backbone": self.backbone,
            "epochs": self._config.epochs,
            "seed": seed,
        }
        self._run("train", *(word for k, v in settings.items() for word in (f"--{k}", str(v))))
        fresh = perf_counter() - began
        slot = self._slot()
        self._forget()
        run, first = self._click(slot, seed)
        later = [self._click(slot, seed + 1000 * n)[1] for n in range(1, 1 + CLICKS)]
        slot.replace()
        return (fresh, first, statistics.median(later)), dict(run.seconds)

    def _slot(self) -> Slot:
        """Start a worker as the server does: it is told to prepare, and waits."""
        from flowercore.jobs import worker
        from flowercore.jobs.executor import LocalSlots

        slot = LocalSlots(1).take()
        slot.submit(worker.get_ready).result()
        return slot

    def _click(self, slot: Slot, seed: int) -> tuple[Run, float]:
        from flowercore.jobs import worker
        from flowercore.runs import holder, store

        name = holder.new_name()
        with holder.held(name):
            began = perf_counter()
            config = replace(self._config, seed=seed).to_dict()
            run = store.new_run(config, visitor="", held_by=name)
            train = worker.train if self._module == "flowercore" else random_xception.train
            ended: Run = slot.submit(train, run.id).result()
            seconds = perf_counter() - began
        if ended.status != "finished":
            raise RuntimeError(f"a run must finish. Received: {ended.status}, {ended.reason}")
        return ended, seconds

    def _forget(self) -> None:
        for file in (self._home / "cache").glob("*.sqlite*"):
            file.unlink()


def measure(arguments: Namespace) -> Section:
    """Measure both sides.

    Args:
        arguments: See `main`.
    """
    seeds = list(range(1, 1 + arguments.seeds))
    with setting.place(arguments.prepared) as place:
        compared = Comparison(arguments, place)
        compiled = compared.prepare()
        once = compared.ours_once(seeds)
        turns: list[Times] = []
        for turn, seed in enumerate(seeds[: arguments.turns]):
            times = Times()
            for side in report.alternating(("notebook", "ours"), turn):
                if side == "notebook":
                    times.notebook = compared.notebook(seed, once[seed][1])
                else:
                    times.ours, times.steps = compared.ours(seed)
            turns.append(times)
        others = [one.notebook.accuracy for one in turns if one.notebook]
        measured = [once[seed][0] for seed in seeds[: arguments.turns]]
        counts = {part: len(photos) for part, photos in once[seeds[0]][1].items()}
        return section(arguments, compared.facts, compiled, turns, (measured, others), counts)


def main() -> None:
    """Measure and print."""
    parser = setting.options(__doc__)
    parser.add_argument("--backbone", default="efficientnet-lite0", help="or xception")
    parser.add_argument("--seeds", type=int, default=3, help="seeds, and turns")
    parser.add_argument("--turns", type=int, help="turns that are timed; default: one a seed")
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument(
        "--epochs-measured",
        type=int,
        help="epochs of the notebook's way that are carried out, at least 2; the others are "
        "extrapolated. Default: all, of Xception 2",
    )
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.seeds, arguments.epochs, arguments.epochs_measured = 1, 3, 2
    if arguments.epochs_measured is None:
        arguments.epochs_measured = 2 if arguments.backbone == "xception" else arguments.epochs
    if not 2 <= arguments.epochs_measured <= arguments.epochs:
        parser.error("--epochs-measured must be at least 2 and at most --epochs")
    arguments.turns = arguments.turns or arguments.seeds
    setting.told(measure(arguments), arguments)


if __name__ == "__main__":
    main()
