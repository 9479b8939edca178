"""Climbs from the recipe to the best configuration, one technique a rung; docs/ladder.md explains.

    scripts/ladder.sh                    # trains what is missing of the ladder; stop it at any time
    scripts/ladder.sh --only erasing     # one rung alone
    scripts/ladder.sh study heads        # a question beside the ladder; `list` names them all
    scripts/ladder.sh table              # errors on the test rows of all that is finished

A technique is kept by the errors on the validation rows; the test rows are looked at by `table` alone.
"""

import argparse
import fcntl
import json
import signal
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ladder_runs import Runs, Spec, Unavailable

ROOT = Path(__file__).resolve().parents[1]
LEAST_GAIN = 0.005  # of the score: what a technique must be worth


@dataclass
class Outcome:
    """Of one option of a rung, or one variant of a study."""

    name: str
    spec: Spec
    results: list  # rows of runs.tsv, one a finished seed
    kept: bool = False


def scores(results):
    return [float(result["score"]) for result in results]


def spread(values):
    """The standard deviation; 0 of one value."""
    return statistics.stdev(values) if len(values) > 1 else 0.0


def is_better(candidate, current):
    """Whether the mean validation score is lower by LEAST_GAIN and by more than its standard error."""
    new, old = scores(candidate), scores(current)
    gain = statistics.mean(old) - statistics.mean(new)
    noise = (spread(new) ** 2 / len(new) + spread(old) ** 2 / len(old)) ** 0.5
    return gain > max(LEAST_GAIN * statistics.mean(old), noise)


class Ladder:
    """`train`: whether what is missing is trained; else it is left out."""

    def __init__(self, options, plan, train):
        self.options, self.plan, self.train = options, plan, train
        self.runs = Runs(options, plan["helpers"])
        self.pool = ThreadPoolExecutor(options.jobs)
        self.seeds = range(1, options.seeds + 1)
        self.everywhere = {name: value for name, value in map(parse_override, options.set)}
        if options.epochs:
            self.everywhere["training.epochs"] = options.epochs

    def spec(self, base):
        """`base`: "recipe" or "best"."""
        start = self.plan[base]
        return Spec(start["config"], start["set"] | self.everywhere)

    def begin(self, spec, label):
        """Trains what is missing, options.jobs runs at a time; returns a function that waits for it and
        gives a result a seed, or none where the build cannot make them (which is said)."""
        found = self.finished(spec)
        if len(found) == len(self.seeds) or not self.train:
            return lambda: found
        try:
            self.runs.config(spec)
        except Unavailable as problem:
            none = left_out(label, problem)
            return lambda: none
        jobs = [self.pool.submit(self.result, spec, seed, label) for seed in self.seeds]

        def wait():
            try:
                return [job.result() for job in jobs]
            except Unavailable as problem:
                return left_out(label, problem)

        return wait

    def stop(self):
        self.runs.stop()
        self.pool.shutdown(cancel_futures=True)

    def result(self, spec, seed, label):
        known = self.runs.finished_result(spec, seed)
        result = known or self.runs.result(spec, seed, label)
        if not known:
            print(f"{label:<28} seed {seed}: {described(result)}", flush=True)
        return result

    def with_option(self, spec, option):
        """`add_steps` of an option go to the end of the augmentation's steps."""
        if "add_steps" not in option:
            return spec.with_fields(option["set"])
        steps = spec.fields.get("augmentation.steps")
        if steps is None:
            steps = without_nulls(self.runs.config(spec)["augmentation"]["steps"])
        added = {"augmentation.steps": steps + option["add_steps"]}
        return spec.with_fields(option.get("set", {}), added)

    def climb(self):
        """Outcomes, from the recipe up; the last one that was kept is the best configuration."""
        current = Outcome("recipe", self.spec("recipe"), [], kept=True)
        current.results = self.begin(current.spec, current.name)()
        yield current
        for rung in self.plan["rungs"]:
            chosen = self.options.only in (None, rung["name"])
            outcomes, waits = [], []
            for name, option in rung["options"].items():
                label = rung["name"] if name == "" else f"{rung['name']}.{name}"
                spec = self.with_option(current.spec, option)
                outcomes.append(Outcome(label, spec, self.finished(spec)))
                waits.append(self.begin(spec, label) if chosen else None)
            for outcome, wait in zip(outcomes, waits):
                outcome.results = wait() if wait else outcome.results
            good = [o for o in outcomes if o.results and current.results]
            if not rung.get("always"):
                good = [o for o in good if is_better(o.results, current.results)]
            if good:
                current = min(good, key=lambda outcome: statistics.mean(scores(outcome.results)))
                current.kept = True
            yield from outcomes

    def finished(self, spec):
        """A row of runs.tsv for each seed that has one."""
        found = [self.runs.finished_result(spec, seed) for seed in self.seeds]
        return [result for result in found if result]

    def study(self, name):
        begun = []
        for variant in self.plan["studies"][name]:
            spec = self.with_option(self.spec(variant["base"]), variant)
            label = f"{name}.{variant['name']}"
            begun.append((label, spec, self.begin(spec, label)))
        for label, spec, wait in begun:
            yield Outcome(label, spec, wait(), kept=True)


