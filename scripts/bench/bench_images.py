"""Makes the images of data_peers.py (a module; needs Pillow and numpy)."""

import csv
import itertools
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from serve import SIZE

COLUMNS = ("filename", "pitch", "yaw", "roll")
SIDES = {"files": 112, "files450": 450}  # pixels
HEADER_ROWS = 150_000
JPEG_QUALITY = 90


def draw_heads(folder, apps, count):
    """Draws heads with mobireg-synth; returns their CSV."""
    app = apps / "mobireg-synth"
    if not app.exists():
        raise SystemExit(f"data_peers.py: there is no {app}; build it, or give --images CSV")
    size = str(SIDES["files"])
    command = [app, folder, "--count", str(count), "--size", size]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "headpose.csv"


def images_of(csv_file, count):
    """Up to `count` images of a CSV with a column `filename`, as RGB."""
    with open(csv_file, newline="") as file:
        names = [row["filename"] for row in itertools.islice(csv.DictReader(file), count)]
    for name in names:
        with Image.open(csv_file.parent / name) as image:
            yield image.convert("RGB")


def write_rows(file, names):
    with open(file, "w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        writer.writerows([name, "0.1", "0.2", "0.3"] for name in names)


def prepare(folder, csv_file, count):
    """Fills `folder`: memory.npy, (N, 64, 64, 3) uint8; files/ and files450/ with JPEGs of these
    sides and labels.csv; files/headers.csv, 150,000 rows that name them again and again."""
    names, pixels = [], []
    for name, side in SIDES.items():
        (folder / name).mkdir()
    for i, image in enumerate(images_of(csv_file, count)):
        names.append(f"{i:05}.jpg")
        for name, side in SIDES.items():
            sized = image.resize((side, side), Image.Resampling.LANCZOS)
            sized.save(folder / name / names[-1], quality=JPEG_QUALITY)
        with Image.open(folder / "files" / names[-1]) as small:
            pixels.append(np.asarray(small.resize((SIZE, SIZE), Image.Resampling.NEAREST)))
    np.save(folder / "memory.npy", np.stack(pixels))
    for name in SIDES:
        write_rows(folder / name / "labels.csv", names)
    rows = itertools.islice(itertools.cycle(names), HEADER_ROWS)
    write_rows(folder / "files/headers.csv", rows)
