"""Services for the window, such as reading and segmenting scans.

Blocking functions with immutable inputs, without Qt. Modules that are slow to import (SimpleITK,
scipy, the engine) are imported by the job that needs them, so that the window appears first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.overlay import FusionOverlay, make_overlay
from spineviewer.errors import Cancelled, SpineViewerError
from spineviewer.io.sandbox.prewarmed import PrewarmedReader
from spineviewer.progress import JobProgress, Progress
from spineviewer.remote_calls import RemoteCalls
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap, ScanIdentity
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.engine import Engine
    from spineviewer.app.pipeline import FusedResult, SegmentationResult
    from spineviewer.io.series_listing import SeriesListing, SeriesSummary


T = TypeVar("T")

#: Modules with the functions that the window calls after a segmentation.
CALLED_MODULES = ("spineviewer.labelling.name_corrections", "spineviewer.app.measuring")


@dataclass(frozen=True)
class SeriesLine:
    """One series in the list from which the user chooses."""

    uid: str
    title: str
    modality: str
    details: str
    problems: tuple[str, ...] = ()
    slices: int = 0
    is_best: bool = False
    kernel: str = ""
    identity: ScanIdentity = field(default_factory=ScanIdentity)


class SeriesToChoose(SpineViewerError):
    """Raised when a folder contains several series, from which the user must choose."""

    is_question = True

    def __init__(
        self,
        path: Path,
        series: tuple[SeriesLine, ...],
        others: tuple[str, ...],
        listing: SeriesListing | None = None,
    ) -> None:
        super().__init__(
            worded(
                "{file} contains {count} series. Choose one of them.",
                file=path.name,
                count=len(series),
            )
        )
        self.path = path
        self.series = series
        self.others = others
        self.listing = listing


class Call(Protocol):
    """Runs a function without slowing down the window; the same as `Services.call`."""

    def __call__(self, function: Callable[..., T], *arguments: object, progress: Progress) -> T:
        """Return ``function(*arguments, progress=progress)``."""


class Services(Protocol):
    """The services of the program. All calls except `close` may block and run in job threads."""

    def tuning(self) -> Tuning:
        """Return the model's defaults."""

    def read_scan(self, path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
        """Read a file or a DICOM folder; raise `SeriesToChoose` if there are several series."""

    def expect_scan(self) -> None:
        """Start, in advance, the process that will read the next scan."""

    def prepare(self, scan: CtVolume) -> None:
        """Compile the networks for a scan, then prepare to open the next one."""

    def segment(
        self,
        scan: CtVolume,
        tuning: Tuning,
        progress: JobProgress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        """Run both networks where a mask with this tuning can have voxels, the spine first.

        Return the fusion and the fields of the run record; `on_fusion` is called with intermediate
        results.
        """

    def extend(
        self,
        scan: CtVolume,
        fusion: FusionOverlay,
        tuning: Tuning | None,
        progress: JobProgress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        """Extend `fusion` by the voxels that a mask with this tuning needs (None: every voxel).

        Return the same as `segment`.
        """

    def mask(self, scan: CtVolume, tuning: Tuning, progress: JobProgress) -> FusedResult:
        """Return the fused output of both networks for a scan that is segmented in the background.

        Computation pauses while `progress` is paused.

        Raises
        ------
        MemoryReleased
            When the paused scan released the networks for an interactive segmentation and must be
            restarted.
        """

    def call(self, function: Callable[..., T], *arguments: object, progress: Progress) -> T:
        """Return ``function(*arguments, progress=progress)``, computed in another process.

        The function must be at the top level of a module. Its errors are raised here.
        """

    def weights(self) -> str:
        """Return the identity of the networks' weights.

        Raises `ModelError` if there are no weights.
        """

    def close(self) -> None:
        """Stop everything that is still running in child processes."""


def sagittal_order(scan: CtVolume) -> NDArray[np.int16] | None:
    """Return a copy of the scan as int16, shape (x, z, y).

    Choice: None if it would take more than a quarter of the free memory.
    """
    import psutil

    if scan.hu.nbytes > psutil.virtual_memory().available / 4:
        return None
    return np.ascontiguousarray(scan.hu.transpose(2, 0, 1))


class LocalServices:
    """The services of the real program: child processes read files and run the networks.

    Thread ownership: any thread; `segment`, `extend` and `mask` wait for each other.

    Parameters
    ----------
    reads_ahead
        Whether the process that will read the next scan of a batch starts while the networks run
        on this one. Lanes do not need it, because one lane reads while another runs the networks.
    """

    def __init__(self, device: str = "auto", *, reads_ahead: bool = True) -> None:
        self._device = device
        self._reads_ahead = reads_ahead
        self._engine: Engine | None = None
        self._reader = PrewarmedReader()
        self._calls = RemoteCalls()
        self._last: SegmentationResult | None = None
        self._one_at_a_time = threading.Lock()
        self._starting = threading.Lock()
        self._user_waits = threading.Event()
        self._is_closed = False

    def tuning(self) -> Tuning:
        from spineviewer.model import load_configuration
        from spineviewer.resources import models_dir

        return load_configuration(models_dir()).defaults

    def weights(self) -> str:
        from spineviewer.model import load_configuration
        from spineviewer.resources import models_dir

        return load_configuration(models_dir()).weights_hash

    def read_scan(self, path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
        from spineviewer.io.scan import SeveralSeriesError, read_scan

        try:
            return read_scan(path, series_uid=series_uid, progress=progress, reader=self._reader)
        except SeveralSeriesError as several:
            raise _question(several.listing) from several

    def expect_scan(self) -> None:
        self._reader.prepare()

    def start(self) -> None:
        """Start loading the networks, and start the process that reads scans; do not wait."""
        self._running_engine()
        self.expect_scan()

    def segment(
        self,
        scan: CtVolume,
        tuning: Tuning,
        progress: JobProgress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        with self._exclusive(progress):
            return self._segment(scan, tuning, progress, on_fusion)

    def extend(
        self,
        scan: CtVolume,
        fusion: FusionOverlay,
        tuning: Tuning | None,
        progress: JobProgress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        with self._exclusive(progress):
            last = self._last
            if last is None or not fusion.belongs_to(last.probability):
                return self._segment(scan, tuning, progress, on_fusion)
            shown = tuning or self.tuning()

            def on_chunk(probability: ProbabilityMap) -> None:
                # remains valid if the rest is stopped
                self._last = replace(last, probability=probability)
                on_fusion(make_overlay(last.attention, probability, shown))

            self._last = self._running_engine().extend(
                scan, last, needed_for=tuning, progress=progress, on_chunk=on_chunk
            )
            return make_overlay(
                self._last.attention, self._last.probability, shown
            ), self._last.run_record.fields

    @contextmanager
    def _exclusive(self, progress: Progress) -> Iterator[None]:
        """Wait until no other call uses the networks; an older one may still be stopping."""
        self._user_waits.set()
        try:
            while not self._one_at_a_time.acquire(timeout=0.1):
                progress.step(worded("Preparing"), 0.0)
        finally:
            self._user_waits.clear()
        try:
            yield
        finally:
            self._one_at_a_time.release()

    def _segment(
        self,
        scan: CtVolume,
        tuning: Tuning | None,
        progress: JobProgress,
        on_fusion: Callable[[FusionOverlay], None],
    ) -> tuple[FusionOverlay, Mapping[str, object]]:
        self._last = None
        engine = self._running_engine()
        shown = tuning or self.tuning()
        attention: list[AttentionMap] = []

        def on_attention(map_: AttentionMap) -> None:
            attention[:] = [map_]
            on_fusion(make_overlay(map_, None, shown))

        def on_chunk(probability: ProbabilityMap) -> None:
            on_fusion(make_overlay(attention[0], probability, shown))

        result = engine.segment(
            scan, needed_for=tuning, progress=progress, on_attention=on_attention, on_chunk=on_chunk
        )
        self._last = result
        return make_overlay(result.attention, result.probability, shown), result.run_record.fields

    def mask(self, scan: CtVolume, tuning: Tuning, progress: JobProgress) -> FusedResult:
        """Return the fusion for a scan of a batch, computed only where the mask needs it."""
        from spineviewer.app.pipeline import fuse

        if self._reads_ahead:
            self.expect_scan()
        while not self._one_at_a_time.acquire(timeout=0.1):  # the user goes first
            progress.step(worded("Waiting"), 0.0)
        try:
            with progress.releasing_memory(self._user_waits):
                result = self._running_engine().segment(scan, needed_for=tuning, progress=progress)
        finally:
            self._one_at_a_time.release()
        return fuse(result, tuning, progress)

    def call(self, function: Callable[..., T], *arguments: object, progress: Progress) -> T:
        return self._calls.run(function, *arguments, progress=progress)

    def prepare(self, scan: CtVolume) -> None:
        from spineviewer.model import load_configuration
        from spineviewer.resources import models_dir

        load_configuration(models_dir())  # without weights there is nothing to load in advance
        engine = self._running_engine()
        if self._one_at_a_time.acquire(blocking=False):  # otherwise the networks are busy
            try:
                engine.expect(scan.geometry)
            finally:
                self._one_at_a_time.release()
        from spineviewer.app.warm_up import warm_up_views

        warm_up_views()
        self.expect_scan()
        self._calls.prepare(*CALLED_MODULES)

    def close(self) -> None:
        self._reader.close()
        self._calls.close()
        with self._starting:
            self._is_closed = True
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _running_engine(self) -> Engine:
        from spineviewer.app.engine import Engine

        with self._starting:
            if self._is_closed:
                raise Cancelled
            if self._engine is None:
                self._engine = Engine(self._device)
            return self._engine


def series_thumbnails(
    listing: SeriesListing | None, progress: Progress
) -> Mapping[str, NDArray[np.uint8]]:
    """Return a thumbnail of each listed series by UID: uint8, shape (rows, columns).

    Empty if none can be made.
    """
    from spineviewer.io.scan import thumbnails

    try:
        return {} if listing is None else thumbnails(listing, progress)
    except SpineViewerError:
        return {}


def series_line(series: SeriesSummary, *, is_best: bool) -> SeriesLine:
    """Return the line that describes a series in the list from which the user chooses."""
    spacing = worded("spacing unknown")
    if series.spacing_zyx_mm is not None:
        z, y, x = series.spacing_zyx_mm
        spacing = worded("{x:.2f} × {y:.2f} mm, slices {z:.2f} mm apart", x=x, y=y, z=z)
    return SeriesLine(
        uid=series.uid,
        title=series.description or worded("No description"),
        modality=series.modality,
        details=worded(
            "{columns} × {rows}, {spacing}",
            columns=series.columns,
            rows=series.rows,
            spacing=spacing,
        ),
        problems=series.problems,
        slices=series.slice_count,
        is_best=is_best,
        kernel=series.kernel,
        identity=series.identity,
    )


def _question(listing: SeriesListing) -> SeriesToChoose:
    lines = tuple(series_line(series, is_best=series is listing.best) for series in listing.series)
    return SeriesToChoose(listing.path, lines, listing.others, listing)
