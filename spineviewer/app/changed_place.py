"""The place in the scan that a step of the history changed, so that undo and redo can show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.history import CorrectionStep, MeasurementStep, Step, TickStep
from spineviewer.app.state import ScanState
from spineviewer.editing.correction import Correction
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane

#: Of a larger correction, only every nth voxel is examined, at least this many in all.
_MAX_VOXELS = 20_000


def showing_change(
    state: ScanState,
    step: Step,
    correction: Correction,
    planes: Sequence[Plane],
    *,
    is_undone: bool,
) -> ScanState:
    """Return the state with the planes at the place that a step just undone or redone has changed.

    The planes stay if one of them shows the change already, or if the change has no place. They
    always move to a ticked region, because the region becomes the current one of the checklist.

    Parameters
    ----------
    planes
        The planes that the user sees.
    """
    match step:
        case TickStep():
            z, y, x = step.index_zyx
            return state.moved_to((float(z), float(y), float(x)))
        case MeasurementStep():
            return _showing_measurement(state, step, planes)
        case CorrectionStep():
            return _showing_voxels(state, correction.newest_voxels(is_undone=is_undone), planes)
    return state


def moved_to_measurement(state: ScanState, measurement: Measurement) -> ScanState:
    """Return the state with the planes in which a measurement was drawn."""
    z, y, x = np.array(measurement.points_zyx).mean(axis=0).tolist()
    return replace(state, rotation=measurement.rotation).moved_to((z, y, x))


def _showing_measurement(
    state: ScanState, step: MeasurementStep, planes: Sequence[Plane]
) -> ScanState:
    changed = [
        *(one for one in step.after if one not in step.before),
        *(one for one in step.before if one not in step.after),
    ]
    cuts = [state.cut(plane) for plane in planes]
    if not changed or any(one.is_shown_in(cut) for one in changed for cut in cuts):
        return state
    return moved_to_measurement(state, changed[0])


def _showing_voxels(
    state: ScanState, voxels_zyx: NDArray[np.int64], planes: Sequence[Plane]
) -> ScanState:
    searched = voxels_zyx[:: max(1, len(voxels_zyx) // _MAX_VOXELS)]
    if not len(searched) or _are_in_view(state, searched, planes).any():
        return state
    from_middle = searched - searched.mean(axis=0)
    z, y, x = searched[np.argmin((from_middle**2).sum(axis=1))].tolist()
    return state.moved_to((float(z), float(y), float(x)))


def _are_in_view(
    state: ScanState, voxels_zyx: NDArray[np.int64], planes: Sequence[Plane]
) -> NDArray[np.bool_]:
    """Return which voxels (int64, shape (n, 3)) one of the planes cuts: bool, shape (n,)."""
    spacing = np.array(state.scan.geometry.spacing_zyx_mm)
    normals = np.array([state.rotation.normal(plane) for plane in planes])
    across_mm = np.abs((voxels_zyx - np.array(state.point_zyx)) * spacing @ normals.T)
    half_slice_mm = np.linalg.norm(normals * spacing, axis=1) / 2
    return np.asarray((across_mm <= half_slice_mm).any(axis=1))
