"""Late fusion of attention map and bone probability into the mask. Paper: §2.1, §2.2.

``mask = (G_sigma * upsample(extended) > t_attention) AND (probability > t_segmentation)``, on the
scan's own grid. The attention map is the output of the attention network. The extended attention is
this map, extended at both ends of the spine (`operators.extended_attention`). It is smoothed, then
shown, exported and compared with the threshold.

Up-sampling U and smoothing G are linear and separable, so along each axis G U is one small matrix
(for example 512 x 52). It is computed by filtering the columns of U, so it includes what the filter
does at the scan's borders. The smoothed map at any voxel is then ::

    smoothed[z, y, x] = sum_i sum_j sum_k  A_z[z, i]  A_y[y, j]  A_x[x, k]  extended[i, j, k]

This equals smoothing the up-sampled volume, but that volume is never allocated. Planes, volumes and
masks are summed in the same order (i, then j, then k, ascending, in float32 without fused
multiply-adds). A plane of the mask is therefore exactly the slice of the whole mask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spineviewer.caches import RecentCache
from spineviewer.errors import GeometryError, InferenceError
from spineviewer.fusion.extended_attention import SLICES_AT_ONCE, ExtendedAttention, plane_shape
from spineviewer.fusion.islands import Islands, find_islands
from spineviewer.fusion.kernels import (
    bone_runs,
    fuse,
    mask_sagittal,
    probability_box,
    probability_sagittal,
    row_maxima,
)
from spineviewer.fusion.operators import (
    BoneRuns,
    working_taps,
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.threads import in_parallel
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Box
from spineviewer.volume.ruled import RuledSurface, sample_map
from spineviewer.volume.volume import (
    PROBABILITY_SCALE,
    AttentionMap,
    ProbabilityMap,
    SpineMask,
)
from spineviewer.volume.working_grid import working_from_index, working_geometry

#: Runs in a band of slices: number per row (int64), starts and stops (int32).
BandRuns = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]


class Fusion:
    """The outputs of both networks for one scan, and everything derived from their fusion.

    An axis is a canonical array axis (0 = z, 1 = y, 2 = x). A plane is on the scan's own grid; its
    shape is that of the other two axes, in array order. Arrays of the scan's size are allocated
    only when a volume is requested.

    Thread ownership: any thread; the input arrays are never changed.

    Attributes
    ----------
    extended
        The extended attention.

    Raises
    ------
    GeometryError
        When the two maps belong to different scans or the attention cells do not cover the scan.
    """

    def __init__(self, attention: AttentionMap, probability: ProbabilityMap | None) -> None:
        self.scan = attention.scan
        self.extended = ExtendedAttention(attention)
        if probability is not None and not probability.scan.is_close_to(self.scan):
            raise GeometryError(
                "The attention map and the bone probability belong to different scans. "
                "Segment the scan again."
            )
        self.attention = attention
        self.probability = probability
        self._planes: RecentCache[NDArray[np.float32]] = RecentCache(6)
        self._bone: RecentCache[BoneRuns] = RecentCache(2)
        self._row_maxima: RecentCache[NDArray[np.uint16]] = RecentCache(1)
        self._completeness: RecentCache[bool] = RecentCache(16)
        working = working_geometry(self.scan)
        self._taps = [
            working_taps(n, s, w)
            for n, s, w in zip(
                self.scan.shape_zyx, self.scan.spacing_zyx_mm, working.shape_zyx, strict=True
            )
        ]
        self._is_computed_x = self._computed_columns()
        self._islands: Islands | None = None

    # bone probability

    def probability_on(self, surface: RuledSurface) -> NDArray[np.float32]:
        """Return the probability on a surface, interpolated linearly from the 1 mm grid.

        float32 in [0, 1], shape (rows, columns) of the surface; 0 outside and where it is not
        computed.
        """
        if self.probability is None:
            return np.zeros(surface.shape, np.float32)
        spacing = self.scan.spacing_zyx_mm
        z, y, x = (float(working_from_index(0.0, s)) for s in spacing)
        return sample_map(
            self.probability.values, surface.on_grid(spacing, (z, y, x))
        ) / np.float32(PROBABILITY_SCALE)

    def probability_plane(self, axis: int, index: int) -> NDArray[np.float32]:
        """Return one plane of the probability, interpolated linearly from the 1 mm grid.

        float32 in [0, 1], 2-D (the scan's shape without `axis`); 0 where it is not computed. The
        plane is cached and therefore read-only.
        """
        shape = plane_shape(self.scan, axis)
        if self.probability is None:
            return np.zeros(shape, np.float32)
        values = self.probability.values

        def make() -> NDArray[np.float32]:
            box = [(0, n) for n in self.scan.shape_zyx]
            box[axis] = (index, index + 1)
            out = np.empty([stop - start for start, stop in box], np.float32)
            along_z, along_y, along_x = self._taps
            if axis == 2:
                lower, fraction = along_x.lower[index], along_x.fraction[index]
                probability_sagittal(values, along_z, along_y, lower, fraction, out.reshape(shape))
            else:
                probability_box(values, along_z, along_y, along_x, *box[0], *box[1], *box[2], out)
            out *= self._is_computed_x[slice(*box[2])]
            out.flags.writeable = False
            return out.reshape(shape)

        return self._planes.get((axis, index), make)

    def computed_plane(self, axis: int, index: int) -> NDArray[np.bool_]:
        """Return where the segmentation network has run in a plane: bool, 2-D.

        Elsewhere, there may be bone that is not in the mask.
        """
        columns = self._is_computed_x[index : index + 1] if axis == 2 else self._is_computed_x
        return np.broadcast_to(columns, plane_shape(self.scan, axis)).copy()

    def probability_volume(self) -> NDArray[np.float32]:
        """Return the probability on the scan's grid: float32 in [0, 1], shape (z, y, x).

        Raises
        ------
        InferenceError
            When a part of it has not been computed.
        """
        probability = self.probability
        if probability is None or not self._is_computed_x.all():
            raise InferenceError(
                "Part of the scan has not been segmented yet. Wait until segmentation has finished."
            )
        nz, ny, nx = self.scan.shape_zyx
        out = np.empty((nz, ny, nx), np.float32)

        def run(z: int) -> None:
            stop = min(z + SLICES_AT_ONCE, nz)
            probability_box(probability.values, *self._taps, z, stop, 0, ny, 0, nx, out[z:stop])

        in_parallel(run, range(0, nz, SLICES_AT_ONCE))
        return out

    # mask

    def mask_plane(self, axis: int, index: int, tuning: Tuning) -> NDArray[np.bool_]:
        """Return one plane of the fused mask: bool, 2-D (the scan's shape without `axis`).

        False where the probability is not computed (see `computed_plane`).

        Choice: the islands of the most recent whole mask are left out. A plane is exact once the
        whole mask for its tuning has been computed; while a slider moves, planes do not wait for
        this.
        """
        bone = self._plain_plane(axis, index, tuning)
        islands = self._islands
        if (
            tuning.leaves_out_islands
            and islands is not None
            and not islands.is_empty
            and bone.any()
        ):
            bone &= ~islands.plane(axis, index, plane_shape(self.scan, axis))
        return bone

    def _plain_plane(self, axis: int, index: int, tuning: Tuning) -> NDArray[np.bool_]:
        bone = self.probability_plane(axis, index) > np.float32(tuning.segmentation_threshold)
        if not bone.any():
            return bone
        attention = self.extended.plane(axis, index, tuning.sigma_mm)
        if axis < 2:
            return np.asarray(bone & (attention > np.float32(tuning.attention_threshold)))
        mask_sagittal(
            self.extended.cells,
            *self.extended.axes(tuning.sigma_mm),
            index,
            attention,
            tuning.attention_threshold,
            bone,
        )
        return bone

    def is_complete(self, tuning: Tuning) -> bool:
        """Return whether everything that a mask with this tuning can contain has been computed."""
        if self.probability is None:
            return False
        if self._is_computed_x.all():
            return True
        key = (tuning.sigma_mm, tuning.attention_threshold)
        return self._completeness.get(key, lambda: not self._reaches_missing_slice(tuning))

    def _reaches_missing_slice(self, tuning: Tuning) -> bool:
        candidates = np.flatnonzero(self.extended.possibly_reached(tuning) & ~self._is_computed_x)
        highest = self.extended.highest_cells(tuning.sigma_mm)
        likeliest_first = candidates[np.argsort(-highest[candidates], kind="stable")]
        return any(self.extended.is_reached(int(x), tuning) for x in likeliest_first)

    def mask(self, tuning: Tuning, progress: Progress | None = None) -> SpineMask:
        """Return the fused mask of the scan, without its islands if the tuning leaves them out.

        Raises
        ------
        InferenceError
            When a part of the scan that the mask could include has not been computed.
        """
        return (
            self.mask_and_islands(tuning, progress)[0]
            if tuning.leaves_out_islands
            else self._plain_mask(tuning, progress)
        )

    def mask_and_islands(
        self, tuning: Tuning, progress: Progress | None = None
    ) -> tuple[SpineMask, Islands]:
        """Return the result of `mask`, and the islands, even if they are not left out.

        Raises
        ------
        InferenceError
            When a part of the scan that the mask could include has not been computed.
        """
        mask = self._plain_mask(tuning, progress)
        islands = self._islands = find_islands(mask, self.attention)
        return (islands.cleared(mask) if tuning.leaves_out_islands else mask), islands

    def _plain_mask(self, tuning: Tuning, progress: Progress | None = None) -> SpineMask:
        """Return the fused mask including its islands. Paper: §2.1, §2.2.

        The bone (runs of voxels above the segmentation threshold) is cached, so another sigma or
        attention threshold visits only those voxels.
        """
        listener = progress or JobProgress()
        listener.step("fusion", 0.0)
        if self.probability is None or not self.is_complete(tuning):
            raise InferenceError(
                "Part of the scan has not been segmented yet. Wait until segmentation has finished."
            )
        bone = self._bone_runs(self.probability, tuning.segmentation_threshold)
        listener.step("fusion", 0.5)
        nz, ny, nx = self.scan.shape_zyx
        voxels = np.zeros((nz, ny, nx), np.bool_)
        axes = self.extended.axes(tuning.sigma_mm)

        def run(z: int) -> NDArray[np.int64]:
            return np.asarray(
                fuse(
                    self.extended.cells,
                    *axes,
                    bone,
                    tuning.attention_threshold,
                    z,
                    min(z + SLICES_AT_ONCE, nz),
                    voxels,
                )
            )

        boxes = np.array(in_parallel(run, range(0, nz, SLICES_AT_ONCE)))
        listener.step("fusion", 1.0)
        return SpineMask(voxels, self.scan, _union_box(boxes))

    # operators and cached maps

    def _computed_columns(self) -> NDArray[np.bool_]:
        """Return for each x index of the scan whether both adjacent working slices are computed."""
        if self.probability is None:
            return np.zeros(self.scan.shape_zyx[2], np.bool_)
        lower, fraction = self._taps[2]
        is_computed = self.probability.is_computed
        return np.asarray(
            is_computed[lower]
            & (is_computed[np.minimum(lower + 1, len(is_computed) - 1)] | (fraction == 0))
        )

    def _bone_runs(self, probability: ProbabilityMap, threshold: float) -> BoneRuns:
        values = probability.values
        nz = self.scan.shape_zyx[0]
        maxima = self._row_maxima.get("", lambda: _row_maxima_of(values))

        def make() -> BoneRuns:
            def run(z: int) -> BandRuns:
                counts, starts, stops = bone_runs(
                    values,
                    maxima,
                    *self._taps,
                    self._is_computed_x,
                    threshold,
                    z,
                    min(z + SLICES_AT_ONCE, nz),
                )
                return counts, starts, stops

            return _joined(in_parallel(run, range(0, nz, SLICES_AT_ONCE)))

        return self._bone.get(threshold, make)


def _union_box(boxes: NDArray[np.int64]) -> Box:
    """Return the smallest box around several boxes.

    `boxes` is int64, shape (boxes, 3, 2): the first and one past the last z, y and x.
    """
    firsts, lasts = boxes[..., 0].min(axis=0), boxes[..., 1].max(axis=0)
    z, y, x = (
        slice(int(first), int(last)) if last > first else slice(0, 0)
        for first, last in zip(firsts, lasts, strict=True)
    )
    return z, y, x


def _joined(bands: list[BandRuns]) -> BoneRuns:
    """Return the concatenated runs of neighbouring bands of slices."""
    counts, starts, stops = (np.concatenate(parts) for parts in zip(*bands, strict=True))
    return BoneRuns(np.concatenate([[0], np.cumsum(counts)]), starts, stops)


def _row_maxima_of(values: NDArray[np.uint16]) -> NDArray[np.uint16]:
    out = np.empty(values.shape[:2], np.uint16)

    def run(z: int) -> None:
        row_maxima(values, z, min(z + SLICES_AT_ONCE, values.shape[0]), out)

    in_parallel(run, range(0, values.shape[0], SLICES_AT_ONCE))
    return out
