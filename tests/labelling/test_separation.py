"""Cuts between vertebrae, from dips of the bone probability and the usual lengths."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.labelling.column import within_mask
from spineviewer.labelling.priors import load_fitted
from spineviewer.labelling.separation import (
    ColumnEnds,
    Separation,
    cut_length_evidence,
    separate_with_anchors,
    usual_lengths,
)
from spineviewer.volume.levels import LEVEL_NAMES

FREE_LEVELS = [name for name in LEVEL_NAMES if name not in ("C1", "T13", "L6")]


def whole_spine(neck_scale: float, scale: float) -> NDArray[np.int64]:
    """Return the stations of the cuts between C2 and L5, and of both ends."""
    lengths = usual_lengths(load_fitted().chain)
    heights = [
        (neck_scale if name.startswith("C") else scale) * float(lengths[LEVEL_NAMES.index(name)])
        for name in FREE_LEVELS
    ]
    return np.rint(np.concatenate([[0], np.cumsum(heights)])).astype(np.int64)


def dips_at(edges: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    stations = np.arange(length)
    return np.clip(1 - np.abs(stations[:, None] - edges).min(axis=1) / 4, 0, 1)


def separated(
    dip: NDArray[np.float64], ends: ColumnEnds, radius_mm: float = 20.0
) -> tuple[Separation, ColumnEnds]:
    return separate_with_anchors(dip, np.full(len(dip), radius_mm), ends, load_fitted().chain)


@pytest.mark.parametrize(("neck_scale", "scale"), [(0.94, 1.1), (1.0, 1.0), (1.05, 0.95)])
@pytest.mark.parametrize("merged", [("C2", "C7"), ("C3", "T1"), ("T6", "T11"), ("T11", "L4")])
def test_vertebrae_merged_by_the_mask_are_counted_between_skull_and_sacrum(
    neck_scale: float, scale: float, merged: tuple[str, str]
) -> None:
    edges = whole_spine(neck_scale, scale)
    first, last = (FREE_LEVELS.index(name) for name in merged)
    seen = np.delete(edges, np.arange(first + 1, last + 1))
    ends = ColumnEnds(0, int(edges[-1]), False, False, is_skull_above=True, is_sacrum_below=True)
    found, kept = separated(dips_at(seen, int(edges[-1]) + 1), ends)
    assert kept.is_skull_above
    assert kept.is_sacrum_below
    assert len(found.edges) == len(edges)
    assert np.abs(found.edges - edges).max() <= 10


@pytest.mark.parametrize(("neck_scale", "scale"), [(0.85, 1.0), (0.85, 1.1), (1.15, 1.0)])
def test_ribs_help_to_count_vertebrae_merged_by_the_mask(neck_scale: float, scale: float) -> None:
    names = FREE_LEVELS[: FREE_LEVELS.index("T3") + 1]
    edges = whole_spine(neck_scale, scale)[: len(names) + 1]
    ends = ColumnEnds(0, int(edges[-1]), False, False, is_skull_above=True)
    dip = dips_at(edges[[0, 1, 6, 7, 8, 9]], int(edges[-1]) + 1)  # C3 to C7 are one
    ribs = np.zeros(len(dip))
    for top, bottom in pairwise(edges[6:].tolist()):  # T1 to T3
        ribs[top : top + round(0.6 * (bottom - top))] = 60.0
    radius = np.full(len(dip), 20.0)
    without, _ = separate_with_anchors(dip, radius, ends, load_fitted().chain)
    found, _ = separate_with_anchors(dip, radius, ends, load_fitted().chain, ribs)
    assert len(without.edges) != len(edges)
    assert len(found.edges) == len(edges)
    assert [LEVEL_NAMES[level] for level in found.levels] == names


def test_ribs_do_not_change_cuts_that_the_mask_shows() -> None:
    edges = whole_spine(1.0, 1.0)
    ends = ColumnEnds(0, int(edges[-1]), False, False, is_skull_above=True, is_sacrum_below=True)
    dip = dips_at(edges, int(edges[-1]) + 1)
    radius = np.full(len(dip), 20.0)
    plain, _ = separate_with_anchors(dip, radius, ends, load_fitted().chain)
    misleading, _ = separate_with_anchors(
        dip, radius, ends, load_fitted().chain, np.full(len(dip), 200.0)
    )
    np.testing.assert_array_equal(misleading.edges, plain.edges)


def test_a_long_vertebra_between_two_dips_is_not_cut() -> None:
    edges = np.array([0, 38, 76, 114, 152])
    ends = ColumnEnds(0, 152, False, False)
    found, _ = separated(dips_at(edges, 153), ends)
    assert found.edges.tolist() == edges.tolist()


@pytest.mark.parametrize(("radius_mm", "count"), [(9.0, 7), (17.0, 4)])
def test_slender_bodies_are_not_two_vertebrae_long(radius_mm: float, count: int) -> None:
    edges = np.arange(0, 134, 19)
    dip = np.zeros(134)
    dip[edges] = np.where(np.isin(edges, (57, 95)), 0.05, 1.0)
    ends = ColumnEnds(0, 133, True, True)
    found, _ = separated(dip, ends, radius_mm)
    assert len(found.edges) - 1 == count


@pytest.mark.parametrize(("last", "is_kept"), [(103, False), (118, True)])
def test_beside_a_sacrum_only_a_long_body_without_bone_is_kept(last: int, is_kept: bool) -> None:
    """A short one is the edge of the sacrum; a long one is a vertebra that the mask lacks."""
    edges, radius_mm = np.array([0, 30, 60, 90, last]), np.full(130, 20.0)
    radius_mm[90:] = 1.0
    ends = ColumnEnds(0, last, is_cut_above=False, is_cut_below=False, is_sacrum_below=True)
    found, new_ends = within_mask(edges, ends, radius_mm)
    assert found.tolist() == [0, 30, 60, 90, *([last] if is_kept else [])]
    assert new_ends.last == found[-1]
    assert new_ends.is_sacrum_below


def test_only_c2_with_its_dens_is_so_long_that_a_cut_off_segment_shows_it() -> None:
    prior = load_fitted().chain
    c2, c3 = LEVEL_NAMES.index("C2"), LEVEL_NAMES.index("C3")
    lengths = usual_lengths(prior)
    short, long = (cut_length_evidence(length_mm, prior) for length_mm in (12, 36))
    # Any part of a vertebra is as likely to be in view.
    assert short[c3] - short[c2] == pytest.approx(np.log(lengths[c2] / lengths[c3]))
    assert long[c2] - long[c3] > 6
    assert max(short) == max(long) == 0
