"""The main memory that a block of the segmentation net may use."""

from __future__ import annotations

from pathlib import Path

import psutil

#: Choice: never more than this (larger blocks gain under 10 %), and at most this share of what is
#: free.
MOST_BYTES = 2 * 2**30
FREE_SHARE = 0.5
LEAST_BYTES = 128 * 2**20

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CGROUP_USED = Path("/sys/fs/cgroup/memory.current")


def block_memory_bytes() -> int:
    """Return the bytes that one block may use, from the memory that is free now.

    A container's limit counts.
    """
    free = psutil.virtual_memory().available
    try:
        free = min(free, int(_CGROUP_LIMIT.read_text()) - int(_CGROUP_USED.read_text()))
    except (OSError, ValueError):
        pass  # no container, or one without a limit ('max')
    return max(LEAST_BYTES, min(MOST_BYTES, int(FREE_SHARE * free)))
