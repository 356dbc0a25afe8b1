"""`spineviewer bench`: measurements of speed and memory, compared with the usual methods."""

from spineviewer.bench.bench_command import main

__all__ = ["main"]
