"""All that can be trained, from the command line; in this process, so that Keras loads once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowercore.__main__ import main
from flowercore.backbones import registry
from flowercore.runs import results, store

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def answer(capsys: Capture) -> Callable[..., Any]:
    def call(*words: str) -> Any:
        status = main([*words, "--json"])
        out = capsys.readouterr()
        assert status == 0, out.err
        return json.loads(out.out)

    return call


@pytest.fixture
def refusal(capsys: Capture) -> Callable[..., str]:
    def call(*words: str, status: int = 2) -> str:
        try:
            received = main(list(words))
        except SystemExit as exit:  # argparse ends the process itself
            received = exit.code
        out = capsys.readouterr()
        assert received == status, out.err
        assert "Traceback" not in out.err
        return out.err.splitlines()[-1]

    return call


@pytest.mark.usefixtures("prepared")
def test_every_setting_reaches_the_run(
    tiny_dataset: Callable[..., Path], answer: Callable[..., Any]
) -> None:
    words = {
        "--optimizer": "sgd",
        "--schedule": "cosine",
        "--dropout": "0.1",
        "--l2": "0.001",
        "--label-smoothing": "0.1",
        "--early-stopping": "3",
        "--augment": "1",
        "--augmentations": "flip,colour",
        "--fine-tune-from": "head",
        "--fine-tune-epochs": "1",
        "--fine-tune-learning-rate": "0.001",
        "--mixup": "0.2",
        "--weight-average": "0.9",
        "--weight-interpolation": "0.5",
        "--epochs": "2",
    }
    flat = [word for pair in words.items() for word in pair]
    flags = ["--class-weights", "--flip-average", "--tensorboard"]
    done = answer("train", "--data", str(tiny_dataset(classes=2)), *flat, *flags)
    config = store.get(done["run"]).config
    for name, value in words.items():
        received = config[name[2:].replace("-", "_")]
        given = value.split(",") if name == "--augmentations" else type(received)(value)
        assert received == given, name
    assert all(config[name] for name in ("class_weights", "flip_average", "tensorboard"))
    assert len(done["history"]["loss"]) == 3
    assert (store.folder(done["run"]) / "tensorboard").is_dir()


@pytest.mark.usefixtures("prepared")
def test_the_control_experiment(
    tiny_dataset: Callable[..., Path], answer: Callable[..., Any], tmp_path: Path
) -> None:
    data = str(tiny_dataset(classes=2, per_class=8))
    # 25 epochs of the small ConvNet are tried elsewhere.
    done = answer("train", "--data", data, "--recipe", "control", "--fine-tune-epochs", "1")
    assert done["recipe"] == "control"
    assert done["run"] == done["runs"][0]["run"]
    runs = [store.get(one["run"]) for one in done["runs"]]
    assert [run.config["backbone"] for run in runs] == [
        "efficientnet-lite0",
        "no-pretraining",
        "small-convnet",
    ]
    assert len({run.split_identity for run in runs}) == 1
    assert len({run.config["experiment"] for run in runs}) == 1
    assert [one["count"] for one in done["comparisons"]] == [runs[0].counts["test"]] * 2

    table = answer("runs")
    assert [row["run"] for row in table] == [run.id for run in reversed(runs)]
    made = answer("export", runs[2].id, "--output", str(tmp_path / "taken"))
    assert (tmp_path / "taken" / "model.keras").is_file()
    assert made


def test_backbones_tell_their_blocks_and_what_is_missing(answer: Callable[..., Any]) -> None:
    found = {one["name"]: one for one in answer("backbones")}
    assert set(found) == set(registry.names())
    assert found["efficientnet-lite0"]["missing"] is None
    assert list(found["efficientnet-lite0"]["blocks"])[-1] == "head"
    assert "b0042744bf5b25fce3cb969f33bebb97" in found["xception"]["missing"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--epochs", "x"), "must be a whole number"),
        (("--fine-tune-from", "block9z"), "must start at one of stem, block1a"),
        (("--fine-tune-from", "head", "--preprocessing", "notebook"), "frozen backbone"),
        (("--recipe", "cake"), "one of notebook, fine-tune, control, suspects"),
        (("--batch-norm", "thawed"), "BatchNorm must be one of inference, moving, batch"),
        (("--batch-norm", "moving", "--fine-tune-from", "head"), "frozen backbone and plain"),
        (("--recipe", "suspects", "--early-stopping", "3"), "statistics are no weights"),
        (("--recipe", "control", "--backbone", "vgg16"), "backbones and names of its own"),
        (("--backbone", "resnet"), "must be one of"),
        (("--optimizer", "lion"), "one of adam, sgd"),
        (("--augment", "99"), "from 0 to 32"),
        (("--augmentations", "blur", "--augment", "2"), "one of flip, crop, colour, rotation"),
        (("--weight-interpolation", "1.5"), "at most 1"),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_work(
    tiny_dataset: Callable[..., Path],
    refusal: Callable[..., str],
    words: tuple[str, ...],
    message: str,
) -> None:
    assert message in refusal("train", "--data", str(tiny_dataset(classes=2)), *words)
    assert store.runs() == []


def test_absent_weights_name_file_hash_place_and_alternative(
    tiny_dataset: Callable[..., Path],
    refusal: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No way out of this machine, wherever the test runs.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    data = str(tiny_dataset(classes=2))
    said = refusal("train", "--data", data, "--backbone", "xception", status=1)
    for part in (
        "xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "b0042744bf5b25fce3cb969f33bebb97",
        "folder 'weights' in the home folder",
        "EfficientNet-Lite0 (ImageNet) is installed already",
    ):
        assert part in said


@pytest.mark.usefixtures("prepared")
def test_a_training_that_diverges_says_when_and_what_to_do(
    tiny_dataset: Callable[..., Path], refusal: Callable[..., str]
) -> None:
    data = str(tiny_dataset(classes=2))
    said = refusal("train", "--data", data, "--learning-rate", "1e6", status=1)
    assert "diverged in epoch 1" in said
    assert "lower learning rate" in said
    (run,) = store.runs()
    assert run.status == "failed"
    assert len(results.history(run.id)) == 1
