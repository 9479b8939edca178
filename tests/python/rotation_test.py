"""A network with a head of form `rotation`, and an uncertain one: its files in the runtimes that users have, six numbers
decoded as the model card says, and graphs that end in angles for heads turned by up to 99 degrees.

    python rotation_test.py APPS
"""

import csv
import json
import sys
import tempfile
from pathlib import Path

import cv2
import deploy_runtimes
import numpy as np
import onnx
import small_run

HEADS = [
    {"name": "pose", "outputs": ["pitch", "yaw", "roll"], "form": "rotation", "loss": "geodesic"},
    {"name": "place", "outputs": ["x", "y"], "uncertainty": True, "loss": "heteroscedastic"},
]
OUTPUTS = [
    *({"name": name, "unit": "radians"} for name in HEADS[0]["outputs"]),
    *({"name": name, "unit": "none"} for name in HEADS[1]["outputs"]),
]
RUNTIMES = {
    "onnxruntime": deploy_runtimes.open_onnxruntime,
    "openvino": deploy_runtimes.open_openvino,
    "opencv": deploy_runtimes.open_opencv,
    "mnn": deploy_runtimes.open_mnn,
}
FILES = {
    "raw": (),
    "angles": ("--angles",),
    "dynamic": ("--angles", "--dynamic-batch"),
    "convolutions": ("--angles", "--dense-as-convolution"),
    "certain": ("--angles", "--no-uncertainty"),
}
DEGREES = 0.02  # a turn between what a runtime says and what mobireg says


def train(apps, folder):
    heads = folder / "heads"
    small_run.run(apps / "mobireg-synth", heads, "--count", 60)
    add_places(heads / "headpose.csv")
    settings = {
        "run_dir": folder / "run",
        "data.csv": heads / "headpose.csv",
        "training.epochs": 1,
        "model.outputs": json.dumps(OUTPUTS),
        "model.heads": json.dumps(HEADS),
    }
    options = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    small_run.run(apps / "mobireg-train", small_run.ROOT / "configs/smoke.json", *options)
    return folder / "run/checkpoints/last.safetensors"


def add_places(table):
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "x", "y"])
        writer.writeheader()
        for i, row in enumerate(rows):
            writer.writerow({**row, "x": i / len(rows), "y": 1 - i / len(rows)})


def matrices(pitch, yaw, roll):
    """As core/rotation.h has it."""
    cp, sp, cy, sy, cr, sr = (f(a) for a in (pitch, yaw, roll) for f in (np.cos, np.sin))
    one, zero = np.ones_like(pitch), np.zeros_like(pitch)
    stack = lambda rows: np.stack([np.stack(row, -1) for row in rows], -2)
    return (stack([[one, zero, zero], [zero, cp, sp], [zero, -sp, cp]])
            @ stack([[cy, zero, -sy], [zero, one, zero], [sy, zero, cy]])
            @ stack([[cr, sr, zero], [-sr, cr, zero], [zero, zero, one]]))


def decode(six):
    """As the card's `raw_outputs.decode` says."""
    a, b = six[:, :3], six[:, 3:]
    unit = lambda v: v / np.linalg.norm(v, axis=1, keepdims=True)
    x = unit(a)
    y = unit(b - (x * b).sum(1, keepdims=True) * x)
    z = np.cross(x, y)
    pitch = np.arctan2(z[:, 1], z[:, 2])
    yaw = np.arctan2(-z[:, 0], np.hypot(x[:, 0], y[:, 0]))
    roll = np.arctan2(y[:, 0], x[:, 0])
    angles = np.stack([pitch, yaw, roll], 1)
    half = np.copysign(np.pi, angles)
    large = np.abs(angles).sum(1, keepdims=True) > 1.5 * np.pi
    return np.where(large, (angles - half) * [1, -1, 1], angles)


def turn(a, b):
    """Degrees between two sets of pitch, yaw, roll."""
    product = matrices(*a.T) @ matrices(*b.T).transpose(0, 2, 1)
    skew = np.stack([product[:, i, j] - product[:, j, i] for i, j in ((1, 2), (2, 0), (0, 1))], 1)
    return np.degrees(np.arctan2(np.linalg.norm(skew, axis=1),
                                 np.trace(product, axis1=1, axis2=2) - 1))


