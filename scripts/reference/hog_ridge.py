"""Head pose by HOG features and kernel ridge regression: a baseline without a network.

    python scripts/reference/hog_ridge.py headpose.csv --output hog_ridge.json

The CSV has the columns filename (relative to its folder), pitch, yaw, roll (radians); rows are split
as in docs/results.md. Images become 64x64 grey (box filter), then HOG (Dalal and Triggs, 2005, as
scikit-image computes it); a Gaussian kernel of width `gamma` and ridge `penalty` gives the three
angles. Cells, bins, mirrored training images, gamma and penalty are those with the smallest error on
the validation rows, the data sets counting alike; the test rows are judged once, at the end. Prints
degrees. Runs in the reference environment (make_env.sh), in a few minutes on one core.
"""

import argparse
import csv
import json
import re
from pathlib import Path

import numpy as np
import scipy.linalg
from PIL import Image
from skimage.feature import hog

TEST_ROWS = re.compile(r"file\d*0\.jpg|person1[0-2]\d")
VALIDATION_ROWS = re.compile(r"file\d*5\.jpg|person0[89]\d")
OUTPUTS = ("pitch", "yaw", "roll")
SIZE = 64

FEATURES = [{"bins": bins, "cell": cell} for bins, cell in ((9, 8), (12, 8), (16, 8), (12, 16))]
GAMMAS = (0.01, 0.02, 0.04, 0.08)
PENALTIES = (0.0003, 0.001, 0.003, 0.01, 0.03)


def read_rows(path):
    with open(path, newline="") as stream:
        rows = list(csv.DictReader(stream))
    angles = np.array([[float(row[name]) for name in OUTPUTS] for row in rows])
    return [row["filename"] for row in rows], angles


def split_of(name):
    if TEST_ROWS.search(name):
        return "test"
    return "validation" if VALIDATION_ROWS.search(name) else "train"


def grey_image(path):
    with Image.open(path) as image:
        small = image.convert("L").resize((SIZE, SIZE), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) / 255


def describe(images, bins, cell):
    """HOG of each image, (images, features)."""
    return np.array(
        [
            hog(image, bins, (cell, cell), (2, 2), block_norm="L2-Hys", transform_sqrt=True)
            for image in images
        ]
    )


def squared_distances(a, b):
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T
    return np.maximum(squares, 0)


def errors(predicted, angles):
    """Mean absolute errors in degrees: of each output, and over all."""
    each = np.degrees(np.abs(predicted - angles)).mean(0)
    return dict(zip(OUTPUTS, each.tolist()), overall=float(each.mean()))


def errors_by_set(predicted, angles, names):
    sets = np.array([name.split("/")[0] for name in names])
    result = {"all": {"rows": len(names), **errors(predicted, angles)}}
    for name in np.unique(sets):
        chosen = sets == name
        result[name] = {"rows": int(chosen.sum()), **errors(predicted[chosen], angles[chosen])}
    return result


def score(by_set):
    return float(np.mean([value["overall"] for name, value in by_set.items() if name != "all"]))


class Data:
    """Images, angles and names of the splits."""

    def __init__(self, path):
        names, angles = read_rows(path)
        images = np.array([grey_image(path.parent / name) for name in names])
        splits = np.array([split_of(name) for name in names])
        self.names, self.angles, self.images = {}, {}, {}
        for split in ("train", "validation", "test"):
            chosen = splits == split
            self.names[split] = [name for name, it_is in zip(names, chosen) if it_is]
            self.angles[split] = angles[chosen]
            self.images[split] = images[chosen]

    def features(self, bins, cell, mirrored):
        """Features of each split, and the training angles; `mirrored`: with the mirror images."""
        features = {split: describe(images, bins, cell) for split, images in self.images.items()}
        angles = self.angles["train"]
        if mirrored:
            others = describe(self.images["train"][:, :, ::-1], bins, cell)
            features["train"] = np.concatenate([features["train"], others])
            angles = np.concatenate([angles, angles * [1, -1, -1]])
        return features, angles


class KernelRidge:
    """Of a Gaussian kernel; tries many penalties for one kernel matrix."""

    def __init__(self, features, angles, gamma):
        self.features, self.gamma = features, gamma
        self.kernel = np.exp(-gamma * squared_distances(features, features))
        self.mean = angles.mean(0)
        self.centred = angles - self.mean

    def fit(self, penalty):
        matrix = self.kernel.copy()
        matrix.flat[:: len(matrix) + 1] += penalty
        factor = scipy.linalg.cho_factor(matrix, overwrite_a=True, check_finite=False)
        self.weights = scipy.linalg.cho_solve(factor, self.centred, check_finite=False)

    def predict(self, features):
        kernel = np.exp(-self.gamma * squared_distances(features, self.features))
        return kernel @ self.weights + self.mean


def judge(model, data, features, split):
    predicted = model.predict(features[split])
    return errors_by_set(predicted, data.angles[split], data.names[split])


def search(data, choices, gammas, penalties):
    """The best (validation score, choice) over all features, gammas and penalties."""
    best = None
    for choice in choices:
        features, angles = data.features(**choice)
        for gamma in gammas:
            model = KernelRidge(features["train"], angles, gamma)
            for penalty in penalties:
                model.fit(penalty)
                found = score(judge(model, data, features, "validation"))
                if best is None or found < best[0]:
                    best = (found, {**choice, "gamma": gamma, "penalty": penalty})
                    print(f"validation {found:.3f}: {best[1]}", flush=True)
    return best


def choose(data):
    plain = search(data, [{**f, "mirrored": False} for f in FEATURES], GAMMAS, PENALTIES)
    features = {name: plain[1][name] for name in ("bins", "cell")}
    near = [
        [value for value in values if plain[1][name] / 3 <= value <= plain[1][name] * 3.4]
        for name, values in (("gamma", GAMMAS), ("penalty", PENALTIES))
    ]
    mirrored = search(data, [{**features, "mirrored": True}], *near)
    return min(plain, mirrored, key=lambda found: found[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", type=Path)
    parser.add_argument("--output", type=Path, help="also write the errors to this JSON file")
    arguments = parser.parse_args()
    data = Data(arguments.csv)
    print({split: len(names) for split, names in data.names.items()}, flush=True)
    _, choice = choose(data)
    features, angles = data.features(choice["bins"], choice["cell"], choice["mirrored"])
    model = KernelRidge(features["train"], angles, choice["gamma"])
    model.fit(choice["penalty"])
    result = {"choice": choice} | {
        f"{split}_mae": judge(model, data, features, split) for split in ("validation", "test")
    }
    for split in ("validation", "test"):
        print(f"{split:<14}{'rows':>6}" + "".join(f"{name:>9}" for name in (*OUTPUTS, "overall")))
        for name, value in result[f"{split}_mae"].items():
            numbers = "".join(f"{value[output]:>9.2f}" for output in (*OUTPUTS, "overall"))
            print(f"  {name:<12}{value['rows']:>6}{numbers}")
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
