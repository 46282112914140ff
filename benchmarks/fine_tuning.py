"""What fine-tuning adds to the head alone, by cross-validation.

    python -m benchmarks.fine_tuning --data FOLDER [--folds 5] [--seeds 1] [setting=value ...]

Settings of the recipe can be changed to try others: ``fine_tune_from=block6a mixup=0.2``. Each
photo is tested once a seed, by a model that has not seen it; nothing is chosen by looking at the
test photos, and all epochs are run.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import fields, replace
from time import perf_counter
from typing import Any

import numpy as np

from flowercore.backbones import registry, runtime, surgery, weights
from flowercore.data import catalog
from flowercore.evaluation.compare import mcnemar_exact
from flowercore.training import frozen_end, recipes
from flowercore.training import tail as tails
from flowercore.training.activations import boundary_activations
from flowercore.training.config import TrainConfig
from flowercore.training.examples import Examples
from flowercore.training.features import dataset_features
from flowercore.training.head import train_head
from flowercore.training.inputs import inputs
from flowercore.training.out_of_fold import mean_probabilities


def folds(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return the fold of each photo, each class spread evenly."""
    rng = np.random.default_rng(seed)
    fold = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        rows = rng.permutation(np.where(labels == label)[0])
        fold[rows] = np.arange(len(rows)) % count
    return fold


def main() -> None:
    """Print the accuracy of each fold, and what fine-tuning gains and loses in all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("settings", nargs="*")
    arguments = parser.parse_args()
    known = {field.name: field.type for field in fields(TrainConfig)}
    changes: dict[str, Any] = {}
    for setting in arguments.settings:
        name, value = setting.split("=")
        changes[name] = value if known[name] == "str" else json.loads(value)
    plain = TrainConfig(data=arguments.data, validation_split=0)
    config = replace(recipes.fine_tune(plain), **changes)

    dataset = catalog.load(arguments.data)
    numbers = {name: number for number, name in enumerate(dataset.classes)}
    runtime.prepare(config.backbone)
    runtime.prepare(config.backbone, config.fine_tune_from)
    needed = inputs(config, augment=True)
    began = perf_counter()
    judged = [needed.views[place] for place in needed.judged]
    features = dataset_features(dataset, config.backbone, judged)
    labels = np.array([numbers[photo.label] for photo in features.photos])
    print(f"features of {len(labels)} photos: {perf_counter() - began:.1f} s", flush=True)
    began = perf_counter()
    activations = boundary_activations(
        dataset, features.photos, config.backbone, config.fine_tune_from, needed.views
    )
    print(f"activations of {len(needed.views)} views: {perf_counter() - began:.1f} s", flush=True)

    weights.import_keras()
    _, tail = surgery.cut(registry.get(config.backbone), config.fine_tune_from)
    pretrained = tail.get_weights()
    nobody = np.array([], np.int64)
    right: dict[str, list[bool]] = {"head": [], "head, with mirror": [], "fine-tuned": []}
    costs: dict[str, list[float]] = {name: [] for name in right}
    took = []
    for seed in range(arguments.seeds):
        fold = folds(labels, arguments.folds, seed)
        for number in range(arguments.folds):
            train, test = np.where(fold != number)[0], np.where(fold == number)[0]
            seeded = replace(config, seed=seed)
            empty = (features.vectors[:0, 0], labels[:0])
            alone, start = (
                train_head(
                    features.vectors[train, 0],
                    labels[train],
                    empty,
                    len(numbers),
                    settings,
                    lambda epoch: True,
                )
                for settings in (replace(plain, seed=seed), seeded)
            )
            both = mean_probabilities(alone, features.vectors[test])
            one = mean_probabilities(alone, features.vectors[test, :1])
            tail.set_weights(pretrained)
            began = perf_counter()
            examples = Examples(activations, labels, train, nobody, needed.learned)
            frozen = frozen_end.learn(start, examples, needed.judged, seeded, check=lambda: None)
            head = tails.train_tail(
                tail, start, examples, seeded, lambda epoch: True, lambda done, steps: True
            )
            took.append(perf_counter() - began)
            assert head is not None
            end, head = tails.kept_end(tail, head, frozen)
            tuned = np.mean(
                [
                    head.probabilities(
                        end.predict(activations[test, place].astype(np.float32), verbose=0).mean(
                            axis=(1, 2)
                        )
                    )
                    for place in needed.judged
                ],
                axis=0,
            )
            for name, said in zip(right, (one, both, tuned), strict=True):
                right[name] += (said.argmax(axis=1) == labels[test]).tolist()
                costs[name] += (-np.log(said[np.arange(len(test)), labels[test]])).tolist()
            print(
                f"seed {seed}, fold {number}: "
                + ", ".join(f"{name} {np.mean(r[-len(test) :]):.3f}" for name, r in right.items())
                + f", {took[-1]:.0f} s",
                flush=True,
            )
    for name, rights in right.items():
        print(f"{name}: {np.mean(rights):.4f}, cross-entropy {np.mean(costs[name]):.3f}")
    before, after = np.array(right["head"]), np.array(right["fine-tuned"])
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    print(
        f"fine-tuned against head alone: {np.mean(after) - np.mean(before):+.4f}, "
        f"gains {gained} photos and loses {lost}"
        + (f", McNemar exact p = {mcnemar_exact(lost, gained):.2g}" if arguments.seeds == 1 else "")
    )
    print(f"a fit takes {np.mean(took):.0f} s")


if __name__ == "__main__":
    main()
