"""Photos of something else are known by two signs; flowers are hardly ever refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from flowercore.backbones import registry, runtime
from flowercore.data import catalog, views
from flowercore.data.photo import read_photo_bytes
from flowercore.data.split import deal_folds
from flowercore.jobs import worker
from flowercore.prediction.novelty import MOST, NEIGHBOURS, Novelty, novelty
from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.runs import results
from flowercore.training.config import TrainConfig
from flowercore.training.features import dataset_features


def features_of(folder: Path) -> np.ndarray:
    extractor = runtime.extractor(registry.DEFAULT)
    found = []
    for path in sorted(folder.glob("*.jpg")):
        (pixels,) = views.pixels(read_photo_bytes(path), [views.PLAIN], name=path.name, size=224)
        found.append(extractor.one(pixels))
    return np.array(found)


def test_flowers_are_told_from_objects(
    prepared: Path, seen_photos: Path, not_flowers: Path
) -> None:
    """By cross-validation: AUROC at least 0.995, at most 3 % of objects let in."""
    dataset = catalog.load(str(seen_photos))
    flowers = dataset_features(dataset, registry.DEFAULT).vectors[:, 0]
    labels = np.array([dataset.classes.index(photo.label) for photo in dataset.photos])
    objects = features_of(not_flowers)
    areas, refused, accepted, at_four = [], [], [], []
    for seed in range(2):
        fold_of = deal_folds(labels, np.arange(len(labels)), 5, seed=seed)
        for fold in range(5):
            known = novelty(flowers[fold_of != fold])
            assert known is not None
            own, others = known.scores(flowers[fold_of == fold]), known.scores(objects)
            areas.append(
                roc_auc_score(
                    np.repeat([0, 1], [len(own), len(others)]), np.concatenate([own, others])
                )
            )
            refused.append((own > known.threshold).mean())
            accepted.append((others <= known.threshold).mean())
            at_four.append((others <= np.quantile(own, 0.96)).mean())
    assert np.mean(areas) >= 0.995
    assert np.mean(at_four) <= 0.03
    assert np.mean(accepted) <= 0.03
    assert 0.02 <= np.mean(refused) <= 0.06


def some(count: int = 40) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.abs(rng.normal(1, 0.4, (count, 1280))).astype(np.float32)


def test_it_answers_the_same_after_it_was_kept() -> None:
    known = novelty(some())
    assert known is not None
    again = Novelty.from_tensors(known.tensors())
    np.testing.assert_array_equal(again.scores(some(9)), known.scores(some(9)))
    assert again.threshold == known.threshold


def test_a_copy_of_a_photo_is_no_stranger_and_noise_is() -> None:
    known = novelty(some())
    assert known is not None
    assert not known.novel(some(9)).any()
    assert known.novel(np.abs(np.random.default_rng(1).normal(0, 5, (5, 1280)))).all()


@pytest.mark.parametrize("count", [0, 1, NEIGHBOURS + 1])
def test_few_photos_say_nothing(count: int) -> None:
    assert novelty(some(count)) is None


def test_photos_that_are_all_the_same_say_nothing() -> None:
    assert novelty(np.repeat(some(1), 20, axis=0)) is None


def test_of_very_many_photos_some_are_kept() -> None:
    known = novelty(some(MOST + 100))
    assert known is not None
    assert known.vectors.shape == (MOST, 1280)


@pytest.mark.parametrize(
    "harm",
    [
        {"vectors": np.zeros((2, 1280), np.float16)},
        {"means": np.zeros(3)},
        {"deviations": np.zeros(2)},
        {"threshold": np.zeros(2)},
    ],
)
def test_other_arrays_are_refused(harm: dict[str, np.ndarray]) -> None:
    known = novelty(some())
    assert known is not None
    with pytest.raises((KeyError, ValueError)):
        Novelty.from_tensors({**known.tensors(), **harm})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"flip_average": True},
        {"preprocessing": "notebook", "split": "notebook"},
        {"fine_tune_from": "head", "fine_tune_epochs": 1, "epochs": 2},
        {"backbone": "small-convnet", "epochs": 1},
    ],
    ids=["head", "mirror", "notebook", "tuned", "another backbone"],
)
def test_each_kind_of_run_judges_by_the_same_plain_features(
    prepared: Path, seen_photos: Path, tmp_path: Path, settings: dict
) -> None:
    for label in ("rose", "tulip"):
        (tmp_path / "few" / label).mkdir(parents=True)
        for path in sorted((seen_photos / label).iterdir())[:12]:
            (tmp_path / "few" / label / path.name).write_bytes(path.read_bytes())
    config = TrainConfig(data=str(tmp_path / "few"), **settings)
    run = worker.train_now(config, lambda _: None)
    assert run.status == "finished", run.reason
    known = Novelty.from_tensors(results.novelty(run.id))
    assert len(known.vectors) == run.counts["train"] + run.counts["validation"]
    path = sorted((seen_photos / "rose").iterdir())[20]
    (answer,) = Predictor.for_run(run.id).predict([(path.name, path.read_bytes())])
    assert isinstance(answer, Prediction)
    (pixels,) = views.pixels(path.read_bytes(), [views.PLAIN], name="x", size=224)
    vector = runtime.extractor(registry.DEFAULT).one(pixels)
    assert answer.distance == pytest.approx(known.scores(vector[None])[0], abs=1e-4)
    assert answer.novel == (answer.distance > known.threshold)
