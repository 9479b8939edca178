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
import worker


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


def verdicts(results, sizes=None, alpha=0.75, vnni=True):
    """(text, what was seen, whether it is met) of each target."""
    seen = infer_report.Seen(results, sizes or {})
    asked = [of for of in infer_report.targets(vnni) if alpha in of.alphas or not of.alphas]
    judged = infer_report.judged(seen, alpha, vnni)
    return [(of.text, found["seen"], found["met"]) for of, found in zip(asked, judged)]


def check_targets():
    results = {
        "mobireg": result([2], [4], [2]),
        "onnxruntime-mobireg": result([4], [4], [4]),
        "onnxruntime-torch": result([5], [4], [4]),
        "onnxruntime-torch-script": {"error": "not written"},
        "onnxruntime-int8": result([2], [2], [2], outputs=(0.2, 0.1, 0)),
        "debian-eager": result([10], [6], [6]),
    }
    results["mobireg"]["about"]["start"] = 0.6
    sizes = {"headpose.onnx": 8_500_000, "int8.onnx": 2_900_000}
    seen = [(value, met) for _, value, met in verdicts(results, sizes)]
    runtimes = [(1, True), (None, False), (None, False)]
    predictor = [(0.5, True), (1 / 3, True), (None, False), (0.6, False)]
    files = [(0.5, True), (8_500_000, True), (29 / 85, False)]
    assert seen == runtimes + predictor + files, seen
    assert len(verdicts(results, sizes, alpha=0.5)) == len(seen) - 2  # sizes are of 0.75
    slower = {**results, "onnxruntime-torch": result([3.9], [3.9], [3.9])}
    assert not verdicts(slower)[0][2]
    text, value, met = verdicts(results, vnni=False)[7]
    assert "no VNNI" in text and value == 0.5 and met is None, (text, value, met)


def check_other_networks_are_no_competitors():
    results = {
        "onnxruntime-mobireg": result([1]),
        "mobireg-torchscript": result([3]),
        "debian-optimized": result([1], outputs=(0.11, -0.2, 0.3)),
        "debian-torchscript": result([2.99]),
    }
    _, value, met = verdicts(results)[5]
    assert 1 < value < 1.02 and met, value
    results["debian-optimized"] = result([1])
    assert verdicts(results)[5][1:] == (3, False)


def check_other_networks_are_marked():
    results = {
        "mobireg": result([1]),
        "near": result([1], outputs=(0.10001, -0.2, 0.3)),
        "far": result([1], outputs=(0.11, -0.2, 0.3)),
        "none": result([1], outputs=(float("nan"), -0.2, 0.3)),
        "fewer": result([1], outputs=(0.1, -0.2)),
        "far-int8": result([1], outputs=(0.11, -0.2, 0.3)),
        "silent": {"about": {}, "runs": []},
        "gone": {"error": "not written"},
    }
    assert list(infer_report.disagreements(results)) == ["far", "none", "fewer"]
    seen = infer_report.Seen({name: results[name] for name in ("mobireg", "far")}, {"a.onnx": 4200})
    text = infer_report.table(seen, [])
    assert "outputs differ by 1.0e-02" in text and "0.00 MB" in text, text


class FakeWorker:
    """Writes its name down when it runs; `dying` dies in its second run."""

    def __init__(self, name, ran, closed):
        self.name, self.ran, self.closed, self.about = name, ran, closed, {}

    def run(self, seconds):
        self.ran.append(self.name)
        if self.name == "dying" and self.ran.count("dying") == 2:
            raise worker.WorkerError("it died")
        return {"seconds": seconds}

    def close(self):
        self.closed.append(self.name)


def check_turns():
    ran, closed = [], []

    def start(name):
        if name == "missing":
            raise worker.WorkerError("not there")
        return FakeWorker(name, ran, closed)

    names = ["first", "missing", "dying", "last"]
    results = worker.measure(names, start, 3, 0.5, after=lambda peer: {"name": peer.name})
    first_round, second_round = ran[:3], ran[3:6]
    assert first_round == ["first", "dying", "last"], ran
    assert second_round == ["dying", "last", "first"] and ran[6:] == ["last", "first"], ran
    assert results["first"] == {"about": {}, "runs": [{"seconds": 0.5}] * 3, "name": "first"}
    assert results["missing"] == {"error": "not there"} and results["dying"] == {"error": "it died"}
    assert closed == ["first", "dying", "last"], closed


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
    peers = ["mobireg", "debian-eager", "debian-torchscript", "mobireg-int8", "ncnn-int8"]
    peers += ["ncnn-pnnx"]
    options = ["--peers", ",".join(peers), "--alpha", 0.25, "--rounds", 2, "--seconds", 0.01]
    options += ["--build", apps.parent, "--json", folder / "out.json"]
    nowhere = str(folder / "nowhere")
    done = run(
        BENCH / "infer_peers.py", *options, MOBIREG_BENCH_ENV=nowhere, MOBIREG_DEPLOY_ENV=nowhere
    )
    assert done.returncode == 0, done.stderr
    written = json.loads((folder / "out.json").read_text())
    for name in peers[:4]:
        assert written["peers"][name].get("median", 0) > 0, (name, written["peers"])
    for name in peers[4:]:
        assert "No such file" in written["peers"][name]["error"], written["peers"]
    assert done.stdout.count("cannot run:") == 2, done.stdout
    assert 0 < written["starts"]["mobireg"] < 10, written["starts"]
    assert 3 * written["sizes"]["int8.onnx"] < written["sizes"]["headpose.onnx"], written["sizes"]
    assert "mobireg-int8" not in written["different"], written["different"]


def main():
    check_turns()
    check_rows()
    check_targets()
    check_other_networks_are_no_competitors()
    check_other_networks_are_marked()
    check_bad_arguments()
    with tempfile.TemporaryDirectory() as name:
        check_short_run(Path(sys.argv[1]), Path(name))


if __name__ == "__main__":
    main()
