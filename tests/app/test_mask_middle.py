"""The place to which the crosshair moves after the first segmentation."""

import numpy as np
import pytest
from fakes import spine_volume

from spineviewer.app.mask_middle import is_near_mask, spine_middle
from spineviewer.app.restored_work import RestoredWork
from spineviewer.app.session import make_session
from spineviewer.app.state import first_crosshair
from spineviewer.app.stored_results import pack_results
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import SpineMask


def column():
    voxels = np.zeros((40, 30, 30), bool)
    voxels[10:30, 5:9, 20:24] = True
    grid = Geometry((40, 30, 30), (2.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    return SpineMask(voxels=voxels, geometry=grid)


def test_the_middle_of_the_spine_is_in_the_bodies_not_in_the_arches():
    voxels = np.zeros((40, 30, 30), bool)
    voxels[10:30, 2:14, 15:27] = True  # the bodies
    voxels[10:30, 14:30, 19:23] = True  # the processes
    middle = spine_middle(SpineMask(voxels, column().geometry))
    assert middle == pytest.approx((19.5, 7.5, 20.5), abs=1.5)


def test_the_middle_of_a_crumb_is_the_middle_of_its_box():
    voxels = np.zeros((40, 30, 30), bool)
    voxels[10:12, 5:9, 20:24] = True
    assert spine_middle(SpineMask(voxels, column().geometry)) == (10.5, 6.5, 21.5)


def test_a_point_is_near_within_twelve_millimetres_along_every_axis():
    assert is_near_mask(column(), (20, 18, 21))
    assert not is_near_mask(column(), (20, 22, 21))
    assert is_near_mask(column(), (4, 6, 21))  # 6 slices of 2 mm below
    assert not is_near_mask(column(), (3, 6, 21))


def test_the_crosshair_goes_to_the_spine_once_and_never_moves_away_from_the_users_position(
    headless,
):
    volume = spine_volume()
    one = headless()
    scan = one.open(volume)
    scan.display.move_to((5.0, 5.0, 5.0))
    scan.segmentation.segment()
    one.loop.rest()
    mask = scan.state.fused.mask
    assert is_near_mask(mask, scan.state.crosshair_zyx)
    scan.display.move_to((5.0, 5.0, 5.0))
    scan.segmentation.segment()
    one.loop.rest()
    assert scan.state.crosshair_zyx == (5, 5, 5)


def test_an_untouched_crosshair_goes_to_the_centre_line_even_from_nearby(headless):
    one = headless()
    volume = spine_volume()
    scan = one.open(volume)
    scan.segmentation.segment()
    one.loop.rest()
    mask = scan.state.fused.mask
    assert is_near_mask(mask, first_crosshair(volume))
    assert scan.state.crosshair_zyx == tuple(map(round, spine_middle(mask)))
    assert scan.state.crosshair_zyx != first_crosshair(volume)


def test_the_crosshair_stays_if_the_user_moves_it_while_the_middle_is_being_found(headless):
    one = headless()
    scan = one.open(spine_volume())
    scan.segmentation.segment()
    one.loop.until(lambda: scan.state.fused is not None)
    scan.display.move_to((5.0, 5.0, 5.0))
    one.loop.rest()
    assert scan.state.crosshair_zyx == (5, 5, 5)


def test_a_crosshair_in_the_spine_stays_where_it_was_put(headless):
    one = headless()
    scan = one.open(spine_volume())
    scan.segmentation.segment()
    one.loop.rest()
    box = scan.state.fused.mask.box
    one.workspace.close(one.workspace.front)
    again = one.open(spine_volume())
    place = (float(box[0].start + 2), float(box[1].start + 2), float(box[2].start + 2))
    again.display.move_to(place)
    again.segmentation.segment()
    one.loop.rest()
    assert again.state.crosshair_zyx == place


@pytest.mark.parametrize("is_autosaved", [True, False])
def test_restored_results_move_the_crosshair_into_the_spine_except_those_of_a_session(
    headless, is_autosaved
):
    one = headless()
    first = one.segmented(spine_volume())
    one.loop.rest()
    session, parts = make_session(first.state, first.correction, first.parts.reference), first.parts
    fingerprint = parts.reference.fingerprint
    packed = pack_results(first.fusion, first.state.run_record, fingerprint)
    one.workspace.close(first)
    one.loop.rest()
    one.workspace.shared_journal.journal.save_results(fingerprint, packed)
    scan = one.open(spine_volume())
    scan.display.move_to((80.0, 2.0, 2.0))
    requested, autosaved = (None, session) if is_autosaved else (session, None)
    RestoredWork(parts, (), requested, autosaved, []).restore_results(scan)
    one.loop.rest()
    middle = spine_middle(scan.state.fused.mask)
    expected = tuple(map(round, middle)) if is_autosaved else (80, 2, 2)
    assert scan.state.crosshair_zyx == expected
