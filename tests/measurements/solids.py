"""A column of simple solid vertebrae whose sizes are known by construction."""

import numpy as np

from spineviewer.training.evaluation.measurement_study import NumberedCase
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.levels import level_number

DEPTH_MM, WIDTH_MM, CANAL_MM = 30.0, 40.0, 16.0


def column(heights_mm, *, disc_mm=8.0, spacing_mm=(1.0, 1.0, 1.0), shift_mm=None):
    """Return a numbered column from the head down.

    Parameters
    ----------
    heights_mm
        By name, anterior, middle and posterior height; between them a parabola.
    shift_mm
        By name, how far a vertebra is moved to the front.
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