def turned_heads():
    """(N, 6) columns of any length and angle, and (N, 3) the angles of their rotations."""
    random = np.random.default_rng(3)
    pitch, roll = (np.radians(random.uniform(-85, 85, 400)) for _ in range(2))
    yaw = np.radians(np.concatenate([random.uniform(-99, 99, 396), [99, -99, 0, 45]]))
    pitch[-2:] = roll[-2:] = 0
    rotation = matrices(pitch, yaw, roll)
    a = rotation[:, :, 0] * random.uniform(0.3, 3, (400, 1))
    b = rotation[:, :, 1] * random.uniform(0.3, 3, (400, 1)) + a * random.uniform(-1, 1, (400, 1))
    return np.float32(np.hstack([a, b])), np.stack([pitch, yaw, roll], 1)


def write_tail(path, result):
    """From the six numbers on, which come in as `pixels`."""
    onnx.utils.extract_model(str(path), str(result), ["pose_output"], ["pose_angles_outputs"])
    model = onnx.load(result)
    rename = {"pose_output": "pixels", "pose_angles_outputs": "outputs"}
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [rename.get(name, name) for name in names]
    for value in (*model.graph.input, *model.graph.output):
        value.name = rename.get(value.name, value.name)
    onnx.save(model, result)


def check_tails(folder, names):
    six, angles = turned_heads()
    print(f"decoding by the card's words: {np.degrees(np.abs(decode(six) - angles)).max():.5f} "
          "degrees off at most")
    assert np.degrees(np.abs(decode(six) - angles)).max() < DEGREES
    for name in names:
        tail = folder / f"{name}_tail.onnx"
        write_tail(folder / f"{name}.onnx", tail)
        shape = (-1, 6, 1, 1) if name == "convolutions" else (-1, 6)
        for runtime, open_file in RUNTIMES.items():
            found = open_file(tail)(six.reshape(shape)).reshape(-1, 3)
            off = turn(found, angles).max()
            # Where yaw is near 90 degrees, pitch and roll hang on the last bits of six numbers.
            far = np.abs(np.abs(np.degrees(angles[:, 1])) - 90) > 2
            worst = np.degrees(np.abs(found - angles))[far].max()
            print(f"{name} in {runtime}: {off:.5f} degrees of turn off at most, "
                  f"{worst:.5f} in an angle where yaw is not within 2 degrees of 90")
            assert off < DEGREES and worst < 0.1, (name, runtime)


def decoded(card, raw):
    """The card's outputs, in order."""
    columns = {}
    if "raw_outputs" not in card:
        return raw
    assert len(card["raw_outputs"]["names"]) == raw.shape[1], card["raw_outputs"]
    for part in card["raw_outputs"]["parts"]:
        values = raw[:, part["columns"]]
        if part["form"] == "rotation":
            values = decode(values)
        suffix = "_sigma" if part["form"] == "log_variance" else ""
        for name, column in zip(part["outputs"], values.T):
            columns[name + suffix] = np.exp(np.clip(column, -16, 16) / 2) if suffix else column
    return np.stack([columns[output["name"]] for output in card["outputs"]]
                    + [columns[name] for name in columns if name.endswith("_sigma")], 1)


def check_files(apps, folder, checkpoint):
    predictions = folder / "predictions.csv"
    printed = small_run.run(apps / "mobireg-evaluate", checkpoint, "--csv",
                            folder / "heads/headpose.csv", "--predictions", predictions)
    assert "uncertainty" in printed, printed
    with open(predictions, newline="") as file:
        rows = list(csv.DictReader(file))
    names = [*(output["name"] for output in OUTPUTS), "x_sigma", "y_sigma"]
    expected = np.array([[float(row[name]) for name in names] for row in rows])
    pixels = np.stack([np.float32(cv2.imread(str(folder / "heads" / row["filename"]))
                                  [:, :, ::-1].transpose(2, 0, 1)) for row in rows])
    for name in FILES:
        path = folder / f"{name}.onnx"
        card = json.loads({p.key: p.value for p in onnx.load(path).metadata_props}
                          ["mobireg_model_card"])
        for runtime, open_file in RUNTIMES.items():
            found = decoded(card, open_file(path)(pixels))
            wanted = expected[:, :found.shape[1]]
            off = turn(found[:, :3], wanted[:, :3]).max()
            rest = np.abs(found[:, 3:] - wanted[:, 3:]).max()
            print(f"{name} in {runtime}: {off:.5f} degrees off at most, {rest:.1e} in the rest")
            assert off < DEGREES and rest < 1e-4, (name, runtime)


def main():
    apps = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = train(apps, folder)
        for name, options in FILES.items():
            small_run.run(apps / "mobireg-export", checkpoint, "--output", folder / f"{name}.onnx",
                          *options)
        check_tails(folder, ["angles", "dynamic", "convolutions"])
        check_files(apps, folder, checkpoint)


if __name__ == "__main__":
    main()
