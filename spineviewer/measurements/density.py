"""Trabecular HU, the contrast phase, and the statement about bone density."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, percentile_filter

from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measurements.results import (
    Acquisition,
    Contrast,
    CutOff,
    Density,
    Estimate,
    Roi,
    Trabecular,
    VertebraMeasurement,
)
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import enumerated, mark, worded

Floats = NDArray[np.float64]

#: Radii of the ROI as fractions of a body's height, width and depth, and how far the ROI is
#: shifted to the front, away from the basivertebral veins.
_RADII, _FORWARD = (0.34, 0.31, 0.31), 0.07
#: Distances from mid-height, in units of the ROI's radius: of its core, of the parts above and
#: below whose HU are compared with the core, and of the ends of the largest gap.
_CORE, _BESIDE, _GAP = (0.0, 0.24), (0.53, 0.88), 0.38
#: Choice: how many HU denser the core is where the gap begins to open and where it is largest.
_DENSER_HU = (10.0, 40.0)
#: Choice: range of HU in trabecular bone. Gas and lumps of fat are below it, cement is above it.
_GAS_HU, _CEMENT_HU = -200.0, 800.0
#: Standard deviation of the Gaussian with which HU are smoothed to find gas, cement and spots.
_NOISE_MM = 1.0
#: A spot differs from the median of the ROI by this many robust standard deviations of the smoothed
#: HU, and by at least this many HU.
_SPOT_SD, _SPOT_HU = 3.5, 30.0
#: Minimum HU of metal.
METAL_HU = 2200.0
#: Minimum volume of metal near a body at which the body is not measured.
_METAL_ML = 0.15
#: Maximum fraction of the ROI that may be gas, fat or cement.
_CEMENT_FRACTION = 0.06
#: With fewer voxels, HU are not measured.
_MIN_VOXELS = 30
#: Choice: HU in the default ROI are stable if the ROI is at least this many voxels or this many
#: mm wide in every direction. In copies of eight scans on other grids, HU changed by up to 17 in
#: smaller ROIs (cervical bodies in slices of 2 mm and more), and by up to 8 in larger ones.
_STABLE_VOXELS, _STABLE_MM = 4.4, 11.0
#: Tube voltage for which the cutoffs were published.
_KVP = 120.0
#: Minimum HU of the aorta with contrast medium, and in an arterial phase.
_CONTRAST_HU, _ARTERIAL_HU = 90.0, 210.0
_AORTA_RADIUS_MM = 6.0
_PICKHARDT = "Pickhardt 2013"
SCALE = (
    CutOff(110.0, mark("90% specificity for osteoporosis at or below this value"), _PICKHARDT),
    CutOff(135.0, mark("balanced cutoff"), _PICKHARDT),
    CutOff(160.0, mark("90% sensitivity for osteoporosis at or below this value"), _PICKHARDT),
)
#: Levels whose HU may be compared with the cutoffs, in order of preference.
_LEVELS = ("L1", "T12", "L2")
METAL = worded("There is metal in or next to this vertebra.")
CEMENT = worded(
    "There is cement or very dense bone in this vertebral body, so HU values were not measured."
)
GAS = worded("There is gas or fat in this vertebral body, so HU values were not measured.")
NOT_HU = worded("The values of this scan are not Hounsfield units, so HU were not measured.")
TOO_SMALL = worded("The trabecular bone contains too few voxels to measure HU values.")


def default_roi(vertebra: VertebraMeasurement) -> Roi | None:
    """Return the default ROI in the trabecular bone of a body; None if it was not measured."""
    profile, depth, width = vertebra.profile, vertebra.depth, vertebra.width
    if profile is None or depth is None or width is None:
        return None
    height = min(caliper.length_mm for caliper in profile.heights)
    sizes = (height, width.length_mm, depth.length_mm)
    down, left, back = (fraction * mm for fraction, mm in zip(_RADII, sizes, strict=True))
    upper = np.mean([c.start_lps_mm for c in profile.heights], axis=0)
    lower = np.mean([c.end_lps_mm for c in profile.heights], axis=0)
    centre = 0.5 * (upper + lower) - _FORWARD * depth.length_mm * np.array(vertebra.frame.back_lps)
    x, y, z = centre.tolist()
    return Roi((x, y, z), (down, left, back), vertebra.frame)


def with_gap(scan: CtVolume, roi: Roi) -> Roi:
    """Return an ROI with a gap at mid-height if the bone there is denser than above and below.

    Contrast medium in the basivertebral veins can make the middle of a body more than 100 HU
    denser. Radiologists avoid it. Choice: the gap opens gradually, so that similar scans have
    similar ROIs. Bodies without a dense middle have no gap.
    """
    voxels = _voxels_in(scan, roi)
    weights = [
        voxels.fraction * voxels.part_between(low, high) * voxels.is_bone
        for low, high in (_CORE, _BESIDE)
    ]
    if min(weight.sum() for weight in weights) <= 0:
        return roi
    core_hu, beside_hu = (float(np.average(voxels.hu, weights=weight)) for weight in weights)
    opening = float(np.interp(core_hu - beside_hu, _DENSER_HU, (0.0, 1.0)))
    return replace(roi, gap_mm=opening * _GAP * 2 * roi.radii_mm[0])


def trabecular(scan: CtVolume, roi: Roi, *, is_set_by_hand: bool = False) -> Trabecular | None:
    """Return the HU in an ROI; None with too few voxels, or too much gas, fat or cement.

    Spots that are much denser or less dense than the rest, such as bone islands and veins, are left
    out.
    """
    voxels = _voxels_in(scan, roi)
    is_bone, weight = voxels.is_bone, voxels.weight
    # Cement in the gap counts as well.
    bone_fraction = voxels.fraction[is_bone].sum() / max(voxels.fraction.sum(), 1e-9)
    if weight[is_bone].sum() < _MIN_VOXELS or bone_fraction < 1 - _CEMENT_FRACTION:
        return None
    is_counted = is_bone & ~voxels.is_spot
    values, places, weight = (array[is_counted] for array in (voxels.hu, voxels.positions, weight))
    # The spread of the means of eight parts of the ROI shows how much its exact position matters.
    part = (places > 0) @ np.array([1, 2, 4])
    means = [
        np.average(values[part == number], weights=weight[part == number])
        for number in range(8)
        if weight[part == number].sum() > 3
    ]
    mean = float(np.average(values, weights=weight))
    sd = float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))
    spread = float(np.std(means) / np.sqrt(len(means))) if len(means) > 1 else sd
    return Trabecular(
        Estimate(mean, spread),
        _median(values, weight),
        sd,
        float(weight.sum()) * scan.geometry.voxel_volume_ml,
        roi,
        is_set_by_hand,
    )


def why_no_hu(scan: CtVolume, roi: Roi | None) -> str:
    """Return why HU cannot be measured in an ROI, as a sentence for the user."""
    if roi is None:
        return TOO_SMALL
    voxels = _voxels_in(scan, roi)
    if voxels.weight.sum() < _MIN_VOXELS:
        return TOO_SMALL
    dense = float(voxels.fraction[voxels.smooth_hu >= _CEMENT_HU].sum())
    thin = float(voxels.fraction[voxels.smooth_hu <= _GAS_HU].sum())
    return GAS if thin > dense else CEMENT


def why_unstable(grid: Geometry, roi: Roi) -> str:
    """Return why HU would depend on the exact position of an ROI; '' if they would not."""
    axes = np.array([roi.frame.down_lps, roi.frame.left_lps, roi.frame.back_lps])
    across = axes @ np.array(grid.axes_lps).T
    sizes_mm = 2 * np.linalg.norm(np.array(roi.radii_mm)[:, None] * across, axis=0)
    voxels = sizes_mm / np.array(grid.spacing_zyx_mm)
    axis = int(np.argmin(voxels))
    if voxels[axis] >= _STABLE_VOXELS or sizes_mm[axis] >= _STABLE_MM:
        return ""
    return worded(
        "Along one axis, the ROI would be only {size_mm:.1f} mm long, with voxels of "
        "{voxel_mm:.1f} mm. HU values would depend on its exact position, so they were not "
        "measured.",
        size_mm=float(sizes_mm[axis]),
        voxel_mm=grid.spacing_zyx_mm[axis],
    )


@dataclass(frozen=True)
class _Voxels:
    """The voxels in an ROI and its gap, those at its border included.

    Attributes
    ----------
    hu, smooth_hu
        Float64, shape (n,), as are `fraction` and `weight`.
    positions
        Float64, shape (n, 3): down, left and back in units of the radii.
    fraction
        The part of each voxel that is in the ellipsoid, so that results do not depend on the
        position of the grid.
    height
        Extent of a voxel along the body's height, in units of the radius.
    gap
        Distance of the ends of the gap from mid-height, in units of the radius.
    """

    hu: Floats
    smooth_hu: Floats
    positions: Floats
    fraction: Floats
    height: float
    gap: float

    @property
    def weight(self) -> Floats:
        """The part of each voxel that is in the ellipsoid but not in the gap."""
        return self.fraction * (1 - self.part_between(0.0, self.gap))

    def part_between(self, near: float, far: float) -> Floats:
        """Return the part of each voxel between two distances from mid-height, on both sides."""
        down = np.stack([self.positions[:, 0], -self.positions[:, 0]])
        upper, lower = down - 0.5 * self.height, down + 0.5 * self.height
        parts = np.clip(np.minimum(lower, far) - np.maximum(upper, near), 0.0, None)
        return np.asarray(parts.sum(axis=0) / self.height)

    @property
    def is_bone(self) -> NDArray[np.bool_]:
        """Whether a voxel is neither gas, fat nor cement.

        Smoothed HU decide, so that noise alone does not exclude low values from the mean.
        """
        return (self.smooth_hu > _GAS_HU) & (self.smooth_hu < _CEMENT_HU)

    @property
    def is_spot(self) -> NDArray[np.bool_]:
        """Whether a voxel is much denser or less dense than the bone in the ROI."""
        weight = self.weight * self.is_bone
        off_hu = np.abs(self.smooth_hu - _median(self.smooth_hu, weight))
        # 1.4826 times the median distance is the standard deviation of a normal distribution.
        spread_hu = 1.4826 * _median(off_hu, weight)
        return np.asarray(off_hu > max(_SPOT_SD * spread_hu, _SPOT_HU))


def _median(values: Floats, weights: Floats) -> float:
    """Return the weighted median: half of the weight is at or below it."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, 0.5 * total[-1])]])


