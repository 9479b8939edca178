"""scripts/bench/data_peers.py: its arithmetic, what it says of peers that cannot run, and a short
run of mobireg itself.

    python data_peers_test.py APPS

Needs numpy and PIL.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/bench/data_peers.py"
sys.path.insert(0, str(SCRIPT.parent))

import report
from worker import Worker, WorkerError

CORES = os.sched_getaffinity(0)
ANSWERS_TWICE = """
import json, sys
print('{"deviations": []}', flush=True)
for i, line in zip(range(2), sys.stdin):
    answer = {"images": 64, "seconds": float(line.split()[1]), "cpu_seconds": i}
    print(json.dumps(answer), flush=True)
sys.exit("out of memory")
"""


def runs(*rates):
    return {"runs": [{"images": rate, "seconds": 1, "cpu_seconds": 0.5} for rate in rates]}


def refused(call, text):
    try:
        call()
    except WorkerError as error:
        assert text in str(error), error
        return
    raise AssertionError("nothing was refused")


def check_medians_and_ratios():
    # Round by round mobireg is 10, 2 and 4 times as fast, though its median is 5 times theirs.
    row = report.summary("keras", runs(1, 50, 10), runs(10, 100, 40), "seconds")
    assert row["per_second"] == 10 and row["lowest"] == 1 and row["highest"] == 50, row
    assert row["mobireg_times"] == 4 and row["core_share"] == 0.5, row
    assert report.summary("keras", runs(10), runs(40), "cpu_seconds")["per_second"] == 20


def check_targets():
    rows = {"mobireg": {"per_second": 100_000}, "keras": {"mobireg_times": 21.0}}
    rows["torchvision"] = {"mobireg_times": 4.9}
    met = [report.judge(target, rows, 150_000)["met"] for target in report.TARGETS]
    #             memory       files       files450  headers
    assert met == [True, False, True, True, True, True], met
    verdict = report.judge(report.TARGETS[1], rows, 150_000)
    assert "at least 5 times the fastest peer: 4.9, no" in report.verdict_line(verdict)
    alone = {"mobireg": {"error": "not built"}}
    for target in report.TARGETS:
        assert "not measured" in report.verdict_line(report.judge(target, alone, 150_000))


def check_failing_workers():
    refused(lambda: Worker(["/no/such/python"], CORES), "/no/such/python: No such file")
    imports_nothing = [sys.executable, "-c", "import nowhere"]
    refused(lambda: Worker(imports_nothing, CORES), "No module named 'nowhere'")
    worker = Worker([sys.executable, "-c", ANSWERS_TWICE], CORES)
    assert worker.run(0.5) == {"images": 64, "seconds": 0.5, "cpu_seconds": 0}
    assert worker.run(0.25)["seconds"] == 0.25
    refused(lambda: worker.run(1), "out of memory")
    worker.close()


def check_short_run(apps, folder):
    command = [sys.executable, "-B", SCRIPT, "--build", apps.parent, "--json", folder / "out.json"]
    command += ["--peers", "mobireg,keras,pillow", "--count", 20, "--rounds", 2, "--seconds", 0.02]
    environment = {**os.environ, "MOBIREG_REFERENCE_ENV": str(folder / "nowhere")}
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    cases = json.loads((folder / "out.json").read_text())["cases"]
    assert list(cases) == ["memory", "files", "files450", "headers"]
    for name, case in cases.items():
        assert case["peers"]["mobireg"]["per_second"] > 0, (name, case)
        assert "No such file" in case["peers"]["keras"]["error"], (name, case)
    assert cases["headers"]["peers"]["pillow"]["mobireg_times"] > 0, cases["headers"]
    assert "cannot run:" in done.stdout, done.stdout


def main():
    check_medians_and_ratios()
    check_targets()
    check_failing_workers()
    with tempfile.TemporaryDirectory() as name:
        check_short_run(Path(sys.argv[1]), Path(name))


if __name__ == "__main__":
    main()
