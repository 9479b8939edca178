"""The recipe that mobireg reproduces, in real tf.keras: its MobileNet regressor and its image
generators.

A module for the other reference scripts. Run by itself it checks the backbone against
tf.keras.applications.MobileNet:

    python scripts/reference/recipe.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

OUTPUTS = ("pitch", "yaw", "roll")
HIDDEN_UNITS = 128
DROPOUT = 0.2
PIXEL_MEAN = 123.0
PIXEL_SCALE = 58.0

# (filters, stride) of the depthwise-separable blocks, at alpha 1.
BLOCKS = (
    ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2))
    + ((512, 1),) * 5
    + ((1024, 2), (1024, 1))
)


def use_threads(count):
    """Limits TensorFlow to `count` threads; call it before anything else of TensorFlow's."""
    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def batch_norm_relu6(x, name):
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def pad_bottom_right(x, name):
    return layers.ZeroPadding2D(((0, 1), (0, 1)), name=name)(x)


def backbone(images, alpha=1.0, depth_multiplier=1):
    """MobileNetV1 without its top, layer for layer as keras.applications builds it."""
    x = pad_bottom_right(images, "conv1_pad")
    x = layers.Conv2D(int(32 * alpha), 3, strides=2, use_bias=False, name="conv1")(x)
    x = batch_norm_relu6(x, "conv1")
    for i, (filters, stride) in enumerate(BLOCKS, start=1):
        if stride == 2:
            x = pad_bottom_right(x, f"conv_pad_{i}")
        x = layers.DepthwiseConv2D(
            3,
            strides=stride,
            padding="same" if stride == 1 else "valid",
            depth_multiplier=depth_multiplier,
            use_bias=False,
            name=f"conv_dw_{i}",
        )(x)
        x = batch_norm_relu6(x, f"conv_dw_{i}")
        x = layers.Conv2D(int(filters * alpha), 1, use_bias=False, name=f"conv_pw_{i}")(x)
        x = batch_norm_relu6(x, f"conv_pw_{i}")
    return x


def head(features, units=1, name=None, dropout=DROPOUT):
    """Dense 128 - ReLU - Dropout - Dense `units`; without a name, Keras numbers the layers."""
    x = layers.Dense(HIDDEN_UNITS, "relu", name=name and f"{name}_hidden")(features)
    x = layers.Dropout(dropout, name=name and f"{name}_dropout")(x)
    return layers.Dense(units, name=name and f"{name}_output")(x)


def build_model(
    alpha=1.0,
    size=64,
    channels=3,
    depth_multiplier=1,
    outputs=OUTPUTS,
    dropout=DROPOUT,
    named_heads=True,
):
    """The recipe's regressor: (batch, size, size, channels) to (batch, len(outputs))."""
    images = layers.Input((size, size, channels), name="images")
    x = backbone(images, alpha, depth_multiplier)
    x = layers.AveragePooling2D(size // 32, name="pool")(x)
    x = layers.Flatten(name="features")(x)
    heads = [head(x, name=name if named_heads else None, dropout=dropout) for name in outputs]
    predictions = layers.Concatenate(name="predictions")(heads) if len(heads) > 1 else heads[0]
    return tf.keras.Model(images, predictions, name="mobilenet_regressor")


def build_joint_model(units, alpha=1.0, size=64, named_heads=True):
    """The same backbone with one head of `units` outputs."""
    images = layers.Input((size, size, 3), name="images")
    x = backbone(images, alpha)
    x = layers.AveragePooling2D(size // 32, name="pool")(x)
    x = layers.Flatten(name="features")(x)
    return tf.keras.Model(images, head(x, units, name="joint" if named_heads else None))


def normalise(image):
    return (image - PIXEL_MEAN) / PIXEL_SCALE


def noise_stage(seed):
    """The recipe's imgaug stage as a function of an image: in half of them, one kind of noise."""
    import imgaug.augmenters as iaa

    one_of = iaa.OneOf(
        [
            iaa.GaussianBlur(sigma=(0, 0.5)),
            iaa.Dropout(p=(0, 0.03)),
            iaa.AdditiveGaussianNoise(scale=0.03 * 255),
            iaa.AdditiveGaussianNoise(loc=32, scale=0.001 * 255),
        ]
    )
    return iaa.Sequential([iaa.Sometimes(0.5, one_of)], seed=seed).augment_image


def training_generator(noise=False, seed=None):
    """The recipe's augmentation and normalisation; `seed` is that of the noise stage."""
    add_noise = noise_stage(seed) if noise else lambda image: image
    return tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=10,
        width_shift_range=0.1,
        height_shift_range=0.1,
        brightness_range=(1, 1.3),
        shear_range=0.1,
        zoom_range=(0.85, 1.15),
        fill_mode="nearest",
        preprocessing_function=lambda image: normalise(add_noise(image)),
    )


def evaluation_generator():
    return tf.keras.preprocessing.image.ImageDataGenerator(preprocessing_function=normalise)


def check_backbone(alpha, size):
    """Raises unless `backbone` gives the feature map of keras.applications.MobileNet."""
    images = layers.Input((size, size, 3))
    ours = tf.keras.Model(images, backbone(images, alpha))
    theirs = tf.keras.applications.MobileNet(
        (size, size, 3), alpha, include_top=False, weights=None
    )
    random = np.random.default_rng(0)
    weights = [
        random.uniform(0.5, 1.5, w.shape) if w.ndim == 1 else random.normal(0, 0.3, w.shape)
        for w in theirs.get_weights()
    ]
    theirs.set_weights(weights)
    names = {layer.name for layer in theirs.layers if layer.weights}
    assert names == {layer.name for layer in ours.layers if layer.weights}, names
    for name in names:
        ours.get_layer(name).set_weights(theirs.get_layer(name).get_weights())
    batch = random.normal(0, 1, (4, size, size, 3)).astype(np.float32)
    for training in (False, True):
        expected = theirs(batch, training=training).numpy()
        difference = np.abs(ours(batch, training=training).numpy() - expected).max()
        print(f"alpha {alpha}, size {size}, training {training}: difference {difference:.1e}")
        assert difference < 1e-5 and expected.std() > 0.1


if __name__ == "__main__":
    use_threads(1)
    for alpha in (0.25, 0.5, 0.75, 1.0):
        for size in (64, 96, 128):
            check_backbone(alpha, size)
    model = build_model()
    print(f"{model.count_params()} parameters")
    assert model.count_params() == 3622851
