import io
from pathlib import Path

import numpy as np
import pytest

from spineviewer.editing import stored_correction
from spineviewer.editing.brush import Brush
from spineviewer.editing.correction import ADDED, REMOVED, UNTOUCHED, Correction, planned
from spineviewer.editing.stored_correction import pack_correction, unpack_correction
from spineviewer.errors import ImageReadError
from spineviewer.volume.geometry import Geometry

SHAPE = (70, 45, 50)


def random_steps(correction, count, seed=0):
    """Make random steps; return the state before them and after each, kept in a dense array."""
    random = np.random.default_rng(seed)
    dense = np.zeros(SHAPE, np.int8)
    states = [dense.copy()]
    for number in range(count):
        correction.begin(f"step {number}")
        for _ in range(3):
            size = random.integers(1, 40, 3).clip(max=np.array(SHAPE))
            corner = [int(random.integers(0, n - s + 1)) for n, s in zip(SHAPE, size, strict=True)]
            selected = random.random(size) > 0.5
            sign = int(random.choice([ADDED, REMOVED, UNTOUCHED]))
            correction.paint(tuple(corner), selected, sign)
            dense[tuple(slice(c, c + s) for c, s in zip(corner, size, strict=True))][selected] = (
                sign
            )
        assert correction.end()
        states.append(dense.copy())
    return states


def signs_of(correction):
    planes = [correction.plane(0, z) for z in range(SHAPE[0])]
    return np.array([np.zeros(SHAPE[1:], np.int8) if p is None else p for p in planes])


def test_painting_equals_a_dense_array_in_all_three_directions():
    correction = Correction(SHAPE)
    dense = random_steps(correction, 4)[-1]
    for axis in range(3):
        for index in range(SHAPE[axis]):
            plane = correction.plane(axis, index)
            expected = np.take(dense, index, axis=axis)
            assert (expected == (0 if plane is None else plane)).all()


def test_undo_goes_back_through_every_state_and_redo_goes_forward_again():
    correction = Correction(SHAPE)
    states = random_steps(correction, 6, seed=3)
    for state in states[-2::-1]:
        assert correction.undo() is not None
        assert (signs_of(correction) == state).all()
    assert correction.undo() is None
    for state in states[1:]:
        assert correction.redo() is not None
        assert (signs_of(correction) == state).all()
    assert correction.redo() is None


def test_a_new_step_after_undo_discards_the_redo_steps():
    correction = Correction(SHAPE)
    random_steps(correction, 2)
    correction.undo()
    correction.begin("other")
    standing = correction.corrected_mask(np.zeros(SHAPE, bool))[0, 0, 0]
    correction.paint((0, 0, 0), np.ones((1, 1, 1), bool), REMOVED if standing else ADDED)
    correction.end()
    assert correction.redo() is None


def test_after_undo_no_plane_is_corrected():
    correction = Correction(SHAPE)
    correction.begin("one voxel")
    correction.paint((1, 2, 3), np.ones((1, 1, 1), bool), ADDED)
    correction.end()
    assert correction.plane(0, 1) is not None
    assert correction.plane(0, 0) is None  # beside it
    correction.undo()
    assert correction.plane(0, 1) is None


def test_a_step_that_changes_nothing_is_not_recorded():
    correction = Correction(SHAPE)
    correction.begin("nothing")
    correction.paint((0, 0, 0), np.zeros((3, 3, 3), bool), ADDED)
    assert not correction.end()
    assert correction.undo() is None


def test_a_mask_is_enlarged_and_reduced_without_changing_the_original():
    correction = Correction(SHAPE)
    signs = random_steps(correction, 3, seed=5)[-1]
    mask = np.random.default_rng(1).random(SHAPE) > 0.5
    kept = mask.copy()
    expected = (mask | (signs == ADDED)) & (signs != REMOVED)
    assert (correction.corrected_mask(mask) == expected).all()
    assert (mask == kept).all()
    assert correction.net_added_voxels(mask) == expected.sum() - mask.sum()
    for axis, index in ((0, 33), (1, 44), (2, 49)):
        assert (
            correction.corrected_plane(np.take(mask, index, axis), axis, index)
            == np.take(expected, index, axis)
        ).all()


