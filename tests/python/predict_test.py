"""Interrupts mobireg-predict: what it wrote must be whole up to there, and a part of what it writes
when left alone.

    python predict_test.py APPS

Needs numpy.
"""

import csv
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import small_run

REPEATS = 400  # of the folder of drawn heads: minutes of work


def command(apps, checkpoint, heads, repeats, *options):
    parts = [apps / "mobireg-predict", checkpoint, *[heads] * repeats, "--whole-image", *options]
    return [str(part) for part in parts]


def interrupt(arguments, started):
    """Sends SIGINT once `started(process)` returns; the exit code, and the rest of its output."""
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    started(process)
    process.send_signal(signal.SIGINT)
    text, errors = process.communicate(timeout=60)
    assert "finishing and saving" in errors, errors
    return process.returncode, text


def check_csv(apps, checkpoint, heads, rows):
    first = []

    def begun(process):
        first.extend(process.stdout.readline() for _ in range(2 * len(rows)))

    code, text = interrupt(command(apps, checkpoint, heads, REPEATS), begun)
    lines = ("".join(first) + text).split("\n")
    assert code == 130, code
    assert lines.pop() == "" and 2 * len(rows) <= len(lines) < REPEATS * len(rows), len(lines)
    for number, line in enumerate(lines[1:]):
        assert line == rows[number % len(rows)], (number, line)
    print(f"stopped after {len(lines) - 1} rows, all whole")


def check_json_file(apps, checkpoint, heads, folder):
    output = folder / "out.json"

    def begun(process):
        while not any(path.stat().st_size > 0 for path in folder.glob(".out.json.tmp-*")):
            assert process.poll() is None, process.stderr.read()
        assert not output.exists(), "it has its name before it is whole"

    code, _ = interrupt(command(apps, checkpoint, heads, REPEATS, "--format", "json", "--output",
                                output), begun)
    assert code == 130, code
    pictures = json.loads(output.read_text())
    assert 0 < len(pictures) < REPEATS * small_run.HEADS, len(pictures)
    assert not list(folder.glob(".out.json*")), "a temporary file is left"


def check_finished(apps, checkpoint, heads):
    """The rows, and that a run to the end says 0."""
    done = subprocess.run(command(apps, checkpoint, heads, 1), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = done.stdout.splitlines()
    assert len(rows) == 1 + small_run.HEADS, len(rows)
    assert len(list(csv.DictReader(rows))) == small_run.HEADS
    return rows[1:]


def check_arguments(apps):
    message = "mobireg-predict: either FILE or --pose-from-landmarks is required; see --help\n"
    for options in (("--whole-image",), ("net.onnx", "--pose-from-landmarks", "points.csv")):
        done = subprocess.run([apps / "mobireg-predict", *options], capture_output=True, text=True)
        assert done.returncode == 2 and done.stderr == message, (done.returncode, done.stderr)


def main():
    apps = Path(sys.argv[1])
    check_arguments(apps)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = small_run.train(apps, folder) / "checkpoints/last.safetensors"
        heads = folder / "heads/images"
        rows = check_finished(apps, checkpoint, heads)
        check_csv(apps, checkpoint, heads, rows)
        check_json_file(apps, checkpoint, heads, folder)


if __name__ == "__main__":
    main()
