"""Setting up the starter model on this machine, once: its files, and its network compiled."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from filelock import FileLock
from safetensors.numpy import load as load_tensors

from flowercore.backbones import litert, registry
from flowercore.errors import StorageError
from flowercore.files import home_folder, require_free_space, storage_errors
from flowercore.runs import starter
from flowercore.training.config import TrainConfig


def set_up() -> None:
    """Put the starter's files into the home folder, beside its compiled network.

    Two processes may call it at once: the second waits for the first. Imports TensorFlow.

    Raises:
        StorageError: If the packaged files are damaged, or the home folder cannot be written.
        WeightsError: If the default backbone's weights are missing.
    """
    place = home_folder()
    with FileLock(place / "starter.lock"):
        if starter.available():
            return
        require_free_space(100_000_000)
        with storage_errors():
            folder = Path(tempfile.mkdtemp(prefix=".starter-", dir=place))
            try:
                for name in starter.FILES:
                    shutil.copyfile(starter.PACKAGED / name, folder / name)
                (folder / starter.NETWORK).write_bytes(_compiled())
                starter.stamped(folder)
                # At one stroke: who asks it meanwhile finds the old one or the new one.
                shutil.rmtree(starter.folder(), ignore_errors=True)
                folder.rename(starter.folder())
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _compiled() -> bytes:
    from flowercore.backbones import surgery
    from flowercore.training import frozen_end
    from flowercore.training import tail as tails

    config = TrainConfig.from_dict(starter.packaged_run())
    trunk, tail = surgery.cut(registry.get(config.backbone), config.fine_tune_from)
    try:
        tensors = load_tensors((starter.PACKAGED / "tail.safetensors").read_bytes())
        head = load_tensors((starter.PACKAGED / "head.safetensors").read_bytes())
    except Exception as error:  # the reader raises types of its own for damaged bytes
        raise StorageError("The starter's files are damaged. Install Flower Lab again.") from error
    tails.restore(tail, {path: value.astype(np.float32) for path, value in tensors.items()})
    import keras

    end = tail
    if config.frozen_beside:
        end = surgery.side_by_side(frozen_end.build(config, head), tail)
    whole = end if trunk is None else keras.Model(trunk.input, end(trunk.output))
    return litert.compile_model(whole, "pixels", litert.pooled)