def test_another_fused_mask_keeps_the_corrections():
    correction = Correction(SHAPE)
    correction.begin("add")
    correction.paint((10, 10, 10), np.ones((2, 2, 2), bool), ADDED)
    correction.end()
    for seed in range(3):
        mask = np.random.default_rng(seed).random(SHAPE) > 0.7
        assert correction.corrected_mask(mask)[10:12, 10:12, 10:12].all()


def test_two_hundred_strokes_on_a_whole_body_cost_less_than_200_mb():
    shape = (600, 512, 512)
    correction = Correction(shape)
    geometry = Geometry(shape, (1.0, 0.7, 0.7), (0.0, 0.0, 0.0))
    hu = np.broadcast_to(np.int16(300), shape)
    random = np.random.default_rng(2)
    for number in range(200):
        correction.begin(f"stroke {number}")
        start = random.uniform((100, 200, 200), (500, 300, 300))
        for k in range(10):
            a, b = start + k, start + k + 1
            corner, selected = Brush(5.0).covered(tuple(a), tuple(b), geometry, hu)
            correction.paint(corner, selected, ADDED if number % 2 else REMOVED)
        correction.end()
    assert correction.size_bytes < 200e6


def test_corrections_are_stored_and_restored(tmp_path):
    correction = Correction(SHAPE)
    dense = random_steps(correction, 2)[-1]
    again = unpack_correction(pack_correction(correction), Path("a.npz"), SHAPE)
    assert (signs_of(again) == dense).all()
    with pytest.raises(ImageReadError, match="another scan"):
        unpack_correction(pack_correction(correction), Path("a.npz"), (71, 45, 50))
    with pytest.raises(ImageReadError, match="damaged"):
        unpack_correction(b"PK nonsense", Path("a.npz"), SHAPE)


def test_a_snapshot_does_not_follow_later_strokes():
    correction = Correction(SHAPE)
    random_steps(correction, 1)
    copy = correction.snapshot()
    before = signs_of(copy)
    random_steps(correction, 1, seed=9)
    assert (signs_of(copy) == before).all()


GEOMETRY = Geometry((20, 30, 40), (3.0, 1.0, 0.5), (0.0, 0.0, 0.0))
HU = np.random.default_rng(0).integers(-100, 500, (20, 30, 40)).astype(np.int16)


def distances_mm(point):
    index = np.moveaxis(np.indices(GEOMETRY.shape_zyx), 0, -1)
    return np.linalg.norm((index - point) * GEOMETRY.spacing_zyx_mm, axis=-1)


def whole(covered):
    out = np.zeros(GEOMETRY.shape_zyx, bool)
    corner, selected = covered
    out[tuple(slice(c, c + n) for c, n in zip(corner, selected.shape, strict=True))] = selected
    return out


@pytest.mark.parametrize("point", [(10.0, 15.0, 20.0), (10.3, 14.6, 20.9), (0.0, 0.0, 39.0)])
def test_a_ball_is_round_in_millimetres(point):
    assert (
        whole(Brush(4.0).covered(point, point, GEOMETRY, HU))
        == (distances_mm(np.array(point)) <= 4.0)
    ).all()


def test_a_stroke_has_no_gaps_between_its_points():
    covered = whole(Brush(2.0).covered((10.0, 5.0, 5.0), (10.0, 25.0, 35.0), GEOMETRY, HU))
    nearest = np.min(
        [distances_mm(np.array((10.0, 5 + 20 * t, 5 + 30 * t))) for t in np.linspace(0, 1, 400)],
        axis=0,
    )
    assert covered[nearest <= 2.0].all()
    assert nearest[covered].max() < 2.01


