"""The pipeline from a scan to its mask.

Both the window (through `engine.py`) and the command line use it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.fused_mask import FusedMask
from spineviewer.app.mask_facts import CUT_BY_SCAN
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.peak_memory import peak_memory_bytes
from spineviewer.app.run_record import RunRecord
from spineviewer.fusion import ExtendedAttention, Fusion, Islands
from spineviewer.inference.backends.backend import Backend
from spineviewer.inference.loaded import LoadedNetworks
from spineviewer.inference.localise import localise
from spineviewer.inference.segment import empty_probability, segment, slice_interest
from spineviewer.model import ModelConfiguration, load_configuration
from spineviewer.preprocess import WorkingVolume, diffused
from spineviewer.progress import JobProgress, Progress
from spineviewer.resources import models_dir
from spineviewer.threads import compute_threads
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.metal import reduce_metal_streaks
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap
from spineviewer.volume.working_grid import working_geometry
from spineviewer.wording import worded

OnAttention = Callable[[AttentionMap], None]
OnChunk = Callable[[ProbabilityMap], None]

NO_SPINE = worded("No spine was found: the mask is empty.")


@dataclass(frozen=True)
class SegmentationResult:
    """Both networks' results for one scan.

    `Fusion(result.attention, result.probability)` makes masks from them.
    """

    attention: AttentionMap
    probability: ProbabilityMap
    run_record: RunRecord


@dataclass(frozen=True)
class _Costs:
    """Seconds and peak memory (in bytes) of the stages of a run."""

    seconds: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, run_record: RunRecord) -> _Costs:
        return cls(dict(run_record.seconds), dict(run_record.peak_by_stage))

    def added_to(self, run_record: RunRecord) -> RunRecord:
        return replace(
            run_record,
            seconds=self.seconds,
            peak_by_stage=self.peaks,
            peak_memory_bytes=peak_memory_bytes(),
        )

    @contextmanager
    def measure(self, stage: str, backend: Backend | None = None) -> Iterator[None]:
        """Measure a stage; the one-time cost of compiling for a slice size is a separate entry."""
        started = time.perf_counter()
        compiled_before = 0.0 if backend is None else backend.compile_seconds
        yield
        compiling = 0.0 if backend is None else backend.compile_seconds - compiled_before
        self.peaks[stage] = peak_memory_bytes()
        self._add(stage, time.perf_counter() - started - compiling)
        if compiling > 0:
            self._add("compile", compiling)

    def _add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = round(max(0.0, self.seconds.get(stage, 0.0) + seconds), 3)


class Segmenter:
    """Loaded networks, ready for any number of scans.

    The working grid of the last scan is cached, so that more of that scan can be computed.

    Thread ownership: one thread at a time.

    Parameters
    ----------
    device
        'auto', 'cpu', 'cuda', 'mps' or 'intel-gpu'.
    configuration
        None for the included model.
    loaded
        Networks that are already loaded; their device and configuration are used.

    Raises
    ------
    ModelError, InferenceError, UsageError
        When the weights are missing or damaged, or the device is not available.
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
        needed_for: Tuning | None = None,
        progress: Progress | None = None,
        on_scan_read: Callable[[], None] | None = None,
        on_attention: OnAttention | None = None,
        on_chunk: OnChunk | None = None,
        values: NDArray[np.uint16] | None = None,
    ) -> SegmentationResult:
        """Run both networks on a scan, and return their results.

        Parameters
        ----------
        needed_for
            Only the voxels that a mask with this tuning can contain are computed; None: all voxels.
            In both cases, the spine comes first.
        on_scan_read
            Called when the scan's voxels are no longer needed.
        on_attention, on_chunk
            Called as soon as the attention map is complete, and after each chunk of the
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
        costs = _Costs()
        self._working = None
        warnings = volume.source.warnings
        working = self._preprocess(volume, costs, listener)
        del volume
        if on_scan_read:
            on_scan_read()
        costs.seconds["load"] = self._load_seconds
        self._load_seconds = 0.0
        known = empty_probability(working, values)
        with costs.measure("attention", self.backend):
            if self.backend.is_concurrent:
                attention, known = self._run_both_networks(working, known, listener)
            else:
                attention = localise(
                    working, self.backend, settings=self.preprocessing, progress=listener
                )
        if on_attention:
            on_attention(attention)
        self._working = working
        result = SegmentationResult(attention, known, self._run_record(costs, warnings))
        return self.extend(result, needed_for=needed_for, progress=listener, on_chunk=on_chunk)

    def _preprocess(self, volume: CtVolume, costs: _Costs, progress: Progress) -> WorkingVolume:
        """Return the preprocessed scan on the working grid; compile the networks in parallel."""
        scan, threads = volume.geometry, compute_threads()
        compiled_before = self.backend.compile_seconds
        with ThreadPoolExecutor(1, thread_name_prefix="compile") as pool:
            getting_ready = pool.submit(self.expect, scan)
            with costs.measure("diffusion"):
                smooth = diffused(
                    volume.hu, scan, self.preprocessing, threads=threads, progress=progress
                )
            with costs.measure("resample"):
                hu = resample_to_working(smooth, scan, threads=threads, progress=progress)
                reduce_metal_streaks(
                    hu, self.preprocessing.metal_hu, threads=threads, progress=progress
                )
            del smooth, volume
            waiting_started = time.perf_counter()
            getting_ready.result()
        # compiling in parallel with earlier steps took no extra time
        if self.backend.compile_seconds > compiled_before:
            costs.seconds["compile"] = round(time.perf_counter() - waiting_started, 3)
        return WorkingVolume(hu, working_geometry(scan), scan)

    def _run_record(self, costs: _Costs, warnings: tuple[str, ...]) -> RunRecord:
        identity = self.backend.identity
        return RunRecord(
            device=identity.device,
            backend=identity.backend,
            precision=identity.precision,
            message=self.message,
            weights_hash=self.configuration.weights_hash,
            model_version=self.configuration.version,
            seconds=costs.seconds,
            peak_by_stage=costs.peaks,
            warnings=warnings,
        )

    def _run_both_networks(
        self, working: WorkingVolume, known: ProbabilityMap, progress: Progress
    ) -> tuple[AttentionMap, ProbabilityMap]:
        """Run both networks in parallel until the attention map is complete. Paper: §2.

        Choice: until the map shows where the spine is, the middle of the scan is segmented, because
        most spines are there.
        """
        slices = working.geometry.shape_zyx[2]
        middle = np.abs(np.arange(slices) - slices / 2) < slices / 6
        guard = JobProgress()
        with ThreadPoolExecutor(1, thread_name_prefix="attention") as pool:
            localising = pool.submit(
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
                    on_chunk=lambda _: None,
                    until=localising.done,
                )
            except BaseException:
                guard.cancel()
                raise
            return localising.result(), known

    def extend(
        self,
        result: SegmentationResult,
        *,
        needed_for: Tuning | None = None,
        progress: Progress | None = None,
        on_chunk: OnChunk | None = None,
    ) -> SegmentationResult:
        """Return the result with the voxels that a mask with `needed_for` needs (None: all voxels).

        `result` must belong to the most recently segmented scan.
        """
        if result.probability.is_computed.all():
            return result
        assert self._working is not None, "segment a scan first"
        working, attention = self._working, result.attention
        slices = working.geometry.shape_zyx[2]
        wanted = (
            np.ones(slices, np.bool_)
            if needed_for is None
            else ExtendedAttention(attention).needed_slices(needed_for)
        )
        costs = _Costs.of(result.run_record)
        with costs.measure("segmentation", self.backend):
            probability = segment(
                working,
                self.backend,
                known=result.probability,
                wanted=wanted,
                interest=slice_interest(attention, slices),
                settings=self.preprocessing,
                progress=progress or JobProgress(),
                on_chunk=on_chunk or (lambda _: None),
            )
        if probability.is_computed.all():
            self._working = None
        return SegmentationResult(attention, probability, costs.added_to(result.run_record))


@dataclass(frozen=True, eq=False)
class FusedResult:
    """The fusion of both networks' results, its mask with one tuning, and the run record."""

    fusion: FusionOverlay
    mask: FusedMask
    run_record: RunRecord


def fuse(
    result: SegmentationResult, tuning: Tuning, progress: Progress | None = None
) -> FusedResult:
    """Return the fused mask; add the seconds and warnings of this step to the run record."""
    costs = _Costs.of(result.run_record)
    with costs.measure("fusion"):
        fusion = FusionOverlay(Fusion(result.attention, result.probability))
        fused = fusion.mask(tuning, progress or JobProgress())
    warnings = list(result.run_record.warnings)
    if fused.mask.is_empty:
        warnings.append(NO_SPINE)
    elif fused.is_cut_by_scan:
        warnings.append(CUT_BY_SCAN)
    if fused.left_out_ml and fused.islands is not None and fused.islands.far_pieces:
        warnings.append(_left_out(fused.islands))
    run_record = replace(costs.added_to(result.run_record), warnings=tuple(warnings))
    return FusedResult(fusion, fused, run_record)


def _left_out(islands: Islands) -> str:
    return worded(
        "%n piece(s) ({volume_ml:.1f} ml) far from the spine (was|were) left out.",
        "",
        len(islands.far_pieces),
        volume_ml=islands.far_ml,
    )
