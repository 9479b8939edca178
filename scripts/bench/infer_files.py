"""Writes what PyTorch's own tools make of a checkpoint's network:

    python infer_files.py CHECKPOINT ALPHA FOLDER DEPLOY_PACKAGES

torch.onnx of two kinds, `dynamo.onnx` (PyTorch's default) and `script.onnx` (the one before), and
`traced.pt` for pnnx. DEPLOY_PACKAGES is the site-packages of scripts/deploy/make_env.sh, where the
first finds onnxscript. Prints, for what fails, `FILE: reason`.
"""

import sys
import warnings
from pathlib import Path

import torch

import infer_checkpoint
import mobilenet


def write_onnx(network, pixels, path, dynamo):
    names = {"input_names": ["pixels"], "output_names": ["outputs"]}
    torch.onnx.export(network, (pixels,), str(path), dynamo=dynamo, external_data=False, **names)


def main():
    checkpoint, alpha, folder = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    sys.path.append(sys.argv[4])
    warnings.simplefilter("ignore")
    network = infer_checkpoint.load(checkpoint, alpha)
    pixels = torch.zeros(1, 3, mobilenet.SIZE, mobilenet.SIZE)
    writers = {
        "dynamo.onnx": lambda path: write_onnx(network, pixels, path, True),
        "script.onnx": lambda path: write_onnx(network, pixels, path, False),
        "traced.pt": lambda path: torch.jit.trace(network, pixels).save(str(path)),
    }
    for name, write in writers.items():
        try:
            write(folder / name)
        except Exception as error:  # whatever a version of PyTorch lacks
            print(f"{name}: {type(error).__name__}: {str(error).strip().splitlines()[0]}")


if __name__ == "__main__":
    main()
