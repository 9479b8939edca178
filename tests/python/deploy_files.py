"""Exports a small run in every form, for deploy_test.py: files, inputs and mobireg's own outputs.

    python deploy_files.py APPS FOLDER

Needs numpy and cv2. FOLDER is emptied first.
"""

import csv
import shutil
import sys
from pathlib import Path

import cv2
import network
import numpy as np
import small_run

SIZE = 64
EXTREMES = {  # what drawn heads do not have
    "black": np.zeros((SIZE, SIZE, 3), np.uint8),
    "white": np.full((SIZE, SIZE, 3), 255, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 256, (SIZE, SIZE, 3), np.uint8),
}
# name: format, file, options
FILES = {
    "onnx": ("onnx", "headpose.onnx", ()),
    "onnx_dynamic": ("onnx", "dynamic.onnx", ("--dynamic-batch",)),
    "onnx_convolutions": ("onnx", "convolutions.onnx", ("--dense-as-convolution",)),
    "onnx_outside": ("onnx", "outside.onnx", ("--normalization", "outside")),
    "ncnn": ("ncnn", "headpose.param", ()),
    "ncnn_half": ("ncnn", "half.param", ("--fp16",)),
    "ncnn_outside": ("ncnn", "outside.param", ("--normalization", "outside")),
    "torchscript": ("torchscript", "headpose.pt", ()),
}


def calmer(hashed):
    """The hashed weights with a tenth of the heads' last ones: the outputs of all of them reach 180
    degrees, where half precision costs more than an export may lose."""
    factor = lambda name: np.float32(0.1 if name.endswith("output.weight") else 1)
    return lambda name, shape: hashed(name, shape) * factor(name)


def add_extremes(heads):
    """Writes EXTREMES among the images and lines for them, labels 0, into the CSV."""
    table = heads / "headpose.csv"
    with open(table, newline="") as file:
        columns = csv.DictReader(file).fieldnames
    with open(table, "a", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="0", lineterminator="\n")
        for name, image in EXTREMES.items():
            cv2.imwrite(str(heads / f"images/{name}.png"), image)
            writer.writerow({"filename": f"images/{name}.png"})


def read_pixels(path):
    """(3, size, size) float32 of 0 to 255, RGB."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return image[:, :, ::-1].transpose(2, 0, 1).astype(np.float32)


def write_inputs(apps, folder, checkpoint):
    """pixels.npy (N, 3, size, size), and expected.npy (N, 3), what mobireg predicts for them."""
    heads, predictions = folder / "heads", folder / "predictions.csv"
    add_extremes(heads)
    small_run.run(apps / "mobireg-evaluate", checkpoint, "--csv", heads / "headpose.csv",
                  "--predictions", predictions)
    with open(predictions, newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == small_run.HEADS + len(EXTREMES), len(rows)
    expected = np.array([[float(row[name]) for name in network.OUTPUTS] for row in rows])
    spread = expected.std(0)
    assert (spread > 0.01).all(), f"any two networks would agree: {spread}"
    np.save(folder / "pixels.npy", np.stack([read_pixels(heads / row["filename"]) for row in rows]))
    np.save(folder / "expected.npy", expected)
    shutil.copy(heads / rows[0]["filename"], folder / "face.png")


def main():
    apps, folder = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    network.hashed_model.value = calmer(network.hashed_model.value)
    checkpoint = small_run.train(apps, folder) / "checkpoints/last.safetensors"
    write_inputs(apps, folder, checkpoint)
    for file_format, name, options in FILES.values():
        small_run.run(apps / "mobireg-export", checkpoint, "--format", file_format, "--output",
                      folder / name, *options)


if __name__ == "__main__":
    main()
