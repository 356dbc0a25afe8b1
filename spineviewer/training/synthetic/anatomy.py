"""Anatomy that is deformed and rendered as synthetic CT: tissues, signed depths, 1 mm grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.tissues import Bone, Tissue
from spineviewer.volume.boxes import grown, inside
from spineviewer.volume.geometry import Box
from spineviewer.volume.levels import level_number

#: Depths are stored as int8 in steps of this many mm, so they are clipped at +-15.9 mm.
DEPTH_STEP_MM = 0.125
#: The trunk's depth is stored in coarser steps and clipped at +-63 mm.
TRUNK_STEP_MM = 0.5
#: The code of the nearest bone is stored up to this distance from it.
_HALO_MM = 4.0

#: Tissue and bone of TotalSegmentator's label values; from 201 on, our own.
_SOFT = {
    1: Tissue.SPLEEN, 2: Tissue.KIDNEY, 3: Tissue.KIDNEY, 4: Tissue.FLUID, 5: Tissue.LIVER,
    6: Tissue.BOWEL, 7: Tissue.GLAND, 8: Tissue.GLAND, 9: Tissue.GLAND,
    **dict.fromkeys(range(10, 15), Tissue.LUNG), 15: Tissue.MUSCLE, 16: Tissue.AIRWAY,
    17: Tissue.GLAND, 18: Tissue.BOWEL, 19: Tissue.BOWEL, 20: Tissue.COLON, 21: Tissue.FLUID,
    22: Tissue.GLAND, 23: Tissue.FLUID, 24: Tissue.FLUID, 51: Tissue.HEART, 52: Tissue.ARTERY,
    53: Tissue.VEIN, **dict.fromkeys(range(54, 59), Tissue.ARTERY), 59: Tissue.VEIN,
    60: Tissue.VEIN, 61: Tissue.HEART, **dict.fromkeys((62, 63, 64, 67, 68), Tissue.VEIN),
    65: Tissue.ARTERY, 66: Tissue.ARTERY, 79: Tissue.CANAL,
    **dict.fromkeys(range(80, 90), Tissue.MUSCLE), 90: Tissue.BRAIN, 117: Tissue.CARTILAGE,
    118: Tissue.CARTILAGE, **dict.fromkeys(range(201, 206), Tissue.DISC), 206: Tissue.LOOSE,
}  # fmt: skip
_OTHER_BONE = {
    25: Bone.SACRUM, 26: Bone.SACRUM, **dict.fromkeys(range(69, 77), Bone.LIMB), 77: Bone.PELVIS,
    78: Bone.PELVIS, 91: Bone.SKULL, **dict.fromkeys(range(92, 116), Bone.RIB),
    116: Bone.STERNUM, 207: Bone.TOOTH,
}  # fmt: skip
#: VerSe numbers of TotalSegmentator's label values: 27 is L5 (24), 50 is C1 (1).
TOTALSEGMENTATOR_VERTEBRAE = {27 + k: 24 - k for k in range(24)}


@dataclass(frozen=True)
class Level:
    """Position of one vertebral body.

    Attributes
    ----------
    number
        VerSe number.
    centre_zyx
        Index of the centre of the body in the arrays of its anatomy.
    half_zyx
        Half the height, depth and width of the body in voxels (mm).
    """

    number: int
    centre_zyx: tuple[float, float, float]
    half_zyx: tuple[float, float, float]


@dataclass(frozen=True)
class Anatomy:
    """A patient's anatomy on a 1 mm grid, in canonical order.

    Attributes
    ----------
    soft
        uint8 `Tissue`, defined everywhere, even inside bones.
    bone
        uint8 code of the nearest bone (`Bone`); 0 if it is more than 4 mm away.
    spine_depth, bone_depth
        int8, in units of `DEPTH_STEP_MM`: distance from the surface of the vertebrae, and from the
        surface of the other bones, positive inside. Each bone has its own surface, so there is a
        shell between touching bones.
    trunk_depth
        int8, in units of `TRUNK_STEP_MM`: distance from the outer surface of the muscles, positive
        inside; subcutaneous fat and skin are outside.
    levels
        The vertebrae from the head down.
    """

    name: str
    soft: NDArray[np.uint8]
    bone: NDArray[np.uint8]
    spine_depth: NDArray[np.int8]
    bone_depth: NDArray[np.int8]
    trunk_depth: NDArray[np.int8]
    levels: tuple[Level, ...]

    def save(self, folder: Path) -> None:
        """Write arrays that `load` can memory-map."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        table = [(level.number, *level.centre_zyx, *level.half_zyx) for level in self.levels]
        np.save(folder / "levels.npy", np.array(table, dtype=np.float64))

    @classmethod
    def load(cls, folder: Path) -> Anatomy:
        """Return the anatomy stored in a folder; its arrays are memory-mapped."""
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        levels = tuple(
            Level(int(row[0]), (row[1], row[2], row[3]), (row[4], row[5], row[6]))
            for row in np.load(folder / "levels.npy").tolist()
        )
        return cls(name=folder.name, levels=levels, **arrays)


