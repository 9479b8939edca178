"""Writes tests/fixtures/imgaug_noise.json: operations on the pixels, by imgaug, Pillow, scipy and
scikit-image.

    python scripts/reference/imgaug_noise.py

`cases` are operations with given parameters; of their results the fixture holds every STRIDEth
value. The images come from the integer hash. `stage` is what the recipe's noise stage did to DRAWS
images: how often it did what, and quantiles of what it drew.
"""

import io
import json
from pathlib import Path

import recipe

import hashed
import imgaug
import imgaug.augmenters as iaa
import numpy as np
from PIL import Image, ImageEnhance
from scipy import ndimage
from skimage import color, exposure

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/imgaug_noise.json"
STRIDE = 17
DRAWS = 20000
QUANTILES = 101

# The stage's image: SIZE x SIZE x 3, BACKGROUND with one bright pixel in the middle.
SIZE = 32
BACKGROUND = 100.0
BRIGHT = 200.0
KINDS = ("unchanged", "blur", "dropout", "noise", "brighter")


def image(size, channels):
    shape = (size, size, channels)
    bits = hashed.hash_bits(f"pixels.{size}.{channels}", int(np.prod(shape)))
    return (bits >> np.uint64(56)).astype(np.uint8).reshape(shape)


def pillow(pixels):
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def pixels_of(picture):
    pixels = np.asarray(picture, np.float32)
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def gaussian_blur(pixels, sigma):
    return iaa.GaussianBlur(sigma).augment_image(pixels.astype(np.float32))


def motion_blur(pixels, length, angle):
    """The mean of the image at the points of the line, by scipy's linear interpolation."""
    points = int(np.ceil(length))
    along = np.linspace(-(length - 1) / 2, (length - 1) / 2, points) if points > 1 else [0.0]
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    result = np.zeros(pixels.shape)
    for distance in along:
        position = (
            y + distance * np.sin(np.radians(angle)),
            x + distance * np.cos(np.radians(angle)),
        )
        for c in range(pixels.shape[2]):
            plane = pixels[:, :, c].astype(np.float64)
            result[:, :, c] += ndimage.map_coordinates(plane, position, order=1, mode="mirror")
    return result / points


def area_matrix(size, small):
    """Row i: what each of `size` pixels has in the i-th of `small` equal parts."""
    edges = np.arange(small + 1) * size / small
    low = np.maximum(edges[:-1, np.newaxis], np.arange(size))
    high = np.minimum(edges[1:, np.newaxis], np.arange(size) + 1)
    return np.maximum(high - low, 0) * small / size


def downscale(pixels, factor):
    size = pixels.shape[0]
    matrix = area_matrix(size, round(factor * size))
    planes = []
    for c in range(pixels.shape[2]):
        small = Image.fromarray((matrix @ pixels[:, :, c] @ matrix.T).astype(np.float32), "F")
        planes.append(np.asarray(small.resize((size, size), Image.BILINEAR)))
    return np.stack(planes, axis=-1)


def jpeg_compression(pixels, quality):
    stream = io.BytesIO()
    pillow(pixels).save(stream, "JPEG", quality=quality)
    return pixels_of(Image.open(stream))


def gamma(pixels, gamma):
    return exposure.adjust_gamma(pixels / 255.0, gamma) * 255


def contrast(pixels, factor):
    return pixels_of(ImageEnhance.Contrast(pillow(pixels)).enhance(factor))


def saturation(pixels, factor):
    return pixels_of(ImageEnhance.Color(pillow(pixels)).enhance(factor))


def grayscale(pixels, amount):
    grey = np.asarray(pillow(pixels).convert("L"), np.float32)
    return pixels + amount * (grey[:, :, np.newaxis] - pixels)


def hue(pixels, degrees):
    """Turned against the order of I and Q, in which green comes before red."""
    yiq = color.rgb2yiq(pixels / 255.0)
    chroma = (yiq[:, :, 1] + 1j * yiq[:, :, 2]) * np.exp(-1j * np.radians(degrees))
    turned = np.stack([yiq[:, :, 0], chroma.real, chroma.imag], axis=-1)
    return np.clip(color.yiq2rgb(turned), 0, 1) * 255


