"""The computing process behind the window: it keeps the networks loaded and segments on demand.

Only `engine.py` starts it; the messages between the two are in `engine_messages.py`.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spineviewer.app import engine_messages as messages
from spineviewer.child import ParentLink, Step, open_mapped
from spineviewer.compiled import PREPARING, is_prepared
from spineviewer.errors import Cancelled, InferenceError, SpineViewerError
from spineviewer.scratch import clear_abandoned
from spineviewer.threads import limit_libraries
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap, ScanFormat, ScanSource
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.pipeline import SegmentationResult, Segmenter

#: Choice: the window takes priority. On a shared core, computing gets a tenth of the time while the
#: window is busy.
NICENESS = 10


class Worker:
    """Answers one request at a time; checks for a cancel or a pause at every progress step."""

    def __init__(self, link: ParentLink[messages.Request], device: str) -> None:
        self._link = link
        self._device = device
        self._segmenter: Segmenter | None = None
        self._last: SegmentationResult | None = None
        self._progress = link.progress()

    def step(self, stage: str, fraction: float) -> None:
        """Report progress to the window, and wait while it asks for a pause.

        Raises `Cancelled` if the window has asked to stop.
        """
        message = self._link.receive(0.0)
        if isinstance(message, messages.Pause):
            # waits here without using the processor until the next message
            message = self._link.receive()
        if isinstance(message, messages.Cancel):
            raise Cancelled
        self._progress.step(stage, fraction)

    def load(self) -> Segmenter:
        """Return the networks, which are loaded only once."""
        if self._segmenter is None:
            from spineviewer.app.pipeline import Segmenter

            self._segmenter = Segmenter(self._device)
        return self._segmenter

    def warm_up(self) -> None:
        """Load the networks, and compile what the first scan would otherwise wait for."""
        from spineviewer.app.warm_up import prepare, warm_up_segmenting

        try:
            self.load()
        except SpineViewerError:
            return  # reported when a scan is segmented
        if is_prepared():
            warm_up_segmenting()
        else:
            self._link.send(Step(PREPARING, 0.0))
            prepare()

    def answer(self, request: messages.Request) -> None:
        """Process one request; if it is a segmentation, send the single final message."""
        match request:
            case messages.Expect(geometry=geometry):
                with suppress(SpineViewerError):  # reported when the scan is segmented
                    self.load().expect(geometry)
            case messages.Segment() | messages.Extend():
                self._compute(request)
            # the last three can arrive after the work has ended
            case messages.Start() | messages.Cancel() | messages.Pause() | messages.Resume():
                pass

    def _compute(self, request: messages.Segment | messages.Extend) -> None:
        try:
            result = (
                self._segment(request)
                if isinstance(request, messages.Segment)
                else self._extend(request)
            )
        except Cancelled:
            self._link.send(messages.Stopped())
        except SpineViewerError as error:
            self._link.send(messages.Failed(type(error).__name__, str(error)))
        except MemoryError:
            message = worded(
                "There is too little memory for this scan. Close other programs and try again."
            )
            self._link.send(messages.Failed(InferenceError.__name__, message))
        else:
            self._link.send(messages.Done(result.run_record))

    def _segment(self, request: messages.Segment) -> SegmentationResult:
        self._last = None
        cells = open_mapped(request.attention, writable=True)

        def on_attention(attention: AttentionMap) -> None:
            cells[...] = attention.cells
            self._link.send(messages.AttentionReady())

        result = self.load().segment(
            # no name is bound here, so that the memory can be released
            _volume(open_mapped(request.hu), request.geometry, request.warnings),
            needed_for=request.needed_for,
            progress=self,
            on_scan_read=lambda: self._link.send(messages.ScanRead()),
            on_attention=on_attention,
            on_chunk=self._on_chunk,
            values=open_mapped(request.values, writable=True),
        )
        self._last = result
        return result

    def _extend(self, request: messages.Extend) -> SegmentationResult:
        if self._last is None:
            raise InferenceError("There is no segmentation to continue. Segment the scan first.")
        last = self._last

        def on_chunk(probability: ProbabilityMap) -> None:
            # stays available if the user stops the rest
            self._last = replace(last, probability=probability)
            self._on_chunk(probability)

        self._last = self.load().extend(
            last, needed_for=request.needed_for, progress=self, on_chunk=on_chunk
        )
        return self._last

    def _on_chunk(self, probability: ProbabilityMap) -> None:
        self._link.send(messages.SlicesReady(tuple(true_runs(probability.is_computed))))


def true_runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (start, stop) of each run of True; `flags` is bool, shape (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _volume(hu: NDArray[np.int16], geometry: Geometry, warnings: tuple[str, ...]) -> CtVolume:
    source = ScanSource(Path(), ScanFormat.MEMORY, geometry, AxisOrder(), warnings=warnings)
    return CtVolume(hu, geometry, source)


def main() -> int:
    """Answer requests until the window closes the connection."""
    gc.disable()  # the collector would repeatedly search the objects of imported modules
    limit_libraries()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    link = messages.CONVERSATION.parent()
    start = link.receive()
    assert isinstance(start, messages.Start)
    clear_abandoned()  # done here, where it delays nothing
    worker = Worker(link, start.device)
    worker.warm_up()
    gc.freeze()
    gc.enable()
    while (request := link.receive()) is not None:
        worker.answer(request)
    return 0


if __name__ == "__main__":
    sys.exit(main())