_ARRAYS = ("soft", "bone", "spine_depth", "bone_depth", "trunk_depth")


@dataclass(frozen=True)
class LabelVolume:
    """A label map in canonical order.

    Attributes
    ----------
    vertebrae
        VerSe number of each label value that is a vertebra.
    """

    labels: NDArray[np.integer]
    spacing_zyx_mm: tuple[float, float, float]
    vertebrae: Mapping[int, int]
    name: str = ""

    @property
    def numbers(self) -> NDArray[np.uint8]:
        """VerSe number of each voxel, uint8; 0 outside vertebrae."""
        table = np.zeros(int(self.labels.max()) + 1, np.uint8)
        for value, number in self.vertebrae.items():
            if value < len(table):
                table[value] = number
        numbers: NDArray[np.uint8] = table[self.labels]
        return numbers


def verse_numbers(names: Mapping[str, int]) -> dict[int, int]:
    """Return the VerSe number of each label value, given the label value of each name ('C1')."""
    return {value: level_number(name) for name, value in names.items() if name[0] in "CTL"}


def anatomy_of(source: LabelVolume, graft: LabelVolume | None = None) -> Anatomy:
    """Return the torso anatomy of a TotalSegmentator-style label map.

    If `graft` is given, its vertebrae replace the same levels of the torso. The graft is scaled,
    and the torso is warped slice by slice, so that common levels coincide. This takes about a
    minute.

    Raises
    ------
    ValueError
        When torso and graft have fewer than two levels in common.
    """
    shape = tuple(
        round(n * s) for n, s in zip(source.labels.shape, source.spacing_zyx_mm, strict=True)
    )
    depths = Depths((shape[0], shape[1], shape[2]))
    present = {int(v) for v in np.unique(source.labels)}
    spine = spine_of(source, depths)
    sacrum_and_rest = {value: code for value, code in _OTHER_BONE.items() if value in present}
    others = [(code, depths.of(source, value)) for value, code in sacrum_and_rest.items()]
    soft_parts = [
        (tissue, depths.of(source, value)) for value, tissue in _SOFT.items() if value in present
    ]
    union = np.zeros(depths.shape, dtype=bool)
    for _, part in [*soft_parts, *others, *spine.items()]:
        union[part.box] |= part.values > 0
    structures = source.name, depths.shape, spine, others, soft_parts, _trunk_depth(union)
    return assembled(*structures) if graft is None else _grafted(*structures, graft)


@dataclass(frozen=True)
class Part:
    """Signed depth of one structure in mm, in a box of the 1 mm grid."""

    box: Box
    values: NDArray[np.float32]


