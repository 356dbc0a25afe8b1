"""Edits of pieces of the mask, and the notices about them."""

import numpy as np
import pytest
from fakes import spine_volume

from spineviewer.app.notices import Severity


def undo_notices(scan):
    return [notice for notice in scan.parts.notices if notice.topic == "undo"]


def mask_of(one, scan):
    one.loop.rest()
    return scan.correction.corrected_mask(scan.state.fused.mask.voxels).copy()


@pytest.mark.parametrize(
    ("slice_count", "is_kept", "text"),
    [
        (9, False, "Remove piece: 100% of the mask was removed."),
        (96, True, "Keep piece: 87% of the mask was removed."),
    ],
)
def test_a_click_that_removes_most_of_the_mask_is_reported_with_a_button_that_undoes_it(
    headless, slice_count, is_kept, text
):
    one = headless()
    scan = one.segmented(spine_volume((slice_count, 80, 72)))
    before = mask_of(one, scan)
    scan.edits.edit_piece((4.0, 48.0, 36.0), is_kept=is_kept)
    assert mask_of(one, scan).sum() < 0.5 * before.sum()
    (notice,) = undo_notices(scan)
    assert (notice.severity, notice.text) == (Severity.WARNING, text)
    dict(notice.buttons)["Undo"]()
    np.testing.assert_array_equal(mask_of(one, scan), before)
    assert not undo_notices(scan)


def test_a_click_that_removes_a_small_piece_is_not_reported(headless):
    one = headless()
    scan = one.segmented(spine_volume())
    before = mask_of(one, scan)
    scan.edits.edit_piece((4.0, 48.0, 36.0), is_kept=False)
    assert 0 < before.sum() - mask_of(one, scan).sum() < 0.5 * before.sum()
    assert not undo_notices(scan)
