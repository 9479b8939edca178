"""Times the prediction of one 64x64 face: mobireg, its exported files in the runtimes that users
have, and beside each file the one that PyTorch's exporter or pnnx makes of the same network;
interleaved in one run, one thread, float32.

    scripts/bench/make_env.sh && scripts/deploy/make_env.sh  # the newest PyTorch, and the runtimes
    python3 scripts/bench/infer_peers.py [--json FILE]

Each peer is a process of its own. In each round each of them runs once, for --seconds, one after
the other while the rest sleep. The figures are milliseconds an image over all rounds; ratios are
those of runs of the same round. `mobireg` is its Predictor on the checkpoint, `mobireg-onnx` and
`mobireg-torchscript` on exported files; `-torch` is what torch.onnx makes, `-torch-script` what its
older exporter makes, `-pnnx` what pnnx makes of a traced module. `start s` is from load to the
first result, without the start of Python. All peers must give the same outputs; one that does not
is marked. A peer that cannot run is listed with the reason.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import infer_report
from peers import CACHE, DEBIAN, HERE, NEWEST, REST_SECONDS, SETTINGS, processor, versions_text
from worker import Worker, WorkerError

DEPLOY = Path(os.environ.get("MOBIREG_DEPLOY_ENV", CACHE / "deploy-env")) / "bin/python"
PACKAGES = DEPLOY.parents[1] / "lib/python3.11/site-packages"
SMOKE = HERE.parents[1] / "configs/smoke.json"
HEADS = 60
REFERENCE = "onnxruntime-mobireg"  # whose outputs the others' are compared with

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


def run(*command):
    """Raises WorkerError with the last line of what it wrote."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    except OSError as error:
        raise WorkerError(f"{command[0]}: {error.strerror}") from None
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise WorkerError(lines[-1] if lines else f"ended with status {done.returncode}")
    return done.stdout


def train(options, folder):
    """A checkpoint; how well it predicts is no matter."""
    apps = options.build / "apps"
    heads = folder / "heads"
    run(apps / "mobireg-synth", heads, "--count", HEADS)
    settings = {
        "run_dir": folder / "run",
        "data.csv": heads / "headpose.csv",
        "model.alpha": options.alpha,
        "training.epochs": 1,
    }
    changes = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    run(apps / "mobireg-train", SMOKE, *changes)
    return folder / "run/checkpoints/last.safetensors"


def make_files(options, checkpoint, folder):
    """Writes all the files that peers read. Returns {file: why it is not there}."""
    errors = {}
    export = options.build / "apps/mobireg-export"
    for name in ("headpose.onnx", "headpose.param", "headpose.pt"):
        kind = {".onnx": "onnx", ".param": "ncnn", ".pt": "torchscript"}[Path(name).suffix]
        try:
            run(export, checkpoint, "--format", kind, "--output", folder / name)
        except WorkerError as error:
            errors[name] = str(error)
    torch_files = ("dynamo.onnx", "script.onnx", "traced.pt")
    try:
        written = run(
            NEWEST, "-B", HERE / "infer_files.py", checkpoint, options.alpha, folder, PACKAGES
        )
        lines = (line.partition(": ") for line in written.splitlines())
        errors |= {name: reason for name, _, reason in lines if name in torch_files}
    except WorkerError as error:
        errors |= dict.fromkeys(torch_files, str(error))
    try:
        if "traced.pt" in errors:
            raise WorkerError(errors["traced.pt"])
        run(PACKAGES / "pnnx/pnnx", folder / "traced.pt", "inputshape=[1,3,64,64]", "fp16=0")
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


def run_rounds(options, workers, results):
    names = list(workers)
    for round_number in range(options.rounds):
        print(f"round {round_number + 1} of {options.rounds}", file=sys.stderr)
        turn = round_number % len(names)  # nobody is always first
        for name in names[turn:] + names[:turn]:
            if "error" in results[name]:
                continue
            time.sleep(REST_SECONDS)
            try:
                results[name]["runs"].append(workers[name].run(options.seconds))
            except (WorkerError, OSError) as error:
                results[name] = {"error": str(error)}


def measure(options, files, errors):
    """{peer: {"about", "runs"} or {"error"}}."""
    results, workers = {}, {}
    try:
        for name in options.peers:
            print(f"starting {name}", file=sys.stderr)
            try:
                workers[name] = start(options, name, files, errors)
                results[name] = {"about": workers[name].about, "runs": []}
            except WorkerError as error:
                results[name] = {"error": str(error)}
        if workers:
            run_rounds(options, workers, results)
    finally:
        for worker in workers.values():
            worker.close()
    return results


def main():
    options = arguments()
    for name in [name for name in os.environ if name.startswith(SETTINGS)]:
        del os.environ[name]  # each peer has its own defaults
    name, _ = processor()
    print(f"{name}; alpha {options.alpha:g}, one 64x64 image, {options.threads} threads, "
          f"{options.rounds} rounds of {options.seconds:g} s; milliseconds an image")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            checkpoint = options.checkpoint or train(options, folder)
        except WorkerError as error:
            raise SystemExit(f"infer_peers.py: {error}") from None
        errors = make_files(options, checkpoint, folder)
        files = {file: folder / file for file, *_ in PEERS.values()} | {"checkpoint": checkpoint}
        results = measure(options, files, errors)
    rows = {peer: infer_report.row_of(result) for peer, result in results.items()}
    different = infer_report.disagreements(results, REFERENCE)
    verdicts = [infer_report.judge(target, rows) for target in infer_report.TARGETS]
    print(infer_report.table(rows, results, different, verdicts))
    print(f"\nversions:\n{versions_text(results)}")
    if options.json:
        written = {"processor": name, "threads": options.threads, "alpha": options.alpha}
        written |= {"peers": rows, "different": different, "targets": verdicts}
        options.json.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
