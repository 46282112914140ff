from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load, save

from flowercore.backbones import litert, registry
from flowercore.backbones.weights import import_keras
from flowercore.errors import StorageError
from flowercore.export import keras_model
from flowercore.runs import results, store

EXACT = 2e-6
# A fine-tuned run keeps the activations at the boundary in half precision.
HALF = 2e-5
KINDS = {
    "head": EXACT,
    "notebook": EXACT,
    "tuned": HALF,
    "beside": HALF,
    "covariance": HALF,
    "scratch": EXACT,
}


@pytest.mark.parametrize("kind", KINDS)
def test_both_models_say_what_the_run_said(exports: dict, kind: str) -> None:
    parity = exports[kind].exported.parity
    run = store.get(exports[kind].run_id)
    assert (parity.photos, parity.absent, parity.reason) == (run.counts["test"], 0, "")
    assert set(parity.models) == {"model.keras", "model.tflite"}
    for agreement in parity.models.values():
        assert agreement.labels_differ == 0
        assert agreement.largest_difference < KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_photos_could_tell_a_wrong_model(exports: dict, kind: str) -> None:
    """Mirroring or swapping channels shows in the probabilities, so that agreement means it."""
    import_keras()
    import keras

    run = store.get(exports[kind].run_id)
    model = keras.models.load_model(exports[kind].folder / "model.keras")
    with Image.open(Path(run.dataset["root"]) / "rose" / "rose_1.jpg") as photo:
        pixels = np.array([photo.resize((96, 96))])
    said = np.asarray(model(pixels))
    mirrored = np.abs(np.asarray(model(pixels[:, :, ::-1])) - said).max()
    swapped = np.abs(np.asarray(model(pixels[..., ::-1])) - said).max()
    assert swapped > 10 * KINDS[kind]
    if run.config["flip_average"]:
        assert mirrored < EXACT, "a photo and its mirror image get the same answer"
    else:
        assert mirrored > 10 * KINDS[kind]


def test_pixels_may_be_whole_numbers_or_not(exports: dict) -> None:
    import_keras()
    import keras

    folder = exports["notebook"].folder
    model = keras.models.load_model(folder / "model.keras")
    pixels = np.random.default_rng(0).integers(0, 256, (4, 96, 96, 3), np.uint8)
    said = model.predict(pixels, verbose=0)
    assert said.shape == (4, 3)
    assert said.dtype == np.float32
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(model.predict(pixels.astype(np.float32), verbose=0), said, atol=1e-6)
    network = litert.load(folder / "model.tflite")
    one = [network.run(photo, "probabilities")[0] for photo in pixels]
    np.testing.assert_allclose(np.stack(one), said, atol=EXACT)


@pytest.mark.parametrize(
    ("kind", "trainable", "ends", "components"),
    [
        ("head", 0, 1, 0),
        ("notebook", 0, 1, 0),
        ("tuned", 92_352, 1, 0),
        ("beside", 92_352, 2, 0),
        ("covariance", 92_352, 2, 8),
        ("scratch", 93_248, 1, 0),
    ],
)
def test_what_was_frozen_stays_frozen(
    exports: dict, kind: str, trainable: int, ends: int, components: int
) -> None:
    import_keras()
    import keras

    model = keras.models.load_model(exports[kind].folder / "model.keras")
    dimension = registry.get("small-convnet").feature_dim
    features = ends * dimension + components * (components + 1) // 2
    head, projection = features * 3 + 3, (dimension + 1) * components
    counted = sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)
    assert counted == trainable + head
    beside = trainable if ends == 2 else 0
    assert model.count_params() == 93_248 + head + projection + beside


def test_the_tail_is_the_runs(exports: dict) -> None:
    run = store.get(exports["tuned"].run_id)
    path = store.folder(run.id) / "tail.safetensors"
    tensors = load(path.read_bytes())
    path.write_bytes(save({key: 2 * value for key, value in tensors.items()}))
    model = keras_model.build(run)
    kernel = model.get_layer("backbone_fine_tuned").get_layer("conv3").get_weights()[0]
    np.testing.assert_array_equal(kernel, 2 * tensors["conv3/kernel"])


@pytest.mark.parametrize("fault", ["head", "tail"])
def test_weights_that_do_not_fit_are_refused(exports: dict, fault: str) -> None:
    run = store.get(exports["tuned"].run_id)
    if fault == "head":
        results.write_head(run.id, {"kernel": np.ones((7, 3), "f4"), "bias": np.ones(3, "f4")})
    else:
        path = store.folder(run.id) / "tail.safetensors"
        path.write_bytes(save({"conv3/kernel": np.zeros((3, 3), np.float32)}))
    with pytest.raises(StorageError, match="rain again"):
        keras_model.build(run)


@pytest.mark.parametrize("name", ["mean", "components"])
def test_components_that_are_not_there_are_told(exports: dict, name: str) -> None:
    run = store.get(exports["covariance"].run_id)
    whole = results.head(run.id)
    for tensors in (
        {key: value for key, value in whole.items() if key != name},
        {**whole, name: whole[name][:3]},
    ):
        results.write_head(run.id, tensors)
        with pytest.raises(StorageError, match="does not hold the components"):
            keras_model.build(run)
    results.write_head(run.id, whole)
    keras_model.build(run)
