"""What peers.py makes of its timings (a module; standard library alone)."""

from dataclasses import dataclass
from statistics import median

import mobilenet
from report import OURS, rates, summary, verdict_line
from worker import WorkerError

BF16 = "mobireg-bf16"
MKL = "newest-gemm"  # the BLAS of PyPI's PyTorch
OPERATIONS = 6  # of a training step, a multiply-add: two forward, four backward


@dataclass
class Target:
    text: str  # with {needed}
    kind: str
    needed: float
    alphas: tuple = ()  # none: every


def targets(avx512):
    return (
        Target("at least {needed:.0%} of the GEMM rate", "share", 0.65, (1.0,)),
        Target("at least {needed:.0%} of the GEMM rate", "share", 0.5, (0.5,)),
        Target("at least {needed:g} times the fastest peer", "every", 1.4),
        Target(
            "at least {needed:g} times PyTorch eager as a user writes it, the faster",
            "eager",
            4 if avx512 else 2,
        ),
        Target("at least {needed:g} times tf.keras", "keras", 3),
        Target("bf16 at least {needed:g} times fp32", "bf16", 1.5),
        Target("at most {needed:g} times the least peak memory of PyTorch", "memory", 1),
    )


def is_gemm(name):
    return "gemm" in name


def is_ours(name):
    return name.startswith(OURS)


def check_model(said, alpha, threads):
    """Raises WorkerError unless `mobireg-bench train --json` timed the model of the peers."""
    expected = f"alpha {alpha:g}, {mobilenet.SIZE}x{mobilenet.SIZE}, batch {mobilenet.BATCH}, "
    expected += f"{threads} thread"
    if not said["what"].startswith(expected):
        raise WorkerError(f"timed '{said['what']}' instead of '{expected}...'")
    work = said["gemm_share"] * said["gemm_flops"] / said["images_per_second"] / OPERATIONS
    if abs(work / mobilenet.multiply_adds(alpha) - 1) > 1e-6:
        raise WorkerError(f"another model: {work:.0f} multiply-adds an image")


def _from(names):
    """The peers of a kind of target that compares speeds."""
    return {
        "every": [name for name in names if not is_ours(name)],
        "eager": [name for name in names if name.endswith("-eager")],
        "keras": [name for name in names if name == "keras"],
    }


def gemm_rate(results):
    """The name and the median of operations a second of the fastest but MKL, which mobireg cannot
    be built with; None, None without any."""
    medians = {
        name: median(rates(result["runs"], "seconds"))
        for name, result in results.items()
        if is_gemm(name) and name != MKL and "runs" in result
    }
    fastest = max(medians, key=medians.get, default=None)
    return fastest, medians.get(fastest)


def rows_of(results, alpha):
    """{peer: row}: report.summary's with the share of the GEMM rate and the peak memory in bytes;
    of matrix products, operations a second."""
    ours = results.get(OURS, {"error": "not asked for"})
    _, limit = gemm_rate(results)
    rows = {}
    for name, result in results.items():
        row = rows[name] = summary(name, result, ours, "seconds")
        if is_gemm(name):
            row.pop("mobireg_times", None)
        elif "error" not in row:
            row["peak_memory"] = result["peak_memory"]
            if limit:
                work = OPERATIONS * mobilenet.multiply_adds(alpha)
                row["gemm_share"] = row["per_second"] * work / limit
    return rows


def _seen(target, rows):
    ours = rows.get(OURS, {})
    if target.kind == "share":
        return ours.get("gemm_share")
    if target.kind == "bf16":
        times = rows.get(BF16, {}).get("mobireg_times")
        return 1 / times if times else None
    if target.kind == "memory":
        peaks = [
            row["peak_memory"]
            for name, row in rows.items()
            if name.startswith(("debian-", "newest-")) and "peak_memory" in row
        ]
        return ours["peak_memory"] / min(peaks) if peaks and "peak_memory" in ours else None
    ran = [name for name, row in rows.items() if "mobireg_times" in row]
    return min((rows[name]["mobireg_times"] for name in _from(ran)[target.kind]), default=None)


def judge(target, rows):
    """A target's text, what was seen (None: nothing) and whether it is met."""
    seen = _seen(target, rows)
    at_most = target.kind == "memory"
    met = seen is not None and (seen <= target.needed if at_most else seen >= target.needed)
    text = target.text.format(needed=target.needed)
    return {"target": text, "needed": target.needed, "seen": seen, "met": met}


def judged(rows, alpha, avx512):
    """What is said of each target at this alpha."""
    asked = [target for target in targets(avx512) if alpha in target.alphas or not target.alphas]
    return [judge(target, rows) for target in asked]


def _peer_line(name, row):
    if "error" in row:
        return f"  {name:<22} cannot run: {row['error']}"
    if is_gemm(name):
        return (
            f"  {name:<22}{row['per_second'] / 1e9:>9.1f}{row['lowest'] / 1e9:>9.1f}"
            f"{row['highest'] / 1e9:>9.1f}  GFLOP/s"
        )
    times = f"{row['mobireg_times']:.2f}x" if "mobireg_times" in row else ""
    share = f"{row['gemm_share']:.1%}" if "gemm_share" in row else ""
    return (
        f"  {name:<22}{row['per_second']:>9.1f}{row['lowest']:>9.1f}{row['highest']:>9.1f}"
        f"{times:>12}{share:>9}{row['core_share']:>8.2f}{row['peak_memory'] / 2**20:>10.0f}"
    )


def table(alpha, rows, verdicts):
    """The text of one alpha."""
    lines = [
        f"alpha {alpha:g}: {mobilenet.multiply_adds(alpha) / 1e6:.2f} M multiply-adds an image",
        f"  {'':<22}{'images/s':>9}{'lowest':>9}{'highest':>9}{'mobireg is':>12}{'of GEMM':>9}"
        f"{'cores':>8}{'peak MiB':>10}",
    ]
    lines += [_peer_line(name, row) for name, row in rows.items()]
    return "\n".join(lines + [verdict_line(verdict) for verdict in verdicts])
