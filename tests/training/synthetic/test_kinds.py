"""Each kind of synthetic scan always shows its own feature, and no feature of other kinds."""

import numpy as np
import pytest

from spineviewer.errors import UsageError
from spineviewer.training.synthetic.anatomy import Anatomy
from spineviewer.training.synthetic.kinds import CHILD_SCALE, Kind, ranges_for
from spineviewer.training.synthetic.label_sources import LabelSource
from spineviewer.training.synthetic.phantom import EXTENTS, PhantomSize
from spineviewer.training.synthetic.phantom_anatomy import Trunk, column, torso
from spineviewer.training.synthetic.synthesis import draw_source, synthetic_scan
from spineviewer.training.synthetic.tissues import SynthesisRanges


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    """L1 to L5."""
    shape = EXTENTS[PhantomSize.SMALL].size_zyx_mm
    base = (-30.0, 58.0, shape[2] / 2)
    return torso(
        shape, column(20, 24, base), Trunk(150, -80, 71), np.random.default_rng(0), diaphragm_z=300
    )


@pytest.mark.parametrize(
    ("kind", "fraction"),
    [
        (Kind.METAL, "metal_probability"),
        (Kind.CEMENT, "cement_probability"),
        (Kind.DENTAL, "filling_probability"),
        (Kind.PACEMAKER, "pacemaker_probability"),
        (Kind.HIP, "hip_probability"),
        (Kind.CABLES, "cable_probability"),
    ],
)
def test_a_kind_of_implant_is_certain_and_no_other_is_drawn(kind: Kind, fraction: str) -> None:
    foreign = ranges_for(kind, SynthesisRanges()).foreign
    names = [name for name in vars(foreign) if name.endswith("_probability")]
    assert {name: getattr(foreign, name) for name in names} == {
        name: float(name == fraction) for name in names
    }


def test_kinds_of_scanning_change_the_scanner_alone() -> None:
    healthy = ranges_for(Kind.WEDGE, SynthesisRanges())
    for kind in (Kind.LOW_DOSE, Kind.SOFT_KERNEL, Kind.SHARP_KERNEL, Kind.THICK_SLICES):
        ranges = ranges_for(kind, SynthesisRanges())
        assert ranges.scanner != healthy.scanner
        assert (ranges.bone, ranges.shape, ranges.tissue) == (
            healthy.bone,
            healthy.shape,
            healthy.tissue,
        )
    assert ranges_for(Kind.THICK_SLICES, SynthesisRanges()).scanner.slice_mm == (3.0, 5.0)
    assert ranges_for(Kind.CHILD, SynthesisRanges()).shape.scale == CHILD_SCALE
    assert ranges_for(Kind.DISH, SynthesisRanges()).shape.bridging_probability == 1.0
    assert ranges_for(Kind.CONTRAST, SynthesisRanges()).tissue.oral_contrast_probability == 1.0


def test_a_child_has_smaller_vertebrae(anatomy: Anatomy) -> None:
    def largest(kind: Kind) -> int:
        scan = synthetic_scan(
            LabelSource(anatomy), np.random.default_rng(4), kind=kind, size_zyx=(110, 110, 100)
        )
        return max(int((scan.bones == n).sum()) for n in range(21, 24))

    assert largest(Kind.CHILD) < 0.65 * largest(Kind.HEALTHY)


def test_a_kind_that_needs_the_neck_draws_a_map_with_a_neck(anatomy: Anatomy) -> None:
    with pytest.raises(UsageError, match="kind 'neck'"):
        draw_source([LabelSource(anatomy)], np.random.default_rng(0), Kind.NECK)
    with pytest.raises(UsageError, match="kind 'dental'"):
        synthetic_scan(LabelSource(anatomy), np.random.default_rng(0), kind=Kind.DENTAL)
    assert draw_source([LabelSource(anatomy)], np.random.default_rng(0), Kind.PELVIS)
