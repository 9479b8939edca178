"""Writes tests/fixtures/keras_augmentation.json: Keras's augmentation of small images.

    python scripts/reference/keras_augmentation.py

The images come from the integer hash, so the fixture holds only results: of
ImageDataGenerator.apply_transform for given parameters, the statistics of the parameters that
get_random_transform draws, and the source positions of Pillow's nearest resize (which Keras's
load_img uses).
"""

import json
from pathlib import Path

import recipe

import hashed
import numpy as np
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/keras_augmentation.json"

# Parameters of apply_transform, with Keras's default generator: order 1, nearest.
TRANSFORMS = (
    {"theta": 10.0},
    {"theta": -7.3},
    {"theta": 90.0},
    {"theta": 180.0},
    {"tx": 1.0},
    {"tx": -0.8},
    {"ty": 2.0},
    {"ty": 0.37},
    {"tx": 20.0, "ty": -20.0},
    {"shear": 15.0},
    {"shear": -0.1},
    {"zx": 0.85},
    {"zy": 1.15},
    {"zx": 0.9, "zy": 1.1},
    {"zx": 3.0, "zy": 3.0},
    {"brightness": 1.3},
    {"brightness": 0.55},
    {"brightness": 0.0},
    {"theta": 8.0, "shear": 12.0},
    {"theta": 8.0, "tx": 1.1, "ty": -0.6},
    {"theta": -9.4, "tx": 0.7, "ty": 0.31, "shear": 0.08, "zx": 1.12, "zy": 0.87},
    {"theta": 4.2, "tx": -0.5, "ty": 0.66, "shear": -0.05, "zx": 0.93, "zy": 1.04,
     "brightness": 1.21},
    {"theta": 33.0, "tx": 1.3, "ty": -1.7, "shear": 20.0, "zx": 0.7, "zy": 1.4, "brightness": 0.8},
    {"flip_horizontal": True},
    {"flip_vertical": True},
    {"flip_horizontal": True, "flip_vertical": True},
    {"flip_horizontal": True, "theta": 12.0, "tx": 0.8, "zx": 0.8},
    {"flip_vertical": True, "theta": -20.0, "ty": 1.3, "shear": 9.0},
    {"flip_horizontal": True, "flip_vertical": True, "theta": 5.0, "zy": 1.2, "brightness": 1.1},
    {"channel_shift_intensity": 41.5},
    {"channel_shift_intensity": -63.25},
    {"channel_shift_intensity": 20.0, "theta": 15.0, "flip_horizontal": True, "brightness": 0.9},
)  # fmt: skip

SHAPES = ((7, 7, 3), (10, 10, 1))

# Beyond the border by a little, by many times the image's size, and by whole pixels.
BORDER_TRANSFORMS = (
    {"theta": 23.0, "tx": 2.3, "ty": -1.7, "zx": 1.6, "zy": 1.3},
    {"tx": 31.37, "ty": -19.21, "shear": 11.0, "zx": 0.9},
    {"tx": 3.0, "ty": -12.0},
)
BORDER_SHAPE = (6, 6, 1)
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
ORDERS = range(6)
CVAL = 77.5

# Other (generator, shape, parameters).
OTHERS = (
    ({"fill_mode": "wrap", "interpolation_order": 3}, (1, 1, 1), {"theta": 20.0, "tx": 0.3}),
    ({"fill_mode": "reflect"}, (1, 1, 3), {"tx": 1.3, "zx": 1.1}),
    ({"fill_mode": "nearest"}, (2, 2, 1), {"theta": 20.0, "tx": 0.3}),
    ({"fill_mode": "wrap"}, (2, 2, 3), {"theta": 20.0, "tx": 1.3}),
    ({"fill_mode": "wrap", "interpolation_order": 3}, (2, 2, 1), {"theta": 20.0, "tx": 0.3}),
    ({"fill_mode": "reflect"}, (2, 2, 1), {"theta": 20.0, "tx": 5.3}),
    ({"fill_mode": "reflect", "interpolation_order": 2}, (1, 1, 1), {"theta": 20.0, "tx": 0.3}),
    ({"fill_mode": "constant", "cval": -40.0}, (7, 7, 3), {"theta": 30.0, "brightness": 1.2}),
    ({"fill_mode": "constant", "cval": 300.0}, (7, 7, 3), {"theta": 30.0, "brightness": 0.8}),
    ({"fill_mode": "constant", "cval": 10.0}, (7, 7, 3),
     {"theta": 30.0, "zx": 1.4, "channel_shift_intensity": 30.0, "flip_vertical": True}),
    ({"interpolation_order": 3}, (7, 7, 3), {"theta": 9.0, "zy": 0.9, "flip_horizontal": True}),
    ({"interpolation_order": 3}, (7, 7, 1), {"flip_horizontal": True, "brightness": 1.2}),
    ({"interpolation_order": 0}, (7, 7, 3), {"theta": 9.0, "zy": 0.9, "flip_vertical": True}),
)  # fmt: skip

