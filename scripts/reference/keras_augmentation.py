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

NAMES = ("theta", "tx", "ty", "shear", "zx", "zy", "brightness")

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
)

SHAPES = ((8, 8, 3), (12, 12, 1))

# Ranges that tell the axes apart.
RANGES = {
    "rotation_range": 10.0,
    "width_shift_range": 0.2,
    "height_shift_range": 0.1,
    "shear_range": 0.1,
    "zoom_range": (0.85, 1.15),
    "brightness_range": (1.0, 1.3),
}
DRAWS = 20000
DRAW_SIZE = 64

# (source, target): some whose pixel centres fall on the edge between two source pixels.
RESIZES = ((1, 32), (31, 32), (33, 32), (64, 32), (100, 32), (48, 64), (128, 64), (192, 64),
           (250, 64), (64, 96), (320, 96), (64, 160), (128, 224))  # fmt: skip


def image(index, shape):
    bits = hashed.hash_bits(f"augmentation.{index}", int(np.prod(shape)))
    return (bits >> np.uint64(56)).astype(np.uint8).reshape(shape)


def transformed(index, parameters):
    shape = SHAPES[index % len(SHAPES)]
    generator = ImageDataGenerator(fill_mode="nearest")
    result = generator.apply_transform(image(index, shape).astype(np.float32), dict(parameters))
    pixels = [round(float(value), 4) for value in result.ravel()]
    return {"shape": shape, "parameters": parameters, "pixels": pixels}


def drawn():
    generator = ImageDataGenerator(**RANGES)
    np.random.seed(1)
    shape = (DRAW_SIZE, DRAW_SIZE, 3)
    draws = [generator.get_random_transform(shape) for _ in range(DRAWS)]
    statistics = {}
    for name in NAMES:
        values = np.array([draw[name] for draw in draws])
        numbers = (values.min(), values.max(), values.mean(), values.std())
        statistics[name] = dict(zip(("min", "max", "mean", "std"), map(float, numbers)))
    return {"ranges": RANGES, "size": DRAW_SIZE, "draws": DRAWS, "statistics": statistics}


def nearest(source, target):
    row = Image.fromarray(np.arange(source, dtype=np.int32)[np.newaxis], mode="I")
    positions = np.array(row.resize((target, 1), Image.NEAREST))[0]
    return {"source": source, "target": target, "positions": positions.tolist()}


def lines(items):
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in items) + "\n]"


def main():
    transforms = lines(transformed(i, p) for i, p in enumerate(TRANSFORMS))
    resizes = lines(nearest(*sizes) for sizes in RESIZES)
    FIXTURE.write_text(
        f'{{"transforms": {transforms},\n"draws": {json.dumps(drawn())},\n"nearest": {resizes}}}\n'
    )


if __name__ == "__main__":
    recipe.use_threads(1)
    main()
