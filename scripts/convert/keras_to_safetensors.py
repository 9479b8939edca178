"""Brings the weights of a Keras MobileNet regressor into mobireg's safetensors.

    python keras_to_safetensors.py INPUT OUTPUT.safetensors [--outputs pitch,yaw,roll]

INPUT is one of
  - a weights file (save_weights) or whole model (save) in Keras's HDF5 format: `.h5`, `.hdf5`,
    `.weights.h5`;
  - a TensorFlow checkpoint, as ModelCheckpoint writes it: the prefix of its `.index` and `.data-*`
    files, their folder (the newest is taken), or a SavedModel folder;
  - a published ImageNet file (mobilenet_1_0_224_tf_no_top.h5): it has no heads, nor has OUTPUT.

The backbone's layers have the names of keras.applications.MobileNet. Heads are Dense layers: named
`<output>_hidden` and `<output>_output` (or `<output>`), or numbered by Keras (`dense`, `dense_1`,
...), where the k-th hidden and the k-th output layer make the k-th head of --outputs. One output
layer of several units is a joint head, called `joint` when numbered.

Needs numpy, h5py and safetensors; checkpoints need TensorFlow too.
"""

import argparse
import os
import re
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

BLOCKS = 13
CONVOLUTIONS = ["conv1"] + [
    f"conv_{part}_{block}" for block in range(1, BLOCKS + 1) for part in ("dw", "pw")
]
BATCH_NORM = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
DEFAULT_OUTPUTS = ["pitch", "yaw", "roll"]
NUMBERED_DATASET = r"(?:layers|_layer_checkpoint_dependencies)/([^/]+)/vars/(\d+)"
VARIABLE_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


class ConversionError(Exception):
    """What is wrong with the input, in one line."""


# Reading: every reader gives {layer: {variable: array}}.


def add_variable(variables, layer, variable, array):
    if variable in variables.setdefault(layer, {}):
        raise ConversionError(f"{layer}/{variable} is there twice")
    variables[layer][variable] = np.asarray(array, dtype=np.float32)


def read_hdf5(path):
    import h5py

    datasets = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset):
            datasets[name] = item[()]

    try:
        with h5py.File(path, "r") as file:
            file.get("model_weights", file).visititems(keep)
    except OSError as error:
        raise ConversionError(f"not a readable HDF5 file ({error})") from None
    variables = {}
    for name, array in datasets.items():
        numbered = re.fullmatch(NUMBERED_DATASET, name)
        if numbered:
            add_variable(variables, *name_of_numbered(numbered[1], int(numbered[2])), array)
        elif name.endswith(":0") and "/" in name:
            layer, variable = name[: -len(":0")].split("/")[-2:]
            add_variable(variables, layer, variable, array)
    return variables


def name_of_numbered(layer, index):
    """Layer and variable in a `.weights.h5` file, which counts layers of a class from 0."""
    kind, number = re.fullmatch(r"(.+?)(?:_(\d+))?", layer).groups()
    number = int(number or 0)
    if kind == "conv2d":
        layer = f"conv_pw_{number}" if number else "conv1"
    elif kind == "depthwise_conv2d":
        layer = f"conv_dw_{number + 1}"
    elif kind == "batch_normalization" and number < len(CONVOLUTIONS):
        layer = f"{CONVOLUTIONS[number]}_bn"
    if layer.endswith("_bn"):
        return layer, list(BATCH_NORM)[index]
    if index:
        return layer, "bias"
    return layer, "depthwise_kernel" if layer.startswith("conv_dw") else "kernel"


def checkpoint_prefix(path):
    """The prefix of a checkpoint's files, or None when `path` is no checkpoint."""
    if Path(f"{path}.index").is_file():
        return str(path)
    if (path / "variables/variables.index").is_file():
        return str(path / "variables/variables")
    if path.is_dir():
        import tensorflow as tf

        return tf.train.latest_checkpoint(path)
    return None


def read_checkpoint(prefix):
    import tensorflow as tf
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    try:
        reader = tf.train.load_checkpoint(prefix)
        graph = TrackableObjectGraph.FromString(reader.get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH"))
        keys = [
            (attribute.full_name, attribute.checkpoint_key)
            for node in graph.nodes
            for attribute in node.attributes
            if attribute.checkpoint_key.endswith(VARIABLE_VALUE)
            and "/.OPTIMIZER_SLOT/" not in attribute.checkpoint_key
            and not attribute.checkpoint_key.startswith("optimizer/")
        ]
        variables = {}
        for name, key in keys:
            if "/" in name:
                add_variable(variables, *name.split("/")[-2:], reader.get_tensor(key))
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise ConversionError(f"not a readable checkpoint ({first_line(error)})") from None
    return variables


def read(path):
    prefix = checkpoint_prefix(path)
    if prefix:
        return read_checkpoint(prefix)
    if not path.is_file():
        raise ConversionError("no such file, and no checkpoint of that prefix")
    return read_hdf5(path)


# Converting: {layer: {variable: array}} to {mobireg's name: array}.


def take(variables, layer, variable, rank):
    array = variables.get(layer, {}).pop(variable, None)
    if array is None:
        raise ConversionError(f"{layer}/{variable} is missing")
    if array.ndim != rank:
        raise ConversionError(f"{layer}/{variable} has shape {array.shape}, not rank {rank}")
    return array


def convert_backbone(variables):
    """Takes the backbone's variables; returns its tensors and its number of features."""
    tensors = {}
    channels = None
    for layer in CONVOLUTIONS:
        depthwise = layer.startswith("conv_dw")
        variable = "depthwise_kernel" if depthwise else "kernel"
        kernel = take(variables, layer, variable, 4)
        if channels not in (None, kernel.shape[2]):
            raise ConversionError(
                f"{layer}/{variable} has {kernel.shape[2]} input channels, not {channels}"
            )
        if depthwise:  # (H,W,C,M) to (C*M,1,H,W)
            weight = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2])
        else:  # (H,W,I,O) to (O,I,H,W)
            weight = kernel.transpose(3, 2, 0, 1)
        size = 1 if layer.startswith("conv_pw") else 3
        if weight.shape[2:] != (size, size):
            raise ConversionError(f"{layer}/{variable} has shape {kernel.shape}, not {size}x{size}")
        tensors[f"backbone.{layer}.weight"] = weight
        channels = len(weight)
        for variable, name in BATCH_NORM.items():
            values = take(variables, f"{layer}_bn", variable, 1)
            if len(values) != channels:
                raise ConversionError(
                    f"{layer}_bn/{variable} has {len(values)} values, not {channels}"
                )
            tensors[f"backbone.{layer}_bn.{name}"] = values
    return tensors, channels


