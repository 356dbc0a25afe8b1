"""The lowest layer: the scan itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.state import Slab, SlabKind
from spineviewer.caches import RecentCache
from spineviewer.gui.viewing.layers.layer import Sampling, slice_key
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.planes import Plane
from spineviewer.volume.ruled import RuledSurface, SlabProjection, sample_scan


class ScanLayer:
    """Returns the HU of slices and slabs, and of oblique and curved pictures.

    Thread ownership: any thread, one at a time.
    """

    def __init__(self) -> None:
        self._slab: RecentCache[NDArray[np.int16]] = RecentCache()
        self._sampled: RecentCache[NDArray[np.int16]] = RecentCache()
        self._copy: NDArray[np.int16] | None = None

    def use_copy(self, copy: NDArray[np.int16] | None) -> None:
        """Read slices from a copy of the scan whose first axis is perpendicular to the plane.

        The copy (int16, 3-D) has the same voxels but is faster to read. If it is None, slices are
        read from the scan itself.
        """
        self._copy = copy

    def clear(self) -> None:
        """Clear the cache, so that the memory of a closed scan is freed."""
        self._copy = None
        self._slab.clear()
        self._sampled.clear()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> NDArray[np.int16]:
        """Return the HU of a slice, or of the slab around it: int16, shape (rows, columns)."""
        slab = scene.state.slab
        if slab.kind is SlabKind.SLICE:
            return self.slice_hu(scene, cut.plane, cut.slice_index)
        return self._slab.get((slice_key(cut), slab), lambda: self._slab_hu(scene, cut))

    def on_surface(self, scene: Scene, sampling: Sampling) -> NDArray[np.int16]:
        """Return the interpolated HU of a sampled picture: int16, shape (rows, columns)."""
        hu, slab = scene.state.scan.hu, scene.state.slab
        finest_mm = min(scene.state.scan.geometry.spacing_zyx_mm)
        return self._sampled.get(
            (sampling, slab), lambda: _sampled(hu, slab, sampling.surface, finest_mm)
        )

    def slice_hu(self, scene: Scene, plane: Plane, index: int) -> NDArray[np.int16]:
        """Return the HU of one slice: int16, shape (rows, columns)."""
        if self._copy is None:
            return plane.slice_of(scene.state.scan.hu, index)
        picture: NDArray[np.int16] = self._copy[index]
        return picture[::-1] if plane.is_row_flipped else picture

    def _slab_hu(self, scene: Scene, cut: PlaneCut) -> NDArray[np.int16]:
        axis, geometry, slab = cut.plane.value, scene.state.scan.geometry, scene.state.slab
        first, end = slab.range(
            cut.slice_index, geometry.shape_zyx[axis], geometry.spacing_zyx_mm[axis]
        )
        slices = np.stack([self.slice_hu(scene, cut.plane, k) for k in range(first, end)])
        if slab.kind is SlabKind.MIP:
            return np.asarray(slices.max(axis=0))
        return np.asarray(np.round(slices.mean(axis=0, dtype=np.float32)), np.int16)


def _sampled(
    hu: NDArray[np.int16], slab: Slab, surface: RuledSurface, finest_mm: float
) -> NDArray[np.int16]:
    if slab.kind is SlabKind.SLICE:
        return sample_scan(hu, surface)
    projection = SlabProjection.MAXIMUM if slab.kind is SlabKind.MIP else SlabProjection.MEAN
    offsets_mm = slab.offsets_mm(finest_mm)
    return sample_scan(hu, surface, offsets_mm=offsets_mm, projection=projection)
