"""Pieces beside the spine's line are left out, parts of a spine never."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.fusion import Fusion, attention_shape
from spineviewer.fusion.islands import CELL_MM, Islands, SpineLine, find_islands
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import AttentionMap, ProbabilityMap, SpineMask
from spineviewer.volume.working_grid import working_geometry

GRID = Geometry((180, 150, 200), (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))
#: Middle of the field of view in mm, rows and columns.
Y, X = 160.0, 200.0


class Body:
    """A mask made of balls; all sizes are in mm."""

    def __init__(self, grid: Geometry = GRID) -> None:
        self.grid = grid
        self.voxels = np.zeros(grid.shape_zyx, np.bool_)
        self._mm = np.meshgrid(
            *(
                (np.arange(n) + 0.5) * s
                for n, s in zip(grid.shape_zyx, grid.spacing_zyx_mm, strict=True)
            ),
            indexing="ij",
            sparse=True,
        )

    def ball(self, z: float, y: float, x: float, radius: float = 16.0) -> NDArray[np.bool_]:
        """Add a ball; return the voxels that it fills."""
        away = sum((a - b) ** 2 for a, b in zip(self._mm, (z, y, x), strict=True))
        inside = np.asarray(away <= radius**2)
        self.voxels |= inside
        return inside

    def column(
        self, first: float = 20, last: float = 340, bend_x: float = 0.0, bend_y: float = 0.0
    ) -> None:
        """Add touching vertebrae along an S with these amplitudes."""
        for z in np.arange(first, last, 15.0):
            turn = 2 * np.pi * z / 360
            self.ball(z, Y + bend_y * np.sin(turn), X + bend_x * np.sin(turn))

    def islands(self, attention: AttentionMap | None = None) -> Islands:
        return find_islands(SpineMask(self.voxels, self.grid), attention)

    def kept(self) -> NDArray[np.bool_]:
        before = SpineMask(self.voxels.copy(), self.grid)
        return find_islands(before).cleared(before).voxels


def test_only_shoulders_beside_a_spine_are_left_out() -> None:
    body = Body()
    body.column()
    spine = body.voxels.copy()
    shoulders = body.ball(310, 140, X - 140, 22) | body.ball(310, 140, X + 135, 20)
    assert np.array_equal(body.kept(), spine)
    islands = body.islands()
    assert len(islands.far_pieces) == 2
    assert islands.far_ml == pytest.approx(shoulders.sum() * 0.008)
    largest = islands.far_pieces[0]
    assert largest.volume_ml > islands.far_pieces[1].volume_ml
    assert np.allclose((np.array(largest.middle_zyx) + 0.5) * 2.0, (310, 140, X - 140), atol=2)


def test_hips_below_a_spine_are_left_out() -> None:
    body = Body()
    body.column(first=130)
    spine = body.voxels.copy()
    body.ball(30, 140, X - 90, 24)
    body.ball(30, 140, X + 90, 24)
    assert np.array_equal(body.kept(), spine)


@pytest.mark.parametrize("bend", [-60.0, 60.0])
def test_a_severe_scoliosis_stays_whole(bend: float) -> None:
    body = Body()
    body.column(bend_x=bend)
    assert not body.islands().far_pieces


@pytest.mark.parametrize("bend", [-60.0, 60.0])
def test_a_severe_kyphosis_stays_whole(bend: float) -> None:
    body = Body()
    body.column(bend_y=bend)
    assert not body.islands().far_pieces


@pytest.mark.parametrize("bend_x", [0.0, 50.0])
def test_a_spine_in_two_parts_stays_whole(bend_x: float) -> None:
    body = Body()
    body.column(bend_x=bend_x)
    body.voxels[70:110] = False  # 80 mm of it
    assert not body.islands().far_pieces


def test_single_vertebrae_with_gaps_between_them_all_stay() -> None:
    body = Body()
    for z in range(20, 350, 40):
        body.ball(z, Y, X + 40 * np.sin(z / 60), 13)
    assert not body.islands().far_pieces


def test_many_separate_vertebrae_outweigh_one_large_shoulder() -> None:
    body = Body()
    for z in range(20, 350, 35):
        body.ball(z, Y, X, 13)
    spine = body.voxels.copy()
    body.ball(310, 140, X - 140, 24)  # larger than any vertebra
    assert np.array_equal(body.kept(), spine)


def test_fragments_of_processes_and_an_atlas_stay() -> None:
    body = Body()
    body.column(last=300)
    body.ball(150, Y + 78, X, 6)  # a spinous process
    body.ball(200, Y + 20, X + 48, 5)  # a transverse one
    body.ball(338, Y - 12, X + 16, 8)  # a lateral mass of the atlas
    assert not body.islands().far_pieces


def test_a_rib_that_does_not_touch_its_vertebra_is_left_out() -> None:
    body = Body()
    body.column()
    body.ball(150, Y, X + 18, 5)  # a transverse process up to X + 30
    body.ball(150, Y, X + 25, 5)
    spine = body.voxels.copy()
    rib = body.ball(150, Y, X + 40, 8)  # from X + 32: one voxel of 2 mm is between them
    islands = body.islands()
    (piece,) = islands.loose
    assert piece.volume_ml == pytest.approx(rib.sum() * 0.008) == islands.small_ml
    assert np.array_equal(body.kept(), spine)
    for axis in range(3):
        shape = tuple(n for other, n in enumerate(rib.shape) if other != axis)
        for index in range(rib.shape[axis]):
            plane = islands.plane(axis, index, (shape[0], shape[1]))
            assert np.array_equal(plane, rib.take(index, axis))


def test_a_rib_that_touches_its_vertebra_or_is_cut_by_the_scan_stays() -> None:
    body = Body()
    body.column()
    body.ball(150, Y, X + 18, 5)
    body.ball(150, Y, X + 25, 5)
    body.ball(150, Y, X + 38, 8)
    body.ball(7, Y, X + 38, 8)
    assert body.islands().is_empty


def test_a_neck_far_in_front_of_a_bent_back_stays() -> None:
    body = Body()
    for angle in np.linspace(-0.5, 1.55, 22):  # a strongly curved kyphosis
        body.ball(60 + 150 * np.sin(angle), Y - 110 + 150 * np.cos(angle), X)
    for k in range(5):
        body.ball(235 + 15 * k, Y - 140 - 8 * k, X, 12)
    assert not body.islands().far_pieces


def test_the_attention_determines_which_piece_is_the_spine() -> None:
    body = Body()
    body.column(first=200, last=260)
    spine = body.voxels.copy()
    body.ball(230, 140, X - 130, 45)  # larger than the visible part of the spine
    attention = AttentionMap(np.zeros(attention_shape(GRID), np.float32), GRID)
    attention.cells[:, int(Y / 16) - 1 : int(Y / 16) + 2, int(X / 8) - 2 : int(X / 8) + 3] = 0.3
    (piece,) = body.islands(attention).far_pieces
    assert piece.volume_ml == pytest.approx((body.voxels & ~spine).sum() * 0.008)


def test_the_islands_of_a_plane_are_those_of_the_cleared_mask() -> None:
    grid = Geometry((40, 151, 203), (7.0, 2.3, 1.9), (0.0, 0.0, 0.0))
    body = Body(grid)
    body.column(last=270)
    body.ball(240, 140, X - 140, 22)
    islands, kept = body.islands(), body.kept()
    assert islands.far_pieces
    for axis, shape in enumerate(((151, 203), (40, 203), (40, 151))):
        for index in (0, 20, 34, 38):
            left_out = islands.plane(axis, index, shape)
            assert np.array_equal(body.voxels.take(index, axis) & ~left_out, kept.take(index, axis))


def test_voxels_larger_than_a_cell_are_cells() -> None:
    body = Body(Geometry((30, 75, 100), (2 * CELL_MM + 4, 4.0, 4.0), (0.0, 0.0, 0.0)))
    body.column()
    body.ball(300, 140, X - 140, 22)
    assert len(body.islands().far_pieces) == 1


def test_an_empty_mask_has_no_pieces_and_no_line() -> None:
    islands = Body().islands()
    assert islands.far_pieces == () and islands.line is None and islands.far_ml == 0


def test_the_same_mask_gives_the_same_pieces_at_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = Body()
    body.column(bend_x=20)
    body.ball(310, 140, X - 140, 22)
    monkeypatch.setenv("SPINEVIEWER_THREADS", "1")
    alone = body.islands()
    monkeypatch.setenv("SPINEVIEWER_THREADS", "3")
    together = body.islands()
    assert alone.far_pieces == together.far_pieces and np.array_equal(alone.cells, together.cells)
    assert alone.line is not None and together.line is not None
    assert np.array_equal(alone.line.points_mm, together.line.points_mm)


def test_the_line_runs_along_the_spine_and_gives_the_lateral_distance_of_a_point() -> None:
    body = Body()
    body.column(bend_x=30)
    line = body.islands().line
    assert line is not None
    z = 180 + 90.0
    on_spine = (z, Y, X + 30 * np.sin(2 * np.pi * z / 360))
    assert line.distance_mm(np.array([on_spine])).item() < 4
    assert line.distance_mm(np.array([(z, Y, on_spine[2] - 100)])).item() == pytest.approx(
        100, abs=4
    )
    assert line.distance_mm(np.array([(z, Y + 50, on_spine[2])])).item() == pytest.approx(
        0.6 * 50, abs=4
    )


# fusion

PLAIN, CLEAN = Tuning(0.1, 8.0), Tuning(0.1, 8.0, leaves_out_islands=True)


@pytest.fixture(scope="module")
def fusion() -> Fusion:
    """A column and a shoulder in both networks' outputs, at 1 mm."""
    grid = Geometry((200, 90, 190), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    body = Body(grid)
    for z in range(10, 200, 15):
        body.ball(z, 45, 50, 12)
    body.ball(170, 40, 160, 18)
    working = working_geometry(grid)
    values = np.where(body.voxels, np.uint16(60000), np.uint16(100))
    cells = np.full(attention_shape(grid), 0.15, np.float32)
    cells[:, :, 4:9] = 0.5
    return Fusion(
        AttentionMap(cells, grid), ProbabilityMap(values, np.ones(190, np.bool_), working, grid)
    )


def test_the_fusion_leaves_islands_out_only_where_the_tuning_says_so(fusion: Fusion) -> None:
    plain = fusion.mask(PLAIN)
    clean = fusion.mask(CLEAN)
    assert plain.voxels[:, :, 142:].any() and not clean.voxels[:, :, 100:].any()
    assert np.array_equal(plain.voxels[:, :, :100], clean.voxels[:, :, :100])
    assert clean.box == (slice(0, 200), slice(33, 57), slice(38, 62))
    left_in, islands = fusion.mask_and_islands(PLAIN)
    assert np.array_equal(left_in.voxels, plain.voxels)
    assert islands.far_ml == pytest.approx(plain.volume_ml - clean.volume_ml)


@pytest.mark.parametrize("tuning", [PLAIN, CLEAN])
def test_every_plane_equals_the_slice_of_the_whole_mask_once_it_is_made(
    fusion: Fusion, tuning: Tuning
) -> None:
    voxels = fusion.mask_and_islands(tuning)[0].voxels
    for axis, indices in enumerate(((5, 165, 170), (30, 45), (50, 150, 160))):
        for index in indices:
            assert np.array_equal(fusion.mask_plane(axis, index, tuning), voxels.take(index, axis))


def test_crumbs_between_the_ends_of_the_scan_are_left_out_without_being_far() -> None:
    body = Body()
    body.column()
    spine = body.voxels.copy()
    crumb = body.ball(180, Y - 60, X + 20, 4)  # 0.27 ml, like a calcified vessel
    islands = body.islands()
    assert islands.far_pieces == () and len(islands.crumbs) == 1
    assert islands.small_ml == pytest.approx(crumb.sum() * 0.008)
    assert np.array_equal(body.kept(), spine)


def test_small_pieces_at_the_ends_of_the_scan_stay() -> None:
    body = Body()
    body.column(first=60, last=300)
    body.ball(6, Y, X, 4)  # the tip of a vertebra that is out of view
    body.ball(355, Y, X, 4)
    assert body.islands().is_empty


def test_a_spine_as_small_as_a_crumb_stays() -> None:
    body = Body()
    body.ball(180, Y, X, 4)
    assert body.islands().is_empty


def test_a_fragment_two_vertebrae_away_from_the_spine_is_left_out() -> None:
    body = Body()
    body.column(first=150, last=340)
    spine = body.voxels.copy()
    body.ball(40, Y, X + 30, 12)  # 7 ml, like a part of the ischium below a sacrum
    body.ball(6, Y, X + 30, 6)  # at the end of the scan; fragments do not support each other
    assert np.array_equal(body.kept(), spine)
    assert len(body.islands().far_pieces) == 2


@pytest.mark.parametrize(("height", "radius"), [(40.0, 14.0), (85.0, 9.0)])
def test_a_whole_vertebra_far_away_and_a_fragment_nearby_stay(height: float, radius: float) -> None:
    body = Body()
    body.column(first=150, last=340)
    body.ball(height, Y, X, radius)
    assert not body.islands().far_pieces


def test_the_distance_of_many_places_from_the_line_needs_little_memory() -> None:
    points = np.column_stack([np.arange(400.0), np.full(400, 50.0), np.full(400, 60.0)])
    line = SpineLine(points, np.full(400, 30.0))
    places = np.random.default_rng(0).uniform(0, 400, (20_000, 3))
    tracemalloc.start()
    outside = line.outside_mm(places)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40_000_000  # all pairs at once would need 192 MB
    alone = [line.outside_mm(place[None])[0] for place in places[:3000:100]]
    assert np.array_equal(outside[:3000:100], alone)
