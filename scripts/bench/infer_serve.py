"""An inference peer's side of the benchmark's protocol (a module of the peers; needs numpy).

A worker is called as `PEER.py CASE FILE THREADS`. It prints one line of JSON that says what it is
and what it makes of `pixels()`, then answers each line `run SECONDS` of its standard input with one
line: images, seconds, seconds of the processor, and `latencies`, the seconds of each image.
"""

import json
import os
import sys
import time

import numpy as np

import mobilenet

WARM_UP = 20  # images, in which libraries choose kernels


def pixels():
    """(1, 3, size, size) float32, whole numbers of 0 to 255."""
    count = 3 * mobilenet.SIZE**2
    values = np.arange(count, dtype=np.int64) * 7919 % 257 % 256
    return values.astype(np.float32).reshape(1, 3, mobilenet.SIZE, mobilenet.SIZE)


def _run(predict, seconds):
    latencies = []
    begin, begin_cpu = time.perf_counter(), time.process_time()
    end = begin
    while not latencies or end - begin < seconds:
        start = end
        predict()
        end = time.perf_counter()
        latencies.append(end - start)
    return {
        "images": len(latencies),
        "seconds": end - begin,
        "cpu_seconds": time.process_time() - begin_cpu,
        "latencies": latencies,
    }


def serve(open_case):
    """`open_case(case, file, threads)` returns a function that predicts `pixels()` and returns the
    outputs, and the versions of what does it."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    begin = time.perf_counter()
    predict, versions = open_case(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    outputs = np.ravel(predict()).tolist()
    about = {"versions": versions, "outputs": outputs, "start": time.perf_counter() - begin}
    for _ in range(WARM_UP):
        predict()
    print(json.dumps(about), file=answers)
    for line in sys.stdin:
        command, seconds = line.split()
        assert command == "run", line
        print(json.dumps(_run(predict, float(seconds))), file=answers)
