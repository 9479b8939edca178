"""Times training by mobireg beside its peers: the same MobileNetV1 regressor, one batch of 64 again
and again, Adam, mean squared error, fp32 and the same threads in PyTorch and tf.keras, interleaved
in one run.

    scripts/bench/make_env.sh && scripts/reference/make_env.sh  # the newest PyTorch, and tf.keras
    python3 scripts/bench/peers.py [--json FILE]

Each peer is a process of its own. In each round each of them runs once, for --seconds, one after
the other while the rest sleep; the figures are medians over the rounds, ratios those of runs of the
same round. `debian-` is Debian's python3-torch, which has mobireg's own engine; `newest-` the
PyTorch of scripts/bench/make_env.sh; `gemm` are products of 2048x2048 matrices, fp32, of which the
faster of OpenBLAS and oneDNN is the limit that shares are of, at 6 operations a multiply-add (MKL,
`newest-gemm`, is shown beside them). Peak memory is that of the
whole process. A peer that cannot run is listed with the reason.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import machine
import mobilenet
import train_report
from report import OURS
from worker import Worker, WorkerError, measure, output_of

HERE = Path(__file__).parent
RECIPE = HERE.parents[1] / "configs/headpose.json"
CACHE = Path.home() / ".cache/mobireg"
NEWEST = Path(os.environ.get("MOBIREG_BENCH_ENV", CACHE / "bench-env")) / "bin/python"
REFERENCE = Path(os.environ.get("MOBIREG_REFERENCE_ENV", CACHE / "reference-env")) / "bin/python"
DEBIAN = Path("/usr/bin/python3")

# Peer: Python, script, case.
PEERS = {
    "debian-eager": (DEBIAN, "torch_train_peer.py", "eager"),
    "debian-channels-last": (DEBIAN, "torch_train_peer.py", "channels_last"),
    "newest-eager": (NEWEST, "torch_train_peer.py", "eager"),
    "newest-channels-last": (NEWEST, "torch_train_peer.py", "channels_last"),
    "newest-compile": (NEWEST, "torch_train_peer.py", "compile"),
    "keras": (REFERENCE, "keras_train_peer.py", "train"),
    "debian-gemm": (DEBIAN, "torch_train_peer.py", "gemm"),
    "debian-gemm-onednn": (DEBIAN, "torch_train_peer.py", "gemm_onednn"),
    "newest-gemm": (NEWEST, "torch_train_peer.py", "gemm"),
    "newest-gemm-onednn": (NEWEST, "torch_train_peer.py", "gemm_onednn"),
}
# mobireg with other settings than its own defaults.
VARIANTS = {OURS: (), train_report.BF16: ("precision=bf16",), "mobireg-aten": ("kernels=aten",)}
LIBTORCH2 = "mobireg-libtorch2"

SETTINGS = ("OMP_", "GOMP_", "KMP_", "OPENBLAS_", "MKL_", "DNNL_", "ONEDNN_", "ATEN_CPU_", "MOBIREG_MAX")
# With --avx2, each program's own way to leave AVX-512 alone. What tf.keras compiles in is AVX2 at most.
AVX2 = {
    "MOBIREG_MAX_ISA": "avx2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "DNNL_MAX_CPU_ISA": "AVX2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}
START_SECONDS = 900  # torch.compile on a busy machine
REST_SECONDS = 0.3  # until the threads of the one before no longer spin
IMAGES = 200  # at least a batch after the split


class TrainingWorker(Worker):
    def _answer(self, seconds):
        return super()._answer(max(seconds, START_SECONDS))

    def peak_memory(self):
        """Bytes that were resident at once, until now."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise WorkerError("ended too early for its memory to be read")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = HERE.parents[1] / "build"
    default_peers = ",".join([OURS, train_report.BF16, *PEERS])
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--build", type=Path, default=default, help="mobireg's build folder")
    parser.add_argument("--libtorch2", type=Path, help="another one, against LibTorch 2.x")
    parser.add_argument("--alphas", default="1,0.75,0.5", help="default: %(default)s")
    parser.add_argument(
        "--peers", default=default_peers, help="default: all but mobireg-aten (%(default)s)"
    )
    parser.add_argument("--threads", type=int, default=cores, help="default: all, %(default)s")
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=2, help="of a run; default: %(default)s")
    parser.add_argument("--avx2", action="store_true", help="as on a machine without AVX-512")
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    return check(parser, parser.parse_args())


