"""Checks keras_to_safetensors.py: saves hash-made networks from real tf.keras in every form that it
reads, converts them, and compares every tensor with the formula; then tries bad inputs.

    python scripts/convert/check_keras_to_safetensors.py [--write DIR]

--write DIR does less: it leaves in DIR what another program needs to check that it loads the
result. Of alpha 0.25 at 64x64: `converted.safetensors` (from a Keras .h5 with numbered heads) and
`expected.json`, with the name of hash-made images (see tests/fixtures/README.md) and the outputs
for them in eval mode. Runs in the environment of scripts/reference/make_env.sh.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

import hashed_model
import recipe

import h5py
import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file
from tensorflow.keras import layers

import keras_to_safetensors

ALPHA = 0.25
SIZE = 64
IMAGES = "images.0"
LANDMARKS = 10


def named_model():
    """The recipe's network with hashed weights."""
    model = recipe.build_model(ALPHA, SIZE)
    hashed_model.set_hashed_weights(model)
    return model


def numbered_model():
    """The same, the heads numbered by Keras."""
    model = recipe.build_model(ALPHA, SIZE, named_heads=False)
    model.set_weights(named_model().get_weights())
    return model


def joint_model(named_heads=True):
    """One head of LANDMARKS outputs, with hashed weights."""
    named = recipe.build_joint_model(LANDMARKS, ALPHA, SIZE)
    hashed_model.set_hashed_weights(named)
    if named_heads:
        return named
    numbered = recipe.build_joint_model(LANDMARKS, ALPHA, SIZE, named_heads=False)
    numbered.set_weights(named.get_weights())
    return numbered


def published_model():
    """What the published ImageNet weights without a top are saved from."""
    model = tf.keras.applications.MobileNet((128, 128, 3), ALPHA, include_top=False, weights=None)
    hashed_model.set_hashed_weights(model)
    return model


def nested_model():
    """keras.applications.MobileNet as the first layer of a Sequential with a joint head."""
    base = tf.keras.applications.MobileNet((SIZE, SIZE, 3), ALPHA, include_top=False, weights=None)
    top = [layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(LANDMARKS)]
    model = tf.keras.Sequential([base, layers.AveragePooling2D(2), *top])
    model.set_weights(joint_model().get_weights())
    return model


def train_a_step(model):
    """Gives the optimiser variables of its own, which the converter must tell apart."""
    weights = model.get_weights()
    model.compile("adam", "mse")
    model.train_on_batch(np.zeros((2, SIZE, SIZE, 3)), np.zeros((2, *model.output_shape[1:])))
    model.set_weights(weights)
    return model


def trained_named_model():
    return train_a_step(named_model())


def trained_numbered_model():
    return train_a_step(numbered_model())


def numbered_joint_model():
    return joint_model(named_heads=False)


# (title, model to save, model with the same weights under their names, how to save, file name).
FORMS = (
    ("named heads", named_model, named_model, "save_weights", "named.h5"),
    ("numbered heads", numbered_model, named_model, "save_weights", "numbered.h5"),
    ("named, Keras 3 layout", named_model, named_model, "save_weights", "named.weights.h5"),
    ("numbered, Keras 3 layout", numbered_model, named_model, "save_weights", "new.weights.h5"),
    ("whole model", trained_numbered_model, named_model, "save", "whole.h5"),
    ("checkpoint", trained_named_model, named_model, "save_weights", "named/cp-0001.ckpt"),
    ("numbered checkpoint", numbered_model, named_model, "save_weights", "numbered/cp-0001.ckpt"),
    ("SavedModel", trained_numbered_model, named_model, "save", "saved_model"),
    ("published", published_model, published_model, "save_weights", "2_5_128_tf_no_top.h5"),
    ("joint head", joint_model, joint_model, "save_weights", "joint.h5"),
    ("numbered joint head", numbered_joint_model, joint_model, "save_weights", "joint_numbered.h5"),
    ("nested backbone", nested_model, joint_model, "save_weights", "nested.h5"),
    ("nested checkpoint", nested_model, joint_model, "save_weights", "nested/cp-0001.ckpt"),
)


