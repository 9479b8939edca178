"""Pillow reading the header of each file of a CSV, as a worker (see serve.py): the part of a check
that Keras's leaves out. Runs in the environment of scripts/bench/make_env.sh.
"""

import csv
from pathlib import Path

from serve import serve

import PIL
from PIL import Image


def check_files(folder):
    with open(folder / "headers.csv") as file:
        names = [row["filename"] for row in csv.DictReader(file)]
    for name in names:
        with Image.open(folder / name) as image:
            assert image.width > 0 and image.height > 0
    return names


def open_case(case, folder):
    assert case == "headers", case
    return lambda: check_files(Path(folder) / "files")


if __name__ == "__main__":
    serve(open_case, {"pillow": PIL.__version__}, [])
