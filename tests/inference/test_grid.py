"""The arithmetic of blocks: everything wanted is kept once, with its halo, at allowed origins."""

from __future__ import annotations

import numpy as np
import pytest

from spineviewer.inference.grid import (
    PLANE_HALO,
    PLANE_STEP,
    Span,
    chunks,
    likely_size,
    most_interesting_first,
    padded,
    plan,
    runs,
    seen_slices,
    spans,
)


def test_every_eighth_slice_is_seen_at_the_middle_of_its_cell() -> None:
    assert seen_slices(24) == [4, 12, 20]
    assert seen_slices(27) == [4, 12, 20, 26]
    assert seen_slices(1) == [0]


def test_spans_equal_hand_computed_ones() -> None:
    # 40 slices, blocks of 20 that lose 6 at inner ends: 0..20 keeps 0..14, 8..28 keeps 14..22,
    # 16..36, 20..40
    assert spans(0, 40, size=40, length=20, halo=6, step=2) == [
        Span(0, 20, 0, 14),
        Span(8, 28, 14, 22),
        Span(16, 36, 22, 30),
        Span(20, 40, 30, 40),
    ]
    assert spans(3, 9, size=10, length=10, halo=6, step=2) == [Span(0, 10, 3, 9)]


@pytest.mark.parametrize("size", [14, 38, 100])
@pytest.mark.parametrize("length", [14, 20, 38])
@pytest.mark.parametrize("start_stop", [(0, 14), (5, 12), (1, 9)])
def test_spans_keep_every_position_once_and_include_the_halo(
    size: int, length: int, start_stop: tuple[int, int]
) -> None:
    start, stop = start_stop
    if length > size:
        return
    found = spans(start, stop, size=size, length=length, halo=6, step=2)
    assert [i for span in found for i in range(span.keep_start, span.keep_stop)] == list(
        range(start, stop)
    )
    for span in found:
        assert span.read_start % 2 == 0 and span.read_stop - span.read_start == length
        assert span.read_start == 0 or span.keep_start - span.read_start >= 6
        assert span.read_stop == size or span.read_stop - span.keep_stop >= 6


def test_runs_closer_than_the_gap_are_merged() -> None:
    wanted = [False, True, True, False, False, True, False, False, False, False, True]
    assert runs(wanted, gap=3) == [(1, 6), (10, 11)]
    assert runs(wanted, gap=1) == [(1, 3), (5, 6), (10, 11)]
    assert runs([False] * 4, gap=3) == []


@pytest.mark.parametrize("count", [4, 6, 32])
@pytest.mark.parametrize(("start", "stop"), [(0, 40), (0, 1), (1, 9), (2, 33), (7, 40), (39, 40)])
def test_chunks_return_every_wanted_slice_once_and_only_known_logits(
    start: int, stop: int, count: int
) -> None:
    found = chunks(start, stop, count)
    assert [i for chunk in found for i in range(chunk.keep_start, chunk.keep_stop)] == list(
        range(start, stop)
    )
    for place, chunk in enumerate(found):
        assert chunk.first % 2 == 0 and chunk.first == found[0].first + place * count
        knows_before = place > 0 or chunk.first == 0
        assert chunk.keep_start >= chunk.first + (-1 if knows_before else 1)
        assert chunk.keep_stop <= chunk.first + count - 1
        assert 0 <= chunk.kept_logits.start < chunk.kept_logits.stop <= count


@pytest.mark.parametrize("max_voxels", [400_000, 1_000_000, 10**9])
def test_a_plan_covers_the_wanted_voxels_once_and_stays_within_its_limit(max_voxels: int) -> None:
    wanted = np.zeros(75, np.bool_)
    wanted[10:31] = wanted[50:] = True
    rows, columns = 500, 210
    kept = np.zeros((75, padded(rows, PLANE_STEP), padded(columns, PLANE_STEP)), np.uint8)
    sweeps = plan([wanted.tolist()], rows, columns, max_voxels=max_voxels)
    assert [(sweep.start, sweep.stop) for sweep in sweeps] == [(10, 31), (50, 75)]
    for sweep in sweeps:
        for tile_rows, tile_columns in sweep.tiles:
            for span, size in ((tile_rows, kept.shape[1]), (tile_columns, kept.shape[2])):
                assert span.read_start % PLANE_STEP == 0
                assert span.read_start == 0 or span.keep_start - span.read_start >= PLANE_HALO
                assert span.read_stop == size or span.read_stop - span.keep_stop >= PLANE_HALO
            area = (tile_rows.read_stop - tile_rows.read_start) * (
                tile_columns.read_stop - tile_columns.read_start
            )
            for chunk in sweep.chunks:
                assert chunk.count * area <= max_voxels
                kept[chunk.keeps, tile_rows.keeps, tile_columns.keeps] += 1
    assert kept.max() == 1
    assert (kept[wanted] == 1).all() and not kept[~wanted].any()


def test_all_parts_are_computed_one_after_the_other_in_chunks_of_one_size() -> None:
    inner, outer = (
        [20 <= i < 57 for i in range(90)],
        [10 <= i < 20 or 57 <= i < 70 for i in range(90)],
    )
    sweeps = plan([inner, outer], 160, 160, max_voxels=10**7)
    assert [(sweep.start, sweep.stop) for sweep in sweeps] == [(20, 57), (10, 20), (57, 70)]
    assert len({chunk.count for sweep in sweeps for chunk in sweep.chunks}) == 1
    assert len({sweep.tiles for sweep in sweeps}) == 1


def test_a_compiled_size_is_kept_if_that_costs_less_than_compiling() -> None:
    wanted = [i < 11 for i in range(400)]

    def counts(ready: tuple[int, int, int] | None) -> set[int]:
        sweeps = plan([wanted], 320, 320, max_voxels=10**7, ready=ready)
        return {chunk.count for sweep in sweeps for chunk in sweep.chunks}

    assert counts(None) == counts((8, 160, 320)) == {12}
    assert counts((8, 320, 320)) == {8}


def test_the_likely_size_has_whole_slices_or_there_is_none() -> None:
    assert likely_size(100, 160, max_voxels=10**6) == (16, 112, 160)
    assert likely_size(100, 160, max_voxels=16 * 112 * 160 - 1) is None


def test_whole_slices_are_preferred_and_a_limit_that_is_too_small_gives_no_plan() -> None:
    sweeps = plan([[True] * 40], 160, 160, max_voxels=10**7)
    assert all(len(sweep.tiles) == 1 for sweep in sweeps)
    assert plan([[True] * 40], 160, 160, max_voxels=100_000) == []
    assert plan([[False] * 40], 160, 160, max_voxels=10**7) == []


def test_the_slices_with_attention_come_first() -> None:
    interest = [0.0, 0.05, 1.0, 0.2, 0.0]
    wanted = [True, True, True, False, True]
    assert most_interesting_first(wanted, interest) == [
        [False, False, True, False, False],
        [True, True, False, False, True],
    ]
    assert most_interesting_first([True, True], [0.0, 0.0]) == [[True, True]]
    assert most_interesting_first([False, False], [1.0, 0.0]) == []
