"""scripts/bench/infer_peers.py: its arithmetic, that peers run the same network, what it says of
those that cannot run, and a short run.

    python infer_peers_test.py APPS

Needs torch and numpy.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).parents[2] / "scripts/bench"
sys.path.insert(0, str(BENCH))

import infer_report


def result(*rounds, outputs=(0.1, -0.2, 0.3)):
    runs = [{"images": len(r), "seconds": sum(r), "latencies": list(r)} for r in rounds]
    return {"about": {"outputs": list(outputs)}, "runs": runs}


def check_rows():
    row = infer_report.row_of(result([1, 3, 2], [9, 5]))
    assert row["median"] == 3 and row["p99"] == 9 and row["fastest"] == 1, row
    assert row["rounds"] == [2, 7] and row["images"] == 5 and row["has_latencies"], row
    assert infer_report.percentile(range(1, 201), 0.99) == 198
    mean_alone = {"runs": [{"images": 4, "seconds": 2}]}
    row = infer_report.row_of(mean_alone)
    assert row["median"] == 0.5 and not row["has_latencies"], row
    assert infer_report.row_of({"error": "gone"}) == {"error": "gone"}


def check_targets():
    results = {
        "mobireg": result([2], [4], [2]),
        "onnxruntime-mobireg": result([4], [4], [4]),
        "onnxruntime-torch": result([5], [4], [4]),
        "onnxruntime-torch-script": {"error": "not written"},
        "debian-eager": result([10], [6], [6]),
    }
    rows = {name: infer_report.row_of(of) for name, of in results.items()}
    seen = [infer_report.judge(target, rows) for target in infer_report.TARGETS]
    assert [verdict["seen"] for verdict in seen] == [1, None, None, 0.5, 1 / 3, None], seen
    assert [verdict["met"] for verdict in seen] == [True, False, False, True, True, False], seen
    rows["onnxruntime-torch"]["rounds"] = [3.9, 3.9, 3.9]
    assert not infer_report.judge(infer_report.TARGETS[0], rows)["met"]


def check_other_networks_are_marked():
    results = {
        "ours": result([1]),
        "near": result([1], outputs=(0.10001, -0.2, 0.3)),
        "far": result([1], outputs=(0.11, -0.2, 0.3)),
        "none": result([1], outputs=(float("nan"), -0.2, 0.3)),
        "fewer": result([1], outputs=(0.1, -0.2)),
        "silent": {"about": {}, "runs": []},
    }
    assert list(infer_report.disagreements(results, "ours")) == ["far", "none", "fewer"]
    rows = {"far": infer_report.row_of(results["far"])}
    different = infer_report.disagreements(results, "ours")
    text = infer_report.table(rows, results, different, [])
    assert "outputs differ by 1.0e-02" in text, text


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, "-B", *map(str, command)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def check_bad_arguments():
    for argument, text in (
        ("--peers=tvm", "unknown peer 'tvm'; known are mobireg,"),
        ("--rounds=0", "must be positive"),
        ("--threads=0", "--threads 0 is not 1 to"),
    ):
        done = run(BENCH / "infer_peers.py", argument)
        assert done.returncode == 2 and text in done.stderr, done.stderr


def check_short_run(apps, folder):
    peers = ["mobireg", "debian-eager", "debian-torchscript", "ncnn-mobireg", "ncnn-pnnx"]
    options = ["--peers", ",".join(peers), "--alpha", 0.25, "--rounds", 2, "--seconds", 0.01]
    options += ["--build", apps.parent, "--json", folder / "out.json"]
    nowhere = str(folder / "nowhere")
    done = run(
        BENCH / "infer_peers.py", *options, MOBIREG_BENCH_ENV=nowhere, MOBIREG_DEPLOY_ENV=nowhere
    )
    assert done.returncode == 0, done.stderr
    written = json.loads((folder / "out.json").read_text())
    for name in peers[:3]:
        assert written["peers"][name].get("median", 0) > 0, (name, written["peers"])
    for name in peers[3:]:
        assert "No such file" in written["peers"][name]["error"], written["peers"]
    assert done.stdout.count("cannot run:") == 2, done.stdout


def main():
    check_rows()
    check_targets()
    check_other_networks_are_marked()
    check_bad_arguments()
    with tempfile.TemporaryDirectory() as name:
        check_short_run(Path(sys.argv[1]), Path(name))


if __name__ == "__main__":
    main()
