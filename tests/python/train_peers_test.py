"""scripts/bench/peers.py: its arithmetic, that it times the same model everywhere, what it says of
peers that cannot run, and a short run.

    python train_peers_test.py APPS

Needs torch.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).parents[2] / "scripts/bench"
sys.path.insert(0, str(BENCH))

import mobilenet
import train_report
from worker import WorkerError

GIGA = 1e9


def result(*rates, peak=100):
    runs = [{"images": rate, "seconds": 1, "cpu_seconds": 2} for rate in rates]
    return {"runs": runs, "peak_memory": peak}


def results():
    return {
        "mobireg": result(100, 400, 200, peak=150),
        "mobireg-bf16": result(200, 800, 400),
        "debian-eager": result(50, 50, 50, peak=200),
        "newest-eager": {"error": "not installed"},
        "newest-compile": result(80, 200, 100, peak=120),
        "keras": result(50, 100, 50, peak=90),
        "debian-gemm": result(30 * GIGA, 30 * GIGA, 30 * GIGA),
        "newest-gemm": result(90 * GIGA, 90 * GIGA, 90 * GIGA),  # MKL does not count
        "newest-gemm-onednn": result(10 * GIGA, 90 * GIGA, 20 * GIGA),
    }


def check_sizes():
    # Keras counts 3622851 with the statistics of BatchNorm (scripts/reference/recipe.py).
    statistics = 2 * sum(layer.outputs for layer in mobilenet.convolutions(1.0))
    assert mobilenet.trainable_parameters(1.0) + statistics == 3622851
    assert mobilenet.multiply_adds(1.0) == 46737792  # as mobireg's summary has it


def check_rows():
    rows = train_report.rows_of(results(), 1.0)
    assert train_report.gemm_rate(results()) == ("debian-gemm", 30 * GIGA)
    assert rows["mobireg"]["gemm_share"] == 200 * 6 * 46737792 / (30 * GIGA), rows["mobireg"]
    assert rows["debian-eager"]["mobireg_times"] == 4, rows  # 2, 8 and 4
    assert "mobireg_times" not in rows["newest-gemm"] and "error" in rows["newest-eager"]


def check_targets():
    rows = train_report.rows_of(results(), 1.0)
    seen = {v["target"]: (v["seen"], v["met"]) for v in train_report.judged(rows, 1.0, True)}
    assert len(seen) == 6, seen  # the share at alpha 0.5 is not asked
    assert seen["at least 65% of the GEMM rate"][1], seen
    assert seen["at least 1.4 times the fastest peer"] == (2, True), seen
    eager = "times PyTorch eager as a user writes it, the faster"
    assert seen[f"at least 4 {eager}"] == (4, True), seen
    assert seen["at least 3 times tf.keras"] == (4, True), seen
    assert seen["bf16 at least 1.5 times fp32"] == (2, True), seen
    memory = "at most 1 times the least peak memory of PyTorch"
    assert seen[memory] == (1.25, False), seen
    on_avx2 = [verdict["target"] for verdict in train_report.judged(rows, 1.0, False)]
    assert f"at least 2 {eager}" in on_avx2, on_avx2
    for verdict in train_report.judged({"mobireg": {"error": "not built"}}, 0.5, True):
        assert verdict["seen"] is None and not verdict["met"], verdict


def check_other_models_are_refused():
    said = {"what": "alpha 0.5, 64x64, batch 64, 2 threads, kernels auto"}
    said |= {"images_per_second": 2.0, "gemm_flops": 12.0, "gemm_share": 12359040.0}
    train_report.check_model(said, 0.5, 2)
    for changed, text in (
        ({"what": "alpha 1, 64x64, batch 64, 2 threads, kernels auto"}, "timed 'alpha 1, "),
        ({"gemm_share": 12359041.0 * 2}, "multiply-adds"),
    ):
        try:
            train_report.check_model({**said, **changed}, 0.5, 2)
        except WorkerError as error:
            assert text in str(error), error
        else:
            raise AssertionError(f"{changed} was taken")


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, "-B", *map(str, command)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def check_bad_arguments():
    for argument, text in (
        ("--peers=mxnet", "unknown peer 'mxnet'; known are mobireg,"),
        ("--rounds=0", "must be positive"),
        ("--alphas=1,wide", "--alphas: could not convert string to float: 'wide'"),
        ("--threads=0", "--threads 0 is not 1 to"),
    ):
        done = run(BENCH / "peers.py", argument)
        assert done.returncode == 2 and text in done.stderr, done.stderr


def check_short_run(apps, folder):
    peers = "mobireg,debian-eager,debian-gemm,newest-compile,keras"
    options = ["--peers", peers, "--alphas", 0.25, "--rounds", 2, "--seconds", 0.01]
    options += ["--threads", 1, "--build", apps.parent, "--json", folder / "out.json"]
    nowhere = str(folder / "nowhere")
    done = run(
        BENCH / "peers.py", *options, MOBIREG_BENCH_ENV=nowhere, MOBIREG_REFERENCE_ENV=nowhere
    )
    assert done.returncode == 0, done.stderr
    alpha = json.loads((folder / "out.json").read_text())["alphas"]["0.25"]
    for name in ("mobireg", "debian-eager"):
        row = alpha["peers"][name]
        assert row["per_second"] > 0 and row["peak_memory"] > 2**26, (name, row)
    assert alpha["peers"]["debian-eager"]["mobireg_times"] > 0, alpha["peers"]
    assert alpha["peers"]["mobireg"]["gemm_share"] > 0, alpha["peers"]
    for name in ("newest-compile", "keras"):
        assert "No such file" in alpha["peers"][name]["error"], alpha["peers"]
    assert done.stdout.count("cannot run:") == 2, done.stdout


def main():
    check_sizes()
    check_rows()
    check_targets()
    check_other_models_are_refused()
    check_bad_arguments()
    with tempfile.TemporaryDirectory() as name:
        check_short_run(Path(sys.argv[1]), Path(name))


if __name__ == "__main__":
    main()
