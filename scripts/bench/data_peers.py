"""Times mobireg's data pipeline beside its peers: the same recipe (affine, brightness, noise,
normalisation) in tf.keras with imgaug, torchvision v2 and albumentations, interleaved in one run.

    "$(scripts/bench/make_env.sh)" scripts/bench/data_peers.py [--json FILE]

Each peer is a process of its own, single-threaded and bound to one core. In each round each of
them runs once, for --seconds, one after the other; the figures are medians over the rounds, ratios
those of runs of the same round. Cases: `memory`, 64x64 pixels at hand; `files`, JPEGs of 112 pixels
a side in the page cache, DCT scaling off; `files450`, JPEGs of 450, DCT scaling on; `headers`, the
check of 150,000 rows before training. Keras runs in the environment of
scripts/reference/make_env.sh.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import bench_images
import machine
import report
from worker import Worker, measure

HERE = Path(__file__).parent
CACHE = Path.home() / ".cache/mobireg"
REFERENCE = os.environ.get("MOBIREG_REFERENCE_ENV", CACHE / "reference-env")
PYTHONS = {
    "keras": Path(REFERENCE) / "bin/python",
    "torchvision": Path(sys.executable),
    "albumentations": Path(sys.executable),
    "pillow": Path(sys.executable),
}
HEADER_ROUNDS = 3  # at most: a slow peer takes many seconds for all rows

CASES = {
    "memory": ("64x64 pixels in memory", "images"),
    "files": ("JPEGs of 112x112 to 64x64, DCT scaling off", "images"),
    "files450": ("JPEGs of 450x450 to 64x64, DCT scaling on", "images"),
    "headers": (f"{bench_images.HEADER_ROWS} rows checked, warm cache", "rows"),
}
PEERS = {
    "memory": ("mobireg", "keras", "torchvision", "albumentations"),
    "files": ("mobireg", "keras", "torchvision", "albumentations"),
    "files450": ("mobireg", "keras", "torchvision", "albumentations"),
    "headers": ("mobireg", "mobireg, 1 core", "keras", "pillow"),
}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    root = HERE.parents[1]
    parser.add_argument("--build", type=Path, default=root / "build", help="mobireg's build folder")
    parser.add_argument("--cases", default=",".join(CASES), help="default: %(default)s")
    parser.add_argument(
        "--peers",
        default="mobireg,keras,torchvision,albumentations,pillow",
        help="default: %(default)s",
    )
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=0.7, help="of a run; default: %(default)s")
    parser.add_argument(
        "--images",
        type=Path,
        help="CSV whose column `filename` names images in its folder; default: drawn heads",
    )
    parser.add_argument("--count", type=int, default=1000, help="images; default: %(default)s")
    parser.add_argument("--core", type=int, help="processor to run on; default: the last one")
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="time that passes, or the processor's (for a busy machine); default: %(default)s",
    )
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    return check(parser, parser.parse_args())


def check(parser, options):
    options.cases = options.cases.split(",")
    options.peers = options.peers.split(",")
    for name in options.cases:
        if name not in CASES:
            parser.error(f"unknown case '{name}'; known are {', '.join(CASES)}")
    for name in options.peers:
        if name != report.OURS and name not in PYTHONS:
            parser.error(f"unknown peer '{name}'; known are {report.OURS}, {', '.join(PYTHONS)}")
    if options.rounds < 1 or options.seconds <= 0 or options.count < 2:
        parser.error("--rounds, --seconds and --count must be positive, --count at least 2")
    available = sorted(os.sched_getaffinity(0))
    if options.core is None:
        options.core = available[-1]
    if options.core not in available:
        parser.error(f"core {options.core} is not one of {available}")
    return options


def mobireg_command(options, case, folder, threads):
    command = [options.build / "apps/mobireg-bench", "data", "--interactive"]
    command += ["--threads", threads]
    if case == "headers":
        return command + ["--headers", "--images", folder / "files/headers.csv"]
    name = "files" if case == "memory" else case
    command += ["--images", folder / name / "labels.csv"]
    command += ["--mode", "memory" if case == "memory" else "stream"]
    return command + (["--no-dct-scaling"] if name == "files" else [])


def start(options, case, name, folder):
    if name == "mobireg" and case == "headers":
        cores = sorted(os.sched_getaffinity(0))[-2:]
        return Worker(mobireg_command(options, case, folder, len(cores)), cores)
    if name.startswith(report.OURS):
        return Worker(mobireg_command(options, case, folder, 1), {options.core})
    command = [PYTHONS[name], "-B", HERE / f"{name}_peer.py", case, folder]
    return Worker(command, {options.core})


def run_case(options, case, folder):
    """{peer: {"about", "runs"} or {"error"}}."""
    print(f"case {case}", file=sys.stderr)
    names = [name for name in PEERS[case] if name.split(",")[0] in options.peers]
    rounds = min(options.rounds, HEADER_ROUNDS) if case == "headers" else options.rounds
    return measure(
        names, lambda name: start(options, case, name, folder), rounds, options.seconds
    )


def judged(options, case, results):
    # Rows are checked on several cores.
    clock = "cpu_seconds" if options.clock == "cpu" and case != "headers" else "seconds"
    ours = results.get(report.OURS, {"error": "not asked for"})
    rows = {name: report.summary(name, result, ours, clock) for name, result in results.items()}
    targets = [target for target in report.TARGETS if target.case == case]
    verdicts = [report.judge(target, rows, bench_images.HEADER_ROWS) for target in targets]
    return rows, verdicts


def time_case(options, case, folder, deviations):
    """Times and prints one case, and adds what its peers do otherwise to `deviations`."""
    results = run_case(options, case, folder)
    rows, verdicts = judged(options, case, results)
    abouts = {peer: result["about"] for peer, result in results.items() if "about" in result}
    for peer, about in abouts.items():
        texts = deviations.setdefault(peer, [])
        texts += [text for text in about["deviations"] if text not in texts]
    title, unit = CASES[case]
    print("\n" + report.case_text(f"{case}: {title}", unit, rows, abouts, verdicts), flush=True)
    return {"peers": rows, "targets": verdicts, "runs": results}


def main():
    options = arguments()
    written = {"processor": machine.processor(), "clock": options.clock, "cases": {}}
    deviations = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv_file = options.images
        if csv_file is None:
            apps = options.build / "apps"
            csv_file = bench_images.draw_heads(folder / "heads", apps, options.count)
        bench_images.prepare(folder, csv_file, options.count)
        print(f"{machine.processor()}; core {options.core}, {options.clock} clock, {options.rounds} rounds")
        for case in options.cases:
            written["cases"][case] = time_case(options, case, folder, deviations)
    print("\n" + report.deviations_text(deviations))
    if options.json:
        options.json.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
