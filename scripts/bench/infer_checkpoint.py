"""The network of a checkpoint as a PyTorch module, pixels of 0 to 255 in (a module)."""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from torch_train_peer import Regressor

HEADS = ("pitch", "yaw", "roll")


def read_tensors(path):
    """{name: tensor} of a safetensors file's float32 tensors."""
    data = Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    body = data[8 + length :]
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if entry.get("dtype") == "F32":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(body[begin:end], np.float32).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(values.copy())
    return tensors


class FromPixels(nn.Module):
    """What a user exports: the recipe's mean and scale, then the network."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, pixels):
        return self.network((pixels - 123) / 58)


def layer_names():
    yield "conv1"
    for block in range(1, 14):
        yield f"conv_dw_{block}"
        yield f"conv_pw_{block}"


def own_names(network):
    """{the module's name of a tensor: mobireg's}."""
    names = layer_names()
    result = {}
    for index, module in enumerate(network.features):
        if isinstance(module, nn.Conv2d):
            layer = next(names)
            result[f"features.{index}.weight"] = f"backbone.{layer}.weight"
        if isinstance(module, nn.BatchNorm2d):
            for part in ("weight", "bias", "running_mean", "running_var"):
                result[f"features.{index}.{part}"] = f"backbone.{layer}_bn.{part}"
    for index, head in enumerate(HEADS):
        for position, layer in ((0, "hidden"), (3, "output")):
            for part in ("weight", "bias"):
                result[f"heads.{index}.{position}.{part}"] = f"heads.{head}.{layer}.{part}"
    return result


def load(path, alpha):
    network = Regressor(alpha)
    tensors = read_tensors(path)
    state = {name: tensors[own] for name, own in own_names(network).items()}
    missing, unexpected = network.load_state_dict(state, strict=False)
    assert all(name.endswith("num_batches_tracked") for name in missing), missing
    assert not unexpected, unexpected
    return FromPixels(network).eval()
