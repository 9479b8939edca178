"""Tensors from an integer hash, the same bit for bit in Python and C++ (a module).

Element i of the tensor called `name`, indexed row-major in PyTorch's layout:

    seed = FNV-1a 64 of name
    z = seed + (i + 1) * 0x9E3779B97F4A7C15 mod 2^64, then SplitMix64's finaliser
    u = (z >> 40) / 2^24 * 2 - 1                             in [-1, 1), exact in float32
    value = float32(double(offset) + double(scale) * u)      offset and scale are float32

The product of two float32 numbers is exact in double, so a fused multiply-add changes nothing.
"""

import numpy as np

GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)


def fnv1a(name):
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return np.uint64(state)


def hash_bits(name, count):
    """The 64-bit hashes of elements 0 to count - 1."""
    z = fnv1a(name) + np.arange(1, count + 1, dtype=np.uint64) * GOLDEN_RATIO
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def tensor(name, shape, offset=0.0, scale=1.0):
    """float32(offset + scale * u), row-major."""
    count = int(np.prod(shape))
    u = (hash_bits(name, count) >> np.uint64(40)).astype(np.float64) / 2**24 * 2 - 1
    values = np.float64(np.float32(offset)) + np.float64(np.float32(scale)) * u
    return values.astype(np.float32).reshape(shape)
