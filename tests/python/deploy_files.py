"""Exports a small run in every form, for deploy_test.py: files, inputs and mobireg's own outputs.

    python deploy_files.py APPS FOLDER

Needs numpy and PIL; as a module it needs numpy alone. FOLDER is emptied first.
"""

import csv
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import network
import numpy as np
import small_run

SIZE = 64
EXTREMES = {  # what drawn heads do not have
    "black": np.zeros((SIZE, SIZE, 3), np.uint8),
    "white": np.full((SIZE, SIZE, 3), 255, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 256, (SIZE, SIZE, 3), np.uint8),
}
ODD_ALPHA = 0.3  # 9, 19, 38, ... channels, which no runtime's blocks hold without a rest
INT8 = ("--int8", "--force")  # of a network that is hardly trained


@dataclass
class File:
    name: str  # its suffix is the format's
    options: tuple = ()
    alpha: float = network.ALPHA

    @property
    def int8(self):
        return "--int8" in self.options


FILES = {
    "onnx": File("headpose.onnx"),
    "onnx_dynamic": File("dynamic.onnx", ("--dynamic-batch",)),
    "onnx_convolutions": File("convolutions.onnx", ("--dense-as-convolution",)),
    "onnx_outside": File("outside.onnx", ("--normalization", "outside")),
    "onnx_odd": File("odd.onnx", (), ODD_ALPHA),
    "onnx_int8": File("int8.onnx", INT8),
    "onnx_int8_convolutions": File(
        "int8_convolutions.onnx", (*INT8, "--dense-as-convolution", "--dynamic-batch")
    ),
    "onnx_int8_odd": File("int8_odd.onnx", INT8, ODD_ALPHA),
    "ncnn": File("headpose.param"),
    "ncnn_half": File("half.param", ("--fp16",)),
    "ncnn_outside": File("outside.param", ("--normalization", "outside")),
    "ncnn_odd": File("odd.param", (), ODD_ALPHA),
    "ncnn_int8": File("int8.param", INT8),
    "ncnn_int8_odd": File("int8_odd.param", INT8, ODD_ALPHA),
    "torchscript": File("headpose.pt"),
    "torchscript_odd": File("odd.pt", (), ODD_ALPHA),
}


def calmer(hashed):
    """The hashed weights with a tenth of the heads' last ones: the outputs of all of them reach 180
    degrees, where half precision costs more than an export may lose."""
    factor = lambda name: np.float32(0.1 if name.endswith("output.weight") else 1)
    return lambda name, shape: hashed(name, shape) * factor(name)


def skip_without_files(folder):
    """Ends a test as skipped where FOLDER was not filled."""
    if not (folder / "expected.npy").exists():
        print(f"skipped: {folder} has no files of deploy_files.py")
        sys.exit(77)


def add_extremes(heads):
    """Writes EXTREMES among the images and lines for them, labels 0, into the CSV."""
    from PIL import Image

    table = heads / "headpose.csv"
    with open(table, newline="") as file:
        columns = csv.DictReader(file).fieldnames
    with open(table, "a", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="0", lineterminator="\n")
        for name, image in EXTREMES.items():
            Image.fromarray(image).save(heads / f"images/{name}.png")
            writer.writerow({"filename": f"images/{name}.png"})


def read_pixels(path):
    """(3, size, size) float32 of 0 to 255, RGB."""
    from PIL import Image

    return np.asarray(Image.open(path).convert("RGB"), np.float32).transpose(2, 0, 1)


def predictions(apps, file, folder):
    """What mobireg predicts for all images by a checkpoint or an exported file: their names, and
    (N, 3)."""
    table = folder / "predictions.csv"
    small_run.run(apps / "mobireg-evaluate", file, "--csv", folder / "heads/headpose.csv",
                  "--predictions", table)
    with open(table, newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == small_run.HEADS + len(EXTREMES), len(rows)
    outputs = np.array([[float(row[name]) for name in network.OUTPUTS] for row in rows])
    spread = outputs.std(0)
    assert (spread > 0.01).all(), f"any two networks would agree: {spread}"
    return [row["filename"] for row in rows], outputs


def write_inputs(apps, folder, checkpoint):
    """pixels.npy (N, 3, size, size), and expected.npy (N, 3), what mobireg predicts for them."""
    heads = folder / "heads"
    add_extremes(heads)
    names, expected = predictions(apps, checkpoint, folder)
    np.save(folder / "pixels.npy", np.stack([read_pixels(heads / name) for name in names]))
    np.save(folder / "expected.npy", expected)
    shutil.copy(heads / names[0], folder / "face.png")


def main():
    apps, folder = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    network.hashed_model.value = calmer(network.hashed_model.value)
    runs = {
        network.ALPHA: small_run.train(apps, folder),
        ODD_ALPHA: small_run.train(apps, folder / "odd", ODD_ALPHA),
    }
    checkpoints = {alpha: run / "checkpoints/last.safetensors" for alpha, run in runs.items()}
    write_inputs(apps, folder, checkpoints[network.ALPHA])
    np.save(folder / "expected_odd.npy", predictions(apps, checkpoints[ODD_ALPHA], folder)[1])
    for name, file in FILES.items():
        small_run.run(apps / "mobireg-export", checkpoints[file.alpha], "--output",
                      folder / file.name, *file.options)
        if file.int8:
            np.save(folder / f"{name}.npy", predictions(apps, folder / file.name, folder)[1])


if __name__ == "__main__":
    main()
