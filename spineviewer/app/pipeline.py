"""The pipeline from a scan to its mask.

Both the window (through `engine.py`) and the command line use it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.peak_memory import peak_memory_bytes
from spineviewer.app.run_report import Report
from spineviewer.app.state import FusedMask
from spineviewer.fusion import Fusion, Islands
from spineviewer.inference.backends.backend import Backend
from spineviewer.inference.loaded import LoadedNetworks
from spineviewer.inference.localise import localise
from spineviewer.inference.segment import interest_of, nothing_computed, segment
from spineviewer.model import ModelConfiguration, load_configuration
from spineviewer.preprocess import WorkingVolume, diffused
from spineviewer.progress import JobProgress, Progress
from spineviewer.resources import models_dir
from spineviewer.threads import compute_threads
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.metal import reduce_metal_streaks
from spineviewer.volume.resample import resampled
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap
from spineviewer.volume.working_grid import working_geometry
from spineviewer.wording import worded

OnAttention = Callable[[AttentionMap], None]
OnSlab = Callable[[ProbabilityMap], None]

NO_SPINE = worded("No spine was found: the mask is empty.")
CUT_BY_SCAN = worded("The mask touches the edge of the scan, so its volume is incomplete.")


@dataclass(frozen=True)
class SegmentationResult:
    """Both networks' results for one scan.

    `Fusion(result.attention, result.probability)` makes masks from them.
    """

    attention: AttentionMap
    probability: ProbabilityMap
    report: Report


class Segmenter:
    """Loaded networks, ready for any number of scans.

    The working grid of the last scan is cached, so that more of that scan can be computed.

    Thread ownership: one thread at a time.

    Parameters
    ----------
    device
        'auto', 'cpu', 'cuda', 'mps' or 'intel-gpu'.
    configuration
        None: the included model.
    loaded
        Networks that are already loaded; their device and configuration are used.

    Raises
    ------
    ModelError, InferenceError, UsageError
    """

    def __init__(
        self,
        device: str = "auto",
        configuration: ModelConfiguration | None = None,
        *,
        loaded: LoadedNetworks | None = None,
    ) -> None:
        if loaded is None:
            self.configuration = configuration or load_configuration(models_dir())
        else:
            self.configuration = loaded.configuration
        self.preprocessing = self.configuration.preprocessing
        self._loaded = loaded or LoadedNetworks(device, self.configuration)
        self.backend: Backend = self._loaded.backend
        self.message = self._loaded.message
        self._load_seconds = self._loaded.seconds
        self._working: WorkingVolume | None = None

    def release(self) -> None:
        """Free the networks and the last scan's grid; afterwards, nothing can be segmented."""
        del self._loaded, self.backend, self._working

    def expect(self, scan: Geometry) -> None:
        """Compile the networks for a scan's slices; see `LoadedNetworks.expect`."""
        self._loaded.expect(scan)

    def segment(
        self,
        volume: CtVolume,
        *,
        keep: Tuning | None = None,
        progress: Progress | None = None,
        on_scan_read: Callable[[], None] | None = None,
        on_attention: OnAttention | None = None,
        on_slab: OnSlab | None = None,
        values: NDArray[np.uint16] | None = None,
    ) -> SegmentationResult:
        """Return both networks' results for a scan.

        Parameters
        ----------
        keep
            Compute only what a mask with this tuning can contain; None computes every voxel. Either
            way the spine comes first.
        on_scan_read
            Called when the scan's voxels are no longer needed.
        on_attention, on_slab
            Called as soon as the attention map is complete, and after each slab of the
            segmentation.
        values
            uint16 zeros with the shape of the working grid, in which the probability map is stored.

        Raises
        ------
        InferenceError
            When there is not enough memory.
        Cancelled
            When `progress` raises it.
        """
        listener = progress or JobProgress()
        seconds: dict[str, float] = {}
        peaks: dict[str, int] = {}
        self._working = None
        scan, scan_warnings = volume.geometry, volume.source.warnings
        compiled_before = self.backend.compile_seconds
        with ThreadPoolExecutor(1, thread_name_prefix="compile") as pool:
            getting_ready = pool.submit(self.expect, scan)
            with _timed(seconds, peaks, "diffusion"):
                smooth = diffused(
                    volume.hu,
                    scan,
                    self.preprocessing,
                    threads=compute_threads(),
                    progress=listener,
                )
            with _timed(seconds, peaks, "resample"):
                hu = resampled(smooth, scan, threads=compute_threads(), progress=listener)
                reduce_metal_streaks(
                    hu, self.preprocessing.metal_hu, threads=compute_threads(), progress=listener
                )
            del smooth, volume
            waiting_started = time.perf_counter()
            getting_ready.result()
        # compiling in parallel with earlier steps took no extra time
        if self.backend.compile_seconds > compiled_before:
            seconds["compile"] = round(time.perf_counter() - waiting_started, 3)
        if on_scan_read:
            on_scan_read()
        working = WorkingVolume(hu, working_geometry(scan), scan)
        seconds["load"] = self._load_seconds
        self._load_seconds = 0.0
        known = nothing_computed(working, values)
        compiled_before = self.backend.compile_seconds
        with _timed(seconds, peaks, "attention"):
            if self.backend.is_concurrent:
                attention, known = self._both_at_once(working, known, listener)
            else:
                attention = localise(
                    working, self.backend, settings=self.preprocessing, progress=listener
                )
        _tell_compiling(seconds, "attention", self.backend.compile_seconds - compiled_before)
        if on_attention:
            on_attention(attention)
        self._working = working
        identity = self.backend.identity
        result = SegmentationResult(
            attention,
            known,
            Report(
                device=identity.device,
                backend=identity.backend,
                precision=identity.precision,
                message=self.message,
                weights_hash=self.configuration.weights_hash,
                model_version=self.configuration.version,
                seconds=seconds,
                peak_by_stage=peaks,
                warnings=scan_warnings,
            ),
        )
        return self.extend(result, keep=keep, progress=listener, on_slab=on_slab)

    def _both_at_once(
        self, working: WorkingVolume, known: ProbabilityMap, progress: Progress
    ) -> tuple[AttentionMap, ProbabilityMap]:
        """Return the attention map and what was segmented in parallel. Paper: §2.

        Choice: until the map shows where the spine is, the middle of the scan is segmented, where
        most spines are.
        """
        slices = working.geometry.shape_zyx[2]
        middle = np.abs(np.arange(slices) - slices / 2) < slices / 6
        guard = JobProgress()
        with ThreadPoolExecutor(1, thread_name_prefix="attention") as pool:
            found = pool.submit(
                localise, working, self.backend, settings=self.preprocessing, progress=guard
            )
            try:
                known = segment(
                    working,
                    self.backend,
                    known=known,
                    wanted=np.ones(slices, np.bool_),
                    interest=middle.astype(np.float64),
                    settings=self.preprocessing,
                    progress=progress,
                    on_slab=lambda _: None,
                    until=found.done,
                )
            except BaseException:
                guard.cancel()
                raise
            return found.result(), known

    def extend(
        self,
        result: SegmentationResult,
        *,
        keep: Tuning | None = None,
        progress: Progress | None = None,
        on_slab: OnSlab | None = None,
    ) -> SegmentationResult:
        """Compute what `keep` needs and `result` does not yet contain.

        `result` must belong to the most recently segmented scan.
        """
        if result.probability.is_computed.all():
            return result
        assert self._working is not None, "segment a scan first"
        working, attention = self._working, result.attention
        slices = working.geometry.shape_zyx[2]
        wanted = (
            np.ones(slices, np.bool_)
            if keep is None
            else Fusion(attention, None).reached_columns(keep)
        )
        seconds, peaks = dict(result.report.seconds), dict(result.report.peak_by_stage)
        compiled_before = self.backend.compile_seconds
        with _timed(seconds, peaks, "segmentation"):
            probability = segment(
                working,
                self.backend,
                known=result.probability,
                wanted=wanted,
                interest=interest_of(attention, slices),
                settings=self.preprocessing,
                progress=progress or JobProgress(),
                on_slab=on_slab or (lambda _: None),
            )
        _tell_compiling(seconds, "segmentation", self.backend.compile_seconds - compiled_before)
        if probability.is_computed.all():
            self._working = None
        report = replace(
            result.report,
            seconds=seconds,
            peak_by_stage=peaks,
            peak_memory_bytes=peak_memory_bytes(),
        )
        return SegmentationResult(attention, probability, report)


