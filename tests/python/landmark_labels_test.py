"""Labels that mobireg-predict makes of real faces' landmarks, beside the poses that others fitted to
the same faces (the figures of docs/predict.md).

    python landmark_labels_test.py APPS [FOLDER]

FOLDER holds landmarks68.csv and pose_derived.csv: HELEN's and AFW's faces, by default those that lie
beside the repository. Without them it skips (exit status 77).
"""

import csv
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean

FACES = Path(__file__).parents[3] / "shared/data/helen_afw"
# Degrees in the mean, of two fits by different means and faces; what is read off an image by eye is
# no better.
ALLOWED = {"pitch": 3, "yaw": 2, "roll": 2}


def read(path):
    """{file name: {angle: degrees}}"""
    with open(path, newline="") as file:
        return {
            row["filename"]: {angle: math.degrees(float(row[angle])) for angle in ALLOWED}
            for row in csv.DictReader(file)
        }


def slope(xs, ys):
    """Of the least squares line of ys over xs."""
    x0, y0 = mean(xs), mean(ys)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys)) / sum((x - x0) ** 2 for x in xs)


def make_labels(apps, landmarks, labels):
    command = [apps / "mobireg-predict", "--pose-from-landmarks", landmarks, "--output", labels]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    again = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert again.returncode == 1 and "--overwrite replaces it" in again.stderr, again.stderr
    printed = subprocess.run([str(part) for part in command[:3]], capture_output=True, text=True)
    assert printed.stdout == labels.read_text(), "stdout and --output differ"


def check(found, expected):
    assert len(expected) > 1000 and expected.keys() <= found.keys(), (len(found), len(expected))
    for angle, allowed in ALLOWED.items():
        ours = [found[name][angle] for name in expected]
        theirs = [of[angle] for of in expected.values()]
        differences = [a - b for a, b in zip(ours, theirs)]
        size = mean(map(abs, differences))
        turned = slope(theirs, ours)  # -1 where a sign is the other way round
        print(f"{angle}: {size:.2f} degrees in the mean of the absolute differences, "
              f"{mean(differences):.2f} of the differences; slope {turned:.2f}")
        assert size <= allowed, angle
        assert 0.8 < turned < 1.25, angle


def main():
    apps = Path(sys.argv[1])
    faces = Path(sys.argv[2]) if len(sys.argv) > 2 else FACES
    landmarks, derived = faces / "landmarks68.csv", faces / "pose_derived.csv"
    if not (landmarks.exists() and derived.exists()):
        print(f"skipped: there is no {landmarks} or no {derived}")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        labels = Path(name) / "labels.csv"
        make_labels(apps, landmarks, labels)
        check(read(labels), read(derived))


if __name__ == "__main__":
    main()
