"""Whole trainings that do more than fit a head: what they leave behind, as one model."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import registry
from flowercore.backbones.weights import import_keras
from flowercore.evaluation.calibration import scaled
from flowercore.files import home_folder
from flowercore.jobs import worker
from flowercore.prediction.predictor import Prediction, Predictor
from flowercore.runs import results, store
from flowercore.runs.store import Run
from flowercore.training import recipes
from flowercore.training.config import TrainConfig

BLOCK = "block7a"


def finished(config: TrainConfig, say: Callable[[str], None] = lambda line: None) -> Run:
    run = worker.train_now(config, say)
    assert run.status == "finished", run.reason
    return run


def same_answers(run: Run, root: Path) -> None:
    """What the page says of a photo is what the run wrote down of it."""
    table = results.predictions(run.id)
    temperature = results.calibration(run.id).get("temperature", 1)
    photos = [(key, (root / key).read_bytes()) for key in table["key"]]
    answers = Predictor.for_run(run.id).predict(photos)
    for (_, row), answer in zip(table.iterrows(), answers, strict=True):
        assert isinstance(answer, Prediction)
        wanted = scaled([row[f"p_{name}"] for name in run.classes], temperature)
        np.testing.assert_allclose(list(answer.probabilities.values()), wanted, atol=2e-6)


def test_a_fine_tuned_run(prepared: Path, tiny_dataset: Callable[..., Path]) -> None:
    root = tiny_dataset()
    lines: list[str] = []
    config = TrainConfig(
        data=str(root),
        epochs=3,
        fine_tune_from=BLOCK,
        fine_tune_epochs=2,
        augment=2,
        flip_average=True,
        tensorboard=True,
    )
    run = finished(config, lines.append)

    history = results.history(run.id)
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert history["phase"].tolist() == ["head"] * 3 + ["tail"] * 2
    assert (history["learning_rate"] > 0).all()
    facts = registry.get(registry.DEFAULT)
    head = facts.feature_dim * 3 + 3
    assert run.model["trainable"] == facts.block(BLOCK).trainable + head
    assert run.model["trainable"] + run.model["frozen"] == facts.parameters + head
    assert any(line.startswith("Training: epoch") for line in lines)

    same_answers(run, root)
    logs = store.folder(run.id) / "tensorboard"
    assert _scalars(logs / "train", "epoch_loss") == pytest.approx(history["loss"].tolist())
    assert _scalars(logs / "validation", "epoch_accuracy") == pytest.approx(
        history["val_accuracy"].tolist()
    )

    kept = list(home_folder("cache", "activations").glob("*.npy"))
    assert len(kept) == 1
    moment = kept[0].stat().st_ino
    again = finished(config)
    assert kept[0].stat().st_ino == moment, "the activations are computed once"
    np.testing.assert_allclose(
        results.head(again.id)["kernel"], results.head(run.id)["kernel"], atol=1e-5
    )


def test_a_fine_tuned_run_with_the_pretrained_end_beside(
    prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset()
    alone = TrainConfig(data=str(root), epochs=3)
    config = replace(
        alone,
        fine_tune_from=BLOCK,
        fine_tune_epochs=2,
        flip_average=True,
        sharpness=0.05,
        frozen_beside=True,
    )
    run = finished(config)
    facts = registry.get(registry.DEFAULT)
    heads = 2 * (facts.feature_dim * 3 + 3)
    assert results.head(run.id)["kernel"].shape == (2 * facts.feature_dim, 3)
    assert run.model["trainable"] == facts.block(BLOCK).trainable + heads
    assert run.model["frozen"] == facts.parameters
    same_answers(run, root)

    # Its first half is the head that is trained alone, and gives half of each logit.
    frozen = results.head(finished(alone).id)
    both = results.head(run.id)
    np.testing.assert_allclose(2 * both["kernel"][: facts.feature_dim], frozen["kernel"], atol=1e-6)
    photo = root / sorted(results.predictions(run.id)["key"])[0]
    predictor, data = Predictor.for_run(run.id), photo.read_bytes()
    plain, _ = predictor.features(photo.name, data)
    (features,) = Predictor.for_run(store.runs()[0].id).features(photo.name, data)
    np.testing.assert_allclose(plain[: facts.feature_dim], features, atol=0.02)
    assert np.abs(plain[facts.feature_dim :] - features).max() > 0.05

    # What each place adds to a logit, and how strange the photo is, come from the same features.
    shares, logits = predictor.evidence(photo.name, data)
    np.testing.assert_allclose(
        shares.mean(axis=(0, 1)) + both["bias"], logits, atol=1e-4, rtol=1e-4
    )
    (answer,) = predictor.predict([(photo.name, data)])
    assert isinstance(answer, Prediction)
    assert predictor.novelty is not None
    assert answer.distance == pytest.approx(
        float(predictor.novelty.scores(features[np.newaxis])[0]), abs=0.05
    )


def _scalars(folder: Path, tag: str) -> list[float]:
    import tensorflow as tf

    (file,) = folder.iterdir()
    return [
        float(tf.make_ndarray(value.tensor))
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
        if value.tag == tag
    ]


def test_a_stop_between_head_and_fine_tuning_keeps_the_heads_epochs(
    prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset()
    config = TrainConfig(data=str(root), epochs=3, fine_tune_from=BLOCK, fine_tune_epochs=2)

    def stop() -> None:
        # The frozen part is compiled after the head's last epoch, which takes a second or more.
        while not any(results.progress(run.id).step == "trunk" for run in store.runs()):
            time.sleep(0.01)
        store.request_cancel(store.runs()[0].id)

    watcher = threading.Thread(target=stop, daemon=True)
    watcher.start()
    run = worker.train_now(config, lambda line: None)
    watcher.join()
    assert (run.status, run.reason) == ("stopped", "Stopped after epoch 3 of 5.")
    assert results.history(run.id)["phase"].tolist() == ["head"] * 3
    assert results.compiled_tail(run.id) is None
    same_answers(run, root)


def test_the_frozen_part_of_a_fine_tuned_run_is_the_pretrained_one(
    prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    import_keras()
    from flowercore.backbones import surgery
    from flowercore.training import tail as tails

    config = TrainConfig(
        data=str(tiny_dataset()), epochs=2, fine_tune_from=BLOCK, fine_tune_epochs=1
    )
    run = finished(config)
    tensors = results.tail(run.id)
    assert tensors is not None
    _, tail = surgery.cut(registry.get(registry.DEFAULT), BLOCK)
    before = tails.tensors(tail)
    moved = {path for path in before if not np.array_equal(before[path], tensors[path])}
    # BatchNormalization stays in inference mode and keeps its gamma and beta as well.
    assert moved == {path for path in before if "_bn/" not in path}


def test_a_cut_off_tail_is_told_in_words(prepared: Path, tiny_dataset: Callable[..., Path]) -> None:
    from flowercore.errors import StorageError

    root = tiny_dataset()
    run = finished(TrainConfig(data=str(root), epochs=1, fine_tune_from="head", fine_tune_epochs=1))
    path = results.compiled_tail(run.id)
    assert path is not None
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(StorageError, match=r"cannot be used.*Train again"):
        Predictor.for_run(run.id)


def test_augmented_views_train_the_head_as_well(
    prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset()
    plain = finished(TrainConfig(data=str(root), epochs=4))
    more = finished(TrainConfig(data=str(root), epochs=4, augment=4, flip_average=True))
    assert not np.allclose(results.head(plain.id)["kernel"], results.head(more.id)["kernel"])
    same_answers(more, root)


def test_a_small_convnet_learns_from_scratch(tiny_dataset: Callable[..., Path]) -> None:
    root = tiny_dataset(per_class=12)
    (*_, config) = recipes.recipe("control", str(root))
    run = finished(config)
    history = results.history(run.id)
    assert set(history["phase"]) == {"tail"}
    assert len(history) == config.fine_tune_epochs
    assert history["accuracy"].iloc[-1] > 0.8 > history["accuracy"].iloc[0]
    assert run.model["frozen"] == 0
    same_answers(run, root)


def test_the_notebooks_recipe_on_the_embedded_backbone(
    prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset(per_class=10)
    notebook, own = (finished(config) for config in recipes.recipe("notebook", str(root)))
    assert notebook.split_identity == own.split_identity
    assert notebook.counts == {"train": 21, "validation": 3, "test": 6}
    assert any("Xception" in note for note in notebook.notes)
    measured = notebook.model["standardisation"]
    train = results.predictions(notebook.id).query("split == 'train'")["key"]
    assert measured == pytest.approx(_mean_and_deviation([root / key for key in train]))
    assert own.model["standardisation"] is None
    same_answers(notebook, root)
    same_answers(own, root)


def _mean_and_deviation(photos: list[Path]) -> dict[str, float]:
    from PIL import Image

    size = registry.get(registry.DEFAULT).input_size
    values = np.stack(
        [
            np.asarray(Image.open(path).resize((size, size), Image.Resampling.BICUBIC))
            for path in photos
        ]
    )
    scaled = values.astype(np.float64) / 255
    return {"mean": scaled.mean(), "deviation": scaled.std()}


def test_a_photo_that_cannot_be_decoded_is_left_out_of_everything(
    prepared: Path, tiny_dataset: Callable[..., Path]
) -> None:
    root = tiny_dataset(per_class=10)
    broken = root / "rose" / "rose_004.jpg"
    broken.write_bytes(broken.read_bytes()[:-300])
    (config, _) = recipes.recipe("notebook", str(root))
    for one in (
        config,
        TrainConfig(data=str(root), epochs=1, fine_tune_from="head", fine_tune_epochs=1),
    ):
        run = finished(one)
        assert [photo["name"] for photo in run.skipped] == ["rose/rose_004.jpg"]
        assert len(results.predictions(run.id)) == 29


def test_activations_that_need_too_much_disk_are_refused(
    prepared: Path,
    tiny_dataset: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flowercore.settings import settings

    monkeypatch.setenv("FLOWERCORE_ACTIVATIONS_BYTES", "1000000")
    settings.cache_clear()
    config = TrainConfig(
        data=str(tiny_dataset()), epochs=1, fine_tune_from="block2a", fine_tune_epochs=1
    )
    run = worker.train_now(config, lambda line: None)
    assert run.status == "failed"
    assert run.reason is not None
    assert "Start fine-tuning at a later block" in run.reason
    assert not any(home_folder("cache", "activations").iterdir())
    shutil.rmtree(home_folder("cache"))
