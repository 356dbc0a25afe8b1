"""When one file or series can be read in several ways, nobody guesses: the ways are offered."""

from __future__ import annotations

from dataclasses import dataclass

from spineviewer.errors import GeometryError


@dataclass(frozen=True)
class Way:
    """One way of reading.

    Attributes
    ----------
    key
        By which it is asked for: 'run-A-B', 'pass-N', 'images-N', 'volume-N'; several of them joined by '+'.
    text
        What it means, for a list.
    step_mm
        Distance of its slices, None where it is that of the whole.
    """

    key: str
    text: str
    slice_count: int
    step_mm: float | None = None


class UndecidedError(GeometryError):
    """Something can be read in several ways.

    Attributes
    ----------
    ways
        The likeliest first.
    """

    def __init__(self, reason: str, ways: list[Way]) -> None:
        super().__init__(reason)
        self.ways = ways