def expected_names(model):
    """mobireg's names of all tensors of a model whose layers have the recipe's names."""
    return {hashed_model.torch_name(variable) for variable in model.variables}


def run_converter(source, target, *options):
    """Returns the converter's exit status and what it wrote to stderr."""
    command = [sys.executable, keras_to_safetensors.__file__, source, target, *options]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stderr.strip()


def check_converted(path, names):
    tensors = load_file(path)
    assert set(tensors) == names, set(tensors) ^ names
    for name, array in tensors.items():
        np.testing.assert_array_equal(array, hashed_model.value(name, array.shape), name)


def check_forms(folder):
    for title, make, make_named, save, file in FORMS:
        getattr(make(), save)(folder / file)
        status, message = run_converter(folder / file, folder / "out.safetensors")
        assert status == 0, message
        check_converted(folder / "out.safetensors", expected_names(make_named()))
        print(f"ok: {title}")
    status, message = run_converter(folder / "named", folder / "out.safetensors")
    assert status == 0, message
    check_converted(folder / "out.safetensors", expected_names(named_model()))
    print("ok: folder of checkpoints")


def bad_inputs(folder):
    """(title, path, options, part of the message) of inputs that must be refused."""
    good = folder / "numbered.h5"
    (folder / "text.h5").write_text("no HDF5")
    (folder / "truncated.h5").write_bytes(good.read_bytes()[:100_000])
    for title, dataset in (("layer", "conv_dw_7_bn"), ("head", "dense_3")):
        path = folder / f"without_{title}.h5"
        path.write_bytes(good.read_bytes())
        with h5py.File(path, "r+") as file:
            del file[dataset]
    (folder / "broken.ckpt.index").write_text("no checkpoint")
    yield "missing file", folder / "none.h5", (), "no such file"
    yield "folder without a checkpoint", folder, (), "no such file"
    yield "foreign file", folder / "text.h5", (), "not a readable HDF5 file"
    yield "truncated file", folder / "truncated.h5", (), "not a readable HDF5 file"
    yield "foreign checkpoint", folder / "broken.ckpt", (), "not a readable checkpoint"
    yield "missing layer", folder / "without_layer.h5", (), "conv_dw_7_bn/gamma is missing"
    yield "missing head", folder / "without_head.h5", (), "3 hidden and 2 output layers"
    yield "too few outputs", good, ("--outputs", "yaw,roll"), "has 3 numbered heads"
    yield "other outputs", folder / "named.h5", ("--outputs", "a,b"), "none of --outputs a,b"


def check_bad_inputs(folder):
    for title, path, options, part in bad_inputs(folder):
        status, message = run_converter(path, folder / "bad.safetensors", *options)
        assert status == 1 and part in message and len(message.splitlines()) == 1, message
        assert not (folder / "bad.safetensors").exists()
        print(f"ok: {title}: {message.split(': ', 2)[-1]}")


def write_expected(folder):
    folder.mkdir(parents=True, exist_ok=True)
    model = numbered_model()
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "numbered.h5"
        model.save_weights(path)
        status, message = run_converter(path, folder / "converted.safetensors")
    assert status == 0, message
    outputs = model(hashed_model.hashed_images(IMAGES, SIZE), training=False).numpy()
    expected = {"alpha": ALPHA, "size": SIZE, "images": IMAGES, "outputs": outputs.tolist()}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    recipe.use_threads(1)
    tf.get_logger().setLevel("ERROR")
    warnings.filterwarnings("ignore", "You are saving your model as an HDF5 file")
    if arguments.write:
        write_expected(arguments.write)
        return
    with tempfile.TemporaryDirectory() as temporary:
        check_forms(Path(temporary))
        check_bad_inputs(Path(temporary))


if __name__ == "__main__":
    main()
