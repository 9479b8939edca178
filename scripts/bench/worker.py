"""The benchmark's side of its workers (a module; standard library alone). See serve.py."""

import json
import os
import select
import subprocess
import tempfile

START_SECONDS = 180
SLACK_SECONDS = 120  # beyond what a run was asked to take


class WorkerError(Exception):
    pass


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
