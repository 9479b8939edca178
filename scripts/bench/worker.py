"""The benchmark's side of its workers (a module; standard library alone). See serve.py."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time

START_SECONDS = 180
SLACK_SECONDS = 120  # beyond what a run was asked to take


class WorkerError(Exception):
    pass


def output_of(*command):
    """What a command prints. Raises WorkerError with the last line of its complaint."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    except OSError as error:
        raise WorkerError(f"{command[0]}: {error.strerror}") from None
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise WorkerError(lines[-1] if lines else f"ended with status {done.returncode}")
    return done.stdout


class Worker:
    """A peer's process, bound to `cores`. It costs nothing while it waits for its turn."""

    def __init__(self, command, cores):
        self.stderr = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.stderr,
                preexec_fn=lambda: os.sched_setaffinity(0, cores),
            )
        except OSError as error:
            raise WorkerError(f"{command[0]}: {error.strerror}") from None
        try:
            self.about = self._answer(START_SECONDS)
        except WorkerError:
            self.close()
            raise

    def run(self, seconds):
        """{"images", "seconds", "cpu_seconds"} of one run of about so long."""
        try:
            self.process.stdin.write(f"run {seconds}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise WorkerError(self._last_words()) from None
        return self._answer(seconds + SLACK_SECONDS)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.stderr.close()

    def _answer(self, seconds):
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise WorkerError(f"no answer in {seconds:g} s")
        line = self.process.stdout.readline()
        try:
            return json.loads(line)
        except ValueError:
            raise WorkerError(self._last_words()) from None

    def _last_words(self):
        """Why the process ended: the last line it wrote."""
        self.process.wait(10)
        self.stderr.seek(0)
        lines = self.stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else f"ended with status {self.process.returncode}"


def _run_once(worker, result, seconds, after):
    try:
        result["runs"].append(worker.run(seconds))
        result |= after(worker)
        return result
    except (WorkerError, OSError) as error:
        return {"error": str(error)}


def _run_rounds(workers, results, rounds, run):
    names = list(workers)
    for number in range(rounds if names else 0):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        turn = number % len(names)  # nobody is always first
        for name in names[turn:] + names[:turn]:
            if "error" not in results[name]:
                results[name] = run(workers[name], results[name])


def measure(names, start, rounds, seconds, rest=0, after=lambda worker: {}):
    """{peer: {"about", "runs"} or {"error"}}. `start(name)` returns a peer's worker or raises
    WorkerError; in each of the rounds each peer runs once, for so many seconds, `rest` seconds after
    the one before. `after(worker)` tells what else is known of a peer behind each of its runs."""
    results, workers = {}, {}

    def run(worker, result):
        time.sleep(rest)
        return _run_once(worker, result, seconds, after)

    try:
        for name in names:
            print(f"starting {name}", file=sys.stderr)
            try:
                workers[name] = start(name)
                results[name] = {"about": workers[name].about, "runs": []}
            except WorkerError as error:
                results[name] = {"error": str(error)}
        _run_rounds(workers, results, rounds, run)
    finally:
        for worker in workers.values():
            worker.close()
    return results
