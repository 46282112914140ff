"""A Keras model of the kinds of layers that EfficientNet-Lite has, as an ONNX graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# The newest operations that are needed here are older.
_OPSET = 17
_INSIDE = "pixels_nchw"


def graph_of(model: Any) -> bytes:
    """Translate a model layer by layer; channels come first inside, as ONNX wants them.

    Args:
        model: Keras model of one input ``pixels``, (N, S, S, 3), and one output (N, D).

    Returns:
        An ONNX file's content, with the same input and output.
    """
    graph = _Graph()
    graph.add("Transpose", ["pixels"], _INSIDE, perm=[0, 3, 1, 2])
    names = {id(model.inputs[0]): _INSIDE}
    for layer in model.layers:
        if type(layer).__name__ == "InputLayer":
            continue
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        _LAYERS[type(layer).__name__](graph, layer, [names[id(one)] for one in inputs])
        names[id(layer.output)] = layer.name
    size, width = model.input_shape[1], model.output_shape[-1]
    made = helper.make_graph(
        graph.nodes,
        model.name,
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", size, size, 3])],
        [helper.make_tensor_value_info(model.layers[-1].name, TensorProto.FLOAT, ["N", width])],
        graph.constants,
    )
    opset = [helper.make_opsetid("", _OPSET)]
    whole = helper.make_model(made, opset_imports=opset, ir_version=8)
    onnx.checker.check_model(whole)
    return whole.SerializeToString()


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))

    def constant(self, name: str, values: Any) -> str:
        array = np.ascontiguousarray(values, np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name


def _rescaling(graph: _Graph, layer: Any, inputs: list[str]) -> None:
    name, shape = layer.name, (1, 3, 1, 1)
    scale, offset = (
        graph.constant(f"{name}_{what}", np.broadcast_to(values, 3).reshape(shape))
        for what, values in (("scale", layer.scale), ("offset", layer.offset))
    )
    graph.add("Mul", [*inputs, scale], f"{name}_scaled")
    graph.add("Add", [f"{name}_scaled", offset], name)


def _convolution(graph: _Graph, layer: Any, inputs: list[str]) -> None:
    kernel = layer.get_weights()[0]
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    # Height, width, in, out become out, in, height, width; each channel is a group of its own.
    kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
    inputs = [*inputs, graph.constant(f"{layer.name}_kernel", kernel)]
    if layer.use_bias:
        inputs.append(graph.constant(f"{layer.name}_bias", layer.get_weights()[1]))
    graph.add(
        "Conv",
        inputs,
        layer.name,
        strides=list(layer.strides),
        group=kernel.shape[0] if depthwise else 1,
        auto_pad={"same": "SAME_UPPER", "valid": "VALID"}[layer.padding],
    )


def _normalization(graph: _Graph, layer: Any, inputs: list[str]) -> None:
    names = ("gamma", "beta", "mean", "variance")
    weights = zip(names, layer.get_weights(), strict=True)
    held = [graph.constant(f"{layer.name}_{what}", values) for what, values in weights]
    graph.add("BatchNormalization", [*inputs, *held], layer.name, epsilon=float(layer.epsilon))


def _relu(graph: _Graph, layer: Any, inputs: list[str]) -> None:
    low = graph.constant(f"{layer.name}_low", 0.0)
    high = graph.constant(f"{layer.name}_high", layer.max_value)
    graph.add("Clip", [*inputs, low, high], layer.name)


def _sum(graph: _Graph, layer: Any, inputs: list[str]) -> None:
    graph.add("Add", inputs, layer.name)


def _pooling(graph: _Graph, layer: Any, inputs: list[str]) -> None:
    graph.add("ReduceMean", inputs, layer.name, axes=[2, 3], keepdims=0)


_LAYERS: dict[str, Callable[[_Graph, Any, list[str]], None]] = {
    "Rescaling": _rescaling,
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "BatchNormalization": _normalization,
    "ReLU": _relu,
    "Add": _sum,
    "GlobalAveragePooling2D": _pooling,
}
