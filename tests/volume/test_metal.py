"""Streaks of metal are reduced; what metal did not change stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.progress import JobProgress
from spineviewer.volume.metal import reduce_metal_streaks, streak_correction

QUIET = JobProgress()
METAL_HU = 2000
SIDE = 120


def body() -> NDArray[np.float64]:
    """Return an axial slice: soft tissue in air, with a ring of dense bone."""
    y, x = np.indices((SIDE, SIDE)) - (SIDE - 1) / 2
    away = np.hypot(y, x)
    plane = np.where(away < 55, 40.0, -1000.0)
    plane[(away > 14) & (away < 18)] = 700
    return ndimage.gaussian_filter(plane, 0.7)


def with_metal(plane: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the slice with two rods of metal, and with their streaks as well.

    Rays through metal measure too much or too little, by an amount that changes with the angle.
    Filtered back projection, here by rotating images, makes streaks of it.
    """
    clean = plane.copy()
    for column in (45, 75):
        clean[76:81, column : column + 5] = 3000
    rng = np.random.default_rng(3)
    errors = ndimage.gaussian_filter1d(rng.standard_normal(360), 4, mode="wrap")
    ramp = np.abs(np.fft.fftfreq(4 * SIDE))
    streaks = np.zeros_like(plane)
    for angle in range(360):
        turned = ndimage.rotate(clean > METAL_HU, angle / 2, reshape=False, order=0)
        row = 80_000 * errors[angle] * turned.any(axis=0)
        filtered = np.fft.ifft(np.fft.fft(row, 4 * SIDE) * ramp).real[:SIDE]
        smeared = np.broadcast_to(filtered, plane.shape)
        streaks += ndimage.rotate(smeared, -angle / 2, reshape=False, order=1) * np.pi / 360
    streaks[clean > METAL_HU] = 0
    return clean, clean + streaks


def test_streaks_through_metal_become_weaker() -> None:
    clean, streaky = with_metal(body())
    corrected = streaky + streak_correction(streaky, clean > METAL_HU)
    tissue = ~ndimage.binary_dilation(clean > METAL_HU, iterations=8) & (body() > -500)
    before = np.sqrt(np.mean((streaky - clean)[tissue] ** 2))
    after = np.sqrt(np.mean((corrected - clean)[tissue] ** 2))
    assert before > 200
    assert after < 0.7 * before


def test_metal_without_streaks_changes_nothing() -> None:
    clean, _ = with_metal(np.where(body() > -500, 40.0, -1000.0))
    assert np.abs(streak_correction(clean, clean > METAL_HU)).max() == 0


def test_metal_itself_and_slices_without_metal_do_not_change() -> None:
    clean, streaky = with_metal(body())
    hu = np.rint(np.stack([body(), streaky, body()])).astype(np.int16)
    before = hu.copy()
    reduce_metal_streaks(hu, METAL_HU, threads=1, progress=QUIET)
    assert np.array_equal(hu[[0, 2]], before[[0, 2]])
    assert np.array_equal(hu[1][clean > METAL_HU], before[1][clean > METAL_HU])
    assert (hu[1] != before[1]).any()


def test_a_model_can_leave_streaks_in() -> None:
    hu = np.rint(with_metal(body())[1][None]).astype(np.int16)
    before = hu.copy()
    reduce_metal_streaks(hu, 0, threads=1, progress=QUIET)
    assert np.array_equal(hu, before)


@pytest.mark.parametrize("shape", [(1, 3, 3), (2, 1, 40), (1, 40, 2), (0, 4, 4)])
def test_tiny_scans_of_metal_are_handled(shape: tuple[int, int, int]) -> None:
    hu = np.full(shape, 3000, np.int16)
    reduce_metal_streaks(hu, METAL_HU, threads=2, progress=QUIET)
    assert (hu == 3000).all()


def test_the_result_does_not_depend_on_threads_or_the_order_in_memory() -> None:
    hu = np.rint(np.stack([with_metal(body())[1]] * 3)).astype(np.int16)
    turned = np.ascontiguousarray(hu.transpose(2, 0, 1)).transpose(1, 2, 0)
    reduce_metal_streaks(hu, METAL_HU, threads=1, progress=QUIET)
    reduce_metal_streaks(turned, METAL_HU, threads=3, progress=QUIET)
    assert np.array_equal(hu, turned)
