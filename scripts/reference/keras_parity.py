"""Writes tests/fixtures/keras_parity.json: what real tf.keras computes for the recipe's network.

    python scripts/reference/keras_parity.py

Weights, running statistics, images and targets come from an integer hash, so the fixture holds
only outputs, gradient norms and samples; its format is told in tests/fixtures/README.md.

Gradients jump where an activation crosses 0 or 6, so a rounding error there would show as a
difference of percents. The images of each case are therefore the first of `images.0`,
`images.1`, ... that keep every activation of the training step away from both, by MARGIN times
the layer's RMS rounding error (float32 against float64); gradients then agree between the two
precisions, which is checked.
"""

import itertools
import json
from pathlib import Path

import hashed
import hashed_model
import recipe

import numpy as np
import tensorflow as tf

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/keras_parity.json"
ALPHAS = (0.25, 0.5, 0.75, 1.0)
SIZES = (64, 96, 128)
BATCH = 4
GRADIENT_SAMPLES = 8
STATISTIC_SAMPLES = 4

MARGIN = 4.0
LEAST_INSIDE = 0.2  # fraction of a layer's activations strictly between 0 and 6
AGREEMENT = 5e-5  # of float32 with float64: outputs, and gradients relative to their norm


class Network:
    """The recipe's network without dropout, in one precision, with hashed weights."""

    def __init__(self, alpha, size, dtype):
        tf.keras.backend.set_floatx(dtype)
        self.dtype = dtype
        self.model = recipe.build_model(alpha, size, dropout=0.0)
        hashed_model.set_hashed_weights(self.model)
        relus = [layer for layer in self.model.layers if isinstance(layer, tf.keras.layers.ReLU)]
        self.probe = tf.keras.Model(
            self.model.input, [layer.input for layer in relus] + [self.model.output]
        )

    def forward(self, images, training):
        """What enters every ReLU6, and the outputs. Training moves the running statistics."""
        *activations, outputs = self.probe(images.astype(self.dtype), training=training)
        return [activation.numpy() for activation in activations], outputs.numpy()

    def step(self, images, targets):
        """Outputs, loss and gradients of a training step, from fresh running statistics."""
        hashed_model.set_hashed_weights(self.model)
        with tf.GradientTape() as tape:
            outputs = self.model(images.astype(self.dtype), training=True)
            loss = tf.reduce_mean(tf.square(outputs - targets.astype(self.dtype)))
        variables = self.model.trainable_variables
        gradients = {
            hashed_model.torch_name(variable): hashed_model.to_torch(
                gradient.numpy(), hashed_model.kind_of(variable)
            )
            for variable, gradient in zip(variables, tape.gradient(loss, variables))
        }
        return outputs.numpy(), float(loss), gradients

    def running_statistics(self):
        return {
            hashed_model.torch_name(variable): variable.numpy()
            for variable in self.model.non_trainable_variables
        }


def choose_images(single, double, size):
    """The name of the first images that keep all activations away from 0 and 6."""
    margins = None
    for number in itertools.count():
        name = f"images.{number}"
        images = hashed_model.hashed_images(name, size, BATCH)
        activations, _ = single.forward(images, training=True)
        if margins is None:
            exact, _ = double.forward(images, training=True)
            margins = [MARGIN * (a - b).std() for a, b in zip(activations, exact)]
        distances = [np.minimum(np.abs(a), np.abs(a - 6)).min() for a in activations]
        if all(distance > margin for distance, margin in zip(distances, margins)):
            return name


def rounded(value, digits=9):
    return np.vectorize(lambda number: float(f"{number:.{digits}g}"))(value).tolist()


def summarise(tensors, count):
    """The norm and `count` elements of every tensor; hashes of `<name>.samples` choose them."""
    summary = {}
    for name, array in sorted(tensors.items()):
        flat = array.ravel().astype(np.float64)
        indices = hashed.hash_bits(f"{name}.samples", count) % np.uint64(flat.size)
        norm = rounded(np.linalg.norm(flat))
        summary[name] = {"norm": norm, "samples": rounded(flat[indices.astype(np.int64)])}
    return summary