def check(parser, options):
    options.peers = options.peers.split(",")
    known = [*VARIANTS, *PEERS]
    for name in options.peers:
        if name not in known:
            parser.error(f"unknown peer '{name}'; known are {', '.join(known)}")
    try:
        options.alphas = [float(alpha) for alpha in options.alphas.split(",")]
    except ValueError as error:
        parser.error(f"--alphas: {error}")
    if options.libtorch2:
        options.peers.append(LIBTORCH2)
    if options.rounds < 1 or options.seconds <= 0 or min(options.alphas) <= 0:
        parser.error("--rounds, --seconds and --alphas must be positive")
    cores = len(os.sched_getaffinity(0))
    if not 1 <= options.threads <= cores:
        parser.error(f"--threads {options.threads} is not 1 to {cores}")
    return options


def draw_heads(build, folder):
    """Images for mobireg's one batch; returns their CSV."""
    app = build / "apps/mobireg-synth"
    if not app.exists():
        raise SystemExit(f"peers.py: there is no {app}; build it")
    command = [app, folder, "--count", str(IMAGES), "--size", str(mobilenet.SIZE)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "headpose.csv"


def command_of(options, name, alpha, csv_file):
    if not train_report.is_ours(name):
        python, script, case = PEERS[name]
        return [python, "-B", HERE / script, case, alpha, options.threads]
    build = options.libtorch2 if name == LIBTORCH2 else options.build
    command = [build / "apps/mobireg-bench", "train", "--images", csv_file]
    command += ["--config", RECIPE]  # without one, mobireg-bench ignores --set
    for setting in (f"model.alpha={alpha:g}", *VARIANTS.get(name, ())):
        command += ["--set", setting]
    return command + ["--threads", options.threads]


def check_ours(command, alpha, threads):
    """Raises WorkerError unless mobireg trains what its peers do."""
    said = output_of(*command, "--json", "--rounds", 1, "--seconds", 0)
    train_report.check_model(json.loads(said), alpha, threads)


def start(options, name, alpha, csv_file):
    cores = sorted(os.sched_getaffinity(0))[-options.threads :]
    command = command_of(options, name, alpha, csv_file)
    if train_report.is_ours(name):
        check_ours(command, alpha, options.threads)
        command.append("--interactive")
    worker = TrainingWorker(command, cores)
    expected = mobilenet.trainable_parameters(alpha)
    parameters = worker.about.get("parameters", expected)
    if parameters != expected:
        worker.close()
        raise WorkerError(f"another model: {parameters} parameters instead of {expected}")
    worker.run(0)  # not timed
    return worker


def run_alpha(options, alpha, csv_file):
    """{peer: {"about", "runs", "peak_memory"} or {"error"}}."""
    return measure(
        options.peers,
        lambda name: start(options, name, alpha, csv_file),
        options.rounds,
        options.seconds,
        REST_SECONDS,
        lambda worker: {"peak_memory": worker.peak_memory()},
    )


def versions_text(results):
    """What each program was, once."""
    lines = {}
    for name, result in results.items():
        versions = result.get("about", {}).get("versions", {})
        program = name.split("-")[0]
        if versions:
            lines[program] = ", ".join(f"{key} {value}" for key, value in versions.items())
    return "\n".join(f"  {program}: {text}" for program, text in lines.items())


def main():
    options = arguments()
    for name in [name for name in os.environ if name.startswith(SETTINGS)]:
        del os.environ[name]  # each peer has its own defaults
    if options.avx2:
        os.environ.update(AVX2)
    name, avx512 = machine.processor(), machine.has("avx512f") and not options.avx2
    written = {"processor": name, "avx512": avx512, "threads": options.threads, "alphas": {}}
    kept_to = ", AVX2" if options.avx2 else ""
    print(f"{name}{kept_to}; {options.threads} threads, {options.rounds} rounds of {options.seconds:g} s")
    with tempfile.TemporaryDirectory() as folder:
        csv_file = draw_heads(options.build, Path(folder))
        for alpha in options.alphas:
            print(f"alpha {alpha:g}", file=sys.stderr)
            results = run_alpha(options, alpha, csv_file)
            rows = train_report.rows_of(results, alpha)
            verdicts = train_report.judged(rows, alpha, avx512)
            print("\n" + train_report.table(alpha, rows, verdicts), flush=True)
            written["alphas"][f"{alpha:g}"] = {"peers": rows, "targets": verdicts, "runs": results}
    print(f"\nversions:\n{versions_text(results)}")
    if options.json:
        options.json.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
