"""Peak memory of this process."""

from __future__ import annotations

import sys

import psutil


def peak_memory_bytes() -> int:
    """Return the peak resident memory so far, in bytes (peak working set on Windows)."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
