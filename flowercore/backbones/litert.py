"""Networks in LiteRT: compiled by TensorFlow, run without it.

An interpreter has one thread, and as many run side by side as there are threads: decoding one
photo overlaps with computing another. It computes one photo at a time, or two where there are many;
either gets the same bits as by itself, so that features do not depend on a photo's neighbours.
"""

from __future__ import annotations

import queue
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from flowercore.errors import StorageError
from flowercore.settings import settings

# An interpreter of Xception (84 MB) takes 130 MB, one of EfficientNet-Lite0 (14 MB) 25 MB.
_LARGE_BYTES = 50_000_000
# Photos in one pass of an interpreter, where many are to be computed (docs/decisions.md).
_IN_A_PASS = 2
FEATURES, FEATURE_MAP, ACTIVATIONS = "features", "feature_map", "activations"
"""Names of outputs: the average (D,) of the last feature map, that map (h, w, D), and what the
frozen beginning of a backbone gives."""


def pooled(feature_map: Any) -> dict[str, Any]:
    """Return a feature map (N, h, w, D) beside its average over all places (N, D)."""
    import tensorflow as tf

    return {FEATURES: tf.reduce_mean(feature_map, [1, 2]), FEATURE_MAP: feature_map}


def compile_model(model: Any, argument: str, outputs: Callable[[Any], dict[str, Any]]) -> bytes:
    """Compile a Keras model to LiteRT: float32, one photo at a time, one signature.

    Args:
        model: Keras model with one input and one output.
        argument: How the signature calls the input.
        outputs: From the model's output to named outputs.

    Returns:
        The content of a LiteRT file.
    """
    import tensorflow as tf

    def call(values: Any) -> dict[str, Any]:
        return outputs(model(values, training=False))

    holder = tf.Module()
    # The converter freezes only variables that its trackable owns, and does not see Keras's own.
    holder.variables_of_model = [variable.value for variable in model.variables]
    spec = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name=argument)
    serve = tf.function(call, input_signature=[spec], autograph=False)
    concrete = serve.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], holder)
    return converter.convert()


def giving(model: bytes, output: str) -> bytes:
    """Return a network that gives one of its outputs: quicker, with the same bits.

    What is given is kept to the end of a pass; what is not makes room for what comes next
    (docs/decisions.md).

    Args:
        model: Content of a LiteRT file made by `compile_model`.
        output: Name of the output to keep. The signature goes on naming the others.
    """
    from ai_edge_litert import schema_py_generated
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_content=model).get_signature_runner()
    content = bytearray(model)
    graph = schema_py_generated.Model.GetRootAs(content, 0).Subgraphs(0)
    listed = graph.OutputsAsNumpy()  # where it stands in the content
    if len(listed) == 1:
        return model
    listed[0] = runner.get_output_details()[output]["index"]
    start = listed.ctypes.data - np.frombuffer(content, np.uint8).ctypes.data
    # In a FlatBuffer a list's length stands before it.
    struct.pack_into("<I", content, start - 4, 1)
    return bytes(content)


class _Interpreter:
    """One interpreter.

    Args:
        model: Content of a LiteRT file made by `compile_model`.
        threads: That it takes.
        photos: Of each pass.
        lean: The same network by `giving`, to be run in its place.
    """

    def __init__(
        self, model: bytes, threads: int, photos: int = 1, lean: bytes | None = None
    ) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=lean or model, num_threads=threads)
        (taken,) = self._interpreter.get_input_details()
        self._input, shape = taken["index"], (photos, *taken["shape"][1:])
        if photos > 1:
            self._interpreter.resize_tensor_input(self._input, shape)
        self._interpreter.allocate_tensors()
        # An interpreter refuses to run while anything refers to its insides, as its signature does.
        # A profiler that looks at this thread just now, such as that of Dask's workers, can keep
        # the signature for a moment longer: so it is that of another interpreter, never run.
        runner = Interpreter(model_content=model).get_signature_runner()
        # The order of outputs changes from compilation to compilation; their names do not.
        self._outputs = {k: v["index"] for k, v in runner.get_output_details().items()}
        self._values = np.empty(shape, np.float32)

    def run(self, photos: Sequence[np.ndarray], *outputs: str) -> list[np.ndarray]:
        for place, photo in enumerate(photos):
            self._values[place] = photo
        self._interpreter.set_tensor(self._input, self._values)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(self._outputs[name]) for name in outputs]


class Compiled:
    """A compiled network. Safe to use from many threads.

    Args:
        model: Content of a LiteRT file made by `compile_model`.
        threads: Cores to use: for as many photos side by side, or for one photo after the other
            where the network is so large that a second copy of it would not fit beside a page.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        large = len(model) > _LARGE_BYTES
        self.threads = 1 if large else threads
        self._threads_inside = threads if large else 1
        self._in_a_pass = 1 if large else _IN_A_PASS
        self._model = model
        self._lean: dict[str, bytes] = {}
        self._making_lean = threading.Lock()
        self._idle: dict[str, queue.LifoQueue[_Interpreter]] = {}
        self._permits = threading.Semaphore(self.threads)

    def run(self, values: np.ndarray, *outputs: str) -> list[np.ndarray]:
        """Compute one photo.

        Args:
            values: The network's input without a batch axis.
            *outputs: Names of the wanted outputs.

        Returns:
            A float32 array for each name, without a batch axis.
        """
        with self._interpreter() as interpreter:
            return [found[0] for found in interpreter.run([values], *outputs)]

    def run_all(self, photos: Iterable[np.ndarray], output: str) -> Iterator[np.ndarray]:
        """Compute many photos in the calling thread: a little faster than each by itself.

        Args:
            photos: The network's input for each, without a batch axis; taken when its turn is near.
            output: Name of the wanted output.

        Yields:
            For each photo, in order, the same bits as `run`.
        """
        waiting = iter(photos)
        while some := list(islice(waiting, self._in_a_pass)):
            if len(some) < _IN_A_PASS:
                yield from (self.run(one, output)[0] for one in some)
                continue
            with self._interpreter(output) as interpreter:
                (found,) = interpreter.run(some, output)
            yield from found

    @contextmanager
    def _interpreter(self, output: str = "") -> Iterator[_Interpreter]:
        """Lend an interpreter for one photo; or for several and one of the outputs."""
        idle = self._idle.setdefault(output, queue.LifoQueue())
        with self._permits:
            try:
                interpreter = idle.get_nowait()
            except queue.Empty:
                interpreter = self._made(output)
            try:
                yield interpreter
            finally:
                idle.put(interpreter)

    def _made(self, output: str) -> _Interpreter:
        if not output:
            return _Interpreter(self._model, self._threads_inside)
        with self._making_lean:
            # One for all: an interpreter refers to the bytes that it was made of.
            if output not in self._lean:
                self._lean[output] = giving(self._model, output)
        return _Interpreter(self._model, self._threads_inside, _IN_A_PASS, self._lean[output])


def load(path: Path) -> Compiled:
    """Return a compiled network from its file.

    Raises:
        StorageError: If it is no LiteRT file that can be used.
    """
    network = Compiled(path.read_bytes(), settings().threads)
    try:
        with network._interpreter():
            return network
    except (ValueError, RuntimeError) as error:
        raise StorageError(
            f"The compiled network {path.name} cannot be used: it was edited or cut off. Train "
            "again; other runs are not affected."
        ) from error
