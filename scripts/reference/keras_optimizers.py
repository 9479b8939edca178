"""Writes tests/fixtures/keras_optimizers.json: three steps of Keras's optimisers, TensorFlow's
moving average, and the rates of Keras's ReduceLROnPlateau.

    python scripts/reference/keras_optimizers.py

Small hash-made tensors (scripts/reference/hashed.py) are fed fixed gradients, in float32. The
gradients include zeros and tiny values, where Adam's epsilon decides. tf.keras.optimizers and
tf.keras.optimizers.legacy (which has no AdamW and no global_clipnorm) must agree.
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
    "nesterov": ("SGD", {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True}),
    "adamw": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.1}),
    "clipped_sgd": ("SGD", {"learning_rate": 0.01, "global_clipnorm": 0.5}),
    "unclipped_sgd": ("SGD", {"learning_rate": 0.01, "global_clipnorm": 100.0}),
    "clipped_adamw": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.1, "global_clipnorm": 0.5}),
}
NOT_DECAYED = ["vector"]  # stands for biases
AVERAGE_DECAY = 0.3  # of the moving average; reached in step 4, after (1 + t) / (10 + t)
AVERAGE_STEPS = 6
# The best comes late, ties do not count, and the wait begins anew after each reduction.
PLATEAU = {
    "learning_rate": 0.01,
    "factor": 0.5,
    "patience": 3,
    "errors": [5, 4, 4, 4.5, 4.2, 3.9, 3.95, 3.9, 4, 4, 4, 4, 3.8, 3.9, 3.7],
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
    if getattr(optimizer, "weight_decay", None):
        optimizer.exclude_from_weight_decay(var_names=NOT_DECAYED)
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
    if class_name != "AdamW" and "global_clipnorm" not in settings:
        legacy = run(getattr(tf.keras.optimizers.legacy, class_name)(**settings))
        difference = max(np.abs(np.subtract(weights[name], legacy[name])).max() for name in SHAPES)
        print(f"{class_name} {settings}: largest difference from legacy {difference:.1e}")
        assert difference <= AGREEMENT
    known = ("learning_rate", "momentum", "beta_1", "beta_2", "epsilon", "weight_decay")
    known += ("global_clipnorm",)
    config = optimizer.get_config()
    return {
        "config": {key: float(str(config[key])) for key in known if config.get(key) is not None},
        "weights": {name: [plain(step) for step in steps] for name, steps in weights.items()},
    }


def moving_average():
    """TensorFlow's, of a tensor that moves by its gradient in every step."""
    shape = SHAPES["matrix"]
    variable = tf.Variable(hashed.tensor("optimizers.matrix", shape))
    updates = tf.Variable(0, dtype=tf.int64)
    average = tf.train.ExponentialMovingAverage(AVERAGE_DECAY, num_updates=updates)
    average.apply([variable])  # begins at the variable's value
    moved = []
    for step in range(1, AVERAGE_STEPS + 1):
        variable.assign_add(hashed.tensor(f"optimizers.matrix.move.{step}", shape))
        updates.assign(step)
        average.apply([variable])
        moved.append(plain(average.average(variable).numpy()))
    return {"decay": AVERAGE_DECAY, "shape": shape, "averages": moved}


def plateau():
    """Keras's ReduceLROnPlateau: the rate of each epoch, for the validation errors of all."""
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    model.compile(tf.keras.optimizers.SGD(PLATEAU["learning_rate"]), "mse")
    callback = tf.keras.callbacks.ReduceLROnPlateau(
        "error", factor=PLATEAU["factor"], patience=PLATEAU["patience"], min_delta=0, min_lr=0
    )
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, error in enumerate(PLATEAU["errors"]):
        rates.append(float(tf.keras.backend.get_value(model.optimizer.learning_rate)))
        callback.on_epoch_end(epoch, {"error": error})
    return {**PLATEAU, "rates": rates}


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
    fixture = {
        "tensors": tensors,
        "optimizers": optimizers,
        "not_decayed": NOT_DECAYED,
        "moving_average": moving_average(),
        "plateau": plateau(),
    }
    FIXTURE.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
