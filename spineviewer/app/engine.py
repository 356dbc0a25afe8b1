"""The pipeline for the window, in a child process, so that the window never blocks.

The pipeline and the fusion are imported only when they are used, because importing them would delay
the start of the child.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spineviewer.app import engine_messages as messages
from spineviewer.child import Child, ChildDied, MappedArrays, RestartingChild, Step
from spineviewer.errors import Cancelled, error_from
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap
from spineviewer.volume.working_grid import working_geometry

if TYPE_CHECKING:
    from spineviewer.app.pipeline import SegmentationResult

#: Seconds between two checks of whether the user has stopped the computation.
TICK_S = 0.05
#: Seconds within which a cancelled child must become idle; otherwise it is terminated.
IDLE_PATIENCE_S = 0.8

_log = logging.getLogger(__name__)


class Engine:
    """Segments scans in a child process that keeps the networks loaded.

    The child starts when the engine is created, and loads the networks while the user looks at the
    scan. A child that died is replaced at the next call.

    Thread ownership: `segment`, `extend` and `expect` from one thread at a time (the first two
    block); `close` from any.

    Parameters
    ----------
    device
        'auto', 'cpu', 'cuda', 'mps' or 'intel-gpu'.
    """

    def __init__(self, device: str = "auto") -> None:
        self._device = device
        self._idle_waiter: threading.Thread | None = None
        self._current_values: NDArray[np.uint16] | None = None
        self._restarting: RestartingChild[messages.Answer] = RestartingChild(self._start_child)
        self._restarting.running_child()

    @property
    def process_id(self) -> int | None:
        """Process id of the child; None if there is none."""
        return self._restarting.process_id

    def segment(
        self,
        volume: CtVolume,
        *,
        needed_for: Tuning | None = None,
        progress: JobProgress | None = None,
        on_attention: Callable[[AttentionMap], None] | None = None,
        on_chunk: Callable[[ProbabilityMap], None] | None = None,
    ) -> SegmentationResult:
        """Segment a scan as `Segmenter.segment` does; the callbacks run in the calling thread.

        Raises
        ------
        Cancelled
            Within 0.1 s after `progress` is cancelled; the child is idle or gone within a second.
        ModelError, InferenceError, UsageError
            As in `Segmenter.segment`.
        """
        from spineviewer.fusion import attention_shape

        working = working_geometry(volume.geometry)
        cells = attention_shape(volume.geometry)
        self._current_values = None
        with (
            MappedArrays(2 * volume.hu.size) as scan_arrays,
            MappedArrays(2 * int(np.prod(working.shape_zyx))) as arrays,
        ):
            values = arrays.create("probability", working.shape_zyx, np.uint16)
            attention = arrays.create("attention", cells, np.float32)
            is_computed = np.zeros(values.shape[2], np.bool_)
            interpreter = _Interpreter(
                volume.geometry,
                values,
                is_computed,
                attention,
                progress or JobProgress(),
                on_attention,
                on_chunk,
                scan_arrays.close,
            )
            request = messages.Segment(
                hu=scan_arrays.place_of("hu", volume.hu),
                values=arrays.description("probability", values),
                attention=arrays.description("attention", attention),
                geometry=volume.geometry,
                warnings=tuple(volume.source.warnings),
                needed_for=needed_for,
            )
            result = self._ask(request, interpreter)
        self._current_values = values
        return result

    def extend(
        self,
        volume: CtVolume,
        result: SegmentationResult,
        *,
        needed_for: Tuning | None = None,
        progress: JobProgress | None = None,
        on_chunk: Callable[[ProbabilityMap], None] | None = None,
    ) -> SegmentationResult:
        """Return `result` with the voxels that a mask with `needed_for` needs (None: every voxel).

        The child caches everything that was computed before a stop. If `result` does not belong to
        the most recently segmented scan, or the child has died, the scan is segmented again.

        Raises
        ------
        Cancelled, ModelError, InferenceError, UsageError
            As in `segment`.
        """
        values = result.probability.values
        if values is not self._current_values or self.process_id is None:
            return self.segment(volume, needed_for=needed_for, progress=progress, on_chunk=on_chunk)
        is_computed = result.probability.is_computed
        interpreter = _Interpreter(
            volume.geometry,
            values,
            is_computed,
            result.attention.cells,
            progress or JobProgress(),
            on_chunk=on_chunk,
        )
        return self._ask(messages.Extend(needed_for), interpreter)

    def expect(self, scan: Geometry) -> None:
        """Compile the networks for the scan that the user is looking at, in the background.

        Called from the same thread as `segment`.
        """
        self._wait_for_idle_child()
        with suppress(ChildDied):
            self._restarting.running_child().send(messages.Expect(scan))

    def close(self) -> None:
        """End the child."""
        self._restarting.close()
        self._wait_for_idle_child()

    def _ask(
        self, request: messages.Segment | messages.Extend, interpreter: _Interpreter
    ) -> SegmentationResult:
        self._wait_for_idle_child()
        child = self._restarting.running_child()
        try:
            child.send(request)
            is_paused = False
            while True:
                interpreter.report_progress()
                if interpreter.is_paused != is_paused:
                    is_paused = interpreter.is_paused
                    child.send(messages.Pause() if is_paused else messages.Resume())
                message = child.receive(TICK_S)
                if message is not None and (result := interpreter.interpret(message)) is not None:
                    return result
        except Cancelled:
            self._idle_waiter = threading.Thread(
                target=self._wait_until_idle, args=(child,), name="engine-settling", daemon=True
            )
            self._idle_waiter.start()
            raise
        except ChildDied as death:
            self._replace_child(child)
            if self._restarting.is_closed:
                raise Cancelled from death
            _log.error("%s %s", death, death.stderr_tail)
            raise death.as_error() from death

    def _wait_until_idle(self, child: Child[messages.Answer]) -> None:
        deadline = time.monotonic() + IDLE_PATIENCE_S
        try:
            child.send(messages.Cancel())
            while (remaining := deadline - time.monotonic()) > 0:
                if isinstance(
                    child.receive(remaining), messages.Stopped | messages.Done | messages.Failed
                ):
                    return
        except ChildDied:
            pass  # a dead child does not have to be stopped
        self._replace_child(child)

    def _wait_for_idle_child(self) -> None:
        if self._idle_waiter is not None:
            self._idle_waiter.join()
            self._idle_waiter = None

    def _replace_child(self, child: Child[messages.Answer]) -> None:
        self._current_values = None
        self._restarting.end(child)
        with suppress(Cancelled):
            self._restarting.running_child()  # a new child loads the networks in the meantime

    def _start_child(self) -> Child[messages.Answer]:
        child = messages.CONVERSATION.child()
        child.send(messages.Start(self._device))
        return child


@dataclass
class _Interpreter:
    """Interprets the messages of one request.

    Attributes
    ----------
    values, cells
        Where the child writes the probability (uint16) and the attention map (float32).
    is_computed
        bool, one per sagittal slice of `values`.
    on_scan_read
        Called when the child no longer needs the scan.
    """

    scan: Geometry
    values: NDArray[np.uint16]
    is_computed: NDArray[np.bool_]
    cells: NDArray[np.float32]
    progress: JobProgress
    on_attention: Callable[[AttentionMap], None] | None = None
    on_chunk: Callable[[ProbabilityMap], None] | None = None
    on_scan_read: Callable[[], None] = lambda: None
    stage: tuple[str, float] = ("start", 0.0)

    def report_progress(self) -> None:
        """Report progress; raise `Cancelled` if the user has stopped the computation."""
        self.progress.step(*self.stage)

    @property
    def is_paused(self) -> bool:
        """Whether the user has paused the computation."""
        return self.progress.is_paused

    def interpret(self, message: messages.Answer) -> SegmentationResult | None:
        """Process one message; return the result if it was the last message.

        Raises
        ------
        SpineViewerError
            The error that the worker reported.
        """
        match message:
            case Step(stage=stage, fraction=fraction):
                self.stage = (stage, fraction)
            case messages.ScanRead():
                self.on_scan_read()
            case messages.AttentionReady():
                if self.on_attention:
                    self.on_attention(self._attention())
            case messages.SlicesReady(runs=runs):
                self.is_computed = np.zeros_like(self.is_computed)
                for start, stop in runs:
                    self.is_computed[start:stop] = True
                if self.on_chunk:
                    self.on_chunk(self._probability())
            case messages.Failed(error=kind, message=text):
                raise error_from(kind, text)
            case messages.Stopped():
                raise Cancelled
            case messages.Done(run_record=run_record):
                from spineviewer.app.pipeline import SegmentationResult

                return SegmentationResult(self._attention(), self._probability(), run_record)
        return None

    def _attention(self) -> AttentionMap:
        return AttentionMap(np.array(self.cells), self.scan)

    def _probability(self) -> ProbabilityMap:
        return ProbabilityMap(self.values, self.is_computed, working_geometry(self.scan), self.scan)
