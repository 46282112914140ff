"""A run's epochs as logs for TensorBoard, laid out as Keras's callback does. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flowercore.backbones.weights import import_keras
from flowercore.files import storage_errors
from flowercore.training.head import Epoch

FOLDER = "tensorboard"


class Logs:
    """Writes a scalar an epoch below a folder while the ``with`` block runs.

    Args:
        folder: Where ``train`` and ``validation`` are made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        import_keras()
        import tensorflow as tf

        with storage_errors():
            self._folder.mkdir(parents=True, exist_ok=True)
        self._writers = {
            part: tf.summary.create_file_writer(str(self._folder / part))
            for part in ("train", "validation")
        }
        for writer in self._writers.values():
            self._stack.callback(writer.close)
        return self

    def epoch(self, epoch: Epoch) -> None:
        """Write an epoch's loss, accuracy and learning rate."""
        train = {
            "epoch_loss": epoch.loss,
            "epoch_accuracy": epoch.accuracy,
            "epoch_learning_rate": epoch.learning_rate,
        }
        validation = {"epoch_loss": epoch.val_loss, "epoch_accuracy": epoch.val_accuracy}
        self._write("train", train, epoch.epoch)
        self._write("validation", validation, epoch.epoch)

    def _write(self, part: str, scalars: Mapping[str, float | None], epoch: int) -> None:
        import tensorflow as tf

        with self._writers[part].as_default():
            for tag, value in scalars.items():
                if value is not None:
                    tf.summary.write(tag, tf.constant(value), epoch - 1, _scalar())
        self._writers[part].flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()


def _scalar() -> Any:
    # What TensorBoard's own package writes; it need not be installed for that.
    import tensorflow as tf

    metadata = tf.compat.v1.SummaryMetadata()
    metadata.plugin_data.plugin_name = "scalars"
    return metadata
