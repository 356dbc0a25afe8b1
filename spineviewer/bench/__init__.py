"""`spineviewer bench`: speed and memory on this machine, compared with the usual methods."""

from spineviewer.bench.bench_command import main

__all__ = ["main"]
