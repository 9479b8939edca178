"""The recipe in torchvision's v2 transforms behind a DataLoader, as a worker (see serve.py). Runs
in the environment of scripts/bench/make_env.sh.
"""

import csv
from pathlib import Path

from serve import BATCH, SIZE, serve

import numpy as np
import torch
import torchvision
from torch.utils.data import DataLoader, Dataset
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import InterpolationMode, v2

DEVIATIONS = [
    "one zoom for both axes (RandomAffine draws one)",
    "black beyond the border (RandomAffine does not repeat it)",
    "pixels are not rounded to 8 bits before and after the brightness",
]


class Dropout(v2.Transform):
    """imgaug's: a share of the pixels, drawn from [0, high), becomes 0 in all channels."""

    def __init__(self, high):
        super().__init__()
        self.high = high

    def make_params(self, flat_inputs):
        return {"p": torch.rand(()) * self.high}

    def transform(self, image, params):
        return image * (torch.rand(1, *image.shape[-2:]) >= params["p"])


class Noise(v2.Transform):
    """imgaug's: the same noise in all channels, not clipped. (v2.GaussianNoise draws three.)"""

    def __init__(self, loc, scale):
        super().__init__()
        self.loc, self.scale = loc, scale

    def transform(self, image, params):
        return image + (torch.randn(1, *image.shape[-2:]) * self.scale + self.loc)


def augmentation():
    """Pixels as floats of 0 to 1 from the start: faster than 8 bits for affine and brightness."""
    one_of = [
        v2.GaussianBlur(5, sigma=(1e-3, 0.5)),
        Dropout(0.03),
        Noise(0, 0.03),
        Noise(32 / 255, 0.001),
    ]
    return v2.Compose(
        [
            v2.ToDtype(torch.float32, scale=True),
            v2.RandomAffine(
                degrees=10,
                translate=(0.1, 0.1),
                scale=(0.85, 1.15),
                shear=0.1,
                interpolation=InterpolationMode.BILINEAR,
            ),
            v2.ColorJitter(brightness=(1, 1.3)),
            v2.RandomApply([v2.RandomChoice(one_of)], p=0.5),
            v2.Normalize([123 / 255] * 3, [58 / 255] * 3),
        ]
    )


class MemoryImages(Dataset):
    def __init__(self, file):
        images = np.load(file).transpose(0, 3, 1, 2)
        self.images = torch.from_numpy(np.ascontiguousarray(images))
        self.augment = augmentation()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.augment(self.images[i]), torch.zeros(3)


class FileImages(Dataset):
    def __init__(self, folder):
        with open(folder / "labels.csv") as file:
            self.paths = [str(folder / row["filename"]) for row in csv.DictReader(file)]
        resize = v2.Resize((SIZE, SIZE), interpolation=InterpolationMode.NEAREST_EXACT)
        self.augment = v2.Compose([resize, augmentation()])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        return self.augment(decode_image(self.paths[i], ImageReadMode.RGB)), torch.zeros(3)


def endless(loader):
    while True:
        yield from loader


def open_case(case, folder):
    folder = Path(folder)
    images = MemoryImages(folder / "memory.npy") if case == "memory" else FileImages(folder / case)
    batches = endless(DataLoader(images, batch_size=BATCH, shuffle=True, num_workers=0))
    return lambda: next(batches)[0].numpy()


if __name__ == "__main__":
    torch.set_num_threads(1)
    serve(
        open_case,
        {"torch": torch.__version__, "torchvision": torchvision.__version__},
        DEVIATIONS,
    )
