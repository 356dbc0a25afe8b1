"""A folder of thousands of files is examined with progress, and a cancel takes effect at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spineviewer.errors import Cancelled
from spineviewer.io.scan import list_series

SERIES, SLICES, OTHERS = 12, 400, 200
LOWEST_MM = 1000


@pytest.fixture
def crowd(scanner: Any, tmp_path: Path) -> Path:
    """A folder of 5,000 files: series in subfolders with umlauts, and text files between them."""
    top = tmp_path / "crowd"
    scanner.origin_lps_mm = (0.0, 0.0, float(LOWEST_MM))
    for number in range(SERIES):
        scanner.folder = top / f"series-{number}"
        scanner.series_uid = f"1.2.3.{number + 1}"

        def change(_: int, data: Any, number: int = number) -> None:
            data.SpecificCharacterSet = "ISO_IR 100"
            data.SeriesDescription = "Spine" if number % 3 else "Wirbelsäule"

        (first,) = scanner.write(np.zeros((1, 16, 16), np.int16), change=change).iterdir()
        stored = first.read_bytes()
        first.unlink()
        for n in range(SLICES):
            (scanner.folder / f"IM{n}").write_bytes(
                stored.replace(rb"\%d.0" % LOWEST_MM, rb"\%d.0" % (LOWEST_MM + n))
            )
    for n in range(OTHERS):
        (top / f"report-{n}.txt").write_text("nothing to see")
    return top


class Steps:
    """The reported fractions."""

    def __init__(self) -> None:
        self.fractions: list[float] = []

    def step(self, _: str, fraction: float) -> None:
        self.fractions.append(fraction)


@pytest.mark.slow
def test_thousands_of_files_are_listed_with_progress(crowd: Path) -> None:
    steps = Steps()
    listing = list_series(crowd, steps)
    assert [series.slice_count for series in listing.series] == [SLICES] * SERIES
    assert {series.description for series in listing.series} == {"Spine", "Wirbelsäule"}
    assert not listing.unreadable
    assert not any(series.problems for series in listing.series)
    assert len(set(steps.fractions)) > 4


@pytest.mark.slow
def test_examining_thousands_of_files_stops_at_the_next_step(crowd: Path) -> None:
    class Impatient(Steps):
        def step(self, stage: str, fraction: float) -> None:
            super().step(stage, fraction)
            if fraction > 0.2:
                raise Cancelled

    impatient = Impatient()
    with pytest.raises(Cancelled):
        list_series(crowd, impatient)
    assert max(impatient.fractions) < 0.9