class Depths:
    """Computes the signed depths of individual labels on a 1 mm grid of `shape`."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        shift_zyx: tuple[float, float, float] = (0, 0, 0),
        scale: float = 1.0,
    ) -> None:
        self.shape = shape
        self._shift = shift_zyx
        self._scale = scale

    def of(self, source: LabelVolume, value: int) -> Part:
        """Return the signed depth of one label, smoothed, in a box with a margin of 16 mm."""
        found = ndimage.find_objects((source.labels == value).astype(np.uint8))[0]
        spacing = source.spacing_zyx_mm
        pad = [int(np.ceil(16.5 / s)) for s in spacing]
        crop = grown(found, pad, source.labels.shape)
        inside = source.labels[crop] == value
        half = 0.5 * min(spacing)
        signed = np.where(
            inside,
            ndimage.distance_transform_edt(inside, spacing) - half,
            half - ndimage.distance_transform_edt(~inside, spacing),
        ).astype(np.float32)
        smooth = ndimage.gaussian_filter(signed, [0.55] * 3)
        scale = self._scale
        low = [c.start * s * scale + t for c, s, t in zip(crop, spacing, self._shift, strict=True)]
        high = [c.stop * s * scale + t for c, s, t in zip(crop, spacing, self._shift, strict=True)]
        box = tuple(
            slice(min(n - 1, max(0, int(np.floor(a)))), max(1, min(n, int(np.ceil(b)))))
            for a, b, n in zip(low, high, self.shape, strict=True)
        )
        axes = [
            ((np.arange(b.start, b.stop) + 0.5 - t) / (s * scale) - 0.5 - c.start)
            for b, c, s, t in zip(box, crop, spacing, self._shift, strict=True)
        ]
        grid = np.meshgrid(*axes, indexing="ij", copy=False)
        values = (
            ndimage.map_coordinates(smooth, grid, order=1, mode="nearest").astype(np.float32)
            * scale
        )
        return Part((box[0], box[1], box[2]), values)


def spine_of(source: LabelVolume, depths: Depths) -> dict[int, Part]:
    """Return the signed depths of the vertebrae of a label map by VerSe number."""
    present = {int(v) for v in np.unique(source.labels)} & set(source.vertebrae)
    return {source.vertebrae[value]: depths.of(source, value) for value in sorted(present)}


def _trunk_depth(union: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the signed depth in mm below the surface of all labels together (positive inside).

    Gaps between labels are closed slice by slice on a 4 mm grid. float32, shape of `union`.
    """
    coarse = union[::4, ::4, ::4]
    reach = 12  # 48 mm
    padded = np.pad(coarse, ((3, 3), (reach + 2,) * 2, (reach + 2,) * 2), mode="constant")
    padded[:3], padded[-3:] = padded[3], padded[-4]
    closed = np.zeros_like(padded)
    for z in range(padded.shape[0]):
        if padded[z].any():
            far = ndimage.distance_transform_edt(~padded[z]) <= reach
            closed[z] = ndimage.binary_fill_holes(ndimage.distance_transform_edt(far) > reach)
    signed = (
        np.where(
            closed,
            ndimage.distance_transform_edt(closed) - 0.5,
            0.5 - ndimage.distance_transform_edt(~closed),
        )
        * 4
    )
    smooth = ndimage.gaussian_filter(signed, 1.5)[
        3:-3, reach + 2 : -reach - 2, reach + 2 : -reach - 2
    ]
    axes = [np.arange(n) / 4 for n in union.shape]
    grid = np.meshgrid(*axes, indexing="ij", copy=False)
    return (
        ndimage.map_coordinates(smooth.astype(np.float32), grid, order=1, mode="nearest").astype(
            np.float32
        )
        + 2.0
    )


def assembled(
    name: str,
    shape: tuple[int, int, int],
    spine: Mapping[int, Part],
    others: list[tuple[Bone, Part]],
    soft_parts: list[tuple[Tissue, Part]],
    trunk: NDArray[np.float32],
    bodies: Mapping[int, Part] | None = None,
) -> Anatomy:
    """Return an anatomy from the signed depths of its structures.

    Parameters
    ----------
    spine
        Whole vertebrae by VerSe number.
    others, soft_parts
        Other bones and soft tissues. Where soft tissues overlap, the one with the larger signed
        depth is used.
    trunk
        Signed depth in mm below the outer surface of the muscles, positive inside: float32, shape
        `shape`.
    bodies
        Vertebral bodies alone, by VerSe number; derived from the vertebrae's shape if not given.
    """
    soft = np.full(shape, Tissue.LOOSE, dtype=np.uint8)
    deepest = np.full(shape, 0.0, dtype=np.float32)
    for tissue, part in soft_parts:
        wins = part.values > deepest[part.box]
        soft[part.box][wins] = tissue
        deepest[part.box][wins] = part.values[wins]
    for tissue, part in soft_parts:
        if tissue == Tissue.CANAL:  # the cord is labelled, the canal around it is not
            soft[part.box][(part.values > -4.0) & (deepest[part.box] <= 0.5)] = Tissue.CANAL
    bone = np.zeros(shape, dtype=np.uint8)
    nearest = np.full(shape, -_HALO_MM, dtype=np.float32)
    spine_depth = np.full(shape, -15.9, dtype=np.float32)
    bone_depth = np.full(shape, -15.9, dtype=np.float32)
    for code, part in others:
        np.maximum(bone_depth[part.box], part.values, out=bone_depth[part.box])
        wins = part.values > nearest[part.box]
        bone[part.box][wins] = code
        nearest[part.box][wins] = part.values[wins]
    bodies = bodies or _bodies_of(spine, shape[0])
    levels = []
    for number, part in sorted(spine.items()):
        body = bodies.get(number)
        if body is not None:
            levels.append(_level(number, body.values > 0, body.box))
        np.maximum(spine_depth[part.box], part.values, out=spine_depth[part.box])
        wins = part.values > nearest[part.box]
        codes = np.full(part.values.shape, Bone.ARCH + number, dtype=np.uint8)
        if body is not None:
            codes[body.values > -1.5] = number
        bone[part.box][wins] = codes[wins]
        nearest[part.box][wins] = part.values[wins]
    np.minimum(bone_depth, -spine_depth, out=bone_depth)
    for number, lower in bodies.items():
        if number - 1 in bodies:
            _fill_disc(soft, bodies[number - 1], lower)
    return Anatomy(
        name,
        soft,
        bone,
        _quantised(spine_depth, DEPTH_STEP_MM),
        _quantised(bone_depth, DEPTH_STEP_MM),
        _quantised(trunk, TRUNK_STEP_MM),
        tuple(levels),
    )