# Ranges that tell the axes apart.
DRAW_RANGES = (
    {
        "rotation_range": 10.0,
        "width_shift_range": 0.2,
        "height_shift_range": 0.1,
        "shear_range": 0.1,
        "zoom_range": (0.85, 1.15),
        "brightness_range": (1.0, 1.3),
    },
    {
        "channel_shift_range": 30.0,
        "zoom_range": (0.7, 1.2),
        "horizontal_flip": True,
        "vertical_flip": True,
    },
    {"width_shift_range": 2.5, "height_shift_range": 1.0},
    {"width_shift_range": 3, "height_shift_range": 5},
    {"width_shift_range": 1, "height_shift_range": [1, 2.5, 4]},
    {"width_shift_range": [0.125, 0.25], "height_shift_range": [0.5, 2]},
    {"width_shift_range": [3]},
)
DRAWS = 20000
DRAW_SIZE = 64
MOST_SHARES = 12

# (source, target): some whose pixel centres fall on the edge between two source pixels.
RESIZES = ((1, 32), (31, 32), (33, 32), (64, 32), (100, 32), (48, 64), (128, 64), (192, 64),
           (250, 64), (64, 96), (320, 96), (64, 160), (128, 224))  # fmt: skip


def image(index, shape):
    bits = hashed.hash_bits(f"augmentation.{index}", int(np.prod(shape)))
    return (bits >> np.uint64(56)).astype(np.uint8).reshape(shape)


def rounded(value):
    number = round(float(value), 3)
    return int(number) if number == int(number) else number


def transformed(index, options, shape, parameters):
    generator = ImageDataGenerator(**options)
    result = generator.apply_transform(image(index, shape).astype(np.float32), dict(parameters))
    pixels = [rounded(value) for value in result.ravel()]
    return {"options": options, "shape": shape, "parameters": parameters, "pixels": pixels}


def border_options(fill_mode, order):
    options = {"fill_mode": fill_mode, "interpolation_order": order}
    return {**options, "cval": CVAL} if fill_mode == "constant" else options


def transform_cases():
    for i, parameters in enumerate(TRANSFORMS):
        yield {}, SHAPES[i % len(SHAPES)], parameters
    for parameters in BORDER_TRANSFORMS:
        for fill_mode in FILL_MODES:
            for order in ORDERS:
                yield border_options(fill_mode, order), BORDER_SHAPE, parameters
    yield from OTHERS


def statistics_of(values):
    different, counts = np.unique(values, return_counts=True)
    if len(different) <= MOST_SHARES:
        return {"shares": [[float(v), int(n) / len(values)] for v, n in zip(different, counts)]}
    numbers = (values.min(), values.max(), values.mean(), values.std())
    return dict(zip(("min", "max", "mean", "std"), map(float, numbers)))


def drawn(ranges):
    generator = ImageDataGenerator(**ranges)
    np.random.seed(1)
    shape = (DRAW_SIZE, DRAW_SIZE, 3)
    draws = [generator.get_random_transform(shape) for _ in range(DRAWS)]
    statistics = {
        name: statistics_of(np.array([draw[name] for draw in draws], dtype=np.float64))
        for name in draws[0]
        if draws[0][name] is not None
    }
    return {"ranges": ranges, "size": DRAW_SIZE, "draws": DRAWS, "statistics": statistics}


def nearest(source, target):
    row = Image.fromarray(np.arange(source, dtype=np.int32)[np.newaxis], mode="I")
    positions = np.array(row.resize((target, 1), Image.NEAREST))[0]
    return {"source": source, "target": target, "positions": positions.tolist()}


def lines(items):
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in items) + "\n]"


def main():
    transforms = lines(transformed(i, *case) for i, case in enumerate(transform_cases()))
    draws = lines(map(drawn, DRAW_RANGES))
    resizes = lines(nearest(*sizes) for sizes in RESIZES)
    FIXTURE.write_text(
        f'{{"transforms": {transforms},\n"draws": {draws},\n"nearest": {resizes}}}\n'
    )


if __name__ == "__main__":
    recipe.use_threads(1)
    main()
