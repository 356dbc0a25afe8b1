"""The state of an open scan, as frozen values. Without Qt.

Functions and methods return changed copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated

import numpy as np
from msgspec import Meta

from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.hand_naming import HandNaming
from spineviewer.app.landmarks import MovedPoints
from spineviewer.app.overlay import MapKind
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.cuts import PlaneCut, RotatedCut
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import CtVolume, WindowLevel
from spineviewer.wording import mark

if TYPE_CHECKING:
    pass


#: Bounds of the distance between samples across an oblique or curved slab.
_MIN_SLAB_STEP_MM, _MAX_SLAB_STEP_MM = 0.5, 1.0


class MaskStyle(Enum):
    """How the mask is drawn."""

    CONTOUR = "contour"
    TINT = "tint"


Opacity = Annotated[float, Meta(ge=0.0, le=1.0)]


@dataclass(frozen=True)
class Overlays:
    """The overlays on the scan, and their opacity."""

    is_map_shown: bool = True
    is_attention_projected: bool = False
    is_mask_shown: bool = True
    mask_style: MaskStyle = MaskStyle.CONTOUR
    map_opacity: Opacity = 0.2  # Choice: bone can be judged through the map
    mask_opacity: Opacity = 0.25  # Choice: trabecular bone can be judged through the tint
    is_crosshair_shown: bool = True
    is_all_hidden: bool = False
    map_kind: MapKind = MapKind.ATTENTION
    are_vertebrae_shown: bool = True

    @property
    def is_crosshair_visible(self) -> bool:
        return self.is_crosshair_shown and not self.is_all_hidden


class SlabKind(Enum):
    """How neighbouring slices are combined into one picture."""

    SLICE = mark("single slice")
    MIP = "MIP"
    MEAN = mark("mean")


@dataclass(frozen=True)
class Slab:
    """A slab around the shown slice.

    Attributes
    ----------
    thickness_mm
        Slices whose centres are at most half of this distance from the shown slice are included.
    plane
        The only plane that shows the slab; None for all planes.
    """

    kind: SlabKind = SlabKind.SLICE
    thickness_mm: float = 10.0
    plane: Plane | None = None

    def shown_in(self, plane: Plane) -> Slab:
        """Return the slab that a view of `plane` shows, which may be a single slice."""
        if self.plane is None:
            return self
        return replace(self, kind=self.kind if plane is self.plane else SlabKind.SLICE, plane=None)

    def next_kind(self) -> Slab:
        """Return the slab with the next kind."""
        kinds = list(SlabKind)
        return replace(self, kind=kinds[(kinds.index(self.kind) + 1) % len(kinds)])

    def thicker_by(self, step_mm: float) -> Slab:
        """Return the slab with its thickness changed by `step_mm`, within 2 to 60 mm."""
        return replace(self, thickness_mm=min(max(self.thickness_mm + step_mm, 2.0), 60.0))

    def range(self, index: int, count: int, spacing_mm: float) -> tuple[int, int]:
        """Return start and stop of the range of slices in the slab, around `index` of `count`."""
        reach = 0 if self.kind is SlabKind.SLICE else int(self.thickness_mm / 2 / spacing_mm + 1e-6)
        return max(0, index - reach), min(count, index + reach + 1)

    def offsets_mm(self, finest_mm: float) -> tuple[float, ...]:
        """Return the distances across an oblique or curved picture at which a slab is sampled.

        `finest_mm` is the smallest voxel spacing of the scan.
        """
        step = slab_step_mm(finest_mm)
        reach = 0 if self.kind is SlabKind.SLICE else int(self.thickness_mm / 2 / step + 1e-6)
        return tuple(step * k for k in range(-reach, reach + 1))


def slab_step_mm(finest_mm: float) -> float:
    """Return the distance between the samples of an oblique or curved slab."""
    return min(_MAX_SLAB_STEP_MM, max(finest_mm, _MIN_SLAB_STEP_MM))


class SegmentationStage(Enum):
    """Progress of the networks on the open scan."""

    NONE = "not segmented"
    RUNNING = "running"
    STOPPED = "stopped before the end"
    DONE = "done"


@dataclass(frozen=True)
class Preset:
    """A named grey-scale window."""

    name: str
    window: WindowLevel


def dragged(window: WindowLevel, width_px: float, level_px: float) -> WindowLevel:
    """Return a grey-scale window after a drag over these distances; wide windows change faster."""
    hu_per_px = max(window.width_hu, 100.0) / 400.0
    width = min(max(window.width_hu + width_px * hu_per_px, 1.0), 6000.0)
    level = min(max(window.level_hu + level_px * hu_per_px, -2000.0), 4000.0)
    return WindowLevel(round(width), round(level))


#: The keys 1 to 4 select these conventional presets; 5 is the file's own window.
PRESETS = (
    Preset(mark("Bone"), WindowLevel(1800, 400)),
    Preset(mark("Bone (wide)"), WindowLevel(2500, 480)),
    Preset(mark("Soft tissue"), WindowLevel(400, 40)),
    Preset(mark("Lung"), WindowLevel(1500, -600)),
)


@dataclass(frozen=True)
class ScanState:
    """One open scan and everything that the user has set on it.

    Attributes
    ----------
    crosshair_zyx
        The voxel where the three planes meet.
    rotation
        How the planes are rotated about the crosshair.
    exact_crosshair_zyx
        Exact intersection of rotated planes, as a fractional index; rounding it to voxels would
        make the planes jump. None if the planes meet at the centre of the crosshair's voxel.
    second_window
        Grey scale of the views that show a plane a second time.
    stage
        Progress of the segmentation.
    computed_fraction
        Fraction of the scan that the segmentation network has processed. The rest is unknown and
        may contain bone.
    fused
        The most recent whole mask; its tuning may be older than `tuning` while a slider moves.
    correction_revision
        Revision of the manual corrections that is shown.
    measurements
        The user's measurements, in the order in which they were drawn.
    naming
        Manual naming of the vertebrae.
    moved_points
        Landmarks of vertebral measurements that the user moved.
    run_record
        The engine's record of the run (device, precision, seconds, warnings).
    """

    scan: CtVolume
    crosshair_zyx: IndexTriple
    window: WindowLevel
    tuning: Tuning = field(default_factory=Tuning)
    overlays: Overlays = field(default_factory=Overlays)
    second_window: WindowLevel = PRESETS[2].window
    stage: SegmentationStage = SegmentationStage.NONE
    computed_fraction: float = 0.0
    fused: FusedMask | None = None
    slab: Slab = field(default_factory=Slab)
    rotation: Rotation = field(default_factory=Rotation)
    exact_crosshair_zyx: Triple | None = None
    correction_revision: int = 0
    measurements: tuple[Measurement, ...] = ()
    naming: HandNaming = field(default_factory=HandNaming)
    moved_points: MovedPoints = ()
    run_record: Mapping[str, object] = field(default_factory=dict)

    def moved_to(self, index_zyx: tuple[float, float, float]) -> ScanState:
        """Return the state with the crosshair on the voxel nearest to a fractional index.

        The crosshair stays inside the scan.
        """
        shape = self.scan.geometry.shape_zyx
        z, y, x = (min(max(i, 0.0), n - 1.0) for i, n in zip(index_zyx, shape, strict=True))
        exact = None if self.rotation.is_straight else (float(z), float(y), float(x))
        return replace(
            self, crosshair_zyx=(round(z), round(y), round(x)), exact_crosshair_zyx=exact
        )

    def scrolled(self, plane: Plane, steps: int) -> ScanState:
        """Return the state with the crosshair moved perpendicular to `plane`, by slices.

        Positive steps go to higher indices (superior, posterior, left).
        """
        index = list(self.point_zyx)
        if self.rotation.is_straight:
            index[plane.value] += steps
        else:
            normal, spacing = self.rotation.normal(plane), self.scan.geometry.spacing_zyx_mm
            # for an unrotated plane, this is the spacing along its axis
            step_mm = steps * float(np.linalg.norm(normal * spacing))
            index = [
                i + step_mm * float(n) / s for i, n, s in zip(index, normal, spacing, strict=True)
            ]
        return self.moved_to((index[0], index[1], index[2]))

    @property
    def point_zyx(self) -> Triple:
        """Fractional voxel index where the planes meet."""
        return self.exact_crosshair_zyx or self.crosshair_zyx

    @property
    def axial_normal_lps(self) -> Triple:
        """Unit vector (LPS) at right angles to the axial plane in its current rotation."""
        axes = np.array(self.scan.geometry.axes_lps)
        x, y, z = (self.rotation.normal(Plane.AXIAL) @ axes).tolist()
        return x, y, z

    def differs_only_in_crosshair(self, other: ScanState) -> bool:
        """Return whether the two states are equal, ignoring the crosshair."""
        return self.scan is other.scan and _all_but_crosshair(self) == _all_but_crosshair(other)

    def rotated(self, plane: Plane, degrees: float) -> ScanState:
        """Return the state with the other two planes rotated about the crosshair.

        The rotation is clockwise in the picture of `plane`.
        """
        return replace(self, rotation=self.rotation.in_picture(plane, degrees)).moved_to(
            self.point_zyx
        )

    def straightened(self) -> ScanState:
        """Return the state with the planes in the orientation of the scan."""
        return replace(self, rotation=Rotation()).moved_to(self.point_zyx)

    def cut(self, plane: Plane) -> PlaneCut | RotatedCut:
        """Return what a view of `plane` shows."""
        geometry, normal = self.scan.geometry, self.rotation.normal(plane)
        if normal[plane.value] > 1 - 1e-9:
            return PlaneCut(plane, geometry, self.crosshair_zyx[plane.value])
        offset_mm = float(np.array(self.point_zyx) * geometry.spacing_zyx_mm @ normal)
        return RotatedCut(plane, geometry, self.rotation, round(offset_mm, 6))

    def seen_in(self, plane: Plane, *, is_second: bool = False) -> ScanState:
        """Return the state as a view of a plane shows it, with its own slab and window.

        `is_second` is True for views that show a plane a second time.
        """
        if self.slab.plane is None and not is_second:
            return self
        window = self.second_window if is_second else self.window
        return replace(self, window=window, slab=self.slab.shown_in(plane))

    def slice_position_mm(self, plane: Plane) -> float:
        """Return the coordinate of a plane's slice along its patient axis (S, P or L positive).

        Slices of a tilted scan are not perpendicular to that axis; the coordinate is that of the
        middle of the slice, so that it does not change within the slice.
        """
        geometry = self.scan.geometry
        index = [(count - 1) / 2 for count in geometry.shape_zyx]
        index[plane.value] = self.crosshair_zyx[plane.value]
        point = geometry.point_lps_mm((index[0], index[1], index[2]))
        return float(point[{Plane.AXIAL: 2, Plane.CORONAL: 1, Plane.SAGITTAL: 0}[plane]])

    @property
    def is_mask_current(self) -> bool:
        """Whether the whole mask was made with the current tuning."""
        return self.fused is not None and self.fused.tuning == self.tuning

    @property
    def is_mask_awaited(self) -> bool:
        """Whether the mask does not yet reflect the user's last change."""
        is_old = self.fused is not None and not self.is_mask_current
        return is_old or self.stage is SegmentationStage.RUNNING


_all_but_crosshair = attrgetter(
    *(
        entry.name
        for entry in fields(ScanState)
        if entry.name not in ("scan", "crosshair_zyx", "exact_crosshair_zyx")
    )
)


def first_state(scan: CtVolume, tuning: Tuning, overlays: Overlays) -> ScanState:
    """Return the initial state of a scan: planes through its centre, bone window.

    Choice: a bone window, because the spine is bone.
    """
    return ScanState(scan, first_crosshair(scan), PRESETS[0].window, tuning, overlays)


def first_crosshair(scan: CtVolume) -> IndexTriple:
    """Return the voxel of the crosshair until it is moved: the centre of the scan."""
    z, y, x = (n // 2 for n in scan.geometry.shape_zyx)
    return z, y, x


def window_presets(scan: CtVolume) -> tuple[Preset, ...]:
    """Return the fixed presets, and the file's own window as 'Default' if it has one."""
    if scan.source.window is None:
        return PRESETS
    return (*PRESETS, Preset(mark("Default"), scan.source.window))