def _voxels_in(scan: CtVolume, roi: Roi) -> _Voxels:
    """Return the voxels in an ROI and its gap."""
    grid = scan.geometry
    radii = np.array(roi.radii_mm)
    # The border crosses voxels whose centres are up to half a voxel outside.
    reach = tuple((radii + 0.5 * max(grid.spacing_zyx_mm)).tolist())
    box, inside, relative = _ellipsoid(
        grid, roi.centre_lps_mm, roi.frame, (reach[0], reach[1], reach[2])
    )
    part = scan.hu[box].astype(np.float64)
    smooth = gaussian_filter(part, _NOISE_MM / np.array(grid.spacing_zyx_mm), mode="nearest")
    off_mm = relative * reach
    positions = off_mm / radii
    distance = np.maximum(np.linalg.norm(positions, axis=1), 1e-6)
    length = np.maximum(np.linalg.norm(off_mm, axis=1), 1e-6)
    to_border_mm = length * (1 - distance) / distance
    across = np.array([roi.frame.down_lps, roi.frame.left_lps, roi.frame.back_lps])
    across = across @ np.array(grid.axes_lps).T
    spacing = np.array(grid.spacing_zyx_mm)
    voxel_mm = np.maximum(np.abs((off_mm / length[:, None]) @ across) @ spacing, 1e-6)
    return _Voxels(
        hu=part[inside],
        smooth_hu=smooth[inside],
        positions=positions,
        fraction=np.clip(0.5 + to_border_mm / voxel_mm, 0.0, 1.0),
        height=float(np.abs(across[0]) @ spacing) / roi.radii_mm[0],
        gap=0.5 * roi.gap_mm / roi.radii_mm[0],
    )


