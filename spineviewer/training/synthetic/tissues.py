"""Parameters of synthetic scans: the codes of materials, and the ranges to draw from.

CT values are for 120 kV. Ranges without a named source are our own, chosen so that histograms of
cortex, marrow, muscle and fat cover those of the real training scans.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Range = tuple[float, float]


class Tissue(IntEnum):
    """Soft tissue of a voxel, ignoring bones."""

    AIR = 0
    FAT = 1
    MUSCLE = 2
    LOOSE = 3  # unlabelled interior of the trunk: fat and thin muscle in varying proportions
    DISC = 4
    CANAL = 5
    LUNG = 6
    AIRWAY = 7
    LIVER = 8
    SPLEEN = 9
    KIDNEY = 10
    GLAND = 11
    FLUID = 12
    BOWEL = 13
    COLON = 14
    HEART = 15
    ARTERY = 16
    VEIN = 17
    CARTILAGE = 18
    BRAIN = 19
    SKIN = 20


class Bone(IntEnum):
    """Code of the bone nearest to a voxel.

    Bodies of vertebrae have their VerSe number (1 to 28), arches and processes `ARCH` + number.
    """

    NONE = 0
    ARCH = 32
    RIB = 100
    PELVIS = 101
    SACRUM = 102
    LIMB = 103
    STERNUM = 104
    SKULL = 105
    TOOTH = 106


def is_vertebra(bones: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where codes of `Bone` (uint8, any shape) belong to vertebrae: bool, same shape."""
    return (bones > 0) & (bones < 2 * Bone.ARCH)


@dataclass(frozen=True)
class TissueRanges:
    """Mean CT value (HU) of each tissue in one scan, drawn uniformly; texture is added to it."""

    fat: Range = (-112.0, -75.0)
    muscle: Range = (25.0, 62.0)
    disc: Range = (55.0, 125.0)
    canal: Range = (8.0, 45.0)
    lung: Range = (-900.0, -740.0)
    liver: Range = (35.0, 75.0)
    spleen: Range = (40.0, 60.0)
    kidney: Range = (25.0, 45.0)
    gland: Range = (30.0, 60.0)
    fluid: Range = (0.0, 20.0)
    bowel: Range = (5.0, 55.0)
    blood: Range = (32.0, 55.0)
    cartilage: Range = (60.0, 140.0)
    brain: Range = (28.0, 42.0)
    skin: Range = (10.0, 60.0)
    #: enhancement of arteries by contrast medium in HU; 0.8 of it in kidneys and heart, at most
    #: 0.35 in the spleen and 0.3 in the liver
    contrast: Range = (80.0, 320.0)
    contrast_probability: float = 0.45
    oral_contrast: Range = (100.0, 450.0)
    oral_contrast_probability: float = 0.15


@dataclass(frozen=True)
class BoneRanges:
    """Bone of one person: marrow of a given density, and a cortical shell, often below 1 mm."""

    #: mean CT value of trabecular marrow in a vertebral body, in HU: healthy young 200-300,
    #: osteoporosis under 100, severe 0-50
    marrow: Range = (0.0, 240.0)
    #: difference in HU of the marrow in arches and processes from that in the bodies
    arch_marrow_offset: Range = (0.0, 120.0)
    #: CT value of compact bone itself, in HU; a thin shell appears much darker due to the partial
    #: volume effect
    cortex: Range = (600.0, 1150.0)
    #: with these shells, endplates are brighter than discs by 45, 130 and 362 HU (5th, 50th and
    #: 95th percentile of 30 scans); in real scans, by 39, 131 and 272 HU
    body_shell_mm: Range = (0.3, 0.6)
    arch_shell_mm: Range = (0.3, 1.2)
    endplate_extra_mm: Range = (0.1, 0.5)
    rib_shell_mm: Range = (0.4, 1.2)
    pelvis_shell_mm: Range = (0.5, 1.6)
    limb_shell_mm: Range = (1.2, 4.0)
    skull_shell_mm: Range = (1.2, 2.2)
    #: how far the true bone surface is inside the annotators' outline, which includes half-filled
    #: voxels
    outline_excess_mm: Range = (0.2, 0.7)
    #: relative amplitude of the trabecular pattern
    texture: Range = (0.04, 0.22)
    #: standard deviation of the marrow between the levels of one person, in HU
    level_spread: Range = (0.0, 18.0)
    sclerotic_level_probability: float = 0.06
    sclerosis: Range = (100.0, 500.0)
    lytic_level_probability: float = 0.04


