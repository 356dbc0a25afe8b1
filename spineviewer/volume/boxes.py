"""Boxes: parts of an array along its three axes."""

from __future__ import annotations

from collections.abc import Iterable

from spineviewer.volume.geometry import Box


def grown(box: Iterable[slice], margins: Iterable[int], shape: Iterable[int]) -> Box:
    """Return a box with a margin on both sides of each axis, clipped to an array of `shape`."""
    z, y, x = (
        slice(max(0, side.start - margin), min(count, side.stop + margin))
        for side, margin, count in zip(box, margins, shape, strict=True)
    )
    return z, y, x


def moved(box: Iterable[slice], by: Iterable[int]) -> Box:
    """Return a box moved by a number of voxels along each axis."""
    z, y, x = (
        slice(side.start + step, side.stop + step) for side, step in zip(box, by, strict=True)
    )
    return z, y, x


def inside(box: Iterable[slice], outer: Box) -> Box:
    """Return a box relative to `outer`, as an index into an array that covers only `outer`."""
    return moved(box, (-side.start for side in outer))