CASES = (
    *((gaussian_blur, {"sigma": sigma}, 33, 3) for sigma in (0.001, 0.1, 0.2, 0.3, 0.4, 0.5)),
    *((gaussian_blur, {"sigma": sigma}, 32, 1) for sigma in (0.35, 1.0, 1.9, 4.0, 8.0, 20.0)),
    (motion_blur, {"length": 3.0, "angle": 0.0}, 33, 3),
    (motion_blur, {"length": 5.0, "angle": 90.0}, 33, 3),
    (motion_blur, {"length": 1.5, "angle": 10.0}, 33, 3),
    (motion_blur, {"length": 6.3, "angle": 33.0}, 32, 1),
    (motion_blur, {"length": 64.0, "angle": 150.0}, 32, 1),
    (downscale, {"factor": 0.5}, 32, 3),
    (downscale, {"factor": 0.7}, 33, 3),
    (downscale, {"factor": 0.1}, 33, 1),
    (jpeg_compression, {"quality": 10}, 33, 3),
    (jpeg_compression, {"quality": 95}, 32, 3),
    (jpeg_compression, {"quality": 50}, 33, 1),
    (gamma, {"gamma": 0.05}, 32, 1),
    (gamma, {"gamma": 0.7}, 33, 3),
    (gamma, {"gamma": 3.0}, 32, 1),
    *((contrast, {"factor": factor}, 33, 3) for factor in (0.0, 0.6, 1.7)),
    (contrast, {"factor": 1.3}, 32, 1),
    *((saturation, {"factor": factor}, 33, 3) for factor in (0.0, 0.6, 1.7)),
    *((hue, {"degrees": degrees}, 33, 3) for degrees in (-10.0, 35.0, 180.0)),
    *((grayscale, {"amount": amount}, 33, 3) for amount in (0.4, 1.0)),
)


def case(function, parameters, size, channels):
    result = function(image(size, channels), **parameters)
    return {
        "name": function.__name__,
        "parameters": parameters,
        "size": size,
        "channels": channels,
        "values": [round(float(value), 3) for value in result.ravel()[::STRIDE]],
    }


def kind_of(result, start):
    change = result - start
    if np.any(result == 0):
        return "dropout"
    if change.mean() > 16:
        return "brighter"
    if np.abs(change[0]).max() > 0.5:  # far from the bright pixel, which blur spreads
        return "noise"
    return "blur" if np.abs(change).max() > 1e-3 else "unchanged"


def quantiles(values):
    """Values without interpolation: a share of k / 100 of all is at most the kth."""
    shares = np.linspace(0, 1, QUANTILES)
    return [round(float(q), 4) for q in np.quantile(values, shares, method="inverted_cdf")]


def stage():
    """Runs the stage; `seen` are the numbers by which its draws are judged."""
    start = np.full((SIZE, SIZE, 3), BACKGROUND, np.float32)
    start[SIZE // 2, SIZE // 2] = BRIGHT
    imgaug.seed(1)  # the stage's own seed does not reach its children
    augment = recipe.noise_stage(seed=1)
    counts = dict.fromkeys(KINDS, 0)
    seen = {"bright_pixel": [], "dropped": [], "noise": [], "noise_std": [], "brighter": []}
    for _ in range(DRAWS):
        result = augment(start.copy())
        assert np.all(result == result[:, :, :1]), "channels differ"
        kind = kind_of(result, start)
        counts[kind] += 1
        change = (result - start)[:, :, 0]
        if kind == "blur":
            seen["bright_pixel"].append(result[SIZE // 2, SIZE // 2, 0])
        elif kind == "dropout":
            seen["dropped"].append(np.count_nonzero(result[:, :, 0] == 0))
        elif kind == "noise":
            seen["noise"].append(change[3, 5])
            seen["noise_std"].append(change.std())
        elif kind == "brighter":
            seen["brighter"].append(change[3, 5])
    return {
        "draws": DRAWS,
        "counts": counts,
        "quantiles": {name: quantiles(values) for name, values in seen.items()},
    }


def lines(items):
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in items) + "\n]"


def main():
    cases = lines(case(*arguments) for arguments in CASES)
    FIXTURE.write_text(
        f'{{"stride": {STRIDE},\n"cases": {cases},\n"stage": {json.dumps(stage())}}}\n'
    )


if __name__ == "__main__":
    main()
