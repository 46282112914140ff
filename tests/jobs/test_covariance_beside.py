"""A whole fine-tuning whose frozen end is also given how its features vary together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import registry, runtime
from flowercore.data import views
from flowercore.errors import StorageError
from flowercore.prediction.predictor import Predictor
from flowercore.runs import results, store
from flowercore.training.config import TrainConfig
from tests.jobs.test_fine_tuning import BLOCK, finished, same_answers


def test_a_fine_tuned_run_with_a_covariance_beside(
    prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset()
    components = 16
    config = TrainConfig(
        data=str(root),
        epochs=3,
        fine_tune_from=BLOCK,
        fine_tune_epochs=2,
        flip_average=True,
        frozen_beside=True,
        covariance=components,
    )
    run = finished(config)
    facts = registry.get(registry.DEFAULT)
    width = 2 * facts.feature_dim + components * (components + 1) // 2
    tensors = results.head(run.id)
    assert tensors["kernel"].shape == (width, 3)
    assert tensors["components"].shape == (facts.feature_dim, components)
    assert run.model["trainable"] == facts.block(BLOCK).trainable + 3 * (width + 2)
    same_answers(run, root)

    # The first features are the backbone's own, the next ones the root of their covariance.
    photo = root / sorted(results.predictions(run.id)["key"])[0]
    predictor, data = Predictor.for_run(run.id), photo.read_bytes()
    found, _ = predictor.features(photo.name, data)
    (plain,), (places,) = runtime.extractor(registry.DEFAULT).maps(
        views.pixels(data, (views.PLAIN,), name=photo.name, size=facts.input_size)[0][None]
    )
    np.testing.assert_allclose(found[: facts.feature_dim], plain, atol=0.02)
    second = np.zeros((components, components))
    triangle = np.triu_indices(components)
    second[triangle] = found[facts.feature_dim : -facts.feature_dim]
    second = second + second.T - np.diag(np.diag(second))
    p = (places.reshape(-1, facts.feature_dim) - tensors["mean"]) @ tensors["components"]
    covariance = p.T @ p / len(p)
    # Five steps of the iteration bring what is large to its root, and leave what is small.
    strongest = np.linalg.eigh(covariance)[1][:, -3:]
    np.testing.assert_allclose(
        strongest.T @ second @ second @ strongest,
        strongest.T @ covariance @ strongest,
        atol=0.05 * np.linalg.eigvalsh(covariance)[-1],
    )
    shares, logits = predictor.evidence(photo.name, data)
    np.testing.assert_allclose(
        shares.mean(axis=(0, 1)) + tensors["bias"], logits, atol=1e-3, rtol=1e-3
    )

    # A file that was edited does not fit any more, and says so.
    for value in (8, "many", None):
        store.update(run, config={**run.config, "covariance": value})
        with pytest.raises(StorageError, match="A head must fit its backbone"):
            Predictor.for_run(run.id)