def left_out(label, problem):
    print(f"{label:<28} left out: {problem}", flush=True)
    return []


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def parse_override(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise SystemExit(f"ladder: --set {text}: it must be of the form field.name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def described(result):
    errors = ", ".join(
        f"{name.split('.')[0]} {float(value):.2f}"
        for name, value in result.items()
        if name.endswith(".overall")
    )
    return f"validation {float(result['score']):.3f} ({errors}), {float(result['minutes']):.1f} min"


def verdict(outcome):
    values = scores(outcome.results)
    text = f"{statistics.mean(values):.3f} +- {spread(values):.3f}"
    return f"{outcome.name:<28} {text} {'kept' if outcome.kept else 'not kept'}"


def show_climb(ladder):
    best = None
    for outcome in ladder.climb():
        if outcome.results:
            print(verdict(outcome), flush=True)
            best = outcome if outcome.kept else best
    if best:
        print(f"\nThe best configuration is configs/{best.spec.config} with")
        for name, value in best.spec.fields.items():
            print(f"  --set '{name}={json.dumps(value)}'")


def mean_and_spread(results, name):
    values = [float(result[name]) for result in results]
    text = f"{statistics.mean(values):.2f}"
    return f"{text} ± {spread(values):.2f}" if len(values) > 1 else text


def print_table(ladder, outcomes):
    """Markdown: test errors, mean and standard deviation over the seeds."""
    columns = None
    for outcome in outcomes:
        if not outcome.results:
            continue
        tests = [ladder.runs.test_result(outcome.spec, int(r["seed"])) for r in outcome.results]
        if columns is None:
            columns = [name for name in tests[0] if "." in name]
            heads = " | ".join(name.replace(".", " ") for name in columns)
            print(f"| | kept | seeds | validation | {heads} |\n" + "|---" * (len(columns) + 4) + "|")
        cells = [outcome.name, "yes" if outcome.kept else "no", str(len(tests))]
        cells.append(mean_and_spread(outcome.results, "score"))
        cells += [mean_and_spread(tests, name) for name in columns]
        print("| " + " | ".join(cells) + " |", flush=True)


def show_table(ladder):
    print_table(ladder, ladder.climb())
    for name in ladder.plan["studies"]:
        outcomes = [outcome for outcome in ladder.study(name) if outcome.results]
        if outcomes:
            print(f"\n{name}\n")
            print_table(ladder, outcomes)


def show_list(plan):
    for rung in plan["rungs"]:
        print(f"{rung['name']:<14} {rung['about']}")
    print("\nstudies: " + ", ".join(plan["studies"]))


def parse_arguments():
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("ladder.sh", description=__doc__, formatter_class=formatter)
    parser.add_argument("mode", nargs="?", default="climb", choices=("climb", "study", "table", "list"))
    parser.add_argument("study", nargs="?", help="which study")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/headpose.csv", help="CSV")
    parser.add_argument("--unlabelled", type=Path, help="folder of face images without labels")
    parser.add_argument("--runs", type=Path, default=ROOT / "runs/ladder", help="where runs are kept")
    parser.add_argument("--plan", type=Path, default=ROOT / "scripts/ladder.json", help="the rungs")
    parser.add_argument("--apps", type=Path, default=ROOT / "build/apps", help="the apps' folder")
    parser.add_argument("--epochs", type=int, default=150, help="of each run; 0: the configs' own")
    parser.add_argument("--seeds", type=int, help="default: 3 for the ladder, 1 for studies")
    parser.add_argument("--only", metavar="RUNG", help="train this rung alone")
    parser.add_argument("--jobs", type=int, default=1, help="runs side by side, each with its threads")
    parser.add_argument("--threads", type=int, default=0, help="0: measured")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="in each run")
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error(f"--jobs {options.jobs}: at least 1 is needed")
    options.seeds = options.seeds or (1 if options.mode == "study" else 3)
    return options


def check_names(options, plan):
    rungs = [rung["name"] for rung in plan["rungs"]]
    if options.only and options.only not in rungs:
        raise SystemExit(f"ladder: --only {options.only}: the rungs are {', '.join(rungs)}")
    if options.mode == "study" and options.study not in plan["studies"]:
        raise SystemExit(f"ladder: study {options.study}: there are {', '.join(plan['studies'])}")


def main():
    options = parse_arguments()
    plan = json.loads(options.plan.read_text())
    check_names(options, plan)
    if options.mode == "list":
        return show_list(plan)
    ladder = Ladder(options, plan, train=options.mode != "table")
    lock = open(ladder.runs.folder / ".lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"ladder: {ladder.runs.folder}: another ladder is working there")
    try:
        answer(ladder)
    except BaseException:
        ladder.stop()
        raise


def answer(ladder):
    options = ladder.options
    if options.mode == "climb":
        show_climb(ladder)
    elif options.mode == "study":
        for outcome in ladder.study(options.study):
            if outcome.results:
                print(verdict(outcome))
    else:
        show_table(ladder)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("ladder: stopped; the same command goes on")
