import sys
from pathlib import Path

import numpy as np
import pytest
from fakes import spine_volume

from spineviewer.app.fused_mask import fused_mask
from spineviewer.app.state import (
    PRESETS,
    Overlays,
    Slab,
    SlabKind,
    dragged,
    first_state,
    window_presets,
)
from spineviewer.tuning import Tuning
from spineviewer.volume.cuts import PlaneCut, RotatedCut
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource, SpineMask, WindowLevel

GEOMETRY = Geometry((7, 9, 11), (2.0, 1.0, 0.5), (100.0, -20.0, 5.0))


def volume(**source):
    grid = ScanSource(Path("a.nii"), ScanFormat.NIFTI, GEOMETRY, AxisOrder(), **source)
    return CtVolume(np.zeros(GEOMETRY.shape_zyx, np.int16), GEOMETRY, grid)


def state():
    return first_state(volume(), Tuning(), Overlays())


def test_a_new_state_shows_the_middle_in_the_bone_window():
    assert state().crosshair_zyx == (3, 4, 5)
    assert state().window == WindowLevel(1800, 400)


def test_the_crosshair_goes_to_the_nearest_voxel_and_stays_inside():
    assert state().moved_to((2.4, 7.6, 5.0)).crosshair_zyx == (2, 8, 5)
    assert state().moved_to((-4.0, 99.0, 10.7)).crosshair_zyx == (0, 8, 10)


def test_scrolling_moves_across_the_plane_only():
    assert state().scrolled(Plane.AXIAL, 2).crosshair_zyx == (5, 4, 5)
    assert state().scrolled(Plane.CORONAL, -1).crosshair_zyx == (3, 3, 5)
    assert state().scrolled(Plane.SAGITTAL, 1_000_000).crosshair_zyx == (3, 4, 10)


@pytest.mark.parametrize(
    ("thickness_mm", "spacing_mm", "reach"),
    [(10, 1.0, 5), (12, 2.0, 3), (4, 5.0, 0), (10, 5.0, 1), (2.4, 0.4, 3), (4.2, 0.7, 3)],
)
def test_a_slab_takes_the_slices_whose_centres_are_within_half_its_thickness(
    thickness_mm, spacing_mm, reach
):
    slab = Slab(SlabKind.MIP, thickness_mm)
    assert slab.range(50, 101, spacing_mm) == (50 - reach, 50 + reach + 1)
    assert slab.range(0, 101, spacing_mm) == (0, reach + 1)


def test_rotated_planes_meet_at_a_point_that_is_not_rounded_to_a_voxel():
    rotated = state().rotated(Plane.SAGITTAL, 30)
    assert rotated.cut(Plane.SAGITTAL) == PlaneCut(Plane.SAGITTAL, GEOMETRY, 5)
    assert isinstance(rotated.cut(Plane.AXIAL), RotatedCut)
    scrolled = rotated.scrolled(Plane.AXIAL, 1)
    normal = rotated.rotation.normal(Plane.AXIAL)
    step = (np.array(scrolled.point_zyx) - rotated.point_zyx) * np.array(GEOMETRY.spacing_zyx_mm)
    assert np.linalg.norm(step) == pytest.approx(
        np.linalg.norm(normal * np.array(GEOMETRY.spacing_zyx_mm))
    )
    assert np.cross(step, normal) == pytest.approx(0, abs=1e-9)
    straight = scrolled.straightened()
    assert straight.rotation.is_straight
    assert straight.point_zyx == straight.crosshair_zyx


def test_slice_positions_are_patient_coordinates():
    at = state().moved_to((6, 0, 10))
    assert at.slice_position_mm(Plane.AXIAL) == 5.0 + 6 * 2.0
    assert at.slice_position_mm(Plane.CORONAL) == -20.0
    assert at.slice_position_mm(Plane.SAGITTAL) == 100.0 + 10 * 0.5


def test_the_position_of_a_slice_of_a_tilted_scan_does_not_depend_on_the_crosshair():
    tilt = np.deg2rad(5)
    up, left = (np.sin(tilt), 0.0, np.cos(tilt)), (np.cos(tilt), 0.0, -np.sin(tilt))
    tilted = spine_volume(axes=(up, (0.0, 1.0, 0.0), left))
    first = first_state(tilted, Tuning(0.35, 7.5, 0.5), Overlays()).moved_to((0, 0, 10))
    last = first.moved_to((50, 40, 10))
    for plane, moved in ((Plane.SAGITTAL, last), (Plane.AXIAL, first.moved_to((0, 0, 50)))):
        assert moved.slice_position_mm(plane) == first.slice_position_mm(plane)
    at = tilted.geometry.point_lps_mm((47.5, 39.5, 10))
    assert first.slice_position_mm(Plane.SAGITTAL) == pytest.approx(at[0])


def test_a_drag_widens_to_the_right_and_never_closes_the_window():
    bone = PRESETS[0].window
    wide = dragged(bone, 10, 0)
    assert wide.width_hu > 1800
    assert wide.level_hu == 400
    assert dragged(bone, -1e6, 0).width_hu == 1
    assert dragged(bone, 0, 4).level_hu > 400


def test_the_files_own_window_is_a_fifth_preset_only_where_there_is_one():
    assert window_presets(volume()) == PRESETS
    own = window_presets(volume(window=WindowLevel(350, 50)))
    assert own[-1].name == "Default"
    assert own[-1].window == WindowLevel(350, 50)


def test_a_mask_is_current_only_with_exactly_the_panels_thresholds():
    mask = SpineMask(np.zeros(GEOMETRY.shape_zyx, bool), GEOMETRY)
    from dataclasses import replace

    with_mask = replace(state(), fused=fused_mask(mask, Tuning()))
    assert with_mask.is_mask_current
    assert not replace(with_mask, tuning=Tuning(sigma_mm=7.0)).is_mask_current


def test_masks_with_equal_voxels_are_not_equal_so_that_states_compare_fast():
    mask = SpineMask(np.zeros(GEOMETRY.shape_zyx, bool), GEOMETRY)
    assert fused_mask(mask, Tuning()) != fused_mask(mask, Tuning())


def test_the_state_does_not_import_qt():
    assert "PySide6" not in vars(sys.modules["spineviewer.app.state"])
