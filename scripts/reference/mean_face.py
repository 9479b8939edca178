#!/usr/bin/env python3
"""Makes the mean frontal face of lib/src/predict/mean_face.h from 2-D landmarks alone:

  mean_face.py LANDMARKS.csv [POSE.csv]

LANDMARKS.csv: filename, x0, y0, ..., x67, y67 (300-W's 68 points, y down), one unit for x and y.

The brows, the nose and the eyes (points 17 to 47) of all faces and of their mirror images are taken
for pictures of one rigid shape by distant cameras, and factorised (Tomasi and Kanade: "Shape and motion
from image streams under orthography", IJCV 9, 1992). The mirror images make the shape symmetric; its
plane of symmetry is x = 0. What no picture tells is where pitch is 0: POSE.csv (filename, pitch, yaw,
roll in radians) does, by the median difference; without it the brows stand above the mouth's side of
the nose. The unit is the distance of the outer corners of the eyes, the origin the points' mean.
"""

import csv
import sys

import numpy as np

POINTS = range(17, 48)
MIRROR = ([26, 25, 24, 23, 22, 21, 20, 19, 18, 17] + [27, 28, 29, 30] + [35, 34, 33, 32, 31]
          + [45, 44, 43, 42, 47, 46] + [39, 38, 37, 36, 41, 40])
RIGHT_EYE, LEFT_EYE, NOSE_TIP, NOSE_TOP, NOSE_BASE = 36, 45, 30, 27, 33


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {row["filename"]: row for row in csv.DictReader(file)}


def read_points(path):
    rows = rows_of(path)
    points = [[[float(row[f"x{i}"]), -float(row[f"y{i}"])] for i in POINTS] for row in rows.values()]
    return list(rows), np.array(points)


def factorise(points):
    """points: (faces, points, 2). Returns (points, 3), up to a rotation."""
    mirrored = points[:, np.array(MIRROR) - POINTS[0]] * [-1, 1]
    faces = np.concatenate([points, mirrored])
    faces = faces - faces.mean(1, keepdims=True)
    faces /= np.sqrt((faces**2).sum((1, 2), keepdims=True))
    measured = faces.transpose(0, 2, 1).reshape(2 * len(faces), -1)
    u, s, vt = np.linalg.svd(measured, full_matrices=False)
    motion, shape = u[:, :3] * s[:3], vt[:3]
    # Both rows of a camera must be of one length and at right angles, in the metric Q.
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    a, b = motion[0::2], motion[1::2]

    def products(p, q):
        return np.stack([p[:, i] * q[:, j] + (p[:, j] * q[:, i] if i != j else 0) for i, j in pairs], 1)

    lengths = (products(a, a) + products(b, b)).mean(0, keepdims=True) * 100
    equations = np.concatenate([products(a, a) - products(b, b), products(a, b), lengths])
    values = np.zeros(len(equations))
    values[-1] = 100
    solution = np.linalg.lstsq(equations, values, rcond=None)[0]
    q = np.zeros((3, 3))
    for value, (i, j) in zip(solution, pairs):
        q[i, j] = q[j, i] = value
    sizes, axes = np.linalg.eigh(q)
    assert sizes.min() > 0, "the faces are not those of a rigid shape"
    return np.linalg.solve(axes * np.sqrt(sizes), shape).T


def upright(shape):
    """x to the right of the image, y up along the nose, z towards the viewer."""
    at = {point: i for i, point in enumerate(POINTS)}
    mirror = [at[point] for point in MIRROR]
    x = np.linalg.svd(shape - shape[mirror])[2][0]
    y = shape[at[NOSE_TOP]] - shape[at[NOSE_BASE]]
    y -= x * (x @ y)
    y /= np.linalg.norm(y)
    z = np.cross(x, y)
    shape = shape - shape.mean(0)
    if z @ shape[at[NOSE_TIP]] < 0:
        z = -z
    shape = shape @ np.stack([x, y, z]).T
    if shape[at[LEFT_EYE], 0] < 0:
        shape[:, 0] *= -1
    shape = (shape + shape[mirror] * [-1, 1, 1]) / 2
    return shape / (shape[at[LEFT_EYE], 0] - shape[at[RIGHT_EYE], 0])


def pitch_of(face, shape):
    """In radians, of a face seen by a distant camera; convention of core/rotation.h."""
    face = face - face.mean(0)
    u, _, vt = np.linalg.svd(np.linalg.lstsq(shape, face, rcond=None)[0].T, full_matrices=False)
    rows = u @ vt
    third = np.cross(rows[0], rows[1])
    for _ in range(20):  # with depths from the last rotation: Procrustes
        size = (face * (shape @ rows.T)).sum() / ((shape @ rows.T) ** 2).sum()
        seen = np.column_stack([face / size, shape @ third])
        u, _, vt = np.linalg.svd(seen.T @ shape)
        rotation = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt
        rows, third = rotation[:2], rotation[2]
    return np.arctan2(rows[1, 2], third[2])


def turned(shape, angle):
    c, s = np.cos(angle), np.sin(angle)
    return shape @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]]).T


def main():
    names, points = read_points(sys.argv[1])
    shape = upright(factorise(points))
    if len(sys.argv) > 2:
        poses = rows_of(sys.argv[2])
        faces = [(face, float(poses[name]["pitch"])) for name, face in zip(names, points) if name in poses]
        for _ in range(3):
            shape = turned(shape, np.median([pitch_of(face, shape) - pitch for face, pitch in faces]))
    for x, y, z in shape + 0.0:
        print(f"    {{{x:.4f}, {y:.4f}, {z:.4f}}},")


if __name__ == "__main__":
    main()
