"""Writes tests/fixtures/keras_generator.json: what Keras's ImageDataGenerator makes of images.

    python scripts/reference/keras_generator.py

The images come from the integer hash, so the fixture holds only results: of
ImageDataGenerator.standardize with each switch alone and with several, of fit (mean, standard
deviation, ZCA whitening), and the rows that flow_from_dataframe gives for each subset of a
validation_split, with and without rows whose file is missing.
"""

import json
import tempfile
import warnings
from pathlib import Path

import recipe

import hashed
import numpy as np
import pandas as pd
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/keras_generator.json"

RGB = (8, 8, 3)
GREY = (8, 8, 1)

# (options, shape, images that fit sees)
CASES = (
    ({}, RGB, 0),
    ({"rescale": 1 / 255}, RGB, 0),
    ({"samplewise_center": True}, RGB, 0),
    ({"samplewise_center": True}, GREY, 0),
    ({"samplewise_std_normalization": True}, RGB, 0),
    ({"samplewise_std_normalization": True, "rescale": 1 / 127.5}, GREY, 0),
    ({"featurewise_center": True}, RGB, 12),
    ({"featurewise_center": True}, GREY, 12),
    ({"featurewise_std_normalization": True}, RGB, 12),
    ({"featurewise_std_normalization": True, "rescale": 1 / 255}, RGB, 12),
    ({"samplewise_std_normalization": True, "featurewise_std_normalization": True,
      "rescale": 1 / 255}, RGB, 12),
    ({"zca_whitening": True}, RGB, 20),
    ({"zca_whitening": True, "zca_epsilon": 500.0}, RGB, 20),
    ({"zca_whitening": True, "rescale": 1 / 255}, GREY, 150),
    ({"zca_whitening": True, "rescale": 1 / 255, "zca_epsilon": 2.0}, GREY, 150),
    ({"zca_whitening": True, "samplewise_std_normalization": True,
      "featurewise_std_normalization": True, "rescale": 1 / 255}, GREY, 150),
)  # fmt: skip

# (rows, rows whose file is missing, validation_split, batch_size)
SPLITS = (
    (7, (), 0.0, 3),
    (7, (), 0.25, 3),
    (10, (), 0.3, 4),
    (11, (), 0.15, 5),
    (11, (0, 4, 10), 0.5, 3),
    (13, (2,), 0.1, 4),
)


def image(name, shape):
    bits = hashed.hash_bits(f"generator.{name}", int(np.prod(shape)))
    return (bits >> np.uint64(56)).astype(np.float32).reshape(shape)


def numbers(values):
    return [float(f"{value:.6g}") for value in np.ravel(values).tolist()]


def standardized(options, shape, fitted):
    generator = ImageDataGenerator(**options)
    case = {"options": options, "shape": shape, "fitted": fitted}
    if fitted:
        generator.fit(np.stack([image(f"fit.{i}", shape) for i in range(fitted)]))
        case["mean"] = numbers(generator.mean)
        if generator.std is not None:
            case["std"] = numbers(generator.std)
    return {**case, "pixels": numbers(generator.standardize(image("image", shape)))}


def flow(folder, frame, split, batch_size, subset):
    generator = ImageDataGenerator(validation_split=split)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the missing files
        iterator = generator.flow_from_dataframe(
            frame, folder, y_col=["angle", "other"], weight_col="weight", class_mode="raw",
            target_size=(8, 8), batch_size=batch_size, shuffle=False, subset=subset,
        )  # fmt: skip
    batches = [next(iterator) for _ in range(len(iterator) + 1)] if iterator.n else []
    return {
        "n": iterator.n,
        "size": len(iterator),
        "labels": [labels[:, 0].tolist() for _, labels, _ in batches],
        "weights": [weights.tolist() for _, _, weights in batches],
    }


def flows(folder, rows, missing, split, batch_size):
    frame = pd.DataFrame(
        {
            "filename": [f"{'missing' if i in missing else i}.png" for i in range(rows)],
            "angle": [float(i) for i in range(rows)],
            "other": [float(-i) for i in range(rows)],
            "weight": [1 + i / 8 for i in range(rows)],
        }
    )
    case = {"rows": rows, "missing": missing, "split": split, "batch_size": batch_size}
    for subset in (None, "training", "validation"):
        case[subset or "all"] = flow(folder, frame, split, batch_size, subset)
    return case


def lines(items):
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in items) + "\n]"


def main():
    with tempfile.TemporaryDirectory() as folder:
        for i in range(max(rows for rows, *_ in SPLITS)):
            Image.new("RGB", (8, 8), (i, i, i)).save(Path(folder) / f"{i}.png")
        splits = lines(flows(folder, *split) for split in SPLITS)
    cases = lines(standardized(*case) for case in CASES)
    FIXTURE.write_text(f'{{"standardize": {cases},\n"flows": {splits}}}\n')


if __name__ == "__main__":
    recipe.use_threads(1)
    main()
