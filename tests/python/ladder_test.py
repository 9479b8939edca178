"""scripts/ladder.py with apps made up here, whose errors are known: what it keeps, that it trains
everything once, and that it can be stopped and goes on.

    python ladder_test.py
"""

import csv
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LADDER = Path(__file__).parents[2] / "scripts/ladder.sh"

# The made-up network errs by `training.error` degrees on validation rows, by `training.test_error` on
# test rows; `training.odd` is a field that the build does not know.
APP = """#!/usr/bin/env python3
import csv, json, math, os, sys, time
from pathlib import Path

KNOWN = {"training.error", "training.test_error", "training.epochs", "training.checkpoint.keep",
         "training.init_from", "data.csv", "data.directory", "seed", "threads", "run_dir"}
SPLITS = {"test": {"rule": "pattern", "pattern": "t[0-9]"},
          "validation": {"rule": "pattern", "pattern": "[tv][0-9]"}}

def train(arguments):
    fields = {"training.error": 10, "training.test_error": 10}
    for argument in arguments:
        if argument.startswith("--set="):
            name, _, value = argument[6:].partition("=")
            fields[name] = json.loads(value)
    unknown = set(fields) - KNOWN
    if unknown:
        print(f"error: {unknown.pop()}: there is no such field", file=sys.stderr)
        return 1
    if "--print-config" in arguments:
        print(json.dumps({"data": SPLITS, "augmentation": {"steps": []}}))
        return 0
    run = Path(fields["run_dir"])
    (run / "checkpoints").mkdir(parents=True, exist_ok=True)
    with open(run.parent / "trained.log", "a") as log:
        log.write(run.name + "\\n")
    (run / "config.json").write_text(json.dumps({"data": SPLITS}))
    if os.environ.get("HANG"):
        (run / "hangs").write_text(str(os.getpid()))
        time.sleep(60)
    (run / "train.log").write_text("x  epoch 1/1  1:30  9 images/s  loss 1\\n")
    (run / "checkpoints/best.safetensors").write_text(json.dumps(fields))
    return 0

def evaluate(arguments):
    value = dict(zip(arguments[1::2], arguments[2::2]))
    fields = json.loads(Path(arguments[0]).read_text())
    import re
    with open(value["--csv"]) as stream:
        rows = [row for row in csv.DictReader(stream) if re.search(value["--match"], row["filename"])]
    with open(value["--predictions"], "w") as stream:
        print("filename,pitch,yaw,roll", file=stream)
        for row in rows:
            kind = "training.test_error" if "/t" in row["filename"] else "training.error"
            wrong = math.radians(fields[kind] + 0.001 * fields["seed"])
            print(row["filename"], *(float(row[a]) - wrong for a in ("pitch", "yaw", "roll")),
                  sep=",", file=stream)
    return 0

sys.exit((train if "train" in sys.argv[0] else evaluate)(sys.argv[1:]))
"""

PLAN = {
    "recipe": {"config": "headpose.json", "set": {}},
    "best": {"config": "headpose.json", "set": {"training.error": 5}},
    "helpers": {
        "pretrained": {"takes": ["training.error"], "drops": [], "set": {"training.test_error": 1}}
    },
    "rungs": [
        {"name": "worse", "about": "", "options": {"": {"set": {"training.error": 11, "training.test_error": 1}}}},
        {"name": "base", "about": "", "always": True, "options": {"": {"set": {"training.error": 10.02}}}},
        {"name": "tiny", "about": "", "options": {"": {"set": {"training.error": 9.98}}}},
        {"name": "odd", "about": "", "options": {"": {"set": {"training.odd": 1}}}},
        {
            "name": "two",
            "about": "",
            "options": {
                "good": {"set": {"training.error": 8}},
                "better": {"set": {"training.error": 7, "training.test_error": 20}},
            },
        },
        {"name": "start", "about": "", "options": {"": {"set": {"training.init_from": "{pretrained}", "training.error": 6}}}},
    ],
    "studies": {
        "across": [{"name": "one", "base": "best", "set": {"data.csv": "{set a}", "data.directory": "{directory}"}}]
    },
}


class Place:
    """A folder with apps, data and a plan."""

    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / "apps").mkdir()
        for name in ("mobireg-train", "mobireg-evaluate"):
            (self.folder / "apps" / name).write_text(APP)
            (self.folder / "apps" / name).chmod(0o755)
        self.write_plan(PLAN)
        rows = [f"{s}/{kind}{i}.jpg,0.1,{i / 10},-0.1" for s in "ab" for kind in "xvt" for i in range(3)]
        (self.folder / "data.csv").write_text("filename,pitch,yaw,roll\n" + "\n".join(rows) + "\n")

    def write_plan(self, plan):
        (self.folder / "plan.json").write_text(json.dumps(plan))

    def command(self, *arguments):
        places = {"--data": "data.csv", "--runs": "runs", "--apps": "apps", "--plan": "plan.json"}
        options = [text for pair in places.items() for text in (pair[0], str(self.folder / pair[1]))]
        return [str(LADDER), *arguments, *options]

    def ladder(self, *arguments):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def trained(self):
        log = self.folder / "runs/trained.log"
        return log.read_text().splitlines() if log.exists() else []

    def results(self):
        with open(self.folder / "runs/runs.tsv", newline="") as stream:
            return list(csv.DictReader(stream, delimiter="\t"))


