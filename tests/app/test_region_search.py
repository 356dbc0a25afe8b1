"""Each kind of uncertain region is found where it was put, and nowhere else."""

import numpy as np

from spineviewer.app.region_search import UncertaintyKind, find_uncertain_regions
from spineviewer.labelling.vertebrae import Convention, Naming, UncertainBone, Vertebrae
from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import ProbabilityMap, SpineMask
from spineviewer.volume.working_grid import working_geometry

SHAPE, SPACING = (60, 60, 60), (2.0, 1.0, 1.0)


def scene():
    """A single body of 24 x 20 x 20 mm with a high bone probability, and nothing around it."""
    geometry = Geometry(SHAPE, SPACING, (0.0, 0.0, 0.0))
    voxels = np.zeros(SHAPE, bool)
    voxels[20:32, 20:40, 20:40] = True
    working = working_geometry(geometry)
    values = np.zeros(working.shape_zyx, np.uint16)
    values[40:64, 20:40, 20:40] = 65535
    probability = ProbabilityMap(values, np.ones(working.shape_zyx[2], bool), working, geometry)
    return SpineMask(voxels, geometry), probability, np.zeros(SHAPE, np.int16)


def found(mask, probability, hu):
    return [
        (region.kind, region.index_zyx)
        for region in find_uncertain_regions(mask, probability, hu, JobProgress())
    ]


def test_a_plain_mask_has_no_uncertain_region():
    assert found(*scene()) == []


def test_an_empty_mask_has_no_regions():
    mask, probability, hu = scene()
    mask.voxels[:] = False
    assert found(mask, probability, hu) == []


def test_a_small_piece_is_detached_and_its_position_is_inside_it():
    mask, probability, hu = scene()
    mask.voxels[45:47, 50:53, 10:13] = True
    ((kind, place),) = found(mask, probability, hu)
    assert kind is UncertaintyKind.DETACHED
    assert mask.voxels[place] and place[0] >= 45


def test_a_mask_at_the_edge_of_the_scan_is_cut():
    mask, probability, hu = scene()
    mask.voxels[:32, 20:40, 20:40] = True
    ((kind, place),) = found(mask, probability, hu)
    assert kind is UncertaintyKind.CUT
    assert place == (0, 29, 29)


def test_metal_near_the_mask_is_reported_and_distant_metal_is_not():
    mask, probability, hu = scene()
    hu[25:30, 43:46, 25:30] = 3000
    hu[55:60, 0:5, 0:5] = 3000
    ((kind, place),) = found(mask, probability, hu)
    assert kind is UncertaintyKind.FOREIGN
    assert hu[place] == 3000 and place[0] < 40


def test_undecided_voxels_give_an_uncertain_surface_at_their_position():
    mask, probability, hu = scene()
    probability.values[52:64, 20:40, 20:40] = 33000
    places = [
        place for kind, place in found(mask, probability, hu) if kind is UncertaintyKind.SURFACE
    ]
    assert places
    assert all(26 <= z < 32 and 20 <= y < 40 and 20 <= x < 40 for z, y, x in places)


def test_a_distant_correction_adds_nothing_but_itself():
    mask, probability, hu = scene()
    hu[14:18, 50:53, 50:53] = 3000  # far from the body and from the correction
    hu[18:59, 25:28, 43:46] = 3000  # a rod beside the body, longer than it
    probability.values[92:104, 0:24, 30:54] = 33000  # the same
    probability.values[52:64, 20:40, 20:40] = 33000  # in the body
    before = found(mask, probability, hu)
    assert {kind for kind, _ in before} == {UncertaintyKind.SURFACE, UncertaintyKind.FOREIGN}
    voxels = mask.voxels.copy()
    voxels[7:9, 3:6, 57:59] = True
    voxels[55:58, 53:56, 2:4] = True
    after = found(SpineMask(voxels, mask.geometry), probability, hu)
    added = [region for region in after if region not in before]
    assert [kind for kind, _ in added] == [UncertaintyKind.DETACHED] * 2
    assert set(before) < set(after)


def test_a_long_implant_is_near_if_a_part_of_it_is():
    mask, probability, hu = scene()
    hu[31:59, 30:33, 42:45] = 3000
    ((kind, place),) = found(mask, probability, hu)
    assert kind is UncertaintyKind.FOREIGN
    assert place[0] < 40


def test_bone_of_uncertain_level_is_listed_with_both_levels():
    mask, probability, hu = scene()
    bone = (UncertainBone((25, 30, 30), 0.6, 23, 22), UncertainBone((22, 30, 30), 0.9, 24, 25))
    labels = np.where(mask.voxels, np.uint8(23), np.uint8(0))
    naming = Naming(Convention.RIBS, 0.95, 0.0, 0.0)
    vertebrae = Vertebrae(labels, mask.geometry, (), naming, uncertain=bone)
    regions = find_uncertain_regions(mask, probability, hu, JobProgress(), vertebrae)
    assert [(region.kind, region.index_zyx, region.levels) for region in regions] == [
        (UncertaintyKind.LEVEL, (22, 30, 30), ("L5", "L6")),
        (UncertaintyKind.LEVEL, (25, 30, 30), ("L4", "L3")),
    ]


def test_no_kind_of_region_crowds_out_the_others():
    mask, probability, hu = scene()
    for z in range(0, 20, 2):
        for y in range(0, 60, 2):
            mask.voxels[z, y, 1] = True
    kinds = [kind for kind, _ in found(mask, probability, hu)]
    assert kinds.count(UncertaintyKind.DETACHED) == 12
