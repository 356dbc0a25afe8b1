"""`spineviewer bench`: how fast and how small is this on this machine, side by side with the usual ways?"""

from spineviewer.bench.command import main

__all__ = ["main"]
