import numpy as np
import pytest
from scipy.ndimage import label as components_of
from spines import SolidSpine, solid_spine

from spineviewer.errors import UsageError
from spineviewer.labelling.corrections import clamped, segment_at, shifted
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.vertebrae import Convention
from spineviewer.volume.levels import level_name
from spineviewer.volume.volume import SpineMask

THORACOLUMBAR = ["T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]


@pytest.fixture(scope="module")
def spine() -> SolidSpine:
    return solid_spine(THORACOLUMBAR, with_sacrum=True)


def test_every_vertebra_has_its_name_and_its_voxels(spine: SolidSpine) -> None:
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    assert [vertebra.name for vertebra in vertebrae] == THORACOLUMBAR
    assert vertebrae.naming.convention is Convention.SACRUM
    for vertebra in vertebrae:
        found, wanted = vertebrae.labels == vertebra.label, spine.numbers == vertebra.label
        dice = 2 * np.count_nonzero(found & wanted) / (np.count_nonzero(found) + np.count_nonzero(wanted))
        assert dice > 0.9, vertebra.name
        assert vertebra.volume_ml == pytest.approx(np.count_nonzero(found) / 1000)


def test_the_union_of_the_levels_is_the_mask_and_each_level_is_one_piece(spine: SolidSpine) -> None:
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    np.testing.assert_array_equal(vertebrae.labels > 0, spine.mask.voxels)
    for vertebra in vertebrae:
        assert components_of(vertebrae.labels == vertebra.label, np.ones((3, 3, 3)))[1] == 1


def test_body_centres_lie_in_their_vertebrae_and_go_down(spine: SolidSpine) -> None:
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    heights = [vertebra.body_centre_lps_mm[2] for vertebra in vertebrae]
    assert heights == sorted(heights, reverse=True)
    for vertebra in vertebrae:
        found = vertebrae.at(vertebra.body_centre_lps_mm)
        assert found is vertebra
        assert vertebra.canal_centre_lps_mm[1] > vertebra.body_centre_lps_mm[1]
        np.testing.assert_allclose(vertebra.frame.down_lps, (0, 0, -1), atol=0.1)


def test_an_island_beside_the_spine_is_left_out_and_said(spine: SolidSpine) -> None:
    voxels = spine.mask.voxels.copy()
    voxels[60:80, 40:60, :12] = True  # 55 mm to the right of the bodies
    mask = SpineMask(voxels, spine.mask.geometry)
    vertebrae = label_vertebrae(mask, spine.probability, spine.scan).vertebrae
    assert not vertebrae.labels[60:80, 40:60, :12].any()
    assert vertebrae.stray_ml == pytest.approx(20 * 20 * 12 / 1000, rel=0.1)


def test_a_clamped_name_is_kept_and_the_others_follow(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, None)
    centre = labelling.vertebrae.all[4].body_centre_lps_mm
    again = clamped(labelling, segment_at(labelling, centre), 21)  # what was taken for L1 is L2
    assert again.vertebrae.all[4].name == "L2"
    assert again.vertebrae.all[4].is_set_by_hand
    assert again.vertebrae.naming.convention is Convention.CLAMPED
    assert len({vertebra.label for vertebra in again.vertebrae}) == len(THORACOLUMBAR)
    assert again.segments is labelling.segments


@pytest.mark.parametrize("by", [-2, -1, 1])
def test_a_shift_moves_every_name(spine: SolidSpine, by: int) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    usual = [*range(8, 20), *range(20, 26)]
    wanted = [level_name(usual[usual.index(v.label) + by]) for v in labelling.vertebrae]
    assert [v.name for v in shifted(labelling, by).vertebrae] == wanted
    assert [v.name for v in shifted(shifted(labelling, by), -by).vertebrae] == THORACOLUMBAR


def test_a_shift_beyond_the_last_level_is_refused(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    with pytest.raises(UsageError):
        shifted(labelling, 5)


def test_names_that_contradict_each_other_are_refused(spine: SolidSpine) -> None:
    labelling = clamped(label_vertebrae(spine.mask, spine.probability, spine.scan), 4, 20)
    with pytest.raises(UsageError, match="do not fit"):
        clamped(labelling, 6, 20)


def test_a_point_far_from_all_vertebrae_is_refused(spine: SolidSpine) -> None:
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    with pytest.raises(UsageError, match="no vertebra near"):
        segment_at(labelling, (900.0, 0.0, 0.0))


def test_without_any_anchor_the_names_are_said_to_rest_on_size_and_spacing() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    naming = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.convention is Convention.SPACING
    assert any("may be shifted" in warning for warning in naming.warnings)


def test_an_empty_mask_has_no_vertebrae(spine: SolidSpine) -> None:
    empty = SpineMask(np.zeros_like(spine.mask.voxels), spine.mask.geometry)
    labelling = label_vertebrae(empty, spine.probability, spine.scan)
    assert len(labelling.vertebrae) == 0
    assert not labelling.vertebrae.labels.any()


def test_a_crumb_alone_is_no_vertebra(spine: SolidSpine) -> None:
    voxels = np.zeros_like(spine.mask.voxels)
    voxels[50:53, 40:43, 50:53] = True
    labelling = label_vertebrae(SpineMask(voxels, spine.mask.geometry), spine.probability, spine.scan)
    assert len(labelling.vertebrae) == 0
    assert labelling.vertebrae.naming.warnings
