"""Hatching where the segmentation network has not run, because there may be bone.

The network processes sagittal slices, so the hatching depends only on x.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.state import SegmentationStage
from spineviewer.caches import RecentCache
from spineviewer.gui.kit.colour import Table
from spineviewer.gui.viewing.layers.layer import (
    Hatching,
    LayerPicture,
    Sampling,
    Tint,
    on_screen,
)
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.planes import Plane

#: Premultiplied pixels: first where the network has run, then where it has not.
_SHADE: Table = np.array([0, 0x60182438], np.uint32)


class UncomputedArea:
    """Hatches slices where the network has not run.

    Oblique and curved pictures are shaded, because their columns are not those of the scan, but
    only until the segmentation has finished.

    Choice: after that, the hatching of slices is faint and has no dark background, because the user
    sees the scan through it all day.
    """

    name = "uncomputed area"

    def __init__(self) -> None:
        self._columns: RecentCache[tuple[tuple[int, int], ...]] = RecentCache()
        self._pixels: RecentCache[NDArray[np.uint8]] = RecentCache()

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        state, fusion = scene.state, scene.fusion
        if fusion is None or state.overlays.is_all_hidden:
            return None
        if state.stage is SegmentationStage.NONE or state.computed_fraction >= 1:
            return None

        def make() -> tuple[tuple[int, int], ...]:
            computed = on_screen(cut.plane, fusion.computed_plane(cut.plane.value, cut.slice_index))
            return _runs(np.logical_not(computed.min(axis=0)))

        index = cut.slice_index if cut.plane is Plane.SAGITTAL else 0
        columns = self._columns.get((fusion, cut.plane, index), make)
        return (
            LayerPicture(hatching=Hatching(columns, state.stage is SegmentationStage.DONE))
            if columns
            else None
        )

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        state, fusion = scene.state, scene.fusion
        if fusion is None or state.overlays.is_all_hidden:
            return None
        if state.stage not in (SegmentationStage.RUNNING, SegmentationStage.STOPPED):
            return None

        def make() -> NDArray[np.uint8]:
            is_computed = fusion.computed_plane(0, 0)[0]
            x = np.clip(sampling.nearest_zyx[..., 2], 0, len(is_computed) - 1)
            not_computed: NDArray[np.uint8] = (~is_computed[x]).view(np.uint8)
            return not_computed

        key = (sampling, fusion)
        return LayerPicture(Tint(self._pixels.get(key, make), _SHADE, (self.name, key)))

    def clear(self) -> None:
        self._columns.clear()
        self._pixels.clear()


def _runs(flags: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Return the start and end of each run of True in `flags`, shape (columns,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple((int(start), int(end)) for start, end in pairs)
