"""Writes tests/fixtures/aflw2000_face.mat: the variables of an AFLW2000-3D file that are imported, by
scipy.io.savemat, compressed.

    python scripts/reference/import_mat.py

Point i is at x = 10 + i, y = 20 + 2 i, z = -i.
"""

from pathlib import Path

import numpy as np
import scipy.io

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/aflw2000_face.mat"


def main():
    i = np.arange(68, dtype=np.float32)
    variables = {
        "pt2d": np.full((2, 21), -1.0),
        "Pose_Para": np.array([[-0.25, 0.5, -0.125, 60, 90, -40, 1e-3]], np.float32),
        "pt3d_68": np.stack([10 + i, 20 + 2 * i, -i]),
    }
    scipy.io.savemat(FIXTURE, variables, do_compression=True)
    # The header's text has the date of writing.
    contents = FIXTURE.read_bytes()
    FIXTURE.write_bytes(b"MATLAB 5.0 MAT-file, by scipy.io.savemat".ljust(116) + contents[116:])


if __name__ == "__main__":
    main()
