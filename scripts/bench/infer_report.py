"""What infer_peers.py makes of its timings (a module; standard library alone)."""

from dataclasses import dataclass, field
from statistics import median

from report import verdict_line

NOISE = 1.02  # a ratio that counts as no slower
AGREEMENT = 1e-3  # of the largest output, between two peers that are the same network
REFERENCES = ("onnxruntime-mobireg", "mobireg")  # whose outputs the others' must be


@dataclass
class Target:
    text: str  # with {needed}, which is not exceeded
    kind: str  # "time": times the fastest of the others; "start": seconds; "size": bytes;
    #            "share": of the other's size
    ours: str  # peer; of sizes, file
    needed: float
    others: tuple = ()
    alphas: tuple = ()  # none: every


def targets(vnni):
    exports = "ours never slower than PyTorch's exports"
    int8 = "ONNX Runtime in int8: at most {needed:.3g} times its time in float32"
    return (
        Target(
            f"ONNX Runtime: {exports} (at most {{needed:g}} times)",
            "time",
            "onnxruntime-mobireg",
            NOISE,
            ("onnxruntime-torch", "onnxruntime-torch-script"),
        ),
        Target(
            f"OpenVINO: {exports} (at most {{needed:g}} times)",
            "time",
            "openvino-mobireg",
            NOISE,
            ("openvino-torch", "openvino-torch-script"),
        ),
        Target(
            "ncnn: ours never slower than pnnx's (at most {needed:g} times)",
            "time",
            "ncnn-mobireg",
            NOISE,
            ("ncnn-pnnx",),
        ),
        Target(
            "Predictor on a checkpoint: at most {needed:g} times the best runtime's time",
            "time",
            "mobireg",
            NOISE,
            ("onnxruntime-mobireg", "openvino-mobireg", "ncnn-mobireg"),
        ),
        Target(
            "Predictor on a checkpoint: at most {needed:.3g} times eager LibTorch's time",
            "time",
            "mobireg",
            1 / 3,
            ("debian-eager",),
        ),
        Target(
            "Predictor on TorchScript: no slower than LibTorch's own (at most {needed:g} times)",
            "time",
            "mobireg-torchscript",
            NOISE,
            ("debian-optimized", "debian-torchscript"),
        ),
        Target("Predictor on a checkpoint: first result in {needed:g} s", "start", "mobireg", 0.5),
        Target(
            int8 + ("" if vnni else " (not asked: the processor has no VNNI)"),
            "time",
            "onnxruntime-int8",
            1 / 1.5 if vnni else float("inf"),
            ("onnxruntime-mobireg",),
        ),
        Target("ONNX file: at most {needed:.3g} bytes", "size", "headpose.onnx", 8.6e6, (), (0.75,)),
        Target(
            "ONNX file in int8: at most {needed:.3g} times its size in float32",
            "share",
            "int8.onnx",
            1 / 3,
            ("headpose.onnx",),
            (0.75,),
        ),
    )


def latencies(answer):
    """Seconds of each image; of a worker that does not tell, the mean of the run."""
    return answer.get("latencies") or [answer["seconds"] / answer["images"]]


def percentile(values, share):
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 1)  # rounded up
    return ordered[max(int(rank), 1) - 1]


def row_of(result):
    """Of one peer: seconds of an image over all rounds, and the median of each round."""
    if "error" in result:
        return {"error": result["error"]}
    values = [value for answer in result["runs"] for value in latencies(answer)]
    return {
        "median": median(values),
        "p99": percentile(values, 0.99),
        "fastest": min(values),
        "images": len(values),
        "rounds": [median(latencies(answer)) for answer in result["runs"]],
        "has_latencies": all("latencies" in answer for answer in result["runs"]),
    }


def disagreements(results):
    """{peer: largest difference of its outputs from the reference's}, where it is too large; files
    in int8 give outputs of their own."""
    outputs = {
        name: result["about"]["outputs"]
        for name, result in results.items()
        if "outputs" in result.get("about", {}) and not name.endswith("-int8")
    }
    expected = next((outputs[name] for name in REFERENCES if name in outputs), None)
    found = {}
    for name, actual in outputs.items() if expected else ():
        same_size = len(actual) == len(expected)
        difference = max(abs(a - b) for a, b in zip(actual, expected))
        # Written so that a NaN counts.
        if not same_size or not difference <= AGREEMENT * max(map(abs, expected)):
            found[name] = difference
    return found


@dataclass
class Seen:
    """What a run gave. results: {peer: {"about", "runs"} or {"error"}}; sizes: {file: bytes}."""

    results: dict
    sizes: dict
    rows: dict = field(init=False)
    starts: dict = field(init=False)  # {peer: seconds to the first result}
    different: dict = field(init=False)

    def __post_init__(self):
        self.rows = {name: row_of(result) for name, result in self.results.items()}
        abouts = {name: result.get("about", {}) for name, result in self.results.items()}
        self.starts = {name: of["start"] for name, of in abouts.items() if "start" in of}
        self.different = disagreements(self.results)

    def ratio(self, ours, others):
        """Of the time of ours to the fastest other's: the median over the rounds, which both ran
        close to each other. None where either did not run, or is another network."""
        fair = {
            name: row["rounds"]
            for name, row in self.rows.items()
            if "rounds" in row and name not in self.different
        }
        if ours not in fair:
            return None
        ratios = [
            median(a / b for a, b in zip(fair[ours], fair[other]))
            for other in others
            if other in fair
        ]
        return max(ratios, default=None)

    def share(self, ours, other):
        if ours not in self.sizes or other not in self.sizes:
            return None
        return self.sizes[ours] / self.sizes[other]


def judge(target, seen):
    """A target's text, what was seen (None: nothing) and whether it is met (None: not asked)."""
    value = {
        "time": lambda: seen.ratio(target.ours, target.others),
        "start": lambda: seen.starts.get(target.ours),
        "size": lambda: seen.sizes.get(target.ours),
        "share": lambda: seen.share(target.ours, *target.others),
    }[target.kind]()
    asked = target.needed != float("inf")
    met = value is not None and value <= target.needed if asked else None
    needed = target.needed if asked else None
    return {
        "target": target.text.format(needed=target.needed),
        "needed": needed,
        "seen": value,
        "met": met,
    }


def judged(seen, alpha, vnni):
    """What is said of each target at this alpha; vnni: whether the processor has int8's
    instructions."""
    asked = [target for target in targets(vnni) if alpha in target.alphas or not target.alphas]
    return [judge(target, seen) for target in asked]


def _line(name, seen):
    row, start = seen.rows[name], seen.starts.get(name)
    if "error" in row:
        return f"  {name:<26} cannot run: {row['error']}"
    p99 = f"{1e3 * row['p99']:>9.3f}" if row["has_latencies"] else f"{'':>9}"
    text = f"  {name:<26}{1e3 * row['median']:>9.3f}{p99}{1e3 * row['fastest']:>9.3f}"
    text += f"{row['images']:>9}" + ("" if start is None else f"{start:>9.2f}")
    different = seen.different.get(name)
    return text + (f"  outputs differ by {different:.1e}" if different is not None else "")


def table(seen, verdicts):
    lines = [f"  {'':<26}{'median':>9}{'p99':>9}{'fastest':>9}{'images':>9}{'start s':>9}"]
    lines += [_line(name, seen) for name in seen.rows]
    lines += [f"  {name:<26}{size / 1e6:>9.2f} MB" for name, size in seen.sizes.items()]
    return "\n".join([*lines, *(verdict_line(verdict) for verdict in verdicts)])
