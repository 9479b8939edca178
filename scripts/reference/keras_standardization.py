"""Writes tests/fixtures/keras_standardization.json: what Keras makes of pixels before the network
sees them.

    python scripts/reference/keras_standardization.py

The images come from the integer hash, so the fixture holds only results: of
ImageDataGenerator.standardize with every switch, of fit, and the switches that its constructor
turns by itself. keras_generator.py has the generator as a whole.
"""

import itertools
import json
import warnings
from pathlib import Path

import recipe

import hashed
import numpy as np
from tensorflow.keras.preprocessing.image import ImageDataGenerator

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/keras_standardization.json"

SWITCHES = (
    "samplewise_center",
    "samplewise_std_normalization",
    "featurewise_center",
    "featurewise_std_normalization",
)
# (x - mean) / scale is the preprocessing_function, one value or one a channel.
OTHERS = (
    {"rescale": 1 / 255},
    {"mean": [123.0], "scale": [58.0]},
    {"mean": [123.0, 100.5, 7.0], "scale": [58.0, 60.0, 1.5]},
    {"mean": [123.0], "scale": [58.0], "rescale": 0.25},
)
SHAPE = (4, 4, 3)
COUNT = 12

# (shape, images): more images than values, and fewer.
ZCA = (((8, 8, 3), 256), ((8, 8, 1), 20))

ALL_SWITCHES = (*SWITCHES, "zca_whitening")


def images(name, count, shape):
    """Bytes from the hash, those of channel c shifted right by c so that channels differ."""
    bits = hashed.hash_bits(name, count * int(np.prod(shape)))
    pixels = (bits >> np.uint64(56)).astype(np.uint8).reshape((count, *shape))
    return (pixels >> np.arange(shape[-1], dtype=np.uint8)).astype(np.float32)


def numbers(values):
    return [float(f"{value:.7g}") for value in np.ravel(values)]


def effective(switches):
    """The switches of a generator that is given these."""
    generator = ImageDataGenerator(**dict.fromkeys(switches, True))
    return [name for name in ALL_SWITCHES if getattr(generator, name)]


def combinations(names):
    for count in range(len(names) + 1):
        yield from map(list, itertools.combinations(names, count))


def standardize_cases():
    for switches in combinations(SWITCHES):
        if effective(switches) == switches:
            yield dict.fromkeys(switches, True)
    for others in OTHERS:
        yield others
        yield {**others, **dict.fromkeys(SWITCHES, True)}


def standardized(options):
    mean = np.float32(options.get("mean", [0.0]))
    scale = np.float32(options.get("scale", [1.0]))
    keras = {name: value for name, value in options.items() if name not in ("mean", "scale")}
    generator = ImageDataGenerator(preprocessing_function=lambda x: (x - mean) / scale, **keras)
    # fit does not call preprocessing_function.
    generator.fit((images("standardization", COUNT, SHAPE) - mean) / scale)
    pixels = generator.standardize(images("standardization.other", 1, SHAPE)[0])
    case = {"options": options, "pixels": numbers(pixels)}
    for name in ("mean", "std"):
        if getattr(generator, name) is not None:
            case[name] = numbers(getattr(generator, name))
    return case


def whitened(shape, count):
    generator = ImageDataGenerator(featurewise_center=True, zca_whitening=True)
    x = images("zca", count, shape)
    generator.fit(x)
    result = [numbers(generator.standardize(np.copy(x[i]))) for i in (0, count - 1)]
    return {"shape": shape, "count": count, "images": result}


def overridden():
    for given in combinations(ALL_SWITCHES):
        if effective(given) != given:
            yield {"given": given, "effective": effective(given)}


def lines(items):
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in items) + "\n]"


def main():
    warnings.simplefilter("ignore")
    parts = {
        "standardize": map(standardized, standardize_cases()),
        "zca": itertools.starmap(whitened, ZCA),
        "overrides": overridden(),
    }
    text = ",\n".join(f'"{name}": {lines(items)}' for name, items in parts.items())
    FIXTURE.write_text(f"{{{text}}}\n")


if __name__ == "__main__":
    recipe.use_threads(1)
    main()
