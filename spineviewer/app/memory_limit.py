"""The free memory, and the warning when open scans leave too little of it."""

from __future__ import annotations

from dataclasses import dataclass

from spineviewer.app.notices import Notice, Severity
from spineviewer.wording import worded

#: Topic of the warning.
MEMORY_TOPIC = "memory"


@dataclass(frozen=True)
class MemoryLimit:
    """The limit below which free memory is low; the number of open scans is not limited.

    Attributes
    ----------
    tight_bytes
        A notice appears when less memory than this is free. Choice: enough for one more large scan
        with its segmentation.
    """

    tight_bytes: int = 3 * 2**30

    @property
    def free_bytes(self) -> int:
        """Memory available to programs."""
        import psutil  # imported only once the window is shown

        return int(psutil.virtual_memory().available)

    def warning(self, scan_count: int) -> Notice | None:
        """Return the warning that memory is low; None if there is enough."""
        free_bytes = self.free_bytes
        if free_bytes >= self.tight_bytes:
            return None
        text = worded(
            "Memory is running low: {free_gb:.1f} GB is free, and %n scan(s) (is|are) open. "
            "Close scans that you no longer need before you open another one.",
            "",
            scan_count,
            free_gb=free_bytes / 2**30,
        )
        return Notice(Severity.WARNING, text, MEMORY_TOPIC)
