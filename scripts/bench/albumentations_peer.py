"""The recipe in albumentations, as a worker (see serve.py). Runs in the environment of
scripts/bench/make_env.sh.
"""

import csv
from pathlib import Path

from serve import BATCH, SIZE, serve

import albumentations as A
import cv2
import numpy as np

DEVIATIONS = [
    "pixels stay 8 bits, rounded and clipped at 255, until they are normalised",
    "the share of pixels that dropout takes is fixed at 0.015 (PixelDropout draws none)",
    "the blur's kernel has 3 pixels where imgaug's has 5",
    "batches are stacked by numpy, without a loader",
]


def augmentation(*first):
    one_of = [
        A.GaussianBlur(blur_limit=0, sigma_limit=(0, 0.5), p=1),
        A.PixelDropout(dropout_prob=0.015, per_channel=False, p=1),
        A.GaussNoise(std_range=(0.03, 0.03), mean_range=(0, 0), per_channel=False, p=1),
        A.GaussNoise(
            std_range=(0.001, 0.001), mean_range=(32 / 255, 32 / 255), per_channel=False, p=1
        ),
    ]
    return A.Compose(
        [
            *first,
            A.Affine(
                rotate=(-10, 10),
                translate_percent=(-0.1, 0.1),
                shear={"x": (-0.1, 0.1), "y": (0, 0)},
                scale={"x": (0.85, 1.15), "y": (0.85, 1.15)},
                keep_ratio=False,
                interpolation=cv2.INTER_LINEAR,
                border_mode=cv2.BORDER_REPLICATE,
                p=1,
            ),
            A.MultiplicativeNoise(multiplier=(1, 1.3), per_channel=False, elementwise=False, p=1),
            A.OneOf(one_of, p=0.5),
            A.Normalize(mean=(123 / 255,) * 3, std=(58 / 255,) * 3, max_pixel_value=255, p=1),
        ]
    )


def image_source(case, folder):
    """How many images there are, and a function that gives image i, augmented."""
    if case == "memory":
        images = np.load(folder / "memory.npy")
        augment = augmentation()
        return len(images), lambda i: augment(image=images[i])["image"]
    with open(folder / case / "labels.csv") as file:
        paths = [str(folder / case / row["filename"]) for row in csv.DictReader(file)]
    augment = augmentation(A.Resize(SIZE, SIZE, interpolation=cv2.INTER_NEAREST_EXACT, p=1))
    return len(paths), lambda i: augment(image=cv2.imread(paths[i], cv2.IMREAD_COLOR_RGB))["image"]


def shuffled_batches(count, image):
    random = np.random.default_rng(1)
    while True:
        order = random.permutation(count)
        for begin in range(0, count, BATCH):
            yield np.stack([image(i) for i in order[begin : begin + BATCH]])


def open_case(case, folder):
    batches = shuffled_batches(*image_source(case, Path(folder)))
    return lambda: next(batches)


if __name__ == "__main__":
    cv2.setNumThreads(0)
    serve(
        open_case,
        {"albumentations": A.__version__, "opencv": cv2.__version__, "numpy": np.__version__},
        DEVIATIONS,
    )
