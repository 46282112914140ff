"""Photos of an order become vectors, some at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones import litert, registry, runtime
from flowercore.data.dataset import scan
from flowercore.data.views import MIRRORED, PLAIN
from flowercore.errors import PhotoError
from flowercore.training.computing import Network, Order

Tiny = Callable[..., Path]


@pytest.fixture
def order(prepared: Path, tiny_dataset: Tiny) -> Order:
    data = scan(tiny_dataset(classes=3, per_class=3), name="tiny", origin="a test")
    second = data.photos[1]
    (data.root / second.key).write_bytes((data.root / second.key).read_bytes()[:700])
    # An odd number of pictures, of photos with one and with two.
    missing = {photo.sha256: (0, 1) if row == 3 else (0,) for row, photo in enumerate(data.photos)}
    return Order(data.root, "tiny", data.photos, registry.DEFAULT, (PLAIN, MIRRORED), missing)


def test_some_at_a_time_get_what_each_gets_by_itself(order: Order) -> None:
    network = Network(order)
    found = list(network.several(order.photos))
    assert sum(len(one) for one in found if isinstance(one, dict)) % 2 == 1
    for row, (photo, one) in enumerate(zip(order.photos, found, strict=True)):
        if row == 1:
            assert isinstance(one, PhotoError)
            continue
        assert isinstance(one, dict)
        alone = network(photo)
        assert one.keys() == alone.keys() == set(order.missing[photo.sha256])
        for place, vector in one.items():
            np.testing.assert_array_equal(vector, alone[place])


def test_all_are_opened_before_the_first_is_computed(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    read, run_all = Network.read, litert.Compiled.run_all
    monkeypatch.setattr(Network, "read", lambda *a: (done.append("opened"), read(*a))[1])
    monkeypatch.setattr(
        litert.Compiled,
        "run_all",
        lambda self, photos, output: run_all(
            self, (done.append("taken") or one for one in photos), output
        ),
    )
    found = iter(Network(order).several(order.photos))
    next(found)
    assert done == 9 * ["opened"] + 2 * ["taken"]
    assert len(list(found)) == 8


@pytest.mark.parametrize("count", [1, 2, 5])
def test_two_at_a_time_give_the_same_bits(prepared: Path, count: int) -> None:
    photos = np.random.default_rng(count).integers(0, 256, (count, 224, 224, 3)).astype(np.uint8)
    extractor = runtime.extractor(registry.DEFAULT)
    together = list(extractor.each(iter(photos)))
    assert len(together) == count
    for photo, one in zip(photos, together, strict=True):
        np.testing.assert_array_equal(one, extractor.one(photo))
