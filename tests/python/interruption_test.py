"""Kills and interrupts real processes: resumed runs must equal one that was never touched.

    python interruption_test.py APPS

Needs Python's standard library alone.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RESULTS = ["metrics.csv", "checkpoints/last.safetensors", "checkpoints/best.safetensors"]


def write_config(folder):
    config = {
        "run_dir": "run",
        "threads": 1,
        "model": {"alpha": 0.25, "input": {"size": 32}},
        "data": {"csv": "heads/headpose.csv"},
        "augmentation": {"rotation_range": 5},
        "training": {"epochs": 6, "batch_size": 16},
    }
    (folder / "run.json").write_text(json.dumps(config))


def results(folder):
    return [(folder / "run" / name).read_bytes() for name in RESULTS]


def start(apps, folder, *options):
    command = [apps / "mobireg-train", folder / "run.json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def train(apps, folder):
    begin = time.monotonic()
    process = start(apps, folder)
    text, _ = process.communicate()
    assert process.returncode == 0, text
    return time.monotonic() - begin


def check_kills(apps, folder, seconds, expected):
    """kill -9 at random moments until a run gets through."""
    draw = random.Random(1)
    for attempt in range(60):
        process = start(apps, folder, "--resume")
        try:
            text, _ = process.communicate(timeout=draw.uniform(0.1, 0.5) * seconds + attempt * 0.1)
            assert process.returncode == 0, text
            print(f"finished after {attempt} kills")
            assert results(folder) == expected, "a killed and resumed run gave another result"
            return
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    raise AssertionError("the run never finished")


def interrupt_in_training(apps, folder, times):
    """Sends SIGINT once the first epoch is done; returns what was printed and the exit code."""
    process = start(apps, folder)
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith("epoch 1/"):
            break
    for _ in range(times):
        process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=60)
    return "".join(printed) + text, process.returncode


def check_interrupt(apps, folder, expected):
    text, code = interrupt_in_training(apps, folder, 1)
    assert code == 130, (code, text)
    assert "go on with: mobireg-resume" in text, text
    text = subprocess.check_output([apps / "mobireg-resume", folder / "run"], text=True)
    assert "resumed after step" in text, text
    assert results(folder) == expected, "an interrupted and resumed run gave another result"


def check_second_interrupt(apps, folder):
    text, code = interrupt_in_training(apps, folder, 2)
    assert code in (130, -signal.SIGINT), (code, text)


def main():
    apps = pathlib.Path(sys.argv[1])
    os.environ["OMP_WAIT_POLICY"] = "passive"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.check_output([apps / "mobireg-synth", folder / "heads", "--count", "400", "--size", "32"])
        write_config(folder)
        seconds = train(apps, folder)
        expected = results(folder)
        for check, arguments in [
            (check_kills, (seconds, expected)),
            (check_interrupt, (expected,)),
            (check_second_interrupt, ()),
        ]:
            shutil.rmtree(folder / "run")
            check(apps, folder, *arguments)


if __name__ == "__main__":
    main()
