"""Mean point error of predicted landmarks on a run's test rows, beside predicting the training mean.

    mobireg-evaluate RUN/checkpoints/best.safetensors --predictions predicted.csv
    python scripts/reference/landmark_errors.py landmarks68.csv RUN/rows.csv predicted.csv

Prints the mean distance of a point in crop sides, and in percent of the distance between the outer
corners of the eyes (points 36 and 45). Needs Python's standard library alone.
"""

import csv
import math
import sys

POINTS = range(68)
OUTER_EYE_CORNERS = (36, 45)


def read(path):
    with open(path, newline="") as stream:
        return {row["filename"]: row for row in csv.DictReader(stream)}


def points(row):
    return [(float(row[f"x{i}"]), float(row[f"y{i}"])) for i in POINTS]


def mean_points(rows):
    faces = [points(row) for row in rows]
    return [tuple(sum(face[i][axis] for face in faces) / len(faces) for axis in (0, 1)) for i in POINTS]


def errors(pairs):
    """(in crop sides, in percent of the inter-ocular distance), means over (label, prediction)."""
    absolute, relative = [], []
    for label, predicted in pairs:
        error = sum(math.dist(a, b) for a, b in zip(label, predicted)) / len(label)
        absolute.append(error)
        relative.append(100 * error / math.dist(*(label[i] for i in OUTER_EYE_CORNERS)))
    return sum(absolute) / len(absolute), sum(relative) / len(relative)


def main():
    labels, splits, predictions = (read(path) for path in sys.argv[1:4])
    test = [name for name, row in splits.items() if row["split"] == "test"]
    mean = mean_points(labels[name] for name, row in splits.items() if row["split"] == "train")
    network = errors((points(labels[name]), points(predictions[name])) for name in test)
    constant = errors((points(labels[name]), mean) for name in test)
    print(f"{len(test)} test rows")
    print(f"network        {network[0]:.4f} crop sides  {network[1]:.2f} % inter-ocular")
    print(f"training mean  {constant[0]:.4f} crop sides  {constant[1]:.2f} % inter-ocular")


if __name__ == "__main__":
    main()
