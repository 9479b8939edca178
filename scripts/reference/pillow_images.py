#!/usr/bin/env python3
"""Writes tests/fixtures/pillow_images.json: small image files, and the pixels that Pillow reads.

    $(scripts/reference/make_env.sh) scripts/reference/pillow_images.py [OUT]

Each case has a name, the file's bytes, the format, its width and height as stored, "reduction" (a
JPEG decoded by draft() at 1/reduction), and the upright pixels: `rgb` is convert("RGB"), `grey` is
convert("L"), both after exif_transpose(), row by row. Bytes are hexadecimal.

Where mobireg decodes otherwise on purpose the expected pixels are made here: 16-bit grey keeps the
high byte (Pillow clips it), and so do PNM samples of 16 bits (Pillow rounds).
"""
import json
import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from hashed import hash_bits

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def picture(name, height, width, channels, top=256):
    """A ramp with noise on it."""
    noise = (hash_bits(name, height * width * channels) >> np.uint64(40)).astype(np.int64)
    noise = noise.reshape(height, width, channels) % (top // 4)
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    ramp = x * (c + 1) * top // (2 * width) + y * top // (3 * height) + c * top // 8
    return ramp % (3 * top // 4) + noise


def image(name, mode, size=(13, 17)):
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = picture(name, *size, channels).astype(np.uint8)
    return Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode)


def encode(source, kind, **options):
    buffer = BytesIO()
    source.save(buffer, kind, **options)
    return buffer.getvalue()


def png(samples, color_type, depth, interlaced=False, chunks=()):
    """A PNG file of integer samples (height, width, channels), for what Pillow cannot write."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    def packed(row):
        if depth == 16:
            return row.astype(">u2").tobytes()
        bits = (row.reshape(-1, 1) >> np.arange(depth - 1, -1, -1)) & 1
        return np.packbits(bits.astype(np.uint8)).tobytes()

    height, width, _ = samples.shape
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    parts = [samples[y0::dy, x0::dx] for x0, y0, dx, dy in passes]
    rows = b"".join(b"\0" + packed(row) for part in parts if part.size for row in part)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*c) for c in chunks) +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def bmp(pixels, bits, header_size=40, compression=0, masks=(), palette=b"", top_down=False):
    """A BMP file of integer pixels (height, width), for what Pillow cannot write."""
    height, width = pixels.shape
    weights = (pixels.reshape(height, width, 1) >> np.arange(bits - 1, -1, -1)) & 1
    if bits >= 16:
        rows = [row.astype(f"<u{bits // 8}").tobytes() for row in pixels]
    else:
        rows = [np.packbits(row.reshape(-1).astype(np.uint8)).tobytes() for row in weights]
    rows = [row + b"\0" * (-len(row) % 4) for row in rows]
    data = b"".join(rows if top_down else rows[::-1])
    if header_size == 12:
        header = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        stored = -height if top_down else height
        header = struct.pack("<IiiHHIIiiII", header_size, width, stored, 1, bits, compression,
                             len(data), 2835, 2835, len(palette) // 4, 0)
        header += b"".join(struct.pack("<I", mask) for mask in masks)
        header += b"\0" * (header_size - len(header))
    at = 14 + len(header) + len(palette)
    return struct.pack("<2sIHHI", b"BM", at + len(data), 0, 0, at) + header + palette + data


def text_of(samples):
    return "\n".join(" ".join(map(str, row.reshape(-1))) for row in samples).encode()


def jpegs():
    colour, grey, ink = image("jpeg", "RGB"), image("jpeg.l", "L"), image("jpeg.cmyk", "CMYK")
    for name, subsampling in (("4:4:4", 0), ("4:2:2", 1), ("4:2:0", 2)):
        yield f"JPEG {name}", encode(colour, "JPEG", quality=90, subsampling=subsampling)
    yield "JPEG progressive", encode(colour, "JPEG", quality=85, progressive=True)
    yield "JPEG with restart markers", encode(colour, "JPEG", quality=30, restart_marker_blocks=1)
    yield "JPEG stored as RGB", encode(colour, "JPEG", quality=90, keep_rgb=True)
    yield "JPEG grey", encode(grey, "JPEG", quality=90)
    yield "JPEG 1x1", encode(image("one", "RGB", (1, 1)), "JPEG", quality=90)
    cmyk = encode(ink, "JPEG", quality=90)
    yield "JPEG CMYK", cmyk
    adobe = cmyk.index(b"Adobe") + 11  # the transform: none
    yield "JPEG YCCK", cmyk[:adobe] + b"\2" + cmyk[adobe + 1:]
    for name, endian, orientation in (("little", "<", 6), ("big", ">", 5)):
        exif = Image.Exif()
        exif.endian = endian
        exif[0x010E] = "a description"
        exif[0x0112] = orientation
        yield f"JPEG with {name}-endian EXIF", encode(colour, "JPEG", quality=50, exif=exif)


def pngs():
    size = (5, 7)
    palette = bytes(picture("palette", 1, 16, 3).astype(np.uint8))
    plte, trns = (b"PLTE", palette), (b"tRNS", bytes(range(0, 160, 10)))
    for depth in (1, 2, 4):
        samples = picture(f"png.{depth}", *size, 1, 2**16) >> (16 - depth)
        yield f"PNG grey {depth} bit", png(samples, 0, depth)
        yield f"PNG palette {depth} bit", png(samples, 3, depth, chunks=[plte, trns])
    yield "PNG palette 8 bit", png(picture("png.p", *size, 1) % 16, 3, 8, chunks=[plte, trns])
    yield "PNG grey", encode(image("png.l", "L", size), "PNG")
    yield "PNG grey with alpha", encode(image("png.la", "LA", size), "PNG")
    yield "PNG RGB", encode(image("png.rgb", "RGB", size), "PNG")
    yield "PNG RGBA", encode(image("png.rgba", "RGBA", size), "PNG")
    rgb = picture("png.rgb", *size, 3)
    transparent = (b"tRNS", rgb[1, 1].astype(">u2").tobytes())
    yield "PNG with a transparent colour", png(rgb, 2, 8, chunks=[transparent])
    yield "PNG with gamma", png(rgb, 2, 8, chunks=[(b"gAMA", struct.pack(">I", 100000))])
    yield "PNG interlaced", png(rgb, 2, 8, interlaced=True)
    yield "PNG RGB 16 bit", png(picture("png.16", *size, 3, 65536), 2, 16)
    yield "PNG RGBA 16 bit", png(picture("png.a16", *size, 4, 65536), 6, 16)
    yield "PNG grey 16 bit", png(picture("png.l16", *size, 1, 65536), 0, 16)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        turned = image("turned", "RGB", (2, 3))
        yield f"PNG with orientation {orientation}", encode(turned, "PNG", exif=exif)


def bmps():
    size = (5, 7)
    four = bytes(picture("bmp.palette", 1, 16, 4).astype(np.uint8))
    for bits in (1, 4, 8):
        indices = picture(f"bmp.{bits}", *size, 1, 2**16)[..., 0] >> (16 - min(bits, 4))
        yield f"BMP {bits} bit", bmp(indices, bits, palette=four[:4 * 2**min(bits, 4)])
    indices = picture("bmp.core", *size, 1, 2**16)[..., 0] >> 12
    yield "BMP core header", bmp(indices, 4, header_size=12, palette=four[:48])
    yield "BMP 24 bit", encode(image("bmp.rgb", "RGB", size), "BMP")
    yield "BMP 32 bit", encode(image("bmp.rgba", "RGBA", size), "BMP")
    wide = picture("bmp.32", *size, 1, 2**24)[..., 0]
    yield "BMP top-down", bmp(wide, 32, top_down=True)
    narrow = picture("bmp.16", *size, 1, 2**16)[..., 0]
    yield "BMP 15 bit", bmp(narrow, 16)
    yield "BMP 16 bit with masks", bmp(narrow, 16, compression=3, masks=(0xF800, 0x07E0, 0x001F))
    masks = (0xFF000000, 0x00FF0000, 0x0000FF00, 0)
    yield "BMP with a version 4 header", bmp(wide, 32, header_size=108, compression=3, masks=masks)


def pnms():
    size = (5, 7)
    grey, rgb = picture("pnm", *size, 1), picture("pnm.rgb", *size, 3)
    bits = grey // 128
    yield "PNM P1", b"P1\n# made by hand\n7 5\n" + text_of(bits).replace(b" ", b"") + b"\n"
    yield "PNM P2", b"P2 7 5 255\n" + text_of(grey)
    yield "PNM P3", b"P3\n7\n#\n5\n100\n" + text_of(rgb * 100 // 255)
    yield "PNM P4", b"P4\n7 5\n" + np.packbits(bits[..., 0].astype(np.uint8), axis=1).tobytes()
    yield "PNM P5", b"P5\n7 5\n255\n" + bytes(grey.astype(np.uint8))
    yield "PNM P6", b"P6\n7 5 # wide\n255\n" + bytes(rgb.astype(np.uint8))
    yield "PNM P6 of 10 bits", b"P6 7 5 1023\n" + (rgb * 4).astype(">u2").tobytes()
    wide = picture("pnm.16", *size, 3, 65536)
    yield "PNM P6 of 16 bits", b"P6 7 5 65535\n" + wide.astype(">u2").tobytes()


def high_bytes(name):
    if name == "PNG grey 16 bit":
        return Image.fromarray((picture("png.l16", 5, 7, 1, 65536)[..., 0] >> 8).astype(np.uint8))
    if name == "PNM P6 of 16 bits":
        return Image.fromarray((picture("pnm.16", 5, 7, 3, 65536) >> 8).astype(np.uint8))
    return None


def case(name, data, reduction=1):
    source = Image.open(BytesIO(data))
    width, height = source.size
    if reduction > 1:
        source.draft(source.mode, (width // reduction, height // reduction))
    upright = high_bytes(name) or ImageOps.exif_transpose(source)
    return {
        "name": name, "format": {"PPM": "PNM", "DIB": "BMP"}.get(source.format, source.format),
        "width": width, "height": height, "reduction": reduction, "file": data.hex(),
        "upright": list(upright.size),
        "rgb": upright.convert("RGB").tobytes().hex(), "grey": upright.convert("L").tobytes().hex(),
    }


def main():
    default = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "pillow_images.json"
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    cases = [case(*pair) for maker in (jpegs, pngs, bmps, pnms) for pair in maker()]
    large = encode(image("large", "RGB", (37, 50)), "JPEG", quality=60)
    cases += [case(f"JPEG at 1/{reduction}", large, reduction) for reduction in (2, 4, 8)]
    lines = ",\n".join(json.dumps(entry) for entry in cases)
    out.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
