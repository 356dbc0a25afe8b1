"""The outline of an ROI in the pictures that show a part of it."""

import numpy as np
import pytest
from fakes import spine_volume
from PySide6.QtCore import QPointF

from spineviewer.app.landmarks import Landmarks
from spineviewer.app.state import PRESETS, ScanState
from spineviewer.gui.measuring.landmark_painting import landmarks_in, roi_outlines
from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measurements import results
from spineviewer.measurements.results import Roi
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.planes import Plane

FRAME = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
RADII_MM = (8.0, 12.0, 10.0)


@pytest.fixture
def state():
    return ScanState(spine_volume(), (0, 0, 0), PRESETS[0].window)


def middle_roi(state, gap_mm):
    grid = state.scan.geometry
    index = np.array(grid.shape_zyx) // 2
    return Roi(tuple(grid.point_lps_mm(index).tolist()), RADII_MM, FRAME, gap_mm)


def cut_at(state, roi, plane, off_mm):
    """Return the slice at least `off_mm` from the centre of the ROI, and its distance in mm."""
    grid = state.scan.geometry
    middle = round(grid.index_zyx(roi.centre_lps_mm)[plane.value])
    steps = int(np.ceil(off_mm / grid.spacing_zyx_mm[plane.value]))
    return PlaneCut(plane, grid, middle + steps), steps * grid.spacing_zyx_mm[plane.value]


def outlines_mm(state, roi, plane, off_mm=0.0):
    """Return outlines as distances (up, back, left) from the centre, and the slice's distance."""
    grid = state.scan.geometry
    cut, distance_mm = cut_at(state, roi, plane, off_mm)
    indices = []

    def px_at(index):
        indices.append(index)
        return QPointF(len(indices) - 1, 0.0)

    outlines = roi_outlines(roi, cut, plane, state, px_at)
    points = grid.point_lps_mm(np.reshape(indices, (-1, 3))) - roi.centre_lps_mm
    return [points[[round(at.x()) for at in one], ::-1] for one in outlines], distance_mm


def test_a_picture_through_the_centre_shows_two_parts_with_the_gap_between_them(state):
    roi = middle_roi(state, gap_mm=6.0)
    outlines, _ = outlines_mm(state, roi, Plane.SAGITTAL)
    assert len(outlines) == 2
    for outline, side in zip(
        sorted(outlines, key=lambda one: one[:, 0].max()), (-1, 1), strict=True
    ):
        up = side * outline[:, 0]
        assert up.min() == pytest.approx(3.0)
        assert up.max() == pytest.approx(RADII_MM[0], abs=0.1)
        on_gap = np.isclose(up, 3.0)
        half_mm = RADII_MM[2] * np.sqrt(1 - (3 / RADII_MM[0]) ** 2)
        assert np.abs(outline[on_gap, 1]).max() == pytest.approx(half_mm, abs=0.1)


def test_a_slice_shows_the_section_of_the_roi_in_it_and_nothing_within_the_gap(state):
    roi = middle_roi(state, gap_mm=6.0)
    (outline,), distance_mm = outlines_mm(state, roi, Plane.AXIAL, off_mm=4.0)
    scale = np.sqrt(1 - (distance_mm / RADII_MM[0]) ** 2)
    assert outline[:, 0] == pytest.approx(distance_mm)
    assert np.abs(outline[:, 1]).max() == pytest.approx(scale * RADII_MM[2], abs=0.1)
    assert np.abs(outline[:, 2]).max() == pytest.approx(scale * RADII_MM[1], abs=0.1)
    for off_mm in (0.0, 8.0):
        assert outlines_mm(state, roi, Plane.AXIAL, off_mm)[0] == []


@pytest.mark.parametrize(("off_mm", "is_shown"), [(0.0, False), (4.0, True), (9.0, False)])
def test_landmarks_are_shown_where_the_roi_is_measured(state, off_mm, is_shown):
    roi = middle_roi(state, gap_mm=6.0)
    at = results.Cut(roi.centre_lps_mm, FRAME.left_lps)
    landmarks = Landmarks(at, FRAME, {"centre": roi.centre_lps_mm}, roi=roi)
    cut, _ = cut_at(state, roi, Plane.AXIAL, off_mm)
    found = landmarks_in(landmarks, cut, Plane.AXIAL, state)
    assert (found is not None) == is_shown
    if found is not None:
        assert found.points_lps_mm == {}  # the centre is too far away


@pytest.mark.parametrize(("off_mm", "is_shown"), [(0.0, True), (4.0, False)])
def test_a_disc_between_rotated_vertebrae_is_shown_in_the_plane_through_its_middle(
    state, off_mm, is_shown
):
    x, y, z = middle_roi(state, gap_mm=0.0).centre_lps_mm
    points = {"middle.start": (x - 3.0, y, z + 4.0), "middle.end": (x + 3.0, y, z - 4.0)}
    at = results.Cut((x, y, z), FRAME.left_lps)
    landmarks = Landmarks(at, FRAME, points, lines=(("middle.start", "middle.end"),))
    cut, _ = cut_at(state, middle_roi(state, gap_mm=0.0), Plane.SAGITTAL, off_mm)
    found = landmarks_in(landmarks, cut, Plane.SAGITTAL, state)
    assert found == (landmarks if is_shown else None)
    across, _ = cut_at(state, middle_roi(state, gap_mm=0.0), Plane.CORONAL, 6.0)
    assert landmarks_in(landmarks, across, Plane.CORONAL, state) is None
