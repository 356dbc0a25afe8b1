"""What holds for the named vertebrae of every spine, whatever its shape."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from pathlib import Path

import nibabel
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.ndimage import label as pieces_of
from spines import SolidSpine, bent, solid_spine, spine_of

from spineviewer.io.scan import read_scan
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER
from spineviewer.volume.volume import SpineMask

#: A single slice of 1 mm is part of an endplate, and not yet a vertebra.
MIN_VISIBLE_MM = 2
USUAL = [name for name in LEVEL_NAMES if name not in ("C1", "T13", "L6")]


def levels(first: str, last: str) -> list[str]:
    return USUAL[USUAL.index(first) : USUAL.index(last) + 1]


SHAPES: dict[str, Callable[[], SolidSpine]] = {
    "neck below the skull": lambda: solid_spine(levels("C2", "T4"), margin_mm=40, with_skull=True),
    "chest": lambda: solid_spine(levels("C6", "T11")),
    "trunk and sacrum": lambda: solid_spine(levels("T9", "L5"), with_sacrum=True),
    "large lumbar spine": lambda: solid_spine(levels("T12", "L5"), scale=1.15, with_sacrum=True),
    "small trunk": lambda: solid_spine(levels("T6", "L3"), scale=0.85),
    "scoliosis": lambda: bent(solid_spine(levels("T4", "L4")), left_mm=30),
    "kyphosis": lambda: bent(solid_spine(levels("T2", "L2")), back_mm=40),
}


@pytest.fixture(scope="module", params=SHAPES)
def shape(request: pytest.FixtureRequest) -> SolidSpine:
    return SHAPES[request.param]()


@pytest.fixture(scope="module")
def vertebrae(shape: SolidSpine) -> Vertebrae:
    return label_vertebrae(shape.mask, shape.probability, shape.scan).vertebrae


def level_names(spine: SolidSpine) -> list[str]:
    """The levels of the spine's own numbers, from the head down."""
    present = set(np.unique(spine.numbers).tolist())
    return [LEVEL_NAMES[k] for k, label in enumerate(VERSE_ORDER) if label in present]


def part_of(spine: SolidSpine, rows: slice) -> SolidSpine:
    """The spine in a range of its slices."""
    numbers, hu = (values[rows].copy() for values in (spine.numbers, spine.scan.hu))
    return spine_of(numbers, hu, (1.0, 1.0, 1.0))


def is_visible(spine: SolidSpine, name: str) -> bool:
    """Whether enough of a vertebra is in view to count as one."""
    has_voxels = (spine.numbers == VERSE_ORDER[LEVEL_NAMES.index(name)]).any(axis=(1, 2))
    return int(np.count_nonzero(has_voxels)) >= MIN_VISIBLE_MM


def bodies(vertebrae: Vertebrae) -> list[str]:
    return [vertebra.name for vertebra in vertebrae if vertebra.name != "C1"]


def test_names_are_right_consecutive_and_ordered_from_the_head(
    shape: SolidSpine, vertebrae: Vertebrae
) -> None:
    assert bodies(vertebrae) == level_names(shape)
    heights = [vertebra.body_centre_lps_mm[2] for vertebra in vertebrae]
    assert heights == sorted(heights, reverse=True)


def test_each_level_is_one_piece_and_together_they_are_the_mask(
    shape: SolidSpine, vertebrae: Vertebrae
) -> None:
    for vertebra in vertebrae:
        part = vertebrae.labels == vertebra.label
        assert pieces_of(part, np.ones((3, 3, 3)))[1] == 1, vertebra.name
    assert set(np.unique(vertebrae.labels).tolist()) == {0, *vertebrae.names}
    np.testing.assert_array_equal(vertebrae.labels > 0, shape.mask.voxels)
    volumes_ml = sum(vertebra.volume_ml for vertebra in vertebrae)
    assert volumes_ml + vertebrae.stray_ml == pytest.approx(shape.mask.volume_ml)


def test_crumbs_at_the_surface_belong_to_their_neighbours(
    shape: SolidSpine, vertebrae: Vertebrae
) -> None:
    rng = np.random.default_rng(3)
    voxels = shape.mask.voxels.copy()
    surface = np.argwhere(voxels)
    for z, y, x in surface[rng.integers(len(surface), size=12)]:
        voxels[z : z + 2, y : y + 4, x : x + 4] = rng.random() < 0.5
    mask = SpineMask(voxels, shape.mask.geometry)
    found = label_vertebrae(mask, shape.probability, shape.scan).vertebrae
    assert bodies(found) == bodies(vertebrae)
    for vertebra in found:
        part = found.labels == vertebra.label
        assert pieces_of(part, np.ones((3, 3, 3)))[1] == 1, vertebra.name
    left = voxels & (found.labels == 0)
    assert found.stray_ml == pytest.approx(np.count_nonzero(left) / 1000)
    both = voxels & shape.mask.voxels & (found.labels > 0)
    moved = found.labels[both] != vertebrae.labels[both]
    assert np.count_nonzero(moved) < 0.001 * np.count_nonzero(both)


