"""A checkpoint is what docs/checkpoint.md says, to Python's own safetensors package.

    python safetensors_test.py APPS
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import network
import small_run
from safetensors import safe_open

METADATA = {"format", "format_version", "mobireg_version", "config", "output_names", "epoch", "step",
            "random_state", "threads", "data_fingerprint", "best_epoch", "best_mae"}


def expected_tensors():
    """{name: (dtype, shape)} of a checkpoint."""
    parameters, running = network.shapes()
    tensors = {name: ("F32", shape) for name, shape in {**parameters, **running}.items()}
    for name, shape in parameters.items():
        tensors[f"optimizer.m.{name}"] = tensors[f"optimizer.v.{name}"] = ("F32", shape)
    tensors["optimizer.steps"] = ("I64", [len(parameters)])
    tensors["metrics.sums"] = ("F64", [2 + 3 * len(network.OUTPUTS)])
    tensors["checksum.sha256"] = ("U8", [32])
    return tensors


def check_metadata(metadata, rows):
    assert set(metadata) == METADATA, set(metadata) ^ METADATA
    steps = -(-rows // 32)  # batches of 32 in configs/smoke.json
    assert metadata["format"] == "mobireg-checkpoint" and metadata["format_version"] == "1"
    assert json.loads(metadata["output_names"]) == network.OUTPUTS
    assert int(metadata["epoch"]) == small_run.EPOCHS and int(metadata["step"]) == steps
    config = json.loads(metadata["config"])
    assert config["model"]["alpha"] == network.ALPHA
    assert json.loads(metadata["random_state"]) == {"seed": config["seed"], "step": steps}
    assert int(metadata["threads"]) >= 1
    assert len(metadata["data_fingerprint"]) == 128
    assert int(metadata["best_epoch"]) == small_run.EPOCHS and float(metadata["best_mae"]) > 0


def check_tensors(file, steps):
    found = {name: file.get_slice(name) for name in file.keys()}
    found = {name: (part.get_dtype(), part.get_shape()) for name, part in found.items()}
    assert found == expected_tensors(), set(found.items()) ^ set(expected_tensors().items())
    parameters, running = network.shapes()
    assert sum(file.get_tensor(name).size for name in {**parameters, **running}) == 317619
    assert (file.get_tensor("optimizer.steps") == steps).all()


def check_checksum(path, file):
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    ends = {name: entry["data_offsets"][1] for name, entry in header.items() if name[0] != "_"}
    assert max(ends, key=ends.get) == "checksum.sha256"
    assert file.get_tensor("checksum.sha256").tobytes() == hashlib.sha256(data[:-32]).digest()


def main():
    with tempfile.TemporaryDirectory() as temporary:
        run_dir = small_run.train(Path(sys.argv[1]), Path(temporary))
        rows = (run_dir / "rows.csv").read_text().count(",train,")
        for name in ("last", "best", "epoch-0001"):
            path = run_dir / f"checkpoints/{name}.safetensors"
            with safe_open(path, framework="np") as file:
                check_metadata(file.metadata(), rows)
                check_tensors(file, int(file.metadata()["step"]))
                check_checksum(path, file)
                print(f"ok: {name}: {len(list(file.keys()))} tensors")


if __name__ == "__main__":
    main()