def number_of(layer):
    """0 of `dense`, 1 of `dense_1`, ..."""
    return int(re.fullmatch(r"dense(?:_(\d+))?", layer)[1] or 0)


def pair_numbered(layers, units, outputs):
    """{head: (hidden layer or None, output layer)} of layers numbered by Keras."""
    layers = sorted(layers, key=number_of)
    if len(layers) <= 2 and units[layers[-1]] > 1:
        return {"joint": (layers[0] if len(layers) == 2 else None, layers[-1])}
    hidden = [layer for layer in layers if units[layer] > 1]
    last = [layer for layer in layers if units[layer] == 1]
    if hidden and len(hidden) != len(last):
        raise ConversionError(
            f"{len(hidden)} hidden and {len(last)} output layers among {', '.join(layers)}"
        )
    outputs = outputs or DEFAULT_OUTPUTS
    if len(outputs) != len(last):
        raise ConversionError(
            f"the file has {len(last)} numbered heads, but --outputs names {len(outputs)}:"
            f" {','.join(outputs)}"
        )
    return dict(zip(outputs, zip(hidden or [None] * len(last), last)))


def pair_named(layers, outputs):
    """{head: (hidden layer or None, output layer)} of layers named by their output."""
    heads = {}
    for layer in layers:
        head = re.sub(r"_(hidden|output)$", "", layer)
        if outputs and head not in outputs and head != "joint":
            raise ConversionError(f"{layer} belongs to none of --outputs {','.join(outputs)}")
        part = 0 if layer.endswith("_hidden") else 1
        pair = heads.setdefault(head, [None, None])
        if pair[part]:
            raise ConversionError(f"{pair[part]} and {layer} are one and the same of {head}")
        pair[part] = layer
    for head, pair in heads.items():
        if not pair[1]:
            raise ConversionError(f"{pair[0]} has no output layer {head}_output")
    missing = [] if "joint" in heads else sorted(set(outputs or []) - set(heads))
    if missing:
        raise ConversionError(f"no layers of {', '.join(missing)} in the file")
    return heads


def convert_heads(variables, features, outputs):
    """Takes all Dense layers that are left in `variables`."""
    layers = [
        layer
        for layer, arrays in variables.items()
        if "kernel" in arrays and arrays["kernel"].ndim == 2
    ]
    if not layers:
        return {}
    units = {layer: variables[layer]["kernel"].shape[1] for layer in layers}
    numbered = [layer for layer in layers if re.fullmatch(r"dense(_\d+)?", layer)]
    if len(numbered) not in (0, len(layers)):
        named = ", ".join(sorted(set(layers) - set(numbered)))
        raise ConversionError(f"Dense layers are partly named ({named}), partly numbered")
    heads = pair_numbered(layers, units, outputs) if numbered else pair_named(layers, outputs)
    tensors = {}
    for head, pair in heads.items():
        inputs = features
        for layer, part in zip(pair, ("hidden", "output")):
            if layer is None:
                continue
            kernel = take(variables, layer, "kernel", 2)
            bias = take(variables, layer, "bias", 1)
            if kernel.shape != (inputs, len(bias)):
                raise ConversionError(
                    f"{layer}/kernel has shape {kernel.shape}, not ({inputs}, {len(bias)})"
                )
            tensors[f"heads.{head}.{part}.weight"] = kernel.T
            tensors[f"heads.{head}.{part}.bias"] = bias
            inputs = len(bias)
    return tensors


def convert(path, outputs=None):
    """mobireg's tensors, and the names of the variables that have no place among them."""
    variables = read(Path(path))
    tensors, features = convert_backbone(variables)
    tensors.update(convert_heads(variables, features, outputs))
    left = [f"{layer}/{variable}" for layer, arrays in variables.items() for variable in arrays]
    return {name: np.ascontiguousarray(array) for name, array in tensors.items()}, left


def first_line(error):
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument(
        "--outputs",
        type=lambda text: text.split(","),
        help="heads in order (default for numbered layers: pitch,yaw,roll)",
    )
    arguments = parser.parse_args()
    try:
        tensors, left = convert(arguments.input, arguments.outputs)
        arguments.output.write_bytes(save(tensors))
    except ConversionError as error:
        sys.exit(f"keras_to_safetensors: {arguments.input}: {error}")
    except (OSError, ImportError) as error:
        sys.exit(f"keras_to_safetensors: {first_line(error)}")
    if left:
        print(f"keras_to_safetensors: left out: {', '.join(left)}", file=sys.stderr)
    heads = sorted({name.split(".")[1] for name in tensors if name.startswith("heads.")})
    print(f"{len(tensors)} tensors, heads: {', '.join(heads) or 'none'}: {arguments.output}")


if __name__ == "__main__":
    main()
