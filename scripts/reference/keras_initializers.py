"""Writes tests/fixtures/keras_initializers.json: the limit of Keras's glorot uniform initialiser.

    python scripts/reference/keras_initializers.py

For every kernel: Keras's own fans and the limit sqrt(6 / (fan_in + fan_out)). A kernel that Keras
draws must lie inside the limit and come near it.
"""

import json
import math
from pathlib import Path

import recipe

import numpy as np
from keras.src.initializers.initializers import _compute_fans
from tensorflow.keras import layers

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/keras_initializers.json"


def kernels():
    """(kind, layer, input shape) of each kernel."""
    for alpha in (0.25, 0.5, 1.0):
        for channels in (1, 3):
            filters = int(32 * alpha)
            yield "conv", layers.Conv2D(filters, 3, use_bias=False), (8, 8, channels)
    for channels in (8, 24, 64, 1024):
        for multiplier in (1, 2):
            layer = layers.DepthwiseConv2D(3, depth_multiplier=multiplier, use_bias=False)
            yield "depthwise", layer, (8, 8, channels)
    for inputs, outputs in ((8, 16), (64, 128), (128, 64), (1024, 1024)):
        yield "pointwise", layers.Conv2D(outputs, 1, use_bias=False), (8, 8, inputs)
    for inputs, outputs in ((256, 128), (1024, 128), (128, 1), (128, 136)):
        yield "dense", layers.Dense(outputs), (inputs,)


def describe(kind, layer, input_shape):
    layer.build((None, *input_shape))
    kernel = layer.weights[0]
    shape = tuple(kernel.shape)
    fan_in, fan_out = _compute_fans(shape)
    limit = math.sqrt(6 / (fan_in + fan_out))
    largest = np.abs(kernel.numpy()).max()
    assert 0.8 * limit < largest <= np.nextafter(np.float32(limit), np.float32(1)), (kind, shape)
    return {
        "kind": kind,
        "keras_shape": shape,
        "torch_shape": torch_shape(kind, shape),
        "fan_in": fan_in,
        "fan_out": fan_out,
        "limit": limit,
    }


def torch_shape(kind, shape):
    """Convolution (O,I,H,W), depthwise (C*M,1,H,W), dense (out,in)."""
    if kind == "dense":
        return shape[::-1]
    height, width, inputs, outputs = shape
    if kind == "depthwise":
        return (inputs * outputs, 1, height, width)
    return (outputs, inputs, height, width)


def main():
    recipe.use_threads(1)
    lines = [json.dumps(describe(*kernel)) for kernel in kernels()]
    FIXTURE.write_text('{"kernels": [\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
