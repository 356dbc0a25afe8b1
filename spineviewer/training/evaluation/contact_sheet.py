"""A picture of many cases that shows where the mask and the reference agree and differ.

A row contains a sagittal and a coronal slice through the middle of the reference, with the outlines
of both masks, and projections of both masks and their differences in the same two planes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_erosion

from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane

Rgb = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]

PANEL_HEIGHT = 360
GAP = 8
#: Bone window: width 1800, level 400 HU.
DARKEST_HU, BRIGHTEST_HU = -500.0, 1300.0
# These colours can be distinguished with any kind of colour vision.
AGREED, MASK_ONLY, REFERENCE_ONLY = (170, 170, 170), (255, 140, 0), (60, 140, 255)
SAME_OUTLINE = (235, 235, 235)
BACKGROUND = (18, 20, 24)


@dataclass(frozen=True)
class SheetCase:
    """One row of the picture.

    Arrays have the shape (z, y, x) of `geometry`, and `hu` is None without a scan.
    """

    title: str
    geometry: Geometry
    hu: NDArray[np.int16] | None
    mask: BoolArray
    reference: BoolArray


def row_picture(case: SheetCase) -> Rgb:
    """Return the row of one case: uint8, shape (`PANEL_HEIGHT` + 32, width, 3)."""
    panels = (
        [_slice_panel(case, plane) for plane in (Plane.SAGITTAL, Plane.CORONAL)]
        if case.hu is not None
        else []
    )
    panels += [_projection_panel(case, plane) for plane in (Plane.SAGITTAL, Plane.CORONAL)]
    width = sum(panel.shape[1] + GAP for panel in panels) + GAP
    row = Image.new("RGB", (max(width, 700), PANEL_HEIGHT + 32), BACKGROUND)
    draw = ImageDraw.Draw(row)
    draw.text((GAP, 8), case.title, fill=(235, 235, 235))
    left = GAP
    for panel in panels:
        row.paste(Image.fromarray(panel), (left, 28))
        left += panel.shape[1] + GAP
    return np.asarray(row)


def write_sheet(rows: list[Rgb], path: Path) -> None:
    """Write rows one below the other, under a legend of the colours.

    Each row is uint8, shape (height, width, 3).
    """
    width = max(row.shape[1] for row in rows)
    sheet = Image.new("RGB", (width, 28 + sum(row.shape[0] for row in rows)), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    left = GAP
    for text, colour in (
        ("both agree", AGREED),
        ("mask only", MASK_ONLY),
        ("reference only", REFERENCE_ONLY),
    ):
        draw.rectangle((left, 9, left + 12, 21), fill=colour)
        draw.text((left + 18, 9), text, fill=(235, 235, 235))
        left += 140
    top = 28
    for row in rows:
        sheet.paste(Image.fromarray(row), (0, top))
        top += row.shape[0]
    sheet.save(path)


def _slice_panel(case: SheetCase, plane: Plane) -> Rgb:
    assert case.hu is not None
    index = _middle(case.reference if case.reference.any() else case.mask, plane)
    size = _panel_size(case.geometry, plane)
    grey = (plane.slice_of(case.hu, index).astype(np.float32) - DARKEST_HU) / (
        BRIGHTEST_HU - DARKEST_HU
    )
    picture = np.asarray(
        Image.fromarray((np.clip(grey, 0, 1) * 255).astype(np.uint8)).resize(
            size, Image.Resampling.BILINEAR
        )
    )
    panel = np.repeat(picture[:, :, None], 3, axis=2)
    wanted, found = (
        _outline(_resized(plane.slice_of(marks, index), size))
        for marks in (case.reference, case.mask)
    )
    for outline, colour in (
        (wanted, REFERENCE_ONLY),
        (found, MASK_ONLY),
        (wanted & found, SAME_OUTLINE),
    ):
        panel[outline] = colour
    return panel


def _projection_panel(case: SheetCase, plane: Plane) -> Rgb:
    size = _panel_size(case.geometry, plane)
    panel = np.full((size[1], size[0], 3), 0, np.uint8)
    for marks, colour in (
        (case.mask & case.reference, AGREED),
        (case.reference & ~case.mask, REFERENCE_ONLY),
        (case.mask & ~case.reference, MASK_ONLY),
    ):
        depth = (
            marks.sum(axis=plane.value, keepdims=True) * case.geometry.spacing_zyx_mm[plane.value]
        )
        seen = _resized(plane.slice_of(np.minimum(depth, 255).astype(np.uint8), 0), size).astype(
            np.float32
        )
        # The outermost voxels differ nearly everywhere, so differences of up to 2 mm are not drawn.
        strength = np.where(
            colour == AGREED, np.clip(seen / 40.0, 0, 1), np.clip((seen - 2) / 8.0, 0, 1)
        )[..., None]
        panel = (panel * (1 - strength) + np.array(colour) * strength).astype(np.uint8)
    return panel


def _middle(marks: BoolArray, plane: Plane) -> int:
    """Return the index of the slice that contains the median of the True voxels."""
    counts = marks.sum(axis=tuple(axis for axis in range(3) if axis != plane.value))
    if not counts.any():
        return int(marks.shape[plane.value]) // 2
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))


def _panel_size(geometry: Geometry, plane: Plane) -> tuple[int, int]:
    """Return (width, height) in pixels, with the true aspect ratio."""
    rows_mm, columns_mm = plane.rows_columns_mm(geometry)
    return max(1, round(PANEL_HEIGHT * columns_mm / rows_mm)), PANEL_HEIGHT


def _resized(picture: NDArray[np.generic], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(
        Image.fromarray(np.ascontiguousarray(picture).astype(np.uint8)).resize(
            size, Image.Resampling.NEAREST
        )
    )


def _outline(marks: NDArray[np.uint8]) -> BoolArray:
    is_marked = marks > 0
    return is_marked & ~binary_erosion(is_marked)
