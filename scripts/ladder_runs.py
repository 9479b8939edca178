"""The runs of ladder.py (a module; standard library alone): training them once, and their errors."""

import csv
import ctypes
import hashlib
import json
import math
import os
import re
import signal
import subprocess
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ANGLES = ("pitch", "yaw", "roll")
HEADS = ("--max-yaw", "90", "--max-pitch", "65", "--max-roll", "30")  # as pretrain_heads.json says
PLACEHOLDER = re.compile(r"\{(\w+)(?: (\S+?))?\}")


class Unavailable(Exception):
    """This build, or what was given, cannot make the run."""


@dataclass(frozen=True)
class Spec:
    """A run but for its seed: a config file of configs/ and the fields that replace its own.

    A text of the fields may hold placeholders, which stand for paths: {set NAME} the CSV of the rows
    of one data set, {directory} the folder of the images, {heads COUNT} drawn heads, {unlabelled}
    the folder of that option, and a helper's {NAME} or {NAME SEED} the checkpoint of its run.
    """

    config: str
    fields: dict = field(default_factory=dict)

    def with_fields(self, *changes):
        fields = dict(self.fields)
        for change in changes:
            fields.update(change)
        return Spec(self.config, fields)


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)


def replaced(value, replace):
    """`value` with every text of it passed through `replace`."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list):
        return [replaced(item, replace) for item in value]
    if isinstance(value, dict):
        return {name: replaced(item, replace) for name, item in value.items()}
    return value


def write_atomically(path, text):
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def errors(labels, predictions):
    """{"SET.OUTPUT": degrees, ...}: mean absolute errors of each set (the file names' first folder),
    of its outputs and over them ("SET.overall"), and "score", the mean over the sets."""
    sums = {}
    for name, predicted in predictions.items():
        differences = [abs(float(predicted[a]) - float(labels[name][a])) for a in ANGLES]
        data_set = name.split("/")[0] if "/" in name else "all"
        sums.setdefault(data_set, []).append([math.degrees(d) for d in differences])
    result = {}
    for name in sorted(sums):
        each = [sum(column) / len(column) for column in zip(*sums[name])]
        result |= {f"{name}.{angle}": error for angle, error in zip(ANGLES, each)}
        result[f"{name}.overall"] = sum(each) / len(each)
    result["score"] = sum(result[f"{name}.overall"] for name in sums) / len(sums)
    return result


def end_with_parent():
    """For the child: SIGTERM, on which an app saves and ends, when this process is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Table:
    """A TSV file, a line a finished run, rewritten as a whole so that a kill leaves the old or new."""

    def __init__(self, path):
        self.path = path
        self.rows = {}
        if path.exists():
            with open(path, newline="") as stream:
                self.rows = {
                    (row["key"], int(row["seed"])): row
                    for row in csv.DictReader(stream, delimiter="\t")
                }

    def add(self, key, seed, row):
        self.rows[key, seed] = row
        names = list(dict.fromkeys(name for each in self.rows.values() for name in each))
        lines = [names, *([str(each.get(name, "")) for name in names] for each in self.rows.values())]
        write_atomically(self.path, "".join("\t".join(line) + "\n" for line in lines))


class Runs:
    """Trains and judges runs in one folder, each once: what is finished is in runs.tsv (errors on
    validation rows) and, where asked for, in test.tsv."""

    def __init__(self, options, helpers):
        self.options, self.helpers = options, helpers
        self.folder = options.runs.resolve()
        self.configs = Path(__file__).resolve().parents[1] / "configs"
        self.folder.mkdir(parents=True, exist_ok=True)
        data = options.data.read_bytes()
        self.data_key = hashlib.sha1(data).hexdigest()
        with open(options.data, newline="") as stream:
            self.labels = {row["filename"]: row for row in csv.DictReader(stream)}
        self.finished = Table(self.folder / "runs.tsv")
        self.tested = Table(self.folder / "test.tsv")
        self.children = []
        self.stopping = False
        self.children_lock = threading.Lock()
        self.making = defaultdict(threading.Lock)  # by what is made; two jobs may want the same
        self.table_lock = threading.Lock()

    # What a run is called.

    def helper_spec(self, name, spec):
        """The run that `{name}` stands for in `spec`, with the fields that it takes over."""
        helper = self.helpers[name]
        fields = {
            path: value
            for path, value in spec.fields.items()
            if path.startswith(tuple(helper["takes"])) and not path.startswith(tuple(helper["drops"]))
        }
        return Spec(helper.get("config", spec.config), fields | helper["set"])

    def key(self, spec):
        parts = [self.data_key, spec.config, sorted(spec.fields.items())]
        for text in texts_in(list(spec.fields.values())):
            for name, argument in PLACEHOLDER.findall(text):
                if name in self.helpers:
                    parts.append([name, argument, self.key(self.helper_spec(name, spec))])
        return hashlib.sha1(json.dumps(parts).encode()).hexdigest()[:10]

    def run_folder(self, spec, seed, label):
        ending = f"{self.key(spec)}-s{seed}"
        there = sorted(self.folder.glob(f"*-{ending}"))
        return there[0] if there else self.folder / f"{re.sub('[^a-z0-9.]+', '-', label.lower())}-{ending}"

    # What a run is made of.

    def path_of(self, name, argument, spec):
        options = self.options
        if name in self.helpers:
            return self.helper_checkpoint(name, int(argument or 1), spec)
        if name == "unlabelled":
            return options.unlabelled.resolve()
        if name == "directory":
            return options.data.resolve().parent
        if name == "set":
            return self.rows_of_set(argument)
        if name == "heads":
            return self.drawn_heads(argument)
        raise SystemExit(f"ladder: {{{name}}} in ladder.json stands for nothing")

    def helper_checkpoint(self, name, seed, spec):
        helper = self.helper_spec(name, spec)
        return self.train(helper, seed, name) / "checkpoints" / "best.safetensors"

    def rows_of_set(self, name):
        path = self.folder / f"{name}.csv"
        lines = self.options.data.read_text().splitlines(keepends=True)
        with self.making[path]:
            write_atomically(path, lines[0] + "".join(l for l in lines[1:] if l.startswith(name + "/")))
        return path

    def drawn_heads(self, count):
        path = self.folder / f"heads-{count}" / "headpose.csv"
        with self.making[path]:
            if not path.exists():
                self.app("synth", str(path.parent), "--count", count, *HEADS)
        return path

    def paths(self, spec):
        """What fills in the placeholders of a text; makes the files that they stand for."""
        return lambda text: PLACEHOLDER.sub(lambda m: str(self.path_of(*m.groups(), spec)), text)

    def arguments(self, spec, seed, run_dir, fill):
        fields = {"data.csv": str(self.options.data.resolve())} | replaced(spec.fields, fill)
        fields |= {"seed": seed, "threads": self.options.threads, "run_dir": str(run_dir)}
        fields["training.checkpoint.keep"] = 1
        config = self.configs / spec.config
        return [str(config)] + [f"--set={name}={json.dumps(value)}" for name, value in fields.items()]

    # What is done.

    def app(self, name, *arguments):
        """Runs mobireg-NAME and returns what it prints. Throws Unavailable with its error."""
        command = [str(self.options.apps / f"mobireg-{name}"), *arguments]
        with self.children_lock:
            if self.stopping:
                raise KeyboardInterrupt
            child = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=end_with_parent,
            )
            self.children.append(child)
        out, problem = child.communicate()
        with self.children_lock:
            self.children.remove(child)
        if child.returncode == 130 or self.stopping:
            raise KeyboardInterrupt
        if child.returncode != 0:
            raise Unavailable((problem.strip() or f"{command[0]} failed").splitlines()[-1])
        return out

    def stop(self):
        """Apps that run save and end; none is started any more."""
        with self.children_lock:
            self.stopping = True
            for child in self.children:
                child.terminate()

    def config(self, spec):
        """As the build reads it, without making what placeholders stand for."""
        if not self.options.unlabelled and "{unlabelled}" in texts_in(list(spec.fields.values())):
            raise Unavailable("it needs --unlabelled, a folder of face images")
        arguments = self.arguments(spec, 1, "unused", lambda text: PLACEHOLDER.sub("made-later", text))
        return json.loads(self.app("train", *arguments, "--print-config"))

    def train(self, spec, seed, label):
        """The run's folder, with its best checkpoint. Goes on with a run that was interrupted."""
        folder = self.run_folder(spec, seed, label)
        with self.making[folder]:
            self.app("train", *self.arguments(spec, seed, folder, self.paths(spec)), "--resume")
        return folder

    def judge(self, folder, split):
        """Errors on the validation or test rows of all data sets, also of those it never saw."""
        data = json.loads((folder / "config.json").read_text())["data"]
        predicted = folder.with_name(f"{folder.name}.{split}.csv")
        arguments = ["--csv", str(self.options.data), "--match", data[split]["pattern"]]
        checkpoint = folder / "checkpoints" / "best.safetensors"
        threads = ["--threads", str(max(self.options.threads, 1))]
        self.app("evaluate", str(checkpoint), *arguments, *threads, "--predictions", str(predicted))
        with open(predicted, newline="") as stream:
            rows = {row["filename"]: row for row in csv.DictReader(stream)}
        predicted.unlink()
        if split == "validation":
            test = re.compile(data["test"]["pattern"])
            rows = {name: row for name, row in rows.items() if not test.search(name)}
        return errors(self.labels, rows)

    def result(self, spec, seed, label):
        """Validation errors of a run, which is trained where it is not finished yet."""
        found = self.finished_result(spec, seed)
        if found:
            return found
        folder = self.train(spec, seed, label)
        row = {"run": label, "seed": seed, "key": self.key(spec), "minutes": f"{minutes(folder):.1f}"}
        row |= {name: f"{value:.4f}" for name, value in self.judge(folder, "validation").items()}
        with self.table_lock:
            self.finished.add(row["key"], seed, row)
        return row

    def finished_result(self, spec, seed):
        return self.finished.rows.get((self.key(spec), seed))

    def test_result(self, spec, seed):
        """Test errors of a finished run."""
        key = self.key(spec)
        if (key, seed) not in self.tested.rows:
            label = self.finished.rows[key, seed]["run"]
            row = {"run": label, "seed": seed, "key": key}
            found = self.judge(self.run_folder(spec, seed, label), "test")
            self.tested.add(key, seed, row | {name: f"{value:.4f}" for name, value in found.items()})
        return self.tested.rows[key, seed]


def minutes(folder):
    """Of training, without the time between interruption and resumption; from the run's log."""
    seconds = {}
    line = re.compile(r"epoch (\d+)/\d+  (?:(\d+):)?(\d+):(\d\d)  ")
    for found in line.finditer((folder / "train.log").read_text()):
        hours, whole, rest = (int(text or 0) for text in found.groups()[1:])
        seconds[found[1]] = hours * 3600 + whole * 60 + rest
    return sum(seconds.values()) / 60
