import numpy as np

from spineviewer.training.evaluation.contact_sheet import (
    AGREED,
    MASK_ONLY,
    REFERENCE_ONLY,
    SheetCase,
    row_picture,
)
from spineviewer.volume.geometry import Geometry

SHAPE = (30, 20, 24)


def row(mask, reference):
    geometry = Geometry(SHAPE, (2.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    return row_picture(SheetCase("case", geometry, None, mask, reference))[28:]


def blocks():
    mask, reference = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    reference[18:28, 2:18, 2:12] = True
    mask[2:12, 2:18, 2:12] = True
    return mask, reference


def fraction_of(picture, colour):
    return float((np.abs(picture.astype(int) - colour).max(axis=-1) < 12).mean())


def test_voxels_marked_by_only_one_mask_have_their_own_colour_and_the_rest_stays_dark():
    mask, reference = blocks()
    picture = row(mask, reference)
    assert fraction_of(picture, MASK_ONLY) > 0.05
    assert fraction_of(picture, REFERENCE_ONLY) > 0.05
    assert fraction_of(picture, AGREED) == 0
    assert (picture.max(axis=-1) < 40).mean() > 0.5


def test_agreement_has_neither_colour():
    mask, _ = blocks()
    picture = row(mask, mask)
    assert fraction_of(picture, MASK_ONLY) == fraction_of(picture, REFERENCE_ONLY) == 0


def test_the_head_is_at_the_top():
    mask, reference = blocks()
    picture = row(mask, reference).astype(int)
    rows_of = {
        colour: np.nonzero((np.abs(picture - colour).max(-1) < 12).any(axis=1))[0]
        for colour in (MASK_ONLY, REFERENCE_ONLY)
    }
    assert rows_of[REFERENCE_ONLY].max() < rows_of[MASK_ONLY].min()