def fractions_inside(activations):
    """The fraction of each layer's activations strictly between 0 and 6."""
    fractions = [((a > 0) & (a < 6)).mean() for a in activations]
    assert min(fractions) > LEAST_INSIDE, fractions
    return rounded(fractions, 3)


def check_agreement(single, double):
    """Raises unless float32 and float64 agree on a step's outputs and gradients."""
    assert np.abs(single[0] - double[0]).max() < AGREEMENT
    for name, exact in double[2].items():
        difference = np.abs(single[2][name] - exact).max() / np.linalg.norm(exact)
        assert difference < AGREEMENT, (name, difference)


def describe(alpha, size):
    tf.keras.backend.clear_session()
    single, double = (Network(alpha, size, dtype) for dtype in ("float32", "float64"))
    name = choose_images(single, double, size)
    images = hashed_model.hashed_images(name, size, BATCH)
    targets = hashed.tensor("targets", (BATCH, len(recipe.OUTPUTS)))

    training_activations, _ = single.forward(images, training=True)
    step = single.step(images, targets)
    running = single.running_statistics()
    check_agreement(step, double.step(images, targets))

    for network in (single, double):
        hashed_model.set_hashed_weights(network.model)
    eval_activations, eval_outputs = single.forward(images, training=False)
    _, exact_outputs = double.forward(images, training=False)
    assert np.abs(eval_outputs - exact_outputs).max() < AGREEMENT
    for outputs in (eval_outputs, step[0]):
        assert (outputs.std(axis=0) > 100 * AGREEMENT).all(), outputs

    print(f"alpha {alpha}, size {size}: {name}, loss {step[1]:.4f}", flush=True)
    return {
        "alpha": alpha,
        "size": size,
        "images": name,
        "eval": {"outputs": rounded(eval_outputs), "inside": fractions_inside(eval_activations)},
        "train": {
            "outputs": rounded(step[0]),
            "loss": rounded(step[1]),
            "inside": fractions_inside(training_activations),
            "gradients": summarise(step[2], GRADIENT_SAMPLES),
            "running": summarise(running, STATISTIC_SAMPLES),
        },
    }


def formula_examples():
    """The first elements of a tensor of every kind (alpha 0.25), to check the formula itself."""
    shapes = {
        "images.0": (BATCH, 3, 64, 64),
        "targets": (BATCH, 3),
        "backbone.conv1.weight": (8, 3, 3, 3),
        "backbone.conv1_bn.weight": (8,),
        "backbone.conv1_bn.bias": (8,),
        "backbone.conv1_bn.running_mean": (8,),
        "backbone.conv1_bn.running_var": (8,),
        "backbone.conv_dw_1.weight": (8, 1, 3, 3),
        "backbone.conv_pw_1.weight": (16, 8, 1, 1),
        "heads.pitch.hidden.weight": (128, 256),
        "heads.pitch.hidden.bias": (128,),
        "heads.pitch.output.weight": (1, 128),
        "heads.pitch.output.bias": (1,),
    }
    examples = {}
    for name, shape in shapes.items():
        if name == "targets":
            array = hashed.tensor(name, shape)
        elif name.startswith("images"):
            array = hashed.tensor(name, shape, 0.0, 1.5)
        else:
            array = hashed_model.value(name, shape)
        examples[name] = {"shape": shape, "first": rounded(array.ravel()[:4])}
    return examples


def main():
    recipe.use_threads(1)
    tf.config.experimental.enable_op_determinism()
    cases = [json.dumps(describe(alpha, size)) for alpha in ALPHAS for size in SIZES]
    FIXTURE.write_text(
        f'{{"formula": {json.dumps(formula_examples())},\n"cases": [\n'
        + ",\n".join(cases)
        + "\n]}\n"
    )


if __name__ == "__main__":
    main()