@dataclass(frozen=True, eq=False)
class Fused:
    """The fusion of both networks' results, its mask with one tuning, and the run record."""

    fusion: FusionOverlay
    mask: FusedMask
    report: Report


def fuse(result: SegmentationResult, tuning: Tuning, progress: Progress | None = None) -> Fused:
    """Return the fused mask; add the seconds and warnings of this step to the run record."""
    seconds, peaks = dict(result.report.seconds), dict(result.report.peak_by_stage)
    with _timed(seconds, peaks, "fusion"):
        fusion = FusionOverlay(Fusion(result.attention, result.probability))
        fused = fusion.mask(tuning, progress or JobProgress())
    warnings = list(result.report.warnings)
    if fused.mask.is_empty:
        warnings.append(NO_SPINE)
    elif fused.is_cut_by_scan:
        warnings.append(CUT_BY_SCAN)
    if fused.left_out_ml and fused.islands is not None and fused.islands.far_pieces:
        warnings.append(_left_out(fused.islands))
    report = replace(
        result.report,
        seconds=seconds,
        peak_by_stage=peaks,
        warnings=tuple(warnings),
        peak_memory_bytes=peak_memory_bytes(),
    )
    return Fused(fusion, fused, report)


def _left_out(islands: Islands) -> str:
    return worded(
        "%n piece(s) ({volume_ml:.1f} ml) far from the spine (was|were) left out.",
        "",
        len(islands.far_pieces),
        volume_ml=islands.far_ml,
    )


def _tell_compiling(seconds: dict[str, float], stage: str, spent: float) -> None:
    """Move the one-time cost of compiling for a slice size from a stage to its own entry."""
    if spent > 0:
        seconds[stage] = round(max(0.0, seconds[stage] - spent), 3)
        seconds["compile"] = round(seconds.get("compile", 0.0) + spent, 3)


@contextmanager
def _timed(seconds: dict[str, float], peaks: dict[str, int], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    peaks[stage] = peak_memory_bytes()
    seconds[stage] = round(seconds.get(stage, 0.0) + time.perf_counter() - started, 3)
