"""Fusion compared with scipy on the up-sampled volume, and planes compared with the volume."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d, map_coordinates

import spineviewer.fusion.extended_attention as attention_module
from spineviewer.errors import GeometryError, InferenceError, UsageError
from spineviewer.fusion import ExtendedAttention, Fusion, attention_shape
from spineviewer.fusion.operators import axis_operator, extended_attention
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.ruled import RuledSurface
from spineviewer.volume.volume import AttentionMap, ProbabilityMap, bounding_box
from spineviewer.volume.working_grid import working_geometry

SCANS = [
    Geometry((41, 37, 53), (0.7, 1.3, 0.9), (3.0, -5.0, 11.0)),
    Geometry((23, 61, 40), (2.5, 0.8, 0.8), (0.0, 0.0, 0.0)),
    Geometry((50, 33, 29), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    Geometry((5, 90, 7), (5.0, 0.31, 3.3), (0.0, 0.0, 0.0)),
    Geometry((2, 30, 3), (50.0, 1.1, 26.0), (0.0, 0.0, 0.0)),
]


def maps(
    scan: Geometry, *, seed: int = 0, computed: NDArray[np.bool_] | None = None
) -> tuple[AttentionMap, ProbabilityMap]:
    random = np.random.default_rng(seed)
    working = working_geometry(scan)
    cells = random.random(attention_shape(scan)).astype(np.float32)
    values = random.integers(0, 65536, working.shape_zyx, dtype=np.uint16)
    done = np.ones(working.shape_zyx[2], np.bool_) if computed is None else computed
    values[:, :, ~done] = 0
    return AttentionMap(cells, scan), ProbabilityMap(values, done, working, scan)


def upsampled(cells: NDArray[np.float32], scan: Geometry) -> NDArray[np.float64]:
    """Trilinear between cell centres at 16i + 7.5 (8k + 3.5 across) of the working grid."""
    axes = [
        ((np.arange(n) + 0.5) * spacing - 0.5 - (cell - 1) / 2) / cell
        for n, spacing, cell in zip(scan.shape_zyx, scan.spacing_zyx_mm, (16, 16, 8), strict=True)
    ]
    return np.asarray(
        map_coordinates(
            cells.astype(np.float64), np.meshgrid(*axes, indexing="ij"), order=1, mode="nearest"
        )
    )


def reference_attention(attention: AttentionMap, sigma_mm: float) -> NDArray[np.float64]:
    sigma = [sigma_mm / spacing for spacing in attention.scan.spacing_zyx_mm]
    cells = attention.cells.copy()
    if len(cells) > 1 and cells[0].max() >= 0.5:  # the scan cuts the spine off below
        cells[0] = np.maximum(cells[0], cells[1])
    return np.asarray(
        gaussian_filter(upsampled(cells, attention.scan), sigma, mode="nearest", truncate=4.0)
    )


def reference_probability(probability: ProbabilityMap) -> NDArray[np.float64]:
    scan = probability.scan
    axes = [
        (np.arange(n) + 0.5) * spacing - 0.5
        for n, spacing in zip(scan.shape_zyx, scan.spacing_zyx_mm, strict=True)
    ]
    grid = np.meshgrid(*axes, indexing="ij")
    return np.asarray(map_coordinates(probability.values / 65535.0, grid, order=1, mode="nearest"))


@pytest.mark.parametrize("sigma_mm", [0.0, 0.3, 6.0, 20.0, 80.0])
@pytest.mark.parametrize(
    ("voxels", "spacing_mm", "cells", "cell_mm"),
    [
        (600, 1.0, 38, 16),
        (512, 0.75, 48, 8),
        (40, 5.0, 13, 16),
        (30, 9.0, 34, 8),
        (25, 1.0, 2, 16),
        (20, 0.7, 1, 16),
        (1, 1.0, 1, 16),
    ],
)
def test_an_axis_operator_equals_scipys_gaussian_of_linear_interpolation_to_the_last_bits(
    voxels: int, spacing_mm: float, cells: int, cell_mm: float, sigma_mm: float
) -> None:
    axis = axis_operator(voxels, spacing_mm, cells, cell_mm, sigma_mm)
    places = np.clip((np.arange(voxels) + 0.5) * spacing_mm / cell_mm - 0.5, 0, cells - 1)
    linear = np.maximum(0, 1 - np.abs(places - np.arange(cells)[:, None]))
    smooth = (
        gaussian_filter1d(linear, sigma_mm / spacing_mm, axis=1, mode="nearest", truncate=4.0)
        if sigma_mm
        else linear
    )
    assert np.allclose(axis.by_cell, smooth, rtol=3e-7, atol=1e-12)
    assert np.array_equal(axis.by_voxel, axis.by_cell.T)
    assert (axis.by_cell >= 0).all()
    for rows, first, last in (
        (axis.by_voxel, axis.first_cell, axis.stop_cell),
        (axis.by_cell, axis.first_voxel, axis.stop_voxel),
    ):
        for row, start, stop in zip(rows, first, last, strict=True):
            held = np.flatnonzero(row)
            assert (start, stop) == ((held[0], held[-1] + 1) if len(held) else (0, 0))


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: str(scan.spacing_zyx_mm))
@pytest.mark.parametrize("sigma_mm", [0.0, 2.0, 9.5])
def test_the_smoothed_map_equals_scipys_gaussian_of_the_upsampled_map(
    scan: Geometry, sigma_mm: float
) -> None:
    attention, _ = maps(scan)
    assert (
        np.abs(
            ExtendedAttention(attention).volume(sigma_mm) - reference_attention(attention, sigma_mm)
        ).max()
        < 1e-6
    )


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: str(scan.spacing_zyx_mm))
@pytest.mark.parametrize("sigma_mm", [0.0, 6.0])
def test_no_mask_voxel_differs_from_scipy(scan: Geometry, sigma_mm: float) -> None:
    attention, probability = maps(scan, seed=4)
    settings = Tuning(0.5, sigma_mm, 0.45)
    smoothed, bone = reference_attention(attention, sigma_mm), reference_probability(probability)
    expected = (smoothed > 0.5) & (bone > 0.45)
    certain = (np.abs(smoothed - 0.5) > 1e-6) & (np.abs(bone - 0.45) > 1e-6)
    voxels = Fusion(attention, probability).mask(settings).voxels
    assert expected.any() and not expected.all()
    assert np.array_equal(voxels[certain], expected[certain])
    assert certain.mean() > 0.99


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: str(scan.spacing_zyx_mm))
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.6, 0.7, 1.0])
def test_the_box_found_during_fusion_is_that_of_the_voxels(
    scan: Geometry, threshold: float
) -> None:
    attention, probability = maps(scan, seed=4)
    mask = Fusion(attention, probability).mask(Tuning(threshold, 6.0, 0.7))
    assert mask.known_box == bounding_box(mask.voxels)


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: str(scan.spacing_zyx_mm))
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_plane_equals_the_slice_of_the_volume_and_of_the_mask_voxel_for_voxel(
    scan: Geometry, axis: int
) -> None:
    attention, probability = maps(scan, seed=1)
    fusion = Fusion(attention, probability)
    settings = Tuning(0.5, 3.0, 0.5)
    extended_attention_volume, probability_volume, mask = (
        fusion.extended.volume(3.0),
        fusion.probability_volume(),
        fusion.mask(settings),
    )
    for index in (0, scan.shape_zyx[axis] // 2, scan.shape_zyx[axis] - 1):
        assert (
            np.abs(
                fusion.extended.plane(axis, index, 3.0)
                - extended_attention_volume.take(index, axis)
            ).max()
            < 1e-6
        )
        assert np.array_equal(
            fusion.probability_plane(axis, index), probability_volume.take(index, axis)
        )
        assert np.array_equal(
            fusion.mask_plane(axis, index, settings), mask.voxels.take(index, axis)
        )
        assert fusion.computed_plane(axis, index).all()


def test_a_sagittal_plane_of_the_mask_is_exact_where_rounding_decides() -> None:
    scan = SCANS[0]
    attention, _ = maps(scan, seed=1)
    working = working_geometry(scan)
    full = np.full(working.shape_zyx, 65535, np.uint16)
    fusion = Fusion(
        attention, ProbabilityMap(full, np.ones(working.shape_zyx[2], np.bool_), working, scan)
    )
    volume = fusion.extended.volume(3.0)
    for z, y in ((3, 5), (20, 30), (40, 36)):
        settings = Tuning(float(volume[z, y, 26]), 3.0, 0.5)  # exactly the value of a voxel
        assert np.array_equal(
            fusion.mask_plane(2, 26, settings), fusion.mask(settings).voxels[:, :, 26]
        )
        assert not fusion.mask_plane(2, 26, settings)[z, y]


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: str(scan.spacing_zyx_mm))
def test_the_probability_is_linear_between_working_voxels(scan: Geometry) -> None:
    attention, probability = maps(scan, seed=2)
    assert (
        np.abs(
            Fusion(attention, probability).probability_volume() - reference_probability(probability)
        ).max()
        < 1e-6
    )


def test_comparisons_are_greater_than_not_greater_or_equal() -> None:
    scan = Geometry((16, 16, 8), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    half = AttentionMap(np.full((1, 1, 1), 0.5, np.float32), scan)
    full = ProbabilityMap(np.full((16, 16, 8), 65535, np.uint16), np.ones(8, np.bool_), scan, scan)
    assert not Fusion(half, full).mask(Tuning(0.5, 0.0)).voxels.any()
    assert Fusion(half, full).mask(Tuning(0.4999, 0.0)).voxels.all()
    assert not Fusion(half, full).mask(Tuning(0.1, 0.0, 1.0)).voxels.any()
    assert not Fusion(half, full).mask_plane(1, 3, Tuning(0.1, 0.0, 1.0)).any()


def test_areas_that_are_not_computed_never_look_like_no_bone() -> None:
    scan = Geometry((20, 24, 40), (1.6, 1.4, 0.8), (0.0, 0.0, 0.0))
    computed = np.zeros(32, np.bool_)
    computed[10:20] = True
    attention, probability = maps(scan, computed=computed)
    fusion = Fusion(attention, probability)
    # scan voxel x is at working index (x + 0.5) * 0.8 - 0.5; it needs both neighbours
    expected = np.array([10 <= (x + 0.5) * 0.8 - 0.5 <= 19 for x in range(40)])
    assert np.array_equal(fusion.computed_plane(0, 7), np.broadcast_to(expected, (24, 40)))
    assert np.array_equal(fusion.computed_plane(1, 7), np.broadcast_to(expected, (20, 40)))
    for x in range(40):
        assert (fusion.computed_plane(2, x) == expected[x]).all()
    everything = Tuning(0.0, 0.0, 0.0)
    assert not fusion.is_complete(everything)
    assert not fusion.mask_plane(0, 7, everything)[:, ~expected].any()
    for refused in (lambda: fusion.mask(everything), fusion.probability_volume):
        with pytest.raises(InferenceError, match="not been segmented"):
            refused()


def test_without_a_segmentation_nothing_is_computed_and_attention_can_still_be_seen() -> None:
    attention, _ = maps(SCANS[0])
    fusion = Fusion(attention, None)
    assert not fusion.computed_plane(0, 3).any()
    assert not fusion.mask_plane(0, 3, Tuning(0.0, 1.0)).any()
    assert fusion.extended.plane(0, 3, 1.0).any()
    with pytest.raises(InferenceError):
        fusion.mask(Tuning(0.0, 1.0))


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.7])
def test_the_needed_slices_hold_every_voxel_of_the_mask(threshold: float) -> None:
    scan = SCANS[0]
    attention, probability = maps(scan, seed=3)
    cells = attention.cells.copy()
    cells[:, :, :2] = 0.0
    attention = AttentionMap(cells, scan)
    settings = Tuning(threshold, 1.0, 0.0)
    whole = Fusion(attention, probability)
    needed = whole.extended.needed_slices(settings)
    assert not needed.all()
    values = probability.values.copy()
    values[:, :, ~needed] = 0
    part = Fusion(attention, ProbabilityMap(values, needed, probability.geometry, scan))
    assert part.is_complete(settings)
    assert np.array_equal(part.mask(settings).voxels, whole.mask(settings).voxels)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_projected_map_is_the_mean_over_the_slices(axis: int) -> None:
    attention, _ = maps(SCANS[1])
    fusion = Fusion(attention, None)
    mean = fusion.extended.volume(4.0).mean(axis=axis)
    expected = mean / mean.max() * attention.cells.max()
    assert np.abs(fusion.extended.projected(axis, 4.0) - expected).max() < 1e-5


@pytest.mark.parametrize("scan", SCANS[:3], ids=lambda scan: str(scan.spacing_zyx_mm))
@pytest.mark.parametrize(("sigma_mm", "most"), [(0.0, 0.2), (6.0, 0.02)])
def test_the_map_drawn_along_a_surface_is_near_the_exact_one(
    scan: Geometry, sigma_mm: float, most: float
) -> None:
    fusion = Fusion(maps(scan)[0], None)
    random = np.random.default_rng(8)
    inside = np.array(scan.shape_zyx) - 1
    places = random.random((40, 3)) * inside
    surface = RuledSurface(places, np.zeros((40, 3)), np.zeros((40, 3)), 1, 1.0)
    exact = map_coordinates(fusion.extended.volume(sigma_mm), places.T, order=1)
    assert exact.max() > 0.3
    assert np.abs(fusion.extended.on_surface(surface, sigma_mm)[:, 0] - exact).max() < most


@pytest.mark.parametrize("scan", SCANS[:3], ids=lambda scan: str(scan.spacing_zyx_mm))
def test_the_probability_on_a_surface_is_linear_on_the_working_grid(scan: Geometry) -> None:
    attention, probability = maps(scan)
    random = np.random.default_rng(8)
    inside = np.array(scan.shape_zyx) - 1
    origins, steps = (
        random.random((7, 3)) * inside * 0.6 + 0.6,
        random.random((7, 3)) * inside * 0.02,
    )
    found = Fusion(attention, probability).probability_on(
        RuledSurface(origins, steps, np.zeros((7, 3)), 12, 1.0)
    )
    where = (origins[:, None] + np.arange(12)[None, :, None] * steps[:, None] + 0.5) * np.array(
        scan.spacing_zyx_mm
    ) - 0.5
    expected = map_coordinates(
        probability.values / 65535.0, np.moveaxis(where, -1, 0), order=1, mode="nearest"
    )
    assert np.abs(found - expected).max() < 1e-4


def test_a_higher_threshold_never_adds_a_voxel_and_an_empty_map_gives_an_empty_mask() -> None:
    attention, probability = maps(SCANS[0], seed=9)
    fusion = Fusion(attention, probability)
    low, high = fusion.mask(Tuning(0.3, 5.0, 0.4)).voxels, fusion.mask(Tuning(0.6, 5.0, 0.4)).voxels
    stricter = fusion.mask(Tuning(0.3, 5.0, 0.8)).voxels
    assert high.sum() < low.sum() and not (high & ~low).any() and not (stricter & ~low).any()
    empty = Fusion(AttentionMap(np.zeros_like(attention.cells), attention.scan), probability)
    assert not empty.mask(Tuning(0.0, 5.0)).voxels.any()
    assert not empty.extended.projected(0, 5.0).any()


def test_the_upper_end_of_the_spine_is_continued_by_32_mm() -> None:
    scan = Geometry((128, 48, 40), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    attention, probability = maps(scan)
    attention.cells[:] = 0.0
    attention.cells[2:5, 1, 2] = 0.6  # rows of 16 mm: the spine from 32 to 80 mm
    attention.cells[5, 0, 0] = 0.29  # too uncertain to be an end of the spine
    probability.values[:] = 65535
    before = attention.cells.copy()
    fusion = Fusion(attention, probability)
    raw = fusion.extended.volume(0.0)
    centres = raw[7::16, 23, 19]  # next to the middle of cell (1, 2) in each row
    assert (centres > 0.4).tolist() == [False, False, True, True, True, True, True, False]
    marked = np.flatnonzero(fusion.mask(Tuning(0.28, 0.0, 0.5)).voxels.any(axis=(1, 2)))
    assert (marked[0], marked[-1]) == (32, 111)
    assert np.array_equal(attention.cells, before)


def test_a_spine_that_is_cut_off_below_keeps_the_attention_of_the_next_row() -> None:
    scan = Geometry((64, 32, 40), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    cells = np.zeros(attention_shape(scan), np.float32)
    cells[1, :, 2], cells[0, 0, 2], cells[0, 0, 3] = 0.7, 0.5, 0.2  # the processes are missed
    found = extended_attention(cells)
    expected = np.array([[0, 0, 0.7, 0.2, 0], [0, 0, 0.7, 0, 0]], np.float32)
    assert np.array_equal(found[0], expected)
    assert np.array_equal(found[1], cells[1])
    cells[0, 0, 2] = 0.49  # it may be the sacrum
    assert np.array_equal(extended_attention(cells)[0], cells[0])


def test_a_spine_that_reaches_the_top_of_the_scan_is_not_continued() -> None:
    scan = SCANS[0]
    attention, _ = maps(scan)
    attention.cells[0], attention.cells[-1] = 0.2, 0.3
    assert np.array_equal(extended_attention(attention.cells), attention.cells)
    attention.cells[:] = 0.29
    attention.cells[0] = 0.1
    assert np.array_equal(extended_attention(attention.cells), attention.cells)


def test_maps_of_different_scans_and_invalid_settings_are_rejected() -> None:
    attention, _ = maps(SCANS[0])
    _, other = maps(SCANS[1])
    with pytest.raises(GeometryError, match="different scans"):
        Fusion(attention, other)
    with pytest.raises(GeometryError, match="cells"):
        Fusion(AttentionMap(attention.cells[:1], attention.scan), None)
    for numbers in ((1.5, 1.0, 0.5), (0.5, -1.0, 0.5), (0.5, float("nan"), 0.5), (0.5, 1.0, -0.1)):
        with pytest.raises(UsageError):
            Tuning(*numbers)


def test_threads_that_request_different_planes_do_not_wait_and_no_plane_is_made_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fusion = Fusion(*maps(SCANS[0]))
    both_in, made, rows = threading.Barrier(2, timeout=20), [], attention_module.attention_rows

    def slow(*given: object) -> None:
        both_in.wait()  # if only one ran at a time, this would time out
        made.append(given)
        rows(*given)

    monkeypatch.setattr(attention_module, "attention_rows", slow)
    requested = [(0, 1), (1, 2), (0, 1), (1, 2)]
    with ThreadPoolExecutor(len(requested)) as pool:
        planes = list(pool.map(lambda place: fusion.extended.plane(*place, 6.0), requested))
    assert len(made) == 2
    assert planes[0] is planes[2]
    assert planes[1] is planes[3]


def test_a_value_that_failed_is_computed_again_on_the_next_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fusion = Fusion(*maps(SCANS[0]))
    with monkeypatch.context() as patch:
        patch.setattr(attention_module, "attention_sagittal", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fusion.extended.plane(2, 3, 6.0)
    assert fusion.extended.plane(2, 3, 6.0).max() > 0
