"""The main memory that a chunk of the segmentation network may use."""

from __future__ import annotations

from pathlib import Path

import psutil

#: Choice: the maximum memory of a chunk (larger chunks are less than 10% faster), and the largest
#: fraction of the free memory that it may use.
MAX_BYTES = 2 * 2**30
FREE_FRACTION = 0.5
MIN_BYTES = 128 * 2**20

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CGROUP_USED = Path("/sys/fs/cgroup/memory.current")


def chunk_memory_bytes() -> int:
    """Return the bytes that one chunk may use, based on the memory that is free now.

    Takes the memory limit of a container into account. The result is between `MIN_BYTES` and
    `MAX_BYTES`.
    """
    free = psutil.virtual_memory().available
    try:
        free = min(free, int(_CGROUP_LIMIT.read_text()) - int(_CGROUP_USED.read_text()))
    except (OSError, ValueError):
        pass  # not in a container, or in one without a limit ('max')
    return max(MIN_BYTES, min(MAX_BYTES, int(FREE_FRACTION * free)))