def _bodies_of(spine: Mapping[int, Part], height: int) -> dict[int, Part]:
    bodies = {}
    for number, part in spine.items():
        body = _body_of(part.values, part.box[0].start > 0 and part.box[0].stop < height)
        if body is not None:
            bodies[number] = Part(part.box, _signed(body))
    return bodies


def _body_of(depth: NDArray[np.float32], is_whole: bool) -> NDArray[np.bool_] | None:
    """Return the body of one vertebra: the region around its thickest part, without the arch.

    None if no part is thick enough.
    """
    thickest = float(depth.max())
    if thickest < 4.0:
        return None
    core = depth > (0.62 if is_whole else 0.7) * thickest
    parts, count = ndimage.label(core)
    if count > 1:
        core = parts == 1 + int(np.argmax(ndimage.sum_labels(core, parts, np.arange(1, count + 1))))
    reach = 0.62 * thickest * 1.45 + 2.0
    near = ndimage.distance_transform_edt(~core) < reach
    _, behind, _ = np.nonzero(core)
    near[:, int(behind.max()) + max(3, int(0.62 * thickest)) :] = False
    body: NDArray[np.bool_] = near & (depth > 0)
    return body


def _signed(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    inside, outside = ndimage.distance_transform_edt(mask), ndimage.distance_transform_edt(~mask)
    return np.where(mask, inside - 0.5, 0.5 - outside).astype(np.float32)


def _level(number: int, body: NDArray[np.bool_], box: Box) -> Level:
    indices = np.array(np.nonzero(body))
    low, high = np.percentile(indices, 2, axis=1), np.percentile(indices, 98, axis=1)
    start = np.array([b.start for b in box])
    z, y, x = ((low + high) / 2 + start).tolist()
    a, b, c = ((high - low) / 2 * 1.04 + 0.5).tolist()
    return Level(number, (z, y, x), (a, b, c))


def _fill_disc(soft: NDArray[np.uint8], upper: Part, lower: Part) -> None:
    """Fill the disc between two bodies, in place.

    Between the bodies, the distances to both add up to the height of the gap. Outside the rim
    the sum is larger.
    """
    box = tuple(
        slice(max(a.start, b.start), min(a.stop, b.stop))
        for a, b in zip(upper.box, lower.box, strict=True)
    )
    if any(b.stop <= b.start for b in box):
        return
    above = -upper.values[inside(box, upper.box)]
    below = -lower.values[inside(box, lower.box)]
    between = (above > 0) & (below > 0)
    if not between.any():
        return
    total = above + below
    gap = float(np.percentile(total[between], 1))
    if gap < 14.0:
        column = (above.min(axis=0) < 2.0) | (below.min(axis=0) < 2.0)  # discs bulge 2 mm at most
        soft[box][between & (total < 1.3 * gap + 2.5) & column] = Tissue.DISC


def _quantised(depth: NDArray[np.float32], step: float) -> NDArray[np.int8]:
    steps: NDArray[np.int8] = np.clip(np.rint(depth / step), -127, 127).astype(np.int8)
    return steps


def body_centres(spine: Mapping[int, Part]) -> dict[int, NDArray[np.float64]]:
    """Return the index (z, y, x) of the centre of each vertebral body: float64, shape (3,).

    Vertebrae whose body cannot be found are left out.
    """
    centres = {}
    for number, part in spine.items():
        body = _body_of(part.values, True)
        if body is not None:
            centres[number] = np.array(_level(number, body, part.box).centre_zyx)
    return centres


def _grafted(
    name: str,
    shape: tuple[int, int, int],
    spine: Mapping[int, Part],
    others: list[tuple[Bone, Part]],
    soft_parts: list[tuple[Tissue, Part]],
    trunk: NDArray[np.float32],
    graft: LabelVolume,
) -> Anatomy:
    """Return the torso, warped so that common levels coincide, with the vertebrae of the graft."""
    values = {int(v) for v in np.unique(graft.labels)} & set(graft.vertebrae)
    extent = [round(n * s) for n, s in zip(graft.labels.shape, graft.spacing_zyx_mm, strict=True)]
    plain = Depths((extent[0], extent[1], extent[2]))
    there = body_centres({graft.vertebrae[v]: plain.of(graft, v) for v in values})
    here = body_centres(spine)
    common = sorted(set(there) & set(here))
    if len(common) < 2:
        raise ValueError(
            f"{name} and {graft.name} have fewer than two levels in common, so nothing can be "
            "grafted"
        )
    lengths = [np.linalg.norm(c[common[-1]] - c[common[0]]) for c in (here, there)]
    scale = float(np.clip(lengths[0] / lengths[1], 0.88, 1.12))
    mean_here = np.mean([here[n] for n in common], axis=0)
    mean_there = np.mean([there[n] for n in common], axis=0)
    shift = mean_here - mean_there * scale
    moved = Depths(shape, (float(shift[0]), float(shift[1]), float(shift[2])), scale)
    new = {graft.vertebrae[v]: moved.of(graft, v) for v in values}
    targets = {n: there[n] * scale + shift for n in common}
    offset = _offset_by_slice(shape[0], [targets[n] for n in common], [here[n] for n in common])
    warped_soft = [(tissue, _warped(part, offset, shape)) for tissue, part in soft_parts]
    warped_bone = [(code, _warped(part, offset, shape)) for code, part in others]
    kept = {n: _warped(part, offset, shape) for n, part in spine.items() if n not in new}
    whole = Part((slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2])), trunk)
    result = assembled(
        f"{name}+{graft.name}",
        shape,
        {**kept, **new},
        warped_bone,
        warped_soft,
        _warped(whole, offset, shape).values,
    )
    return replace(result, levels=tuple(sorted(result.levels, key=lambda level: level.number)))


