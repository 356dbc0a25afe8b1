"""Kinds of synthetic scans: diseases, implants, parts of the body, acquisitions.

The table of kinds in `models/EVALUATION.md` has a row for each.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from spineviewer.training.synthetic.tissues import SynthesisRanges


class Kind(Enum):
    """The feature that every scan of an evaluation set shows.

    `MIXED` draws everything at random, as training does.
    """

    MIXED = "mixed"
    HEALTHY = "healthy"
    WEDGE = "wedge"
    BICONCAVE = "biconcave"
    CRUSH = "crush"
    SCOLIOSIS = "scoliosis"
    DISH = "dish"
    OSTEOPOROSIS = "osteoporosis"
    CHILD = "child"
    CEMENT = "cement"
    METAL = "metal"
    DENTAL = "dental"
    PACEMAKER = "pacemaker"
    HIP = "hip"
    CABLES = "cables"
    CONTRAST = "contrast"
    NECK = "neck"
    SHOULDERS = "shoulders"
    PELVIS = "pelvis"
    LOW_DOSE = "low-dose"
    SOFT_KERNEL = "soft-kernel"
    SHARP_KERNEL = "sharp-kernel"
    THICK_SLICES = "thick-slices"
    SMALL_FIELD = "small-field"


#: VerSe numbers of the vertebrae that may be in the middle of a scan; other kinds allow any.
LEVELS: dict[Kind, range] = {
    Kind.DENTAL: range(2, 6),
    Kind.NECK: range(2, 8),
    Kind.SHOULDERS: range(8, 12),
    Kind.PACEMAKER: range(11, 16),
    Kind.PELVIS: range(23, 25),
    Kind.HIP: range(24, 25),
}
#: Kinds that need the body from side to side.
WHOLE_FIELDS = (Kind.SHOULDERS, Kind.PELVIS, Kind.HIP, Kind.PACEMAKER, Kind.CABLES)
#: Linear size of a child's vertebrae relative to an adult's, at ages of about 3 to 10 years.
CHILD_SCALE = (0.55, 0.75)


def ranges_for(kind: Kind, ranges: SynthesisRanges) -> SynthesisRanges:
    """Return ranges that always draw the features of one kind.

    Fractures, severe curves and foreign objects that do not belong to the kind are never drawn.
    """
    if kind is Kind.MIXED:
        return ranges
    shape = replace(
        ranges.shape,
        fracture_probability=0.0,
        severe_scoliosis_probability=float(kind is Kind.SCOLIOSIS),
        severe_kyphosis_probability=0.0,
    )
    if kind is Kind.DISH:
        shape = replace(shape, osteophyte_probability=1.0, bridging_probability=1.0)
    if kind is Kind.CHILD:
        shape = replace(
            shape, scale=CHILD_SCALE, osteophyte_probability=0.0, bridging_probability=0.0
        )
    foreign = replace(
        ranges.foreign,
        metal_probability=float(kind is Kind.METAL),
        cement_probability=float(kind is Kind.CEMENT),
        filling_probability=float(kind is Kind.DENTAL),
        pacemaker_probability=float(kind is Kind.PACEMAKER),
        hip_probability=float(kind is Kind.HIP),
        cable_probability=float(kind is Kind.CABLES),
    )
    bone, tissue, scanner = ranges.bone, ranges.tissue, ranges.scanner
    if kind is Kind.HEALTHY:
        bone = replace(
            bone,
            marrow=(130.0, 290.0),
            sclerotic_level_probability=0.0,
            lytic_level_probability=0.0,
        )
    if kind is Kind.OSTEOPOROSIS:
        bone = replace(bone, marrow=(0.0, 70.0))
    if kind is Kind.CONTRAST:
        tissue = replace(
            tissue, contrast=(180.0, 320.0), contrast_probability=1.0, oral_contrast_probability=1.0
        )
    if kind is Kind.LOW_DOSE:
        scanner = replace(scanner, high_noise_probability=1.0, photon_starvation_probability=1.0)
    if kind is Kind.SOFT_KERNEL:
        scanner = replace(scanner, sharp_probability=0.0, coarse_probability=1.0)
    if kind is Kind.SHARP_KERNEL:
        scanner = replace(
            scanner, sharp_probability=1.0, coarse_probability=0.0, edge_enhancement=(0.9, 1.6)
        )
    if kind is Kind.THICK_SLICES:
        scanner = replace(
            scanner, thin_probability=0.0, slice_mm=(3.0, 5.0), increment_ratio=(0.9, 1.0),
            sagittal_probability=0.0,
        )  # fmt: skip
    return replace(ranges, shape=shape, foreign=foreign, bone=bone, tissue=tissue, scanner=scanner)
