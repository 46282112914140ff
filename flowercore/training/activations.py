"""What the frozen beginning of a network gives, computed once and kept in a file.

While only the end of a network is trained, its beginning gives the same activations in every epoch.
They are read back through a memory map, so that a thousand photos need no memory of their own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from flowercore.backbones import litert, registry, runtime
from flowercore.data import photo as photo_door
from flowercore.data import views as photo_views
from flowercore.data.dataset import Dataset, Photo, Progress
from flowercore.data.views import View
from flowercore.errors import ConfigError, PhotoError
from flowercore.files import home_folder, require_free_space, storage_errors
from flowercore.settings import settings
from flowercore.training.passes import singly, through

_BATCH = 4


def boundary_activations(
    dataset: Dataset,
    photos: Sequence[Photo],
    backbone: str,
    block: str,
    views: Sequence[View],
    *,
    progress: Progress | None = None,
    check: Callable[[], None] | None = None,
) -> np.ndarray:
    """Return what reaches a block of a backbone, for each view of each photo.

    Args:
        dataset: Whose photos.
        photos: N of its photos, all of which can be decoded.
        backbone: Name of a backbone, prepared up to the block.
        block: The first block that is trained.
        views: The V ways in which each photo is shown.
        progress: Called with (photos done, photos in all).
        check: Called between batches; raises to stop.

    Returns:
        Read-only memory map of shape (N, V, h, w, c): float16 activations, or the uint8 pixels
        where nothing lies before the block.

    Raises:
        ConfigError: If there is no such block, or the activations would need too much disk.
        StorageError: If the disk refuses.
    """
    path = _path(photos, backbone, block, views)
    if not path.is_file():
        _compute(path, dataset, photos, backbone, block, views, progress, check)
    else:
        with suppress(OSError):  # the oldest are removed first: this one is in use again
            path.touch()
    if progress:
        progress(len(photos), len(photos))
    with storage_errors():
        return np.load(path, mmap_mode="r")


def _path(photos: Sequence[Photo], backbone: str, block: str, views: Sequence[View]) -> Path:
    digest = hashlib.sha256(registry.get(backbone).fingerprint.encode())
    for part in (block, *(view.name for view in views), *(photo.sha256 for photo in photos)):
        digest.update(b"\n" + part.encode())
    return home_folder("cache", "activations") / f"{digest.hexdigest()[:32]}.npy"


def _compute(
    path: Path,
    dataset: Dataset,
    photos: Sequence[Photo],
    backbone: str,
    block: str,
    views: Sequence[View],
    progress: Progress | None,
    check: Callable[[], None] | None,
) -> None:
    facts = registry.get(backbone)
    whole = facts.block(block).boundary is None
    trunk = None if whole else runtime.trunk(backbone, block)

    def shown(photo: Photo) -> list[np.ndarray]:
        data = photo_door.read_photo_bytes(dataset.path(photo))
        pictures = photo_views.pixels(
            data, views, name=photo.key, sha256=photo.sha256, size=facts.input_size
        )
        if trunk is None:
            return pictures
        return [one.astype(np.float16) for one in trunk.run_all(pictures, litert.ACTIVATIONS)]

    rows = {photo.key: row for row, photo in enumerate(photos)}
    first = shown(photos[0])[0]
    shape = (len(photos), len(views), *first.shape)
    _make_room(path.parent, int(np.prod(shape)) * first.itemsize)
    with storage_errors():
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        try:
            values = np.lib.format.open_memmap(temporary, "w+", first.dtype, shape)
            done = 0
            for batch in through(photos, singly(shown), threads=settings().threads, batch=_BATCH):
                for photo, result in batch:
                    if isinstance(result, PhotoError):
                        raise result
                    values[rows[photo.key]] = result
                done += len(batch)
                if progress:
                    progress(done, len(photos))
                if check:
                    check()
            values.flush()
            del values
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _make_room(folder: Path, wanted: int) -> None:
    limit = settings().limits.activations_bytes
    if wanted > limit:
        raise ConfigError(
            f"Activations may need {limit / 1e9:.1f} GB of disk. Received: photos, views and a "
            f"block that need {wanted / 1e9:.1f} GB. Start fine-tuning at a later block, or choose "
            "fewer augmented views."
        )
    with storage_errors():
        kept = sorted(folder.glob("*.npy"), key=lambda file: file.stat().st_mtime)
        size = sum(file.stat().st_size for file in kept)
        for file in kept:
            if size + wanted <= limit:
                break
            size -= file.stat().st_size
            # A training that still reads it keeps it until it ends; Windows refuses meanwhile.
            with suppress(OSError):
                file.unlink()
    require_free_space(wanted)
