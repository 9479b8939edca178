"""A training peer's side of the benchmark's protocol (a module of the peers; standard library
alone). serve.py is that of the data peers, which are held to one thread.

A worker is called as `PEER.py CASE ALPHA THREADS`. It prints one line of JSON that says what it is,
then answers each line `run SECONDS` of its standard input with one line: what it counts (images
trained on, or operations), seconds, and seconds of the processor. mobireg-bench train --interactive
speaks the same.
"""

import json
import os
import sys
import time

WARM_UP = 3  # steps, in which libraries choose kernels and compile


def _run(step, seconds):
    count = 0
    begin, begin_cpu = time.perf_counter(), time.process_time()
    while count == 0 or time.perf_counter() - begin < seconds:
        count += step()
    return {
        "images": count,
        "seconds": time.perf_counter() - begin,
        "cpu_seconds": time.process_time() - begin_cpu,
    }


def serve(open_case):
    """`open_case(case, alpha, threads)` returns a function that takes a step and returns what it
    counts, and what is to be said of the peer (a dictionary)."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    step, about = open_case(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
    for _ in range(WARM_UP):
        step()
    print(json.dumps(about), file=answers)
    for line in sys.stdin:
        command, seconds = line.split()
        assert command == "run", line
        print(json.dumps(_run(step, float(seconds))), file=answers)
