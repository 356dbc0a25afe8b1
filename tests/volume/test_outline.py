import numpy as np
import pytest

from spineviewer.volume.outline import isoline, outline


def length(segments):
    return np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]).sum()


def test_an_empty_picture_has_no_outline():
    assert outline(np.zeros((5, 6), bool)).shape == (0, 4)
    assert isoline(np.zeros((5, 6), np.float32), 0.5).shape == (0, 4)


def test_one_pixel_gives_a_diamond_around_its_centre():
    picture = np.zeros((5, 7), bool)
    picture[2, 4] = True
    segments = outline(picture)
    assert len(segments) == 4
    assert length(segments) == pytest.approx(4 * np.sqrt(0.5))
    points = segments.reshape(-1, 2)
    assert np.abs(points - [4.5, 2.5]).sum(axis=1) == pytest.approx(0.5)


def test_straight_runs_are_one_segment_each():
    picture = np.zeros((40, 50), bool)
    picture[5:25, 10:40] = True
    segments = outline(picture)
    assert len(segments) == 8
    assert length(segments) == pytest.approx(2 * 19 + 2 * 29 + 4 * np.sqrt(0.5))


def test_a_picture_filled_to_its_border_is_closed():
    assert length(outline(np.ones((4, 6), bool))) == pytest.approx(2 * 3 + 2 * 5 + 4 * np.sqrt(0.5))


@pytest.mark.parametrize("seed", range(4))
def test_every_outline_is_closed_and_crosses_every_border_between_in_and_out(seed):
    picture = np.random.default_rng(seed).random((17, 23)) > 0.5
    segments = outline(picture)
    _, counts = np.unique(np.round(segments.reshape(-1, 2), 6), axis=0, return_counts=True)
    assert set(counts) <= {2}
    padded = np.pad(picture, 1)
    crossings = (padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum()
    split = sum(
        max(1, round(abs(x1 - x0) + abs(y1 - y0))) if x0 == x1 or y0 == y1 else 1
        for x0, y0, x1, y1 in segments
    )
    assert split == crossings  # marching squares has one segment for each crossed edge


def test_an_isoline_is_where_the_interpolated_value_is():
    y, x = np.mgrid[:40, :50]
    radius = np.hypot(x - 25, y - 20).astype(np.float32)
    points = isoline(-radius, -10.0).reshape(-1, 2) - 0.5
    assert np.hypot(points[:, 0] - 25, points[:, 1] - 20) == pytest.approx(10.0, abs=0.05)


def test_an_isoline_is_closed_at_the_border_of_the_picture():
    segments = isoline(np.ones((4, 6), np.float32), 0.5)
    _, counts = np.unique(np.round(segments.reshape(-1, 2), 6), axis=0, return_counts=True)
    assert set(counts) == {2}


def test_outside_the_rows_and_columns_that_are_filled_nothing_is_lost():
    picture = np.zeros((30, 40), bool)
    picture[3, 38] = picture[20, 1] = picture[21, 30] = True
    assert length(outline(picture)) == pytest.approx(3 * 4 * np.sqrt(0.5))
    far = np.zeros((30, 40), np.float32)
    far[29, 0] = far[0, 39] = 1.0
    assert len(isoline(far, 0.25)) == 8
