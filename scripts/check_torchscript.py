"""Runs an exported file by torch.jit.load and compares its outputs with mobireg-evaluate's.

    /usr/bin/python3 scripts/check_torchscript.py MODEL.pt PREDICTIONS.csv DIRECTORY

PREDICTIONS.csv is what `mobireg-evaluate --predictions` wrote; DIRECTORY holds the images it names.
Every output must be within 1e-4 (1 + |y|). Exits 0 when all are, 1 when not, 77 when torch, numpy or
PIL is not there (Debian: python3-torch, python3-numpy, python3-pil).
"""

import csv
import json
import sys
from pathlib import Path

try:
    import numpy as np
    import torch
    from PIL import Image
except ImportError as error:
    print(f"skipped: {sys.executable} cannot import {error.name}")
    sys.exit(77)

TOLERANCE = 1e-4
BATCH = 64


def load(path):
    """The module and its card, a dict."""
    extra = {"model_card.json": ""}
    module = torch.jit.load(str(path), map_location="cpu", _extra_files=extra)
    return module, json.loads(extra["model_card.json"])


def read_image(path, model_input):
    """(channels, size, size) float32 of 0 to 255."""
    image = Image.open(path).convert("RGB" if model_input["color_mode"] == "rgb" else "L")
    size = (model_input["size"],) * 2
    if image.size != size:
        if model_input["interpolation"] != "nearest":
            sys.exit(f"{path}: it is not {size[0]} x {size[1]} pixels, and only nearest neighbours "
                     "give the same pixels here and there")
        image = image.resize(size, Image.NEAREST)
    pixels = np.asarray(image, dtype=np.float32)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def predict(module, card, paths):
    """(N, outputs) float64."""
    model_input = card["model"]["input"]
    mean, scale = (torch.tensor(model_input[key]).view(-1, 1, 1) for key in ("mean", "scale"))
    outputs = []
    with torch.no_grad():
        for begin in range(0, len(paths), BATCH):
            images = [read_image(path, model_input) for path in paths[begin : begin + BATCH]]
            pixels = torch.from_numpy(np.stack(images))
            if card["normalization"] == "outside":
                pixels = (pixels - mean) / scale
            outputs.append(module(pixels).double().numpy())
    return np.concatenate(outputs)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model_file, predictions_file, directory = map(Path, sys.argv[1:])
    module, card = load(model_file)
    names = [output["name"] for output in card["model"]["outputs"]]
    with open(predictions_file, newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        sys.exit(f"{predictions_file}: it has no rows")
    expected = np.array([[float(row[name]) for name in names] for row in rows])
    actual = predict(module, card, [directory / row["filename"] for row in rows])
    difference = np.abs(actual - expected)
    print(f"Python's torch.jit.load runs {model_file.name}: {len(rows)} images, outputs "
          f"{', '.join(names)} differ from mobireg-evaluate's by at most {difference.max():.1e}")
    # Written so that a NaN fails.
    if not (difference <= TOLERANCE * (1 + np.abs(expected))).all():
        sys.exit(f"{model_file}: that is more than {TOLERANCE} (1 + |y|)")


if __name__ == "__main__":
    main()
