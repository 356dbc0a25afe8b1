"""A column of simple solid vertebrae whose sizes are known by construction."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from spineviewer.training.evaluation.measurement_study import NumberedCase
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.levels import level_number

DEPTH_MM, WIDTH_MM, CANAL_MM = 30.0, 40.0, 16.0


def column(heights_mm, *, disc_mm=8.0, spacing_mm=(1.0, 1.0, 1.0), shift_mm=None):
    """Return a numbered column from the head down.

    Parameters
    ----------
    heights_mm
        Anterior, middle and posterior height by name; a parabola in between.
    shift_mm
        How far a vertebra is moved to the front, by name.
    """
    shift_mm = shift_mm or {}
    pitch = [max(mm) + disc_mm for mm in heights_mm.values()]
    length, deep, wide = sum(pitch) + 30.0, 110.0, 90.0
    dz, dy, dx = spacing_mm
    z, y, x = np.mgrid[0:length:dz, 0:deep:dy, 0:wide:dx]
    numbers = np.zeros(z.shape, np.uint8)
    top = length - 15.5  # edges of bodies of an even height are between voxels of 1 mm
    for (name, heights), step in zip(heights_mm.items(), pitch, strict=True):
        label, middle = level_number(name), top - step / 2
        back = y - 40.0 + shift_mm.get(name, 0.0)
        left = x - wide / 2
        share = np.clip(back / (DEPTH_MM / 2), -1, 1)
        curve = np.polyfit([-1.0, 0.0, 1.0], heights, 2)
        half = np.polyval(curve, share) / 2
        is_body = (np.abs(back / (DEPTH_MM / 2)) ** 4 + np.abs(left / (WIDTH_MM / 2)) ** 4) <= 1
        is_body &= np.abs(z - middle) <= half
        behind = back - DEPTH_MM / 2
        is_pedicle = (np.abs(np.abs(left) - 14) <= 4) & (behind > -3) & (behind < CANAL_MM + 3)
        is_arch = (np.abs(left) <= 18) & (behind >= CANAL_MM) & (behind < CANAL_MM + 8)
        is_spinous = (np.abs(left) <= 4) & (behind >= CANAL_MM) & (behind < CANAL_MM + 30)
        is_arch = (is_arch | is_spinous | is_pedicle) & (np.abs(z - middle) <= 6)
        numbers[is_body | is_arch] = label
        top -= step
    shape = numbers.shape
    grid = Geometry((shape[0], shape[1], shape[2]), spacing_mm, (-45.0, 0.0, 0.0))
    return NumberedCase("column", numbers, grid)


@dataclass(frozen=True)
class Bend:
    """A scoliosis: the spine's sideways offset is a sine along the grid's first axis."""

    amplitude_mm: float
    wavelength_mm: float

    def offset_mm(self, up_mm):
        """The offset to the left at heights above the middle."""
        return np.asarray(self.amplitude_mm * np.sin(2 * np.pi * up_mm / self.wavelength_mm))

    def slope(self, up_mm):
        """The change of the offset per mm upwards."""
        rate = 2 * np.pi / self.wavelength_mm
        return np.asarray(self.amplitude_mm * rate * np.cos(rate * up_mm))


#: How far from the spine cross sections stay at right angles to a bend.
_RIGID_MM = 60.0


def bent(case, bend):
    """Return a numbered mask, without its scan, of a patient with a scoliosis.

    Cross sections stay at right angles to the curve: at a height with slope s, an endplate is
    tilted by atan(s), down to the patient's left where s is positive.
    """
    grid = case.grid
    spacing, middle = np.array(grid.spacing_zyx_mm), (np.array(grid.shape_zyx) - 1) / 2
    up, _, left = np.meshgrid(
        *(
            (np.arange(n) - m) * mm
            for n, m, mm in zip(grid.shape_zyx, middle, spacing, strict=True)
        ),
        indexing="ij",
        sparse=True,
    )
    straight = left - bend.offset_mm(up)
    slope = bend.slope(up)
    # Where up + g * (left - offset) is constant, the surface rises by -g / (1 - g * slope) per mm
    # to the left: by -slope for this g.
    source_up = up + slope / (1 + slope**2) * _RIGID_MM * np.tanh(straight / _RIGID_MM)
    shape = grid.shape_zyx
    index = np.stack(
        [
            np.broadcast_to(source_up / spacing[0] + middle[0], shape),
            np.broadcast_to(np.arange(shape[1])[None, :, None], shape),
            np.broadcast_to(straight / spacing[2] + middle[2], shape),
        ]
    )
    numbers = map_coordinates(case.numbers, index, order=0, output=np.uint8, mode="constant")
    return NumberedCase(case.name, numbers, grid)