def _offset_by_slice(
    height: int, targets: list[NDArray[np.float64]], origins: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return, for each output slice, the offset (z, y, x) to its place in the original torso.

    float64, shape (height, 3). It is constant beyond the first and last common level.
    """
    order = np.argsort([t[0] for t in targets])
    z = np.array([targets[k][0] for k in order])
    offsets = np.array([origins[k] - targets[k] for k in order])
    heights = np.arange(height)
    curve = np.stack([np.interp(heights, z, offsets[:, axis]) for axis in range(3)], axis=1)
    return ndimage.gaussian_filter1d(curve, 8.0, axis=0, mode="nearest")


def _warped(part: Part, offset: NDArray[np.float64], shape: tuple[int, int, int]) -> Part:
    """Return a part with its axial planes shifted, and stretched along z."""
    reach = np.ceil(np.abs(offset).max(axis=0)).astype(int) + 1
    box = grown(part.box, reach.tolist(), shape)
    z = np.arange(box[0].start, box[0].stop)
    source_z = np.clip(z + offset[z, 0] - part.box[0].start, 0, part.values.shape[0] - 1)
    low = np.floor(source_z).astype(int)
    high = np.minimum(low + 1, part.values.shape[0] - 1)
    out = np.empty(
        (len(z), box[1].stop - box[1].start, box[2].stop - box[2].start), dtype=np.float32
    )
    for row, height in enumerate(z):
        weight = np.float32(source_z[row] - low[row])
        plane = part.values[low[row]] * (1 - weight) + part.values[high[row]] * weight
        ys = box[1].start + offset[height, 1] - part.box[1].start
        xs = box[2].start + offset[height, 2] - part.box[2].start
        out[row] = ndimage.affine_transform(
            plane, np.ones(2), (ys, xs), out.shape[1:], order=1, mode="nearest"
        )
    return Part((box[0], box[1], box[2]), out)
