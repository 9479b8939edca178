"""Errors of dlib's 68-point predictor on a landmark run's test rows; called by dlib_landmarks.sh.

The predictor wants the box that dlib's detector would give. The crops are tight, so that detector is
not asked: the box has one place in all crops, that with the smallest error on training rows.
The predictor was trained on 300-W, most likely on these very images, also the test rows.
"""

import itertools
import subprocess
import sys
from pathlib import Path

from landmark_errors import POINTS, errors, points, read

SIDES = (0.75, 0.8, 0.85, 0.9, 0.95)
TOPS = (-0.05, 0.0, 0.05, 0.1, 0.15)
TRAINING_ROWS = 300  # enough to place a box


def predict(program, model, faces):
    """`faces`: (image file, (left, top, side)) each."""
    lines = "".join(f"{left} {top} {side} {file}\n" for file, (left, top, side) in faces)
    found = subprocess.run([program, model], input=lines, capture_output=True, text=True)
    if found.returncode != 0:
        sys.exit(found.stderr.strip())
    numbers = [[float(number) for number in line.split()] for line in found.stdout.splitlines()]
    return [[(row[2 * i], row[2 * i + 1]) for i in POINTS] for row in numbers]


def best_box(predict_faces, labels, names):
    boxes = [((1 - side) / 2, top, side) for side, top in itertools.product(SIDES, TOPS)]
    found = iter(predict_faces([(name, box) for name in names for box in boxes]))
    by_box = {box: [] for box in boxes}
    for name in names:
        for box in boxes:
            by_box[box].append((points(labels[name]), next(found)))
    return min(boxes, key=lambda box: errors(by_box[box])[0])


def main():
    program, model, labels_csv, rows_csv, predicted_csv = sys.argv[1:]
    labels, splits, ours = (read(path) for path in (labels_csv, rows_csv, predicted_csv))
    folder = Path(labels_csv).parent
    names = {
        split: [name for name, row in splits.items() if row["split"] == split]
        for split in ("train", "test")
    }

    def predict_faces(faces):
        return predict(program, model, [(folder / name, box) for name, box in faces])

    step = max(1, len(names["train"]) // TRAINING_ROWS)
    box = best_box(predict_faces, labels, names["train"][::step])
    theirs = predict_faces([(name, box) for name in names["test"]])
    dlib = errors((points(labels[name]), found) for name, found in zip(names["test"], theirs))
    network = errors((points(labels[name]), points(ours[name])) for name in names["test"])
    print(f"{len(names['test'])} test rows; dlib's box: left {box[0]:.3f}, top {box[1]}, side {box[2]}")
    for name, found in (("network", network), ("dlib", dlib)):
        print(f"{name:<9} {found[0]:.4f} crop sides  {found[1]:.2f} % inter-ocular")
    print("dlib's predictor was trained on 300-W, so probably on these images too.")


if __name__ == "__main__":
    main()
