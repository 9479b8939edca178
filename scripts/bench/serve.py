"""A peer's side of the benchmark's protocol (a module of the peers; needs numpy in them alone).

A worker is called as `PEER.py CASE FOLDER`. It prints one line of JSON that says what it is, then
answers each line `run SECONDS` of its standard input with one line: images made, seconds, and
seconds of the processor. mobireg-bench data --interactive speaks the same.
"""

import json
import os
import sys
import time

SIZE = 64  # pixels a side of what the network is fed
BATCH = 64
WARM_UP = 512  # images

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or it asks the network for its newest version
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def _run(make_batch, seconds):
    images = 0
    begin, begin_cpu = time.perf_counter(), time.process_time()
    while images == 0 or time.perf_counter() - begin < seconds:
        images += len(make_batch())
    return {
        "images": images,
        "seconds": time.perf_counter() - begin,
        "cpu_seconds": time.process_time() - begin_cpu,
    }


def _warm_up(make_batch):
    """Mean and standard deviation of the first values it makes: peers that do the same work have
    about the same."""
    import numpy as np

    batches = [make_batch()]
    if not isinstance(batches[0], np.ndarray):
        return {}
    while sum(map(len, batches)) < WARM_UP:
        batches.append(make_batch())
    values = np.concatenate(batches)
    return {"mean": float(values.mean()), "std": float(values.std())}


def serve(open_case, versions, deviations):
    """`open_case(case, folder)` returns a function that makes the next batch (or, for `headers`,
    checks all rows and returns them); `deviations` say where its work differs from the recipe's."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    make_batch = open_case(sys.argv[1], sys.argv[2])
    about = {"versions": versions, "deviations": deviations, **_warm_up(make_batch)}
    print(json.dumps(about), file=answers)
    for line in sys.stdin:
        command, seconds = line.split()
        assert command == "run", line
        print(json.dumps(_run(make_batch, float(seconds))), file=answers)
