"""Times the prediction of one 64x64 face: mobireg, its exported files in the runtimes that users
have, and beside each file the one that PyTorch's exporter or pnnx makes of the same network;
interleaved in one run, one thread, float32, and mobireg's files in int8.

    scripts/bench/make_env.sh && scripts/deploy/make_env.sh  # the newest PyTorch, and the runtimes
    python3 scripts/bench/infer_peers.py [--json FILE]

Each peer is a process of its own. In each round each of them runs once, for --seconds, one after
the other while the rest sleep. The figures are milliseconds an image over all rounds; ratios are
those of runs of the same round. `mobireg` is its Predictor on the checkpoint, `mobireg-onnx` and
`mobireg-torchscript` on exported files; `-torch` is what torch.onnx makes, `-torch-script` what its
older exporter makes, `-pnnx` what pnnx makes of a traced module; `-int8` are mobireg's files in
int8. `start s` is from load to the first result, without the start of Python. All float32 peers must
give the same outputs; one that does not is marked, and no target is held against it. A peer that
cannot run is listed with the reason. Sizes are those of mobireg's files.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import infer_report
import machine
from peers import CACHE, DEBIAN, HERE, NEWEST, REST_SECONDS, SETTINGS, versions_text
from worker import Worker, WorkerError, measure, output_of

DEPLOY = Path(os.environ.get("MOBIREG_DEPLOY_ENV", CACHE / "deploy-env")) / "bin/python"
PACKAGES = DEPLOY.parents[1] / "lib/python3.11/site-packages"
SMOKE = HERE.parents[1] / "configs/smoke.json"
HEADS = 60

# mobireg's own files: options of mobireg-export.
EXPORTS = {
    "headpose.onnx": (),
    "headpose.param": (),
    "headpose.pt": (),
    "int8.onnx": ("--int8", "--force"),  # a checkpoint of a moment may lose anything
    "int8.param": ("--int8", "--force"),
}
# Peer: file; the rest of its command before the file: Python, script, case. No Python: mobireg.
PEERS = {
    "mobireg": ("checkpoint",),
    "mobireg-onnx": ("headpose.onnx",),
    "mobireg-torchscript": ("headpose.pt",),
    "onnxruntime-mobireg": ("headpose.onnx", DEPLOY, "runtime_infer_peer.py", "onnxruntime"),
    "onnxruntime-torch": ("dynamo.onnx", DEPLOY, "runtime_infer_peer.py", "onnxruntime"),
    "onnxruntime-torch-script": ("script.onnx", DEPLOY, "runtime_infer_peer.py", "onnxruntime"),
    "openvino-mobireg": ("headpose.onnx", DEPLOY, "runtime_infer_peer.py", "openvino"),
    "openvino-torch": ("dynamo.onnx", DEPLOY, "runtime_infer_peer.py", "openvino"),
    "openvino-torch-script": ("script.onnx", DEPLOY, "runtime_infer_peer.py", "openvino"),
    "ncnn-mobireg": ("headpose.param", DEPLOY, "runtime_infer_peer.py", "ncnn"),
    "ncnn-pnnx": ("traced.ncnn.param", DEPLOY, "runtime_infer_peer.py", "ncnn"),
    "debian-eager": ("checkpoint", DEBIAN, "torch_infer_peer.py", "eager:{alpha:g}"),
    "debian-torchscript": ("headpose.pt", DEBIAN, "torch_infer_peer.py", "torchscript"),
    "debian-optimized": ("headpose.pt", DEBIAN, "torch_infer_peer.py", "optimized"),
    "newest-eager": ("checkpoint", NEWEST, "torch_infer_peer.py", "eager:{alpha:g}"),
    "newest-optimized": ("headpose.pt", NEWEST, "torch_infer_peer.py", "optimized"),
    "mobireg-int8": ("int8.onnx",),
    "onnxruntime-int8": ("int8.onnx", DEPLOY, "runtime_infer_peer.py", "onnxruntime"),
    "openvino-int8": ("int8.onnx", DEPLOY, "runtime_infer_peer.py", "openvino"),
    "ncnn-int8": ("int8.param", DEPLOY, "runtime_infer_peer.py", "ncnn"),
}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = HERE.parents[1] / "build"
    parser.add_argument("--build", type=Path, default=default, help="mobireg's build folder")
    parser.add_argument("--checkpoint", type=Path, help="default: one is trained for a moment")
    parser.add_argument("--alpha", type=float, default=0.75, help="default: %(default)s")
    parser.add_argument("--peers", default=",".join(PEERS), help="default: all (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=15, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=0.5, help="of a run; default: %(default)s")
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    options = parser.parse_args()
    options.peers = options.peers.split(",")
    for name in options.peers:
        if name not in PEERS:
            parser.error(f"unknown peer '{name}'; known are {', '.join(PEERS)}")
    if options.rounds < 1 or options.seconds <= 0 or options.alpha <= 0:
        parser.error("--rounds, --seconds and --alpha must be positive")
    cores = len(os.sched_getaffinity(0))
    if not 1 <= options.threads <= cores:
        parser.error(f"--threads {options.threads} is not 1 to {cores}")
    return options


def train(options, folder):
    """A checkpoint; how well it predicts is no matter."""
    apps = options.build / "apps"
    heads = folder / "heads"
    output_of(apps / "mobireg-synth", heads, "--count", HEADS)
    settings = {
        "run_dir": folder / "run",
        "data.csv": heads / "headpose.csv",
        "model.alpha": options.alpha,
        "training.epochs": 1,
    }
    changes = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    output_of(apps / "mobireg-train", SMOKE, *changes)
    return folder / "run/checkpoints/last.safetensors"


def make_files(options, checkpoint, folder):
    """Writes all the files that peers read. Returns {file: why it is not there}."""
    errors = {}
    for name, export_options in EXPORTS.items():
        try:
            export = options.build / "apps/mobireg-export"
            output_of(export, checkpoint, "--output", folder / name, *export_options)
        except WorkerError as error:
            errors[name] = str(error)
    torch_files = ("dynamo.onnx", "script.onnx", "traced.pt")
    try:
        written = output_of(
            NEWEST, "-B", HERE / "infer_files.py", checkpoint, options.alpha, folder, PACKAGES
        )
        lines = (line.partition(": ") for line in written.splitlines())
        errors |= {name: reason for name, _, reason in lines if name in torch_files}
    except WorkerError as error:
        errors |= dict.fromkeys(torch_files, str(error))
    try:
        if "traced.pt" in errors:
            raise WorkerError(errors["traced.pt"])
        output_of(PACKAGES / "pnnx/pnnx", folder / "traced.pt", "inputshape=[1,3,64,64]", "fp16=0")
    except WorkerError as error:
        errors["traced.ncnn.param"] = str(error)
    return errors


def start(options, name, files, errors):
    file, *rest = PEERS[name]
    if file in errors:
        raise WorkerError(errors[file])
    if rest:
        python, script, case = rest
        case = case.format(alpha=options.alpha)
        command = [python, "-B", HERE / script, case, files[file], options.threads]
    else:
        command = [options.build / "apps/mobireg-bench", "infer", files[file]]
        command += ["--threads", options.threads, "--interactive"]
    cores = sorted(os.sched_getaffinity(0))[-options.threads :]
    worker = Worker(command, cores)
    worker.run(0)  # not timed
    return worker


def sizes_of(folder):
    """{file: bytes} of mobireg's files; ncnn's with its weights."""
    written = [name for name in EXPORTS if (folder / name).exists()]
    parts = lambda name: [name, name.replace(".param", ".bin")] if ".param" in name else [name]
    return {name: sum((folder / p).stat().st_size for p in parts(name)) for name in written}


def main():
    options = arguments()
    for name in [name for name in os.environ if name.startswith(SETTINGS)]:
        del os.environ[name]  # each peer has its own defaults
    print(f"{machine.processor()}; alpha {options.alpha:g}, one 64x64 image, {options.threads} "
          f"threads, {options.rounds} rounds of {options.seconds:g} s; milliseconds an image")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            checkpoint = options.checkpoint or train(options, folder)
        except WorkerError as error:
            raise SystemExit(f"infer_peers.py: {error}") from None
        errors = make_files(options, checkpoint, folder)
        files = {file: folder / file for file, *_ in PEERS.values()} | {"checkpoint": checkpoint}
        results = measure(
            options.peers,
            lambda name: start(options, name, files, errors),
            options.rounds,
            options.seconds,
            REST_SECONDS,
        )
        seen = infer_report.Seen(results, sizes_of(folder))
    verdicts = infer_report.judged(seen, options.alpha, machine.has("avx512_vnni", "avx_vnni"))
    print(infer_report.table(seen, verdicts))
    print(f"\nversions:\n{versions_text(results)}")
    if options.json:
        written = {"processor": machine.processor(), "threads": options.threads}
        written |= {"alpha": options.alpha, "peers": seen.rows, "starts": seen.starts}
        written |= {"sizes": seen.sizes, "different": seen.different, "targets": verdicts}
        options.json.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
