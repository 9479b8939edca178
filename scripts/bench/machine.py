"""What the processor is (a module; standard library alone)."""

import platform
from pathlib import Path


def _cpuinfo():
    """{key: value} of the first core."""
    core = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    pairs = (line.partition(":") for line in core.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def processor():
    return _cpuinfo().get("model name", platform.machine())


def has(*flags):
    """Whether it has one of them, such as avx512f."""
    return not set(flags).isdisjoint(_cpuinfo().get("flags", "").split())