def verdicts(text):
    lines = [line for line in text.splitlines() if " +- " in line]
    return {line.split()[0]: "not kept" not in line for line in lines}


def check_choice_by_validation_rows(place):
    text = place.ladder("--seeds", "2")
    expected = {"recipe": True, "worse": False, "base": True, "tiny": False, "two.good": False, "two.better": True}
    assert verdicts(text) == {**expected, "start": True}, text
    assert "odd" in text and "there is no such field" in text
    assert "training.error=6" in text.split("best configuration")[1], text
    row = next(row for row in place.results() if row["run"] == "two.better" and row["seed"] == "2")
    assert math.isclose(float(row["score"]), 7.002, abs_tol=1e-4), row
    assert row["minutes"] == "1.5" and math.isclose(float(row["a.yaw"]), 7.002, abs_tol=1e-4)
    assert not (place.folder / "runs/test.tsv").exists()


def check_everything_is_trained_once(place):
    before = place.trained()
    assert len(before) == len(set(before)) + 1, before  # both seeds ask for the pretrained network
    place.ladder("--seeds", "2")
    assert place.trained() == before
    place.ladder("--seeds", "3")
    assert len([name for name in set(place.trained()) if name.endswith("-s3")]) == 7


def check_jobs_side_by_side_give_the_same(place):
    """Against runs.tsv of one job after another, but for the order of lines."""
    alone = sorted(map(str, place.results()))
    (place.folder / "runs").rename(place.folder / "alone")
    place.ladder("--seeds", "3", "--jobs", "3")
    assert sorted(map(str, place.results())) == alone


def check_table_has_test_errors(place):
    text = place.ladder("table", "--seeds", "2")
    line = next(line for line in text.splitlines() if line.startswith("| two.better"))
    assert "| yes | 2 | 7.00 ± 0.00 | 20.00 ± 0.00 |" in line, line


def check_study_judges_on_all_sets(place):
    place.ladder("study", "across")
    row = next(row for row in place.results() if row["run"] == "across.one")
    assert float(row["a.overall"]) > 0 and float(row["b.overall"]) > 0
    rows = (place.folder / "runs/a.csv").read_text().splitlines()
    assert len(rows) == 10 and all(row.startswith("a/") for row in rows[1:]), rows


def check_stopped_and_continued(place):
    process = subprocess.Popen(
        place.command("--seeds", "1"), env={**os.environ, "HANG": "1"}, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not (hanging := list(place.folder.glob("runs/*/hangs"))):
        assert time.monotonic() < deadline, "no run was started"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    child = int(hanging[0].read_text())
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_text():
        assert time.monotonic() < deadline, "the training outlives the ladder"
        time.sleep(0.05)
    assert not (place.folder / "runs/runs.tsv").exists()
    place.ladder("--only", "two", "--seeds", "1")
    names = place.trained()
    assert names[0] == names[1], names  # the same folder again
    assert {row["run"] for row in place.results()} == {"recipe", "two.good", "two.better"}


def check_jobs_are_stopped(place):
    process = subprocess.Popen(
        place.command("--jobs", "2"), env={**os.environ, "HANG": "1"}, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while len(hanging := list(place.folder.glob("runs/*/hangs"))) < 2:
        assert time.monotonic() < deadline, "no two runs were started"
        time.sleep(0.05)
    process.terminate()
    assert process.communicate(timeout=30)[1] == "ladder: stopped; the same command goes on\n"
    assert process.returncode == 1
    for path in hanging:
        assert not Path(f"/proc/{path.read_text()}").exists(), "a training outlives the ladder"
    assert len(place.trained()) == 2, place.trained()


def main():
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        check_choice_by_validation_rows(place)
        check_everything_is_trained_once(place)
        check_jobs_side_by_side_give_the_same(place)
        check_table_has_test_errors(place)
        check_study_judges_on_all_sets(place)
    with tempfile.TemporaryDirectory() as folder:
        check_stopped_and_continued(Place(folder))
    with tempfile.TemporaryDirectory() as folder:
        check_jobs_are_stopped(Place(folder))
    print("ladder: ok")


if __name__ == "__main__":
    sys.exit(main())