@pytest.mark.parametrize("threshold", [0.2, 0.35, 0.65, 0.8])
def test_a_threshold_changes_no_name_and_moves_no_border(
    shape: SolidSpine, vertebrae: Vertebrae, threshold: float
) -> None:
    share = gaussian_filter(shape.mask.voxels.astype(np.float32), 0.8)
    mask = SpineMask(share > threshold, shape.mask.geometry)
    found = label_vertebrae(mask, shape.probability, shape.scan).vertebrae
    assert bodies(found) == bodies(vertebrae)
    both = (found.labels > 0) & (vertebrae.labels > 0)
    moved = found.labels[both] != vertebrae.labels[both]
    assert np.count_nonzero(moved) < 0.006 * np.count_nonzero(both)


@pytest.mark.parametrize("reach_mm", [28, 35])
def test_a_narrower_mask_as_with_another_sigma_changes_no_name(
    shape: SolidSpine, vertebrae: Vertebrae, reach_mm: int
) -> None:
    voxels = shape.mask.voxels.copy()
    for vertebra in vertebrae:
        centre = shape.mask.geometry.index_zyx(vertebra.body_centre_lps_mm)
        z = vertebra.box[0]
        voxels[z, :, : max(round(centre[2]) - reach_mm, 0)] = False
        voxels[z, :, round(centre[2]) + reach_mm :] = False
        voxels[z, round(centre[1]) + 2 * reach_mm :] = False
    mask = SpineMask(voxels, shape.mask.geometry)
    found = label_vertebrae(mask, shape.probability, shape.scan).vertebrae
    assert bodies(found) == bodies(vertebrae)


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5])
@pytest.mark.parametrize("kind", ["neck below the skull", "trunk and sacrum", "large lumbar spine"])
def test_a_crop_that_leaves_the_anchor_in_view_changes_no_name(kind: str, share: float) -> None:
    spine = SHAPES[kind]()
    n = len(spine.numbers)  # z increases towards the head
    rows = slice(round(share * n), None) if "skull" in kind else slice(0, round((1 - share) * n))
    cut = part_of(spine, rows)
    found = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae
    assert bodies(found) == [name for name in level_names(cut) if is_visible(cut, name)]
    for vertebra in found:
        if vertebra.name == "C1":
            continue
        inside = cut.numbers[found.labels == vertebra.label]
        values, counts = np.unique(inside, return_counts=True)
        assert int(values[counts.argmax()]) == vertebra.label


@pytest.mark.parametrize("visible_mm", range(6))
def test_a_slice_of_the_next_vertebra_is_never_part_of_its_neighbour(visible_mm: int) -> None:
    spine = SHAPES["neck below the skull"]()
    second_thoracic = VERSE_ORDER[LEVEL_NAMES.index("T2")]
    top = int(np.flatnonzero((spine.numbers == second_thoracic).any(axis=(1, 2)))[-1]) + 1
    cut = part_of(spine, slice(top - visible_mm, None))
    found = label_vertebrae(cut.mask, cut.probability, cut.scan).vertebrae
    assert bodies(found) == levels("C2", "T2" if visible_mm >= MIN_VISIBLE_MM else "T1")
    assert set(found.labels[cut.numbers == second_thoracic].tolist()) <= {0, second_thoracic}


@pytest.mark.slow
def test_names_are_the_same_in_all_48_orientations_of_the_file(tmp_path: Path) -> None:
    """Every file is read as the same scan, so that naming one scan of one shape is enough."""
    shape = SHAPES["scoliosis"]()
    vertebrae = label_vertebrae(shape.mask, shape.probability, shape.scan).vertebrae
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])[:, [2, 1, 0, 3]]  # RAS from (z, y, x)
    scans = {}
    for axes in permutations(range(3)):
        for flips in product((1, -1), repeat=3):
            turn = np.column_stack([axes, flips])
            image = nibabel.Nifti1Image(shape.scan.hu, affine).as_reoriented(turn)
            image.to_filename(tmp_path / "ct.nii")
            scan = scans["".join(nibabel.aff2axcodes(image.affine))] = read_scan(
                tmp_path / "ct.nii"
            )
            np.testing.assert_array_equal(scan.hu, shape.scan.hu)
            np.testing.assert_allclose(scan.geometry.spacing_zyx_mm, (1.0, 1.0, 1.0))
            np.testing.assert_allclose(scan.geometry.axes_lps, shape.scan.geometry.axes_lps)
    assert len(scans) == 48
    read = spine_of(shape.numbers, scans["PIR"].hu, scans["PIR"].geometry.spacing_zyx_mm)
    found = label_vertebrae(read.mask, read.probability, read.scan).vertebrae
    np.testing.assert_array_equal(found.labels, vertebrae.labels)
