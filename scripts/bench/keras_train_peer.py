"""The recipe's model trained by tf.keras, as a worker (see train_serve.py): Keras's own step,
compiled by tf.function, on tensors at hand. Runs in the environment of
scripts/reference/make_env.sh.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

import recipe

import keras
import numpy as np
import tensorflow as tf

import mobilenet
from train_serve import serve


def open_case(case, alpha, threads):
    recipe.use_threads(threads)
    model = recipe.build_model(alpha, mobilenet.SIZE)
    model.compile(optimizer="adam", loss="mse")
    images = tf.random.normal((mobilenet.BATCH, mobilenet.SIZE, mobilenet.SIZE, 3))
    labels = tf.random.normal((mobilenet.BATCH, len(mobilenet.OUTPUTS)))
    train_step = tf.function(lambda: model.train_step((images, labels)))

    def step():
        train_step()["loss"].numpy()  # waits for it
        return mobilenet.BATCH

    about = {
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__},
        "parameters": int(sum(np.prod(weights.shape) for weights in model.trainable_weights)),
    }
    return step, about


if __name__ == "__main__":
    serve(open_case)
