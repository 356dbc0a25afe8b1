"""Settings that turn the networks' outputs into a mask: thresholds, sigma, islands."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from spineviewer.errors import UsageError


@dataclass(frozen=True)
class Tuning:
    """Thresholds and smoothing of the late fusion. Paper: §2.1.

    Choice: these default values are used only if no model is installed; each model has its own.

    Attributes
    ----------
    attention_threshold
        A voxel of bone is in the mask if its smoothed extended attention is above this; 0 to 1.
    sigma_mm
        Standard deviation of the Gaussian that smooths the up-sampled extended attention, in mm; 0
        or more.
    segmentation_threshold
        A voxel is bone if its bone probability is above this; 0 to 1. Paper: 0.5.
    leaves_out_islands
        Whether islands of the mask are left out (`fusion.islands`). False is the paper's plain
        fusion.

    Raises
    ------
    UsageError
        When a number is outside its range.
    """

    attention_threshold: float = 0.2
    sigma_mm: float = 6.0
    segmentation_threshold: float = 0.5
    leaves_out_islands: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.sigma_mm) and self.sigma_mm >= 0):
            raise UsageError(f"Sigma is {self.sigma_mm}. Use a value of 0 mm or more.")
        for name, value in (
            ("attention", self.attention_threshold),
            ("segmentation", self.segmentation_threshold),
        ):
            if not 0 <= value <= 1:
                raise UsageError(f"The {name} threshold is {value}. Use a value from 0 to 1.")

    @property
    def numbers(self) -> tuple[float, float, float]:
        """The attention threshold, sigma in mm and the segmentation threshold."""
        return self.attention_threshold, self.sigma_mm, self.segmentation_threshold


class Extent(Enum):
    """How far the mask reaches from the middle of the spine.

    Each value holds factors for the model's default attention threshold and sigma.
    Choice: a step changes the tips of the processes and leaves the vertebral bodies complete.
    """

    TIGHT = (2.5, 0.75)
    NORMAL = (1.0, 1.0)
    WIDE = (0.4, 1.25)

    def tuning(self, defaults: Tuning) -> Tuning:
        """Return the defaults with this extent."""
        if self is Extent.NORMAL:
            return defaults
        threshold, sigma = self.value
        return replace(
            defaults,  # rounded to the digits that the panel shows
            attention_threshold=min(round(defaults.attention_threshold * threshold, 2), 1.0),
            sigma_mm=round(defaults.sigma_mm * sigma, 1),
        )

    @classmethod
    def of(cls, tuning: Tuning, defaults: Tuning) -> Extent | None:
        """Return the extent with these values; None if they were set by hand."""
        return next((r for r in cls if r.tuning(defaults).numbers == tuning.numbers), None)