def test_a_flat_brush_touches_one_slice_and_a_dense_one_only_bone():
    flat = whole(
        Brush(4.0, flat_axis=0).covered((10.0, 15.0, 20.0), (10.0, 15.0, 20.0), GEOMETRY, HU)
    )
    assert set(np.argwhere(flat)[:, 0]) == {10}
    dense = whole(
        Brush(4.0, min_hu=200).covered((10.0, 15.0, 20.0), (10.0, 15.0, 20.0), GEOMETRY, HU)
    )
    assert dense.any()
    assert HU[dense].min() >= 200


def test_a_brush_outside_the_scan_covers_nothing():
    assert Brush(2.0).covered((-20.0, 5.0, 5.0), (-20.0, 5.0, 5.0), GEOMETRY, HU) is None


def test_signs_are_returned_for_any_voxels_and_0_outside():
    correction = Correction((40, 50, 60))
    correction.begin("x")
    correction.paint((30, 31, 30), np.ones((4, 4, 4), bool), ADDED)
    correction.end()
    requested = np.array([[[30, 31, 30], [33, 34, 33]], [[29, 31, 30], [-1, 0, 0]]], np.int32)
    assert correction.signs_at(requested).tolist() == [[1, 1], [0, 0]]
    assert (
        correction.signs_at(requested[1:]) is None or not correction.signs_at(requested[1:]).any()
    )
    assert correction.signs_at(np.array([[100, 0, 0]], np.int32)) is None


def test_a_planned_edit_is_one_step_and_equals_painting():
    selected = np.random.default_rng(3).random((50, 40, 45)) > 0.7
    painted, applied = Correction((64, 70, 80)), Correction((64, 70, 80))
    painted.begin("x")
    painted.paint((3, 5, 20), selected, ADDED)
    painted.end()
    assert applied.apply("x", planned((3, 5, 20), selected, ADDED))
    assert all((painted.plane(0, z) == applied.plane(0, z)).all() for z in range(3, 53))
    assert not applied.apply("again", planned((3, 5, 20), selected, ADDED))
    assert applied.undo() == "x"
    assert applied.is_empty
    applied.redo()
    assert (applied.plane(0, 30) == painted.plane(0, 30)).all()


def test_undo_brings_back_mixed_signs():
    correction = Correction((32, 32, 32))
    correction.apply("a", planned((0, 0, 0), np.ones((4, 4, 4), bool), ADDED))
    correction.apply("b", planned((2, 2, 2), np.ones((4, 4, 4), bool), REMOVED))
    correction.undo()
    assert correction.plane(0, 3)[3, 3] == ADDED
    assert correction.plane(0, 5) is None or correction.plane(0, 5)[5, 5] == 0


def test_two_hundred_steps_on_a_large_scan_cost_less_than_200_mb():
    """Strokes along a spine of 512 x 512 x 600; every fourth step is a shell around all of it."""
    import tracemalloc

    shape = (600, 512, 512)
    brush = Brush(6.0)
    geometry = Geometry(shape, (1.0, 0.7, 0.7), (0.0, 0.0, 0.0))
    hu = np.zeros((1, 1, 1), np.int16)
    rows, columns = np.mgrid[:120, :90]
    radius = np.hypot(rows - 60, columns - 45)
    tracemalloc.start()
    correction = Correction(shape)
    for step in range(200):
        if step % 4 == 0:
            shell = (radius > 20 + step / 8) & (radius <= 21 + step / 8)
            selected = np.broadcast_to(shell, (580, 120, 90))
            correction.apply(
                "Grow", planned((10, 200, 200), selected, ADDED if step % 8 else REMOVED)
            )
        else:
            correction.begin("Brush")
            z = 10.0 + 2.9 * step
            for k in range(10):
                start, stop = (z, 200.0 + 8 * k, 256.0), (z + 2, 208.0 + 8 * k, 256.0)
                correction.paint(*brush.covered(start, stop, geometry, hu), ADDED)
            correction.end()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used < 200e6
    undone = 0
    while correction.undo() is not None:
        undone += 1
    assert undone == 200
    assert correction.is_empty


