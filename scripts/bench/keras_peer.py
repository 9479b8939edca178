"""The recipe itself: tf.keras's ImageDataGenerator with imgaug's noise, as a worker (see serve.py).
Runs in the environment of scripts/reference/make_env.sh.
"""

import sys
from pathlib import Path

from serve import BATCH, SIZE, serve

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

import recipe

import imgaug
import keras
import numpy as np
import pandas as pd

LABELS = list(recipe.OUTPUTS)


def from_memory(folder):
    images = np.load(folder / "memory.npy")
    return recipe.training_generator(noise=True, seed=1).flow(
        images, np.zeros((len(images), len(LABELS))), batch_size=BATCH
    )


def from_files(folder):
    return recipe.training_generator(noise=True, seed=1).flow_from_dataframe(
        pd.read_csv(folder / "labels.csv"),
        folder,
        y_col=LABELS,
        target_size=(SIZE, SIZE),
        class_mode="raw",
        batch_size=BATCH,
    )


def check_files(folder):
    rows = pd.read_csv(folder / "headers.csv")
    iterator = recipe.training_generator().flow_from_dataframe(
        rows, folder, y_col=LABELS, class_mode="raw", validate_filenames=True
    )
    return iterator.filenames


def open_case(case, folder):
    folder = Path(folder)
    if case == "headers":
        return lambda: check_files(folder / "files")
    batches = from_memory(folder) if case == "memory" else from_files(folder / case)
    return lambda: next(batches)[0]


if __name__ == "__main__":
    recipe.use_threads(1)
    serve(
        open_case,
        {"keras": keras.__version__, "imgaug": imgaug.__version__, "numpy": np.__version__},
        ["its check sees that a file is there, not what it is"] if sys.argv[1] == "headers" else [],
    )