def _voxels_near(
    scan: CtVolume, centre_lps_mm: Triple, frame: BodyFrame, radii_mm: Triple
) -> tuple[Floats, Floats]:
    """Return the HU of the voxels in an ellipsoid, and their positions in units of its radii."""
    box, inside, off = _ellipsoid(scan.geometry, centre_lps_mm, frame, radii_mm)
    return scan.hu[box][inside].astype(np.float64), off


def _ellipsoid(
    grid: Geometry, centre_lps_mm: Triple, frame: BodyFrame, radii_mm: Triple
) -> tuple[tuple[slice, slice, slice], NDArray[np.bool_], Floats]:
    """Return a box around an ellipsoid, a mask of the voxels inside, and their positions.

    Positions are in units of the radii.
    """
    axes = np.array([frame.down_lps, frame.left_lps, frame.back_lps])
    reach = np.sqrt((np.array(radii_mm)[:, None] ** 2 * axes**2).sum(axis=0))
    box = _box(grid, np.array(centre_lps_mm), reach)
    index = np.stack(np.meshgrid(*(np.arange(s.start, s.stop) for s in box), indexing="ij"), -1)
    positions = (grid.point_lps_mm(index) - np.array(centre_lps_mm)) @ axes.T / np.array(radii_mm)
    inside = (positions**2).sum(axis=-1) <= 1
    return box, inside, positions[inside]


