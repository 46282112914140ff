"""Reading PyTorch's legacy files: right numbers, and nothing else is ever run."""

from __future__ import annotations

import collections
import io
import pickle
import struct
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from flowercore.backbones.torch_file import parse_torch_file, read_torch_file
from flowercore.errors import WeightsError


class FloatStorage:
    """Stands in for torch.FloatStorage: only its name is pickled."""


def _rebuild_tensor_v2(*arguments: object) -> object:
    raise AssertionError("a stand-in for torch's function is only named, never called")


class _StorageRef:
    def __init__(self, key: str, values: np.ndarray) -> None:
        self.key, self.values = key, values


class _TensorRef:
    def __init__(self, storage: _StorageRef, offset: int, shape: tuple, strides: tuple) -> None:
        self.state = (storage, offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self) -> tuple:
        return _rebuild_tensor_v2, self.state


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> object:
        if isinstance(value, _StorageRef):
            return ("storage", FloatStorage, value.key, "cpu", value.values.size, None)
        return None


@pytest.fixture(autouse=True)
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage, utils._rebuild_tensor_v2 = FloatStorage, _rebuild_tensor_v2
    monkeypatch.setattr(FloatStorage, "__module__", "torch")
    monkeypatch.setattr(_rebuild_tensor_v2, "__module__", "torch._utils")
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def legacy_file(state: object, storages: list[_StorageRef]) -> bytes:
    stream = io.BytesIO()
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    for part in (0x1950A86A20F9469CFC6C, 1001, system, state, [s.key for s in storages]):
        _Pickler(stream, 2).dump(part)
    for storage in storages:
        stream.write(struct.pack("<q", storage.values.size))
        stream.write(storage.values.astype("<f4").tobytes())
    return stream.getvalue()


def test_strides_and_offsets_are_honoured() -> None:
    storage = _StorageRef("0", np.arange(12))
    state = collections.OrderedDict(
        plain=_TensorRef(storage, 0, (3, 4), (4, 1)),
        transposed=_TensorRef(storage, 0, (4, 3), (1, 4)),
        shifted=_TensorRef(storage, 4, (2, 2), (4, 2)),
        scalar=_TensorRef(storage, 7, (), ()),
    )
    tensors = parse_torch_file(legacy_file(state, [storage]))
    grid = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(tensors["plain"], grid)
    np.testing.assert_array_equal(tensors["transposed"], grid.T)
    np.testing.assert_array_equal(tensors["shifted"], grid[1:, ::2])
    assert tensors["scalar"] == 7


class _Bomb:
    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("boom"),))


def test_a_pickle_that_names_another_callable_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsError, match="may name tensors"):
        parse_torch_file(legacy_file(collections.OrderedDict(a=_Bomb()), []))
    assert not (tmp_path / "boom").exists()


def test_a_tensor_beyond_its_storage_is_refused() -> None:
    storage = _StorageRef("0", np.arange(12))
    state = collections.OrderedDict(a=_TensorRef(storage, 4, (3, 4), (4, 1)))
    with pytest.raises(WeightsError, match="beyond its storage"):
        parse_torch_file(legacy_file(state, [storage]))


@pytest.mark.parametrize("keep", [0, 10, 200, -1])
def test_a_cut_off_file_is_refused(keep: int, tmp_path: Path) -> None:
    storage = _StorageRef("0", np.arange(12))
    whole = legacy_file({"a": _TensorRef(storage, 0, (3, 4), (4, 1))}, [storage])
    path = tmp_path / "weights.pth"
    path.write_bytes(whole[:keep])
    with pytest.raises(WeightsError, match=r"cut off|damaged"):
        read_torch_file(path)
