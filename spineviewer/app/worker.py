"""The computing process behind the window: it keeps the networks loaded and segments on demand.

It is started only by `engine.py`. Messages from the window::

    {"do": "start", "device": name}
    {"do": "segment", "hu": array, "values": array, "attention": array, "geometry": grid,
    "warnings": [...],
     "keep": settings | null}
    {"do": "extend", "keep": settings | null}          more of the same scan
    {"do": "expect", "geometry": grid}                 such a scan may be segmented soon; no answer
    {"do": "cancel"}
    {"do": "pause"}, {"do": "go_on"}                   pause and resume

and back: ``{"step": [stage, fraction]}``, ``{"scan_read": true}`` (its memory may be freed),
``{"attention": true}`` (the map is complete), ``{"slab": [[start, stop], ...]}`` (sagittal slices
computed until now) and one end of ``{"done": report}``, ``{"cancelled": true}``, ``{"error": class,
"message": text}``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer import errors
from spineviewer.child import Message, ParentLink, open_mapped
from spineviewer.errors import Cancelled, InferenceError, SpineViewerError
from spineviewer.scratch import clear_abandoned
from spineviewer.threads import limit_libraries
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap, ScanFormat, ScanSource
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.pipeline import SegmentationResult, Segmenter

#: Largest number of progress messages per second.
STEPS_PER_SECOND = 20
#: Choice: computing yields to the window; with both on one core it gets a tenth while the window
#: has something to do.
NICENESS = 10


class Worker:
    """Answers one request at a time; looks for a cancel or a pause at every progress step."""

    def __init__(self, link: ParentLink, device: str) -> None:
        self._link = link
        self._device = device
        self._segmenter: Segmenter | None = None
        self._last: SegmentationResult | None = None
        self._last_step = ("", 0.0)

    def step(self, stage: str, fraction: float) -> None:
        """Report to the window; rest while it asks for that.

        Raise `Cancelled` when it asked to stop.
        """
        message = self._link.receive(0.0)
        if message is not None and message["do"] == "pause":
            message = (
                self._link.receive()
            )  # rests here, and uses no processor, until the window says more
        if message is not None and message["do"] == "cancel":
            raise Cancelled
        now = time.monotonic()
        if stage != self._last_step[0] or now - self._last_step[1] > 1 / STEPS_PER_SECOND:
            self._last_step = (stage, now)
            self._link.send({"step": [stage, fraction]})

    def load(self) -> Segmenter:
        """Return the networks, loaded once."""
        if self._segmenter is None:
            from spineviewer.app.pipeline import Segmenter

            self._segmenter = Segmenter(self._device)
        return self._segmenter

    def warm_up(self) -> None:
        """Compile what the first scan would otherwise wait for."""
        from spineviewer.app.warm_up import compile_inner_loops

        try:
            self.load()
        except SpineViewerError:
            return  # reported when a scan is segmented
        compile_inner_loops()

    def answer(self, request: Message) -> None:
        """Work on one request and send its one end."""
        if request["do"] in ("cancel", "pause", "go_on"):  # it arrived after the work had ended
            return
        if request["do"] == "expect":
            with suppress(SpineViewerError):  # reported when the scan is segmented
                self.load().expect(geometry_from_fields(request["geometry"]))
            return
        try:
            result = self._segment(request) if request["do"] == "segment" else self._extend(request)
        except Cancelled:
            self._link.send({"cancelled": True})
        except SpineViewerError as error:
            self._link.send({"error": type(error).__name__, "message": str(error)})
        except MemoryError:
            self._link.send(
                {
                    "error": "InferenceError",
                    "message": worded(
                        "There is too little memory for this scan. Close other programs."
                    ),
                }
            )
        else:
            self._link.send({"done": asdict(result.report)})

    def _segment(self, request: Message) -> SegmentationResult:
        self._last = None
        geometry = geometry_from_fields(request["geometry"])
        cells = open_mapped(request["attention"], writable=True)

        def on_attention(attention: AttentionMap) -> None:
            cells[...] = attention.cells
            self._link.send({"attention": True})

        result = self.load().segment(
            _volume(
                open_mapped(request["hu"]), geometry, tuple(request["warnings"])
            ),  # no name here keeps its memory
            keep=_tuning(request["keep"]),
            progress=self,
            on_scan_read=lambda: self._link.send({"scan_read": True}),
            on_attention=on_attention,
            on_slab=self._on_slab,
            values=open_mapped(request["values"], writable=True),
        )
        self._last = result
        return result

    def _extend(self, request: Message) -> SegmentationResult:
        if self._last is None:
            raise InferenceError(worded("There is no segmented scan to continue."))
        last = self._last

        def on_slab(probability: ProbabilityMap) -> None:
            self._last = replace(
                last, probability=probability
            )  # kept even if the user stops the rest
            self._on_slab(probability)

        self._last = self.load().extend(
            last, keep=_tuning(request["keep"]), progress=self, on_slab=on_slab
        )
        return self._last

    def _on_slab(self, probability: ProbabilityMap) -> None:
        self._link.send({"slab": runs_of(probability.is_computed)})


def runs_of(flags: NDArray[np.bool_]) -> list[list[int]]:
    """Return [start, stop] of each run of True; `flags` is bool, shape (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [[int(start), int(stop)] for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def fields_from_geometry(geometry: Geometry) -> dict[str, Any]:
    """Return a geometry as fields of a message."""
    return asdict(geometry)


def geometry_from_fields(fields: Mapping[str, Any]) -> Geometry:
    """Return the geometry of `fields_from_geometry` after the way through JSON."""
    z, y, x = (tuple(axis) for axis in fields["axes_lps"])
    return Geometry(
        tuple(fields["shape_zyx"]),
        tuple(fields["spacing_zyx_mm"]),
        tuple(fields["origin_lps_mm"]),
        (z, y, x),
    )


def error_from_message(message: Mapping[str, Any]) -> SpineViewerError:
    """Return the error of the worker."""
    kind = getattr(errors, message["error"], InferenceError)
    return (
        kind(message["message"])
        if issubclass(kind, SpineViewerError)
        else InferenceError(message["message"])
    )


def _volume(hu: NDArray[np.int16], geometry: Geometry, warnings: tuple[str, ...]) -> CtVolume:
    source = ScanSource(Path(), ScanFormat.MEMORY, geometry, AxisOrder(), warnings=warnings)
    return CtVolume(hu, geometry, source)


def _tuning(fields: Mapping[str, Any] | None) -> Tuning | None:
    return None if fields is None else Tuning(**fields)


def main() -> int:
    """Serve until the window closes the line."""
    limit_libraries()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    link = ParentLink()
    hello = link.receive()
    assert hello is not None and hello["do"] == "start"
    clear_abandoned()  # here, where it delays nothing
    worker = Worker(link, hello["device"])
    worker.warm_up()
    while (request := link.receive()) is not None:
        worker.answer(request)
    return 0


if __name__ == "__main__":
    sys.exit(main())
