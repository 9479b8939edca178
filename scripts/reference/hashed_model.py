"""Gives the recipe's Keras model weights from the integer hash of hashed.py, under mobireg's names
(a module). The rule of every kind of tensor is `offset_and_scale`; tests/fixtures/README.md
tells it in words.
"""

import math

import hashed

import numpy as np

VARIABLES = {
    "kernel": "weight",
    "depthwise_kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "bias": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def offset_and_scale(name, shape):
    """The rule of a tensor, by its name and its shape in PyTorch's layout."""
    kind = name.rsplit(".", 1)[1]
    fan_in = math.prod(shape[1:])
    if kind == "running_mean":
        return 0.0, 0.3
    if kind == "running_var":
        return 1.0, 0.25
    if "_bn." in name:
        return (1.0, 0.2) if kind == "weight" else (2.3, 0.4)
    if kind == "bias":
        return 0.0, 0.1
    gain = 12.0 if len(shape) == 4 else 3.0
    return 0.0, math.sqrt(gain / fan_in)


def value(name, shape):
    return hashed.tensor(name, shape, *offset_and_scale(name, shape))


def kind_of(variable):
    return variable.name.split("/")[-1].split(":")[0]


def torch_name(variable):
    """mobireg's name of a variable of `recipe.build_model`."""
    layer, kind = variable.name.split("/")[0], VARIABLES[kind_of(variable)]
    if layer.endswith(("_hidden", "_output")):
        output, part = layer.rsplit("_", 1)
        return f"heads.{output}.{part}.{kind}"
    return f"backbone.{layer}.{kind}"


def to_torch(array, kind):
    """A Keras array in PyTorch's layout."""
    if kind == "depthwise_kernel":  # (H,W,C,M) to (C*M,1,H,W)
        height, width = array.shape[:2]
        return array.transpose(2, 3, 0, 1).reshape(-1, 1, height, width)
    if array.ndim == 4:  # (H,W,I,O) to (O,I,H,W)
        return array.transpose(3, 2, 0, 1)
    return array.T


def to_keras(array, kind, shape):
    """The inverse of `to_torch`; `shape` is the Keras shape."""
    if kind == "depthwise_kernel":
        height, width, channels, multiplier = shape
        return array.reshape(channels, multiplier, height, width).transpose(2, 3, 0, 1)
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    return array.T


def set_hashed_weights(model):
    for variable in model.variables:
        kind = kind_of(variable)
        torch_shape = to_torch(np.empty(variable.shape), kind).shape
        array = value(torch_name(variable), torch_shape)
        variable.assign(to_keras(array, kind, variable.shape))


def hashed_images(name, size, batch=4):
    """Images for Keras, (batch, size, size, 3), indexed as (batch, 3, size, size)."""
    return hashed.tensor(name, (batch, 3, size, size), 0.0, 1.5).transpose(0, 2, 3, 1)
