"""Ways of reading an ambiguous file or series, from which the user chooses."""

from __future__ import annotations

from dataclasses import dataclass

from spineviewer.errors import GeometryError


@dataclass(frozen=True)
class Way:
    """One way of reading.

    Attributes
    ----------
    key
        Identifies it in a request: 'run-A-B', 'pass-N', 'pass-all', 'images-N', 'resampled' or
        'volume-N', or several of these joined by '+'.
    text
        Description for a list.
    step_mm
        Distance between its slices; None if it is that of the whole series.
    """

    key: str
    text: str
    slice_count: int
    step_mm: float | None = None


class UndecidedError(GeometryError):
    """Raised when a file or series can be read in several ways.

    Attributes
    ----------
    ways
        The ways of reading, the most likely first.
    """

    def __init__(self, reason: str, ways: list[Way]) -> None:
        super().__init__(reason)
        self.ways = ways