def _box(grid: Geometry, centre: Floats, reach_lps: Floats) -> tuple[slice, slice, slice]:
    """Return the box of the voxels within given distances of a point along L, P and S."""
    spacing = np.array(grid.spacing_zyx_mm)
    middle = grid.index_zyx(centre)
    half_size = np.abs(np.array(grid.axes_lps)) @ reach_lps / spacing + 1
    shape = np.array(grid.shape_zyx)
    low = np.clip(np.floor(middle - half_size), 0, shape).astype(int).tolist()
    high = np.clip(np.ceil(middle + half_size) + 1, 0, shape).astype(int).tolist()
    z, y, x = (slice(a, max(a, b)) for a, b in zip(low, high, strict=True))
    return z, y, x


def has_metal(scan: CtVolume, vertebra: VertebraMeasurement, reach_mm: float = 26.0) -> bool:
    """Return whether there is metal in or next to a body."""
    radii = (18.0, reach_mm + 6.0, reach_mm + 10.0)
    box = _box(scan.geometry, np.array(vertebra.centre_lps_mm), np.full(3, max(radii)))
    if scan.hu[box].size == 0 or scan.hu[box].max() < METAL_HU:
        return False
    values, _ = _voxels_near(scan, vertebra.centre_lps_mm, vertebra.frame, radii)
    return int((values >= METAL_HU).sum()) * scan.geometry.voxel_volume_ml >= _METAL_ML


def find_contrast(
    scan: CtVolume | None, vertebrae: Iterable[VertebraMeasurement], acquisition: Acquisition
) -> tuple[Contrast, str, Estimate | None]:
    """Return whether there is contrast medium, how this was determined, and the HU of the aorta.

    The last is None if the aorta was not measured.
    """
    aorta = None
    if scan is not None and scan.source.are_values_hu:
        aorta = aorta_hu(scan, vertebrae)
    agent = acquisition.contrast_agent.strip()
    if aorta is not None:
        hu = aorta.value
        if hu >= _ARTERIAL_HU:
            return (
                Contrast.ARTERIAL,
                worded("The attenuation of the aorta is {hu:.0f} HU.", hu=hu),
                aorta,
            )
        if hu >= _CONTRAST_HU:
            return (
                Contrast.VENOUS,
                worded("The attenuation of the aorta is {hu:.0f} HU.", hu=hu),
                aorta,
            )
        if not agent:
            return (
                Contrast.NONE,
                worded("The attenuation of the aorta is {hu:.0f} HU.", hu=hu),
                aorta,
            )
    if agent:
        return Contrast.GIVEN, worded("The file mentions contrast medium."), aorta
    if acquisition.is_dicom:
        return (
            Contrast.UNKNOWN,
            worded(
                "The file does not mention contrast medium, and the aorta could not be measured."
            ),
            aorta,
        )
    return (
        Contrast.UNKNOWN,
        worded(
            "The file does not say whether contrast medium was given, and the aorta could not "
            "be measured."
        ),
        aorta,
    )


def aorta_hu(scan: CtVolume, vertebrae: Iterable[VertebraMeasurement]) -> Estimate | None:
    """Return the median HU of the aorta, which is in front and to the left of T6 to L3.

    At each level, the 12 mm disk whose 20th percentile of HU is highest is used. With contrast
    medium, this disk is in the aorta; without, it may also be in muscle, which has similar HU. None
    if fewer than two levels show soft tissue.
    """
    levels_hu = [
        hu
        for vertebra in vertebrae
        if 13 <= vertebra.label <= 22 and (hu := _brightest_disk(scan, vertebra)) is not None
    ]
    if len(levels_hu) < 2:
        return None
    low, median, high = np.percentile(levels_hu, (16, 50, 84)).tolist()
    return Estimate(median, max((high - low) / 2, 3.0))