def test_if_steps_take_too_much_memory_the_oldest_become_final(monkeypatch):
    monkeypatch.setattr("spineviewer.editing.correction.MAX_STEP_BYTES", 100_000)
    correction = Correction((64, 64, 64))
    for step in range(10):
        correction.apply(
            str(step),
            planned((0, 0, 0), np.ones((32, 32, 32), bool), ADDED if step % 2 == 0 else REMOVED),
        )
    undone = []
    while (name := correction.undo()) is not None:
        undone.append(name)
    assert undone == ["9"]


def test_changes_by_a_stroke_since_a_state_are_reported_as_a_box():
    correction = Correction((100, 100, 100))
    correction.begin("Brush")
    correction.paint((10, 20, 30), np.ones((2, 3, 4), np.bool_), ADDED)
    seen = correction.revision
    assert correction.painted_since(seen) is None
    correction.paint((40, 50, 60), np.ones((2, 3, 4), np.bool_), ADDED)
    assert correction.painted_since(seen) == (slice(40, 42), slice(50, 53), slice(60, 64))
    assert correction.painted_since(0) == (slice(10, 42), slice(20, 53), slice(30, 64))
    correction.end()
    assert correction.painted_since(seen) == (slice(40, 42), slice(50, 53), slice(60, 64))
    correction.undo()
    assert correction.painted_since(seen) is None
    correction.begin("Eraser")
    correction.paint((40, 50, 60), np.ones((1, 1, 1), np.bool_), REMOVED)
    assert correction.painted_since(seen) is None  # the undo is between


def strokes():
    """Two boxes painted one over the other, then one of them erased and undone."""
    correction = Correction((70, 40, 40))
    for name, corner, sign in (
        ("one", (0, 0, 0), ADDED),
        ("two", (28, 2, 3), REMOVED),
        ("three", (30, 0, 0), ADDED),
    ):
        correction.begin(name)
        correction.paint(corner, np.ones((10, 6, 6), bool), sign)
        correction.end()
    correction.undo()
    return correction


def test_a_stored_correction_can_be_undone_and_redone_as_before():
    kept, nothing = strokes(), np.zeros((70, 40, 40), bool)
    again = unpack_correction(pack_correction(kept), Path("work"), (70, 40, 40))
    assert np.array_equal(again.corrected_mask(nothing), kept.corrected_mask(nothing))
    for act in ("redo", "undo", "undo", "undo", "redo"):
        assert getattr(again, act)() == getattr(kept, act)()
        assert np.array_equal(again.corrected_mask(nothing), kept.corrected_mask(nothing))
        assert np.array_equal(again.corrected_mask(~nothing), kept.corrected_mask(~nothing))


def test_of_a_long_history_the_newest_steps_are_stored(monkeypatch):
    monkeypatch.setattr(stored_correction, "MAX_STORED_BYTES", 1200)
    correction = Correction((40, 40, 40))
    for k in range(12):
        correction.begin(str(k))
        correction.paint((k, 0, 0), np.ones((1, 4, 4), bool), ADDED)
        correction.end()
    again = unpack_correction(pack_correction(correction), Path("work"), (40, 40, 40))
    names = [again.undo() for _ in range(3)]
    assert names == ["11", "10", "9"]
    assert len(correction._done) == 12
    assert 3 <= 3 + len(again._done) < 12


@pytest.mark.parametrize(
    ("array", "damage"),
    [
        ("step_keys", lambda a: a + 5),
        ("step_sizes", lambda a: a * 2),
        ("step_offsets", lambda a: a | 0x8000),
        ("step_after", lambda a: a + 9),
        ("step_mixed", lambda a: a[1:]),
        ("done_count", lambda a: a + 99),
        ("step_names", lambda a: a[:-3]),
    ],
)
def test_damaged_steps_are_refused(array, damage):
    stored = dict(np.load(io.BytesIO(pack_correction(strokes()))))
    stored[array] = damage(stored[array])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **stored)
    with pytest.raises(ImageReadError, match="damaged"):
        unpack_correction(buffer.getvalue(), Path("work"), (70, 40, 40))