@dataclass(frozen=True)
class ShapeRanges:
    """Deformation of the source's anatomy."""

    scale: Range = (0.82, 1.15)
    rotation_deg: Range = (-9.0, 9.0)
    #: lateral bend; a shorter wavelength makes it sharper
    scoliosis_mm: Range = (0.0, 9.0)
    severe_scoliosis_mm: Range = (12.0, 32.0)
    severe_scoliosis_probability: float = 0.15
    kyphosis_mm: Range = (0.0, 10.0)
    severe_kyphosis_mm: Range = (12.0, 30.0)
    severe_kyphosis_probability: float = 0.15
    wavelength_mm: Range = (190.0, 420.0)
    elastic_mm: Range = (0.5, 3.0)
    elastic_node_mm: float = 32.0
    #: remaining height of a compressed body (Genant: mild 75-80%, moderate 60-75%, severe under
    #: 60%)
    fracture_height: Range = (0.35, 0.85)
    fracture_probability: float = 0.35
    max_fractures: int = 4
    osteophyte_probability: float = 0.45
    osteophyte_mm: Range = (2.0, 7.0)
    bridging_probability: float = 0.10
    subcutaneous_fat_mm: Range = (3.0, 38.0)
    skin_mm: float = 1.6


@dataclass(frozen=True)
class ForeignRanges:
    """Metal, cement and devices. Paper: §5 mentions that its training data lacks cement.

    Fillings, pacemakers and hip prostheses are only drawn where teeth, chest and hips are in view.
    """

    metal_probability: float = 0.14
    metal_hu: Range = (2500.0, 9000.0)
    screw_radius_mm: Range = (2.0, 3.6)
    rod_radius_mm: Range = (2.3, 3.2)
    streak_hu: Range = (80.0, 650.0)
    cement_probability: float = 0.12
    cement_hu: Range = (700.0, 2400.0)
    cement_radius_mm: Range = (6.0, 13.0)
    filling_probability: float = 0.3
    pacemaker_probability: float = 0.06
    hip_probability: float = 0.08
    cable_probability: float = 0.15
    device_streak_hu: Range = (40.0, 450.0)


@dataclass(frozen=True)
class ScannerRanges:
    """How the scan was acquired and reconstructed."""

    slice_mm: Range = (0.5, 5.0)
    thin_probability: float = 0.45
    #: distance between slices divided by their thickness: below 1 they overlap, above 1 there are
    #: gaps
    increment_ratio: Range = (0.6, 1.15)
    sagittal_probability: float = 0.08
    coarse_probability: float = 0.08
    psf_sigma_mm: Range = (0.35, 0.95)
    coarse_psf_sigma_mm: Range = (1.0, 1.7)
    edge_enhancement: Range = (0.0, 1.6)
    sharp_probability: float = 0.35
    noise_hu: Range = (4.0, 32.0)
    high_noise_hu: Range = (32.0, 75.0)
    high_noise_probability: float = 0.12
    noise_correlation_mm: Range = (0.35, 1.1)
    photon_starvation_probability: float = 0.3
    #: added in the middle of slices; negative is cupping
    shading_hu: Range = (-15.0, 15.0)
    calibration_hu: Range = (-12.0, 12.0)
    round_field_probability: float = 0.18
    table_probability: float = 0.75
    padding_hu: tuple[int, ...] = (-1024, -2000, -3024)
    highest_hu: int = 3071
    extended_range_probability: float = 0.1


@dataclass(frozen=True)
class SynthesisRanges:
    """All ranges together."""

    tissue: TissueRanges = TissueRanges()
    bone: BoneRanges = BoneRanges()
    shape: ShapeRanges = ShapeRanges()
    foreign: ForeignRanges = ForeignRanges()
    scanner: ScannerRanges = ScannerRanges()


def uniform(rng: np.random.Generator, between: Range) -> float:
    """Return a uniformly distributed random number from a range."""
    return float(rng.uniform(*between))


def happens(rng: np.random.Generator, probability: float) -> bool:
    """Return True with a given probability."""
    return bool(rng.random() < probability)
