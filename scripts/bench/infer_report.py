"""What infer_peers.py makes of its timings (a module; standard library alone)."""

from dataclasses import dataclass
from statistics import median

from report import verdict_line

NOISE = 1.02  # a ratio that counts as no slower
AGREEMENT = 1e-3  # of the largest output, between two peers that are the same network


@dataclass
class Target:
    text: str
    ours: str
    others: tuple  # the fastest of them
    at_most: float  # times the others' time


TARGETS = (
    Target(
        "ONNX Runtime: ours never slower than PyTorch's exports",
        "onnxruntime-mobireg",
        ("onnxruntime-torch", "onnxruntime-torch-script"),
        NOISE,
    ),
    Target(
        "OpenVINO: ours never slower than PyTorch's exports",
        "openvino-mobireg",
        ("openvino-torch", "openvino-torch-script"),
        NOISE,
    ),
    Target("ncnn: ours never slower than pnnx's", "ncnn-mobireg", ("ncnn-pnnx",), NOISE),
    Target(
        "Predictor on a checkpoint: at most the best runtime's time",
        "mobireg",
        ("onnxruntime-mobireg", "openvino-mobireg", "ncnn-mobireg"),
        NOISE,
    ),
    Target(
        "Predictor on a checkpoint: at most a third of eager PyTorch's time",
        "mobireg",
        ("debian-eager",),
        1 / 3,
    ),
    Target(
        "Predictor on TorchScript: no slower than LibTorch's optimised form",
        "mobireg-torchscript",
        ("debian-optimized",),
        NOISE,
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


def disagreements(results, reference):
    """{peer: largest difference of its outputs from the reference's}, where it is too large."""
    expected = results.get(reference, {}).get("about", {}).get("outputs")
    found = {}
    for name, result in results.items():
        actual = result.get("about", {}).get("outputs")
        if expected and actual:
            same_size = len(actual) == len(expected)
            difference = max(abs(a - b) for a, b in zip(actual, expected))
            # Written so that a NaN counts.
            if not same_size or not difference <= AGREEMENT * max(map(abs, expected)):
                found[name] = difference
    return found


def ratio(ours, other):
    """ours / other: the median over the rounds, which both ran close to each other."""
    return median(a / b for a, b in zip(ours["rounds"], other["rounds"]))


def judge(target, rows):
    """A target's text, what was seen (None: nothing) and whether it is met."""
    ran = {name: row for name, row in rows.items() if "rounds" in row}
    ours, others = ran.get(target.ours), [ran[name] for name in target.others if name in ran]
    seen = max((ratio(ours, other) for other in others), default=None) if ours else None
    met = seen is not None and seen <= target.at_most
    text = f"{target.text} (at most {target.at_most:.3g} times)"
    return {"target": text, "needed": target.at_most, "seen": seen, "met": met}


def _line(name, row, start, different):
    if "error" in row:
        return f"  {name:<26} cannot run: {row['error']}"
    p99 = f"{1e3 * row['p99']:>9.3f}" if row["has_latencies"] else f"{'':>9}"
    text = f"  {name:<26}{1e3 * row['median']:>9.3f}{p99}{1e3 * row['fastest']:>9.3f}"
    text += f"{row['images']:>9}" + ("" if start is None else f"{start:>9.2f}")
    return text + (f"  outputs differ by {different:.1e}" if different is not None else "")


def table(rows, results, different, verdicts):
    lines = [f"  {'':<26}{'median':>9}{'p99':>9}{'fastest':>9}{'images':>9}{'start s':>9}"]
    for name, row in rows.items():
        start = results[name].get("about", {}).get("start")
        lines.append(_line(name, row, start, different.get(name)))
    return "\n".join([*lines, *(verdict_line(verdict) for verdict in verdicts)])
