"""The network of configs/smoke.json (of any alpha) by name and shape, and weights for it that make its outputs vary
with the image, which a few steps of training would not (a module)."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts/reference"))

import hashed_model

ALPHA = 0.25
OUTPUTS = ["pitch", "yaw", "roll"]
FILTERS = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]


def convolutions(alpha):
    """{name: shape}, in order."""
    channels = int(32 * alpha)
    shapes = {"conv1": [channels, 3, 3, 3]}
    for block, filters in enumerate(FILTERS, 1):
        shapes[f"conv_dw_{block}"] = [channels, 1, 3, 3]
        shapes[f"conv_pw_{block}"] = [int(filters * alpha), channels, 1, 1]
        channels = int(filters * alpha)
    return shapes


def shapes(alpha=ALPHA):
    """(parameters, running statistics), each {name: shape}."""
    parameters, running = {}, {}
    for name, shape in convolutions(alpha).items():
        parameters[f"backbone.{name}.weight"] = shape
        for part in ("weight", "bias"):
            parameters[f"backbone.{name}_bn.{part}"] = shape[:1]
        for part in ("running_mean", "running_var"):
            running[f"backbone.{name}_bn.{part}"] = shape[:1]
    features = int(FILTERS[-1] * alpha)
    for output in OUTPUTS:
        parameters[f"heads.{output}.hidden.weight"] = [128, features]
        parameters[f"heads.{output}.hidden.bias"] = [128]
        parameters[f"heads.{output}.output.weight"] = [1, 128]
        parameters[f"heads.{output}.output.bias"] = [1]
    return parameters, running


def write_hashed_weights(path, alpha=ALPHA):
    """A plain safetensors file of the tensors in tests/fixtures/README.md."""
    parameters, running = shapes(alpha)
    header, data = {}, b""
    for name, shape in {**parameters, **running}.items():
        tensor = hashed_model.value(name, shape).tobytes()
        offsets = [len(data), len(data) + len(tensor)]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
        data += tensor
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
