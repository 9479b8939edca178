"""Writes tests/fixtures/keras_optimizers.json: three steps of Keras's optimisers.

    python scripts/reference/keras_optimizers.py

Small hash-made tensors (scripts/reference/hashed.py) are fed fixed gradients, in float32. The
gradients include zeros and tiny values, where Adam's epsilon decides. tf.keras.optimizers and
tf.keras.optimizers.legacy must agree.
"""

import json
from pathlib import Path

import hashed
import recipe

import numpy as np
import tensorflow as tf

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/keras_optimizers.json"
STEPS = 3
SHAPES = {"matrix": (4, 3), "vector": (5,), "kernel": (2, 1, 3, 3)}
GRADIENT_SCALES = (1.0, 1e-3, 1e-6, 1e-7, 0.0)  # by element, in turn

# Name in the fixture: (class, settings); the rest are Keras's defaults.
OPTIMIZERS = {
    "adam": ("Adam", {}),
    "sgd": ("SGD", {"learning_rate": 0.01}),
    "momentum": ("SGD", {"learning_rate": 0.01, "momentum": 0.9}),
}
AGREEMENT = 1e-7


def gradient(name, shape, step):
    values = hashed.tensor(f"optimizers.{name}.gradient.{step}", shape)
    scales = np.resize(np.float32(GRADIENT_SCALES), shape)
    return values * scales


def run(optimizer):
    """The weights after every step: {tensor: [step 1, step 2, step 3]}."""
    variables = {
        name: tf.Variable(hashed.tensor(f"optimizers.{name}", shape), name=name)
        for name, shape in SHAPES.items()
    }
    weights = {name: [] for name in SHAPES}
    for step in range(1, STEPS + 1):
        gradients = [tf.constant(gradient(name, shape, step)) for name, shape in SHAPES.items()]
        optimizer.apply_gradients(zip(gradients, variables.values()))
        for name, variable in variables.items():
            weights[name].append(variable.numpy())
    return weights


def plain(array):
    """A flat list whose shortest decimals read back to the same float32."""
    return [float(str(value)) for value in np.ravel(array)]


def describe(class_name, settings):
    optimizer = getattr(tf.keras.optimizers, class_name)(**settings)
    weights = run(optimizer)
    legacy = run(getattr(tf.keras.optimizers.legacy, class_name)(**settings))
    difference = max(np.abs(np.subtract(weights[name], legacy[name])).max() for name in SHAPES)
    print(f"{class_name} {settings}: largest difference from legacy {difference:.1e}")
    assert difference <= AGREEMENT
    known = ("learning_rate", "momentum", "beta_1", "beta_2", "epsilon")
    config = optimizer.get_config()
    return {
        "config": {key: float(str(config[key])) for key in known if key in config},
        "weights": {name: [plain(step) for step in steps] for name, steps in weights.items()},
    }


def main():
    recipe.use_threads(1)
    tensors = {
        name: {
            "shape": shape,
            "initial": plain(hashed.tensor(f"optimizers.{name}", shape)),
            "gradients": [plain(gradient(name, shape, step)) for step in range(1, STEPS + 1)],
        }
        for name, shape in SHAPES.items()
    }
    optimizers = {name: describe(*entry) for name, entry in OPTIMIZERS.items()}
    fixture = {"tensors": tensors, "optimizers": optimizers}
    FIXTURE.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