def _brightest_disk(scan: CtVolume, vertebra: VertebraMeasurement) -> float | None:
    depth, width = vertebra.depth, vertebra.width
    if depth is None or width is None:
        return None
    frame, centre = vertebra.frame, np.array(vertebra.centre_lps_mm)
    left = np.arange(-8.0, 0.5 * width.length_mm + 20.0, 2.0)
    back = np.arange(-0.5 * depth.length_mm - 24.0, 8.0, 2.0)
    radius = np.hypot(left / (0.5 * width.length_mm), back[:, None] / (0.5 * depth.length_mm))
    lefts, backs = np.meshgrid(left, back)
    plane = (
        centre
        + lefts[..., None] * np.array(frame.left_lps)
        + backs[..., None] * np.array(frame.back_lps)
    )
    index = np.rint(scan.geometry.index_zyx(plane)).astype(int)
    is_in = ((index >= 0) & (index < scan.hu.shape)).all(axis=-1)
    z, y, x = np.moveaxis(np.clip(index, 0, np.array(scan.hu.shape) - 1), -1, 0)
    hu = np.where(is_in, scan.hu[z, y, x], -1000).astype(np.float64)
    hu[radius < 1.1] = -1000  # the body itself
    steps = np.arange(-3, 4)
    disk = np.hypot(steps, steps[:, None]) * 2.0 <= _AORTA_RADIUS_MM
    dark = percentile_filter(hu, 20, footprint=disk, mode="constant", cval=-1000)
    bright = percentile_filter(hu, 90, footprint=disk, mode="constant", cval=-1000)
    is_vessel = (dark >= 10) & (bright <= 700)
    return float(dark[is_vessel].max()) if is_vessel.any() else None


_UNKNOWN_LEVELS = worded(
    "The HU cutoffs apply to T12, L1 and L2, but the levels of the vertebrae are unknown."
)


def density_statement(
    vertebrae: Sequence[VertebraMeasurement],
    acquisition: Acquisition,
    contrast: tuple[Contrast, str, Estimate | None],
    *,
    are_levels_known: bool = True,
) -> Density:
    """Return the HU of L1, otherwise of T12 or L2, with the published cutoffs that apply.

    No cutoffs apply to vertebrae whose names are a guess (`are_levels_known`).
    """
    phase, basis, aorta = contrast
    by_name = {vertebra.name: vertebra for vertebra in vertebrae}
    chosen = next(
        (v for name in _LEVELS if (v := by_name.get(name)) is not None and _is_usable(v)), None
    )
    hu = chosen.trabecular.mean_hu if chosen is not None and chosen.trabecular else None
    reason = _why_no_statement(
        vertebrae, chosen, acquisition, phase, are_levels_known=are_levels_known
    )
    return Density(
        level=chosen.name if chosen is not None else "",
        hu=hu,
        kvp=acquisition.kvp,
        contrast=phase,
        contrast_basis=basis,
        aorta_hu=aorta,
        scale=() if reason else SCALE,
        reason=reason,
    )


def _is_usable(vertebra: VertebraMeasurement) -> bool:
    return vertebra.trabecular is not None and not vertebra.is_flagged


def _why_no_statement(
    vertebrae: Sequence[VertebraMeasurement],
    chosen: VertebraMeasurement | None,
    acquisition: Acquisition,
    phase: Contrast,
    *,
    are_levels_known: bool,
) -> str:
    if any(vertebra.why_no_hu == NOT_HU for vertebra in vertebrae):
        return NOT_HU
    if chosen is None:
        return worded(
            "The HU cutoffs cannot be applied: L1, T12 and L2 are each fractured, not in view or "
            "not measurable."
        )
    reasons = (
        "" if are_levels_known else _UNKNOWN_LEVELS,
        _about_voltage(acquisition),
        _about_contrast(phase),
    )
    stated = [reason for reason in reasons if reason]
    return enumerated(stated, " ") if stated else ""


def _about_voltage(acquisition: Acquisition) -> str:
    """Return why the cutoffs do not apply to the tube voltage; empty if they do."""
    if acquisition.kvp is None:
        return worded("The file does not state the tube voltage. The HU cutoffs apply to 120 kV.")
    if abs(acquisition.kvp - _KVP) > 1:
        return worded(
            "The tube voltage is {kvp:.0f} kV. The HU cutoffs apply to 120 kV.", kvp=acquisition.kvp
        )
    return ""


def _about_contrast(phase: Contrast) -> str:
    """Return why the cutoffs do not apply to the contrast phase; empty if they do."""
    if phase is Contrast.UNKNOWN:
        return worded("It is not known whether contrast medium was given.")
    if phase is not Contrast.NONE:
        return worded("Contrast medium was given. The HU cutoffs apply to unenhanced scans.")
    return ""
