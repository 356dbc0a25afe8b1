"""The procedural phantom: exact labels, repeatable, plausible HU, real fractures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from spineviewer.errors import UsageError
from spineviewer.io.images.loading import load_image, read_labels
from spineviewer.training.synthetic.phantom import Extent, Phantom, PhantomKind, main, make_phantom

L3 = 22


@pytest.fixture(scope="module")
def plain() -> Phantom:
    return make_phantom(3, kind=PhantomKind.PLAIN)


def body_height_mm(phantom: Phantom, number: int, row_fraction: float) -> float:
    """Return the height of a vertebra in its midsagittal slice, from front (0) to back (1)."""
    z_mm = phantom.volume.geometry.spacing_zyx_mm[0]
    middle = round(np.mean(np.nonzero(phantom.labels == number)[2]))
    plane = phantom.labels[:, :, middle] == number
    rows = np.nonzero(plane.any(axis=0))[0]
    gap = np.nonzero(np.diff(rows) > 1)[0]  # the canal is between body and spinous process
    body = rows[: gap[0] + 1] if gap.size else rows
    return float(plane[:, body[round(row_fraction * (body.size - 1))]].sum()) * z_mm


def test_scan_and_labels_are_on_one_grid_with_the_requested_spacing() -> None:
    phantom = make_phantom(1, spacing_zyx_mm=(3.0, 2.0, 1.7))
    assert phantom.volume.geometry.spacing_zyx_mm == (3.0, 2.0, 1.7)
    assert phantom.volume.hu.shape == phantom.labels.shape == (35, 56, 61)
    assert phantom.volume.hu.dtype == np.int16 and phantom.labels.dtype == np.uint8


def test_the_same_seed_gives_the_same_scan_and_another_seed_another(plain: Phantom) -> None:
    again = make_phantom(3, kind=PhantomKind.PLAIN)
    assert np.array_equal(plain.volume.hu, again.volume.hu) and np.array_equal(
        plain.labels, again.labels
    )
    other = make_phantom(4, kind=PhantomKind.PLAIN)
    assert not np.array_equal(plain.labels, other.labels)


def test_labels_are_verse_numbers_stacked_from_head_to_foot(plain: Phantom) -> None:
    numbers = [int(n) for n in np.unique(plain.labels) if n]
    assert set(numbers) <= {20, 21, 22, 23, 24} and L3 in numbers
    heights = [np.mean(np.nonzero(plain.labels == n)[0]) for n in numbers]
    assert heights == sorted(heights, reverse=True)


def test_marrow_cortex_muscle_and_fat_have_the_hu_of_a_ct(plain: Phantom) -> None:
    hu, labels = plain.volume.hu, plain.labels
    inside = ndimage.binary_erosion(labels > 0, iterations=3)
    shell = (labels > 0) & ~ndimage.binary_erosion(labels > 0)
    around = ndimage.binary_dilation(labels > 0, iterations=8) & ~ndimage.binary_dilation(
        labels > 0, iterations=2
    )
    assert 80 < np.median(hu[inside]) < 260
    assert np.percentile(hu[shell], 90) > 300
    soft = hu[around]
    assert 40 < np.median(soft[(soft > 0) & (soft < 120)]) < 95
    assert -120 < np.median(soft[(soft > -160) & (soft < -50)]) < -75
    assert hu.min() >= -1024 and hu.max() <= 3071


def test_sacrum_ribs_and_pelvis_are_bone_but_not_labelled() -> None:
    phantom = make_phantom(
        2, size=Extent((88, 104, 132), (2.0, 2.0, 2.0), 23, 24, 50.0, 0.42), kind=PhantomKind.PLAIN
    )
    below_l5 = int(np.nonzero(phantom.labels == 24)[0].min())
    below = phantom.volume.hu[: below_l5 - 2]
    assert (below > 250).sum() > 300  # sacrum and hips exist
    assert not phantom.labels[: below_l5 - 2].any()
    assert set(np.unique(phantom.labels)) <= {0, 23, 24}


@pytest.mark.parametrize(
    ("kind", "place", "kept"),
    [
        (PhantomKind.WEDGE, 0.15, 0.8),
        (PhantomKind.BICONCAVE, 0.5, 0.8),
        (PhantomKind.CRUSH, 0.5, 0.8),
    ],
)
def test_a_fracture_lowers_its_vertebra_according_to_its_kind(
    plain: Phantom, kind: PhantomKind, place: float, kept: float
) -> None:
    broken = make_phantom(3, kind=kind)
    ratios = [
        body_height_mm(broken, n, place) / body_height_mm(plain, n, place) for n in (21, L3, 23)
    ]
    assert min(ratios) <= kept
    assert sorted(ratios)[1] > 0.85  # only one is fractured


def test_a_wedge_keeps_its_posterior_wall(plain: Phantom) -> None:
    broken = make_phantom(3, kind=PhantomKind.WEDGE)
    backs = [body_height_mm(broken, n, 0.9) / body_height_mm(plain, n, 0.9) for n in (21, L3, 23)]
    assert min(backs) > 0.85


def test_cement_and_metal_are_brighter_than_any_bone(plain: Phantom) -> None:
    assert plain.volume.hu.max() < 1300
    cement = make_phantom(3, kind=PhantomKind.CEMENT)
    assert (cement.volume.hu[cement.labels > 0] > 650).sum() > (
        plain.volume.hu[plain.labels > 0] > 650
    ).sum() + 50
    metal = make_phantom(3, kind=PhantomKind.METAL)
    assert metal.volume.hu.max() > 1800
    assert np.array_equal(metal.labels, plain.labels)  # screws change the scan, not the reference


@pytest.mark.parametrize("kind", [PhantomKind.LEG, PhantomKind.HEAD])
def test_leg_and_head_show_bone_but_no_vertebra(kind: PhantomKind) -> None:
    phantom = make_phantom(5, kind=kind)
    assert not phantom.labels.any()
    assert (phantom.volume.hu > 400).sum() > 500


def test_the_command_writes_scan_and_labels_that_read_back(tmp_path: Path) -> None:
    assert (
        main(["-o", str(tmp_path / "out"), "--seed", "3", "--size", "small", "--kind", "plain"])
        == 0
    )
    labels, geometry, _ = read_labels(tmp_path / "out" / "sub-phantom_seg-vert_msk.nii.gz")
    expected = make_phantom(3, kind=PhantomKind.PLAIN)
    assert np.array_equal(labels, expected.labels)
    assert geometry.is_close_to(expected.volume.geometry)
    scan = load_image(tmp_path / "out" / "sub-phantom_ct.nii.gz")
    assert (
        int(scan.values.min()) == int(expected.volume.hu.min())
        and scan.values.shape == expected.volume.hu.shape
    )


def test_the_command_refuses_a_file_as_its_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        main(["-o", str(tmp_path / "taken")])
