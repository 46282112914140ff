"""Read the tensors of a PyTorch file from before 2020 without PyTorch and without running code.

Such a file is not a zip but a row of pickles (magic number, protocol, byte order, the object,
the storage keys) followed by the raw storages: per storage its element count as int64, then its
elements. Pickle can call anything it names, so this reader lets it name five things and no other.
"""

from __future__ import annotations

import collections
import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from flowercore.errors import WeightsError

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_STORAGE_TYPES: dict[str, np.dtype] = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
}


@dataclass(frozen=True)
class _StorageType:
    dtype: np.dtype


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype
    count: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(
    storage: _Storage,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    requires_grad: bool = False,
    hooks: Any = None,
) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _RestrictedUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _STORAGE_TYPES:
            return _StorageType(_STORAGE_TYPES[name])
        raise WeightsError(
            "A weights file may name tensors and their storages only. "
            f"Received: one that names {module}.{name}. It was not run."
        )

    def persistent_load(self, pid: Any) -> _Storage:
        if not (isinstance(pid, tuple) and len(pid) >= 5 and pid[0] == "storage"):
            raise WeightsError("A weights file may refer to storages only. It was not read.")
        _, storage_type, key, _location, count = pid[:5]
        if not isinstance(storage_type, _StorageType):
            raise WeightsError("A weights file refers to a storage of an unknown type.")
        return _Storage(str(key), storage_type.dtype, int(count))


def read_torch_file(path: Path) -> dict[str, np.ndarray]:
    """Read the state dict of a legacy PyTorch file.

    Args:
        path: The file.

    Returns:
        Name to array, in PyTorch's own layouts (convolutions are output, input, height, width).
        Strides are honoured: a stored tensor need not be contiguous.

    Raises:
        WeightsError: If the file names anything but tensors, or is not such a file.
    """
    data = path.read_bytes()
    return parse_torch_file(data)


def parse_torch_file(data: bytes) -> dict[str, np.ndarray]:
    """Read the state dict of a legacy PyTorch file from memory; see `read_torch_file`."""
    stream = io.BytesIO(data)
    try:
        if _load(stream) != _MAGIC or _load(stream) != _PROTOCOL:
            raise WeightsError("A weights file must begin with PyTorch's magic number.")
        if not _load(stream).get("little_endian", False):
            raise WeightsError("A weights file must be little-endian.")
        state = _load(stream)
        keys = _load(stream)
        tensors = {name: value for name, value in state.items() if isinstance(value, _Tensor)}
        storages = _read_storages(stream, keys, tensors)
    except WeightsError:
        raise
    except Exception as error:  # pickle raises whatever the damaged bytes lead to
        raise WeightsError(
            f"The weights file is damaged and was not read ({type(error).__name__})."
        ) from error
    return {name: _view(tensor, storages[tensor.storage.key]) for name, tensor in tensors.items()}


def _load(stream: io.BytesIO) -> Any:
    return _RestrictedUnpickler(stream).load()


def _read_storages(
    stream: io.BytesIO, keys: list[str], tensors: dict[str, _Tensor]
) -> dict[str, np.ndarray]:
    known = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    storages: dict[str, np.ndarray] = {}
    for key in keys:
        storage = known[key]
        count = int.from_bytes(stream.read(8), "little")
        raw = stream.read(count * storage.dtype.itemsize)
        if count != storage.count or len(raw) != count * storage.dtype.itemsize:
            raise WeightsError("The weights file is cut off.")
        storages[key] = np.frombuffer(raw, storage.dtype)
    return storages


def _view(tensor: _Tensor, storage: np.ndarray) -> np.ndarray:
    if not tensor.shape:
        return storage[tensor.offset].copy()
    last = tensor.offset + sum(
        (n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True)
    )
    if tensor.offset < 0 or min(tensor.strides) < 0 or last >= storage.size:
        raise WeightsError("A tensor of the weights file reaches beyond its storage.")
    item = storage.itemsize
    view = np.lib.stride_tricks.as_strided(
        storage[tensor.offset :],
        tensor.shape,
        tuple(stride * item for stride in tensor.strides),
    )
    return np.ascontiguousarray(view)
