"""What data_peers.py makes of its timings (a module; standard library alone)."""

from dataclasses import dataclass
from statistics import median

OURS = "mobireg"


@dataclass
class Target:
    case: str
    kind: str  # "keras": times as fast as it; "every": as every peer; "seconds": for all rows
    needed: float


TARGETS = (
    Target("memory", "keras", 20),
    Target("memory", "every", 5),
    Target("files", "keras", 10),
    Target("files", "every", 2.5),
    Target("files450", "every", 2),
    Target("headers", "seconds", 2),
)


def rates(runs, clock):
    """Images a second of each round; `clock`: seconds or cpu_seconds."""
    return [run["images"] / run[clock] for run in runs]


def summary(name, result, ours, clock):
    """One peer of one case: medians over the rounds, and how many times as fast mobireg was, round
    by round. `result` and `ours`: {"runs": [...]} or {"error": ...}."""
    if "error" in result:
        return {"error": result["error"]}
    own = rates(result["runs"], clock)
    row = {
        "per_second": median(own),
        "lowest": min(own),
        "highest": max(own),
        "core_share": median(run["cpu_seconds"] / run["seconds"] for run in result["runs"]),
    }
    if name != OURS and "runs" in ours:
        pairs = zip(rates(ours["runs"], clock), own)
        row["mobireg_times"] = median(mine / other for mine, other in pairs)
    return row


def _seen(target, rows, number_of_rows):
    if target.kind == "seconds":
        ours = rows.get(OURS, {})
        return number_of_rows / ours["per_second"] if "per_second" in ours else None
    times = {name: row["mobireg_times"] for name, row in rows.items() if "mobireg_times" in row}
    if target.kind == "keras":
        return times.get("keras")
    return min(times.values(), default=None)


def judge(target, rows, number_of_rows):
    """A target's text, what was seen (None: nothing) and whether it is met."""
    seen = _seen(target, rows, number_of_rows)
    if target.kind == "seconds":
        text = f"{number_of_rows} rows checked in under {target.needed:g} s"
        met = seen is not None and seen < target.needed
    else:
        peer = "Keras" if target.kind == "keras" else "the fastest peer"
        text = f"at least {target.needed:g} times {peer}"
        met = seen is not None and seen >= target.needed
    return {"target": text, "needed": target.needed, "seen": seen, "met": met}


def verdict_line(verdict):
    if verdict["seen"] is None:
        return f"  target: {verdict['target']}: not measured"
    answer = {True: ", yes", False: ", no", None: ""}[verdict["met"]]  # None: not asked for
    return f"  target: {verdict['target']}: {verdict['seen']:.3g}{answer}"


def _peer_line(name, row, about):
    if "error" in row:
        return f"  {name:<16} cannot run: {row['error']}"
    times = f"{row['mobireg_times']:.1f}x" if "mobireg_times" in row else ""
    pixels = f"{about['mean']:.2f} {about['std']:.2f}" if "mean" in about else ""
    return (
        f"  {name:<16}{row['per_second']:>11.0f}{row['lowest']:>11.0f}{row['highest']:>11.0f}"
        f"{1e6 / row['per_second']:>10.1f}{times:>12}{100 * row['core_share']:>9.0f} %  {pixels}"
    )


def case_text(title, unit, rows, abouts, verdicts):
    """The table of one case."""
    head = (
        f"  {'':<16}{unit + '/s':>11}{'lowest':>11}{'highest':>11}{'us each':>10}{'mobireg is':>12}"
        f"{'of a core':>11}  mean, std"
    )
    lines = [title, head]
    lines += [_peer_line(name, row, abouts.get(name, {})) for name, row in rows.items()]
    return "\n".join(lines + [verdict_line(verdict) for verdict in verdicts])


def deviations_text(deviations):
    """Where the work of each peer differs from the recipe's."""
    lines = ["deviations from the recipe (the others have none):"]
    lines += [f"  {name}: {'; '.join(texts)}" for name, texts in deviations.items() if texts]
    return "\n".join(lines)
