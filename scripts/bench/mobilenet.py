"""The sizes of the model that peers.py times (a module; standard library alone): MobileNetV1 at
64x64 with three heads, as scripts/reference/recipe.py builds it."""

from dataclasses import dataclass

SIZE = 64  # pixels a side of an image
BATCH = 64
OUTPUTS = ("pitch", "yaw", "roll")
HIDDEN = 128
DROPOUT = 0.2

# (filters, stride) of the depthwise-separable blocks, at alpha 1.
BLOCKS = (
    ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2))
    + ((512, 1),) * 5
    + ((1024, 2), (1024, 1))
)


@dataclass
class Convolution:
    inputs: int  # channels
    outputs: int
    kernel: int
    stride: int
    groups: int

    @property
    def weights(self):
        return self.kernel**2 * self.inputs // self.groups * self.outputs


def convolutions(alpha):
    """All of the backbone's, in order."""
    layers = [Convolution(3, int(32 * alpha), 3, 2, 1)]
    for filters, stride in BLOCKS:
        channels = layers[-1].outputs
        layers.append(Convolution(channels, channels, 3, stride, channels))
        layers.append(Convolution(channels, int(filters * alpha), 1, 1, 1))
    return layers


def head_weights(alpha):
    return len(OUTPUTS) * (convolutions(alpha)[-1].outputs * HIDDEN + HIDDEN)


def multiply_adds(alpha):
    """Of one image's forward pass; a training step takes three times as many."""
    side, total = SIZE, head_weights(alpha)
    for layer in convolutions(alpha):
        side //= layer.stride
        total += layer.weights * side**2
    return total


def trainable_parameters(alpha):
    backbone = sum(layer.weights + 2 * layer.outputs for layer in convolutions(alpha))
    return backbone + head_weights(alpha) + len(OUTPUTS) * (HIDDEN + 1)
