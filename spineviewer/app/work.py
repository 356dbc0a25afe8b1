"""The jobs behind the window: open, segment, fuse, export. Plain blocking functions of frozen inputs, without Qt.

Everything heavy (SimpleITK, scipy, the engine) is imported by the job that needs it, so that the window is painted first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.app.state import FusedMask, MapKind, OverlaySource, Tuning, fused_mask
from spineviewer.editing.correction import Correction
from spineviewer.errors import Cancelled, SpineViewerError
from spineviewer.progress import Progress
from spineviewer.volume.geometry import IndexTriple, Triple, require_same_geometry
from spineviewer.volume.ruled import RuledSurface, one_pixel
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap, ScanSource, SpineMask
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.engine import Engine
    from spineviewer.app.pipeline import SegmentationResult
    from spineviewer.fusion import Fusion, FusionSettings
    from spineviewer.io.scan import SeriesListing
    from spineviewer.measure import Scores


@dataclass(frozen=True)
class SeriesLine:
    """One series as the chooser lists it."""

    uid: str
    title: str
    modality: str
    details: str
    problems: tuple[str, ...] = ()
    slices: int = 0
    is_best: bool = False
    kernel: str = ""


class SeriesToChoose(SpineViewerError):
    """A folder holds several series: the person chooses, the program never guesses."""

    def __init__(
        self, path: Path, series: tuple[SeriesLine, ...], others: tuple[str, ...], listing: SeriesListing | None = None
    ) -> None:
        super().__init__(worded("{file} holds {count} series. Choose one of them.", file=path.name, count=len(series)))
        self.path = path
        self.series = series
        self.others = others
        self.listing = listing


class ExportKind(Enum):
    """What can be exported; the value is the BIDS-like ending of its name."""

    MASK = "seg-spine_msk"
    HEATMAP = "desc-attention_probseg"
    PROBABILITY = "desc-bone_probseg"
    SURFACE = "desc-spine_surface"
    DOUBT = "desc-doubt_probseg"


@dataclass(frozen=True)
class ExportOrder:
    """Everything an export needs, frozen at the click: later slider moves change nothing.

    Attributes
    ----------
    fused
        A mask that was already made; one made with other numbers than `tuning` is not used.
    correction
        A snapshot of what was corrected by hand.
    """

    scan: CtVolume
    fusion: FusionOverlay
    fused: FusedMask | None
    correction: Correction
    tuning: Tuning
    report: Mapping[str, object]
    targets: Mapping[ExportKind, Path]
    may_overwrite: bool = False

    @property
    def needed(self) -> Tuning | None:
        """What must have been computed: all that a mask of these numbers can hold, or (None) every voxel."""
        return None if ExportKind.PROBABILITY in self.targets else self.tuning

    @property
    def is_computed(self) -> bool:
        """Whether it has been."""
        return self.fusion.is_complete or (self.needed is not None and self.fusion.is_complete_for(self.needed))


class Backend(Protocol):
    """What the window asks of the rest of the program. All calls but `close` may block and run in job threads."""

    def tuning(self) -> Tuning:
        """The model's defaults."""

    def read_scan(self, path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
        """Open a file or a DICOM folder; raises `SeriesToChoose` where there are several."""

    def prepare(self) -> None:
        """Load the networks ahead, while the reader looks at the scan."""

    def segment(
        self, scan: CtVolume, tuning: Tuning, progress: Progress, on_fusion: Callable[[FusionOverlay], None]
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        """Run both networks on what a mask of these numbers can hold, the spine first; `on_fusion` gets what there is so far."""

    def extend(
        self,
        scan: CtVolume,
        fusion: FusionOverlay,
        tuning: Tuning | None,
        progress: Progress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        """Compute what a mask of these numbers needs (None: every voxel) beyond what `fusion` holds."""

    def mask(self, scan: CtVolume, tuning: Tuning, progress: Progress) -> tuple[SpineMask, Mapping[str, object]]:
        """Both networks and their fusion for a scan that nobody looks at."""

    def close(self) -> None:
        """End whatever still runs in child processes."""


class FusionOverlay(OverlaySource):
    """A fusion as the window speaks to it: planes and masks by `Tuning`.

    Thread ownership: immutable, may be read from any thread.
    """

    def __init__(self, fusion: Fusion) -> None:
        self._fusion = fusion
        probability = fusion.probability
        self.computed_share = 0.0 if probability is None else float(probability.is_computed.mean())
        self.is_complete = self.computed_share == 1.0

    @staticmethod
    def needed_columns(attention: AttentionMap, tuning: Tuning) -> NDArray[np.bool_]:
        """For each sagittal slice of the working grid whether a mask of these numbers needs it."""
        from spineviewer.fusion import Fusion

        return Fusion(attention, None).reached_columns(fusion_settings(tuning))

    def is_of(self, probability: ProbabilityMap) -> bool:
        """Whether this is a fusion of that map, perhaps when less of it had been computed."""
        return self._fusion.probability is not None and self._fusion.probability.values is probability.values

    def is_complete_for(self, tuning: Tuning) -> bool:
        """Whether everything that a mask of these numbers can hold has been computed."""
        return self.is_complete or self._fusion.is_complete(fusion_settings(tuning))

    def attention_plane(self, axis: int, index: int, sigma_mm: float) -> NDArray[np.float32]:
        return self._fusion.attention_plane(axis, index, sigma_mm)

    def attention_on(self, surface: RuledSurface, sigma_mm: float) -> NDArray[np.float32]:
        return self._fusion.smooth_attention_on(surface, sigma_mm)

    def projected_attention(self, axis: int, sigma_mm: float) -> NDArray[np.float32]:
        return self._fusion.projected_attention(axis, sigma_mm)

    def computed_plane(self, axis: int, index: int) -> NDArray[np.bool_]:
        return self._fusion.computed_plane(axis, index)

    def map_plane(self, kind: MapKind, axis: int, index: int, tuning: Tuning) -> NDArray[np.float32]:
        attention = self._fusion.attention_plane(axis, index, tuning.sigma_mm)
        if kind is MapKind.ATTENTION:
            return attention
        return _map_of(kind, attention, self._fusion.probability_plane(axis, index), tuning)

    def map_on(self, kind: MapKind, surface: RuledSurface, tuning: Tuning) -> NDArray[np.float32]:
        attention = self.attention_on(surface, tuning.sigma_mm)
        if kind is MapKind.ATTENTION:
            return attention
        return _map_of(kind, attention, self._fusion.probability_on(surface), tuning)

    @property
    def probability(self) -> ProbabilityMap | None:
        """The segmentation net's answer, as far as it goes."""
        return self._fusion.probability

    def doubt_volume(self, tuning: Tuning) -> NDArray[np.float32]:
        """`MapKind.DOUBT` on the whole scan."""
        nz, ny, nx = self._fusion.scan.shape_zyx
        out = np.empty((nz, ny, nx), np.float32)
        for z in range(nz):
            out[z] = self.map_plane(MapKind.DOUBT, 0, z, tuning)
        return out

    def mask_plane(self, axis: int, index: int, tuning: Tuning) -> NDArray[np.bool_]:
        """The mask of one plane, exact."""
        return self._fusion.mask_plane(axis, index, fusion_settings(tuning))

    def warm_up(self, tuning: Tuning) -> None:
        """Compute one plane of each kind, so that compiling and allocating happen in the job and not while the reader scrolls."""
        from spineviewer.volume.outline import isoline, outline

        for axis in range(3):
            outline(self.mask_plane(axis, 0, tuning))
            isoline(self.attention_plane(axis, 0, tuning.sigma_mm), tuning.attention_threshold)
        self.is_complete_for(tuning)  # kept, so that the window need not wait for it
        self.attention_on(one_pixel(), tuning.sigma_mm)

    def mask(self, tuning: Tuning, progress: Progress) -> FusedMask:
        """The whole mask and its volume.

        Raises
        ------
        InferenceError
            When a part that the mask could hold is not computed.
        """
        return fused_mask(self._fusion.mask(fusion_settings(tuning), progress), tuning)

    def attention_volume(self, sigma_mm: float) -> NDArray[np.float32]:
        """Smoothed attention on the whole scan."""
        return self._fusion.attention_volume(sigma_mm)

    def probability_volume(self) -> NDArray[np.float32]:
        """Bone probability on the whole scan."""
        return self._fusion.probability_volume()


def _map_of(kind: MapKind, attention: NDArray[np.float32], bone: NDArray[np.float32], tuning: Tuning) -> NDArray[np.float32]:
    """Another map than the attention, of values at the same places."""
    if kind is MapKind.PROBABILITY:
        return bone
    if kind is MapKind.DISAGREEMENT:
        below = np.clip((tuning.attention_threshold - attention) / 0.1, 0, 1)
        return np.asarray(bone * below, np.float32)
    return np.asarray((1 - np.abs(2 * bone - 1)) * (attention > tuning.attention_threshold), np.float32)


def fusion_settings(tuning: Tuning) -> FusionSettings:
    """The same three numbers in the fusion's own type."""
    from spineviewer.fusion import FusionSettings

    return FusionSettings(
        attention_threshold=tuning.attention_threshold,
        sigma_mm=tuning.sigma_mm,
        segmentation_threshold=tuning.segmentation_threshold,
    )


def overlay_of(attention: AttentionMap, probability: ProbabilityMap | None, tuning: Tuning) -> FusionOverlay:
    """Fusion of what has been computed so far, ready to be looked at."""
    from spineviewer.fusion import Fusion

    overlay = FusionOverlay(Fusion(attention, probability))
    overlay.warm_up(tuning)
    return overlay


def export(order: ExportOrder, progress: Progress) -> tuple[Path, ...]:
    """Write what was ordered onto the scan's own grid; a mask that is not ready is fused first.

    Raises
    ------
    ExportError
        When a target cannot be written, or exists and may not be overwritten.
    """
    from spineviewer.io.export import check_output, write_map, write_mask
    from spineviewer.io.surface import check_surface, write_surface

    needed = int(np.prod(order.scan.geometry.shape_zyx))
    for kind, path in order.targets.items():
        if kind is ExportKind.SURFACE:
            check_surface(path, order.may_overwrite)
            continue
        is_mask = kind is ExportKind.MASK
        check_output(path, order.may_overwrite, needed * (1 if is_mask else 4), source=order.scan.source, is_mask=is_mask)
    source, geometry = order.scan.source, order.scan.geometry
    facts = provenance(order)
    for done, (kind, path) in enumerate(order.targets.items()):
        progress.step(worded("Writing {file}", file=path.name), done / len(order.targets))
        if kind is ExportKind.MASK:
            write_mask(corrected_mask(order, progress), source, path, facts, progress)
        elif kind is ExportKind.SURFACE:
            write_surface(corrected_mask(order, progress), path, facts, overwrite=order.may_overwrite, progress=progress)
        elif kind is ExportKind.DOUBT:
            write_map(order.fusion.doubt_volume(order.tuning), geometry, source, path, facts)
        elif kind is ExportKind.HEATMAP:
            write_map(order.fusion.attention_volume(order.tuning.sigma_mm), geometry, source, path, facts)
        else:
            write_map(order.fusion.probability_volume(), geometry, source, path, facts)
    return tuple(order.targets.values())


def corrected_mask(order: ExportOrder, progress: Progress) -> SpineMask:
    """The mask of an order as corrected by hand; fused first if it is not ready."""
    fused = order.fused
    if fused is None or fused.tuning != order.tuning:
        fused = order.fusion.mask(order.tuning, progress)
    return SpineMask(order.correction.on_mask(fused.mask.voxels), fused.mask.geometry)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A second mask on the scan's grid, and how the first agrees with it.

    Attributes
    ----------
    voxels
        The second mask, bool (z, y, x).
    worst_zyx
        Middle of the place where most voxels differ; None where none does.
    """

    path: Path
    voxels: NDArray[np.bool_]
    scores: Scores
    worst_zyx: IndexTriple | None


def read_second_mask(path: Path, scan: CtVolume, progress: Progress) -> NDArray[np.bool_]:
    """A mask or label file that lies on the scan's grid; what is not zero belongs to it.

    Raises
    ------
    ImageReadError, GeometryError
        When it cannot be read or lies on another grid.
    """
    from spineviewer.io.images import read_labels

    progress.step(worded("Reading"), 0.0)
    labels, geometry, _ = read_labels(path)
    require_same_geometry(geometry, scan.geometry, path.name)
    return np.asarray(labels > 0)


def compare(order: ExportOrder, path: Path, second: NDArray[np.bool_], progress: Progress) -> Comparison:
    """How the mask of an order (corrections included) agrees with a second one."""
    from spineviewer.measure import score

    fused = order.fused
    if fused is None or fused.tuning != order.tuning:
        fused = order.fusion.mask(order.tuning, progress)
    progress.step(worded("Comparing"), 0.2)
    mask = order.correction.on_mask(fused.mask.voxels)
    spacing = order.scan.geometry.spacing_zyx_mm
    return Comparison(path, second, score(mask, second, spacing), worst_place(mask, second, spacing))


def worst_place(mask: NDArray[np.bool_], second: NDArray[np.bool_], spacing_zyx_mm: Triple) -> IndexTriple | None:
    """Middle of the block of about 8 mm (Choice: half a vertebral body) in which most voxels differ."""
    counts = mask != second
    if not counts.any():
        return None
    blocks = counts.astype(np.uint32)
    sizes = [max(1, round(8.0 / s)) for s in spacing_zyx_mm]
    for axis, size in enumerate(sizes):
        blocks = np.add.reduceat(blocks, np.arange(0, counts.shape[axis], size), axis=axis)
    found = np.unravel_index(int(np.argmax(blocks)), blocks.shape)
    z, y, x = (min(int(b) * s + s // 2, n - 1) for b, s, n in zip(found, sizes, counts.shape, strict=True))
    return z, y, x


def provenance(order: ExportOrder) -> dict[str, object]:
    """What a file must say about how it was made. The scan's name is left out: it is often the patient's."""
    from spineviewer.io.export import source_facts

    return {
        "program": f"Spineviewer {__version__}",
        "status": "Research use, not a medical device",
        "attention_threshold": order.tuning.attention_threshold,
        "sigma_mm": order.tuning.sigma_mm,
        "segmentation_threshold": order.tuning.segmentation_threshold,
        "corrected_by_hand": not order.correction.is_empty,
        "source": source_facts(order.scan.source),
        **{name: order.report[name] for name in ("device", "backend", "precision", "weights") if name in order.report},
    }


def sagittal_order(scan: CtVolume) -> NDArray[np.int16] | None:
    """A copy of the scan as [x, z, y]; None where it would take more than a quarter of the free memory (Choice)."""
    import psutil

    if scan.hu.nbytes > psutil.virtual_memory().available / 4:
        return None
    return np.ascontiguousarray(scan.hu.transpose(2, 0, 1))


def export_stem(path: Path) -> str:
    """The part of a scan's file name that its results share: `sub-01_ct.nii.gz` gives `sub-01`."""
    stem = path.name
    for ending in (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img", ".dcm", ".zip"):
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
            break
    return stem[: -len("_ct")] if stem.lower().endswith("_ct") else stem


def results_stem(source: ScanSource) -> str:
    """What the names of a scan's results are proposed to begin with: never with the patient's name."""
    return "ct" if source.is_named_after_patient else export_stem(source.path)


class LocalBackend:
    """The real thing: files through the sandbox, networks in a warm child process.

    Thread ownership: `segment` from one job thread at a time, `close` from any.
    """

    def __init__(self, device: str = "auto") -> None:
        self._device = device
        self._engine: Engine | None = None
        self._last: SegmentationResult | None = None
        self._one_at_a_time = threading.Lock()
        self._starting = threading.Lock()
        self._is_closed = False

    def tuning(self) -> Tuning:
        from spineviewer.model import load_configuration
        from spineviewer.resources import models_dir

        defaults = load_configuration(models_dir()).defaults
        return Tuning(defaults.attention_threshold, defaults.sigma_mm, defaults.segmentation_threshold)

    def read_scan(self, path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
        from spineviewer.io.scan import SeveralSeriesError, read_scan

        try:
            return read_scan(path, series_uid=series_uid, progress=progress)
        except SeveralSeriesError as several:
            raise _to_choose(several.listing) from several

    def segment(
        self, scan: CtVolume, tuning: Tuning, progress: Progress, on_fusion: Callable[[FusionOverlay], None]
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        with self._turn(progress):
            return self._segment(scan, tuning, progress, on_fusion)

    def extend(
        self,
        scan: CtVolume,
        fusion: FusionOverlay,
        tuning: Tuning | None,
        progress: Progress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        with self._turn(progress):
            last = self._last
            if last is None or not fusion.is_of(last.probability):
                return self._segment(scan, tuning, progress, on_fusion)
            shown = tuning or self.tuning()

            def on_slab(probability: ProbabilityMap) -> None:
                self._last = replace(last, probability=probability)  # holds, should the rest be stopped
                on_fusion(overlay_of(last.attention, probability, shown))

            keep = None if tuning is None else fusion_settings(tuning)
            self._last = self._started().extend(scan, last, keep=keep, progress=progress, on_slab=on_slab)
            return overlay_of(self._last.attention, self._last.probability, shown), self._last.report.record

    @contextmanager
    def _turn(self, progress: Progress) -> Iterator[None]:
        """One call after the other: an older one may still be at work or being stopped."""
        while not self._one_at_a_time.acquire(timeout=0.1):
            progress.step(worded("Preparing"), 0.0)
        try:
            yield
        finally:
            self._one_at_a_time.release()

    def _segment(
        self, scan: CtVolume, tuning: Tuning | None, progress: Progress, on_fusion: Callable[[FusionOverlay], None]
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        self._last = None
        engine = self._started()
        shown = tuning or self.tuning()
        keep = None if tuning is None else fusion_settings(tuning)
        attention: list[AttentionMap] = []

        def on_attention(found: AttentionMap) -> None:
            attention[:] = [found]
            on_fusion(overlay_of(found, None, shown))

        def on_slab(probability: ProbabilityMap) -> None:
            on_fusion(overlay_of(attention[0], probability, shown))

        result = engine.segment(scan, keep=keep, progress=progress, on_attention=on_attention, on_slab=on_slab)
        self._last = result
        return overlay_of(result.attention, result.probability, shown), result.report.record

    def mask(self, scan: CtVolume, tuning: Tuning, progress: Progress) -> tuple[SpineMask, Mapping[str, object]]:
        """Networks and fusion for a scan that nobody looks at: no more is computed than the mask of these numbers needs."""
        from spineviewer.app.pipeline import fused_mask as mask_of

        settings = fusion_settings(tuning)
        while not self._one_at_a_time.acquire(timeout=0.1):  # the reader's own scan goes first
            progress.step(worded("Waiting"), 0.0)
        try:
            result = self._started().segment(scan, keep=settings, progress=progress)
        finally:
            self._one_at_a_time.release()
        mask, result = mask_of(result, settings, progress)
        return mask, result.report.record

    def prepare(self) -> None:
        from spineviewer.model import load_configuration
        from spineviewer.resources import models_dir

        load_configuration(models_dir())  # without weights there is nothing to load ahead
        self._started()
        from spineviewer.app.warm_up import load_inner_loops_of_views

        load_inner_loops_of_views()

    def close(self) -> None:
        with self._starting:
            self._is_closed = True
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _started(self) -> Engine:
        from spineviewer.app.engine import Engine

        with self._starting:
            if self._is_closed:
                raise Cancelled
            if self._engine is None:
                self._engine = Engine(self._device)
            return self._engine


def pictures_of(found: SeriesToChoose, progress: Progress) -> Mapping[str, NDArray[np.uint8]]:
    """A small picture of each series that is to be chosen from, by its UID; none where none can be made."""
    from spineviewer.io.scan import thumbnails

    try:
        return {} if found.listing is None else thumbnails(found.listing, progress)
    except SpineViewerError:
        return {}


def _to_choose(listing: SeriesListing) -> SeriesToChoose:
    best = listing.best
    lines = []
    for series in listing.series:
        spacing = worded("spacing unknown")
        if series.spacing_zyx_mm is not None:
            z, y, x = series.spacing_zyx_mm
            spacing = worded("{x:.2f} × {y:.2f} mm, slices every {z:.2f} mm", x=x, y=y, z=z)
        details = worded("{columns} × {rows}, {spacing}", columns=series.columns, rows=series.rows, spacing=spacing)
        lines.append(
            SeriesLine(
                uid=series.uid,
                title=series.description or worded("No description"),
                modality=series.modality,
                details=details,
                problems=series.problems,
                slices=series.slice_count,
                is_best=series is best,
                kernel=series.kernel,
            )
        )
    return SeriesToChoose(listing.path, tuple(lines), listing.others, listing)
