"""What is made of the whole mask for views of their own: the line along the spine and the mask's surface."""

from __future__ import annotations

import importlib
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from spineviewer.app.jobs import Failed, JobKind, Outcome, Relay, Succeeded
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.services import Services
from spineviewer.app.shapes import SpineSurface, line_along, surface_for_view
from spineviewer.app.state import FusedMask
from spineviewer.editing.correction import Correction
from spineviewer.gui.desk.core import DeskCore
from spineviewer.gui.language import tr
from spineviewer.volume.centre_line import CentreLine

#: Shapes wait for the end of a series of strokes or slider moves.
_REST_MS = 250


class Shaping(DeskCore):
    """Keeps line and surface up with the mask, as long as a view wants them."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self.line: CentreLine | None = None
        self.line_note = ""
        self.surface: SpineSurface | None = None
        self.surface_note = ""
        self._wanted_shapes: frozenset[JobKind] = frozenset()
        self._made_for: dict[JobKind, tuple[FusedMask, int]] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._make_shapes)
        self._rest.setInterval(_REST_MS)
        self.mask_changed.connect(self._rest.start)
        self.scan_leaves.connect(self._drop_shapes)

    def want_shapes(self, *, line: bool, surface: bool) -> None:
        """Tell which shapes are looked at; others are not made."""
        wanted = {JobKind.LINE: line, JobKind.SURFACE: surface}
        self._wanted_shapes = frozenset(kind for kind, is_wanted_shapes in wanted.items() if is_wanted_shapes)
        self._make_shapes()

    def _make_shapes(self) -> None:
        reading, fusion = self.reading, self.fusion
        if reading is None or fusion is None or reading.fused is None or not self._wanted_shapes:
            return
        fused = reading.fused
        state = (fused, self.correction.revision)
        stale = [kind for kind in self._wanted_shapes if self._made_for.get(kind) != state]
        if not stale:
            return
        correction = self.correction.snapshot()
        for kind in stale:
            self._made_for[kind] = state
            if kind is JobKind.LINE:
                self.line_note = tr("Finding the line of the spine …")
                self.runner.start(kind, lambda _: line_along(fused, correction), on_end=self._got_line)
            else:
                self.surface_note = tr("Making the surface …")
                self.runner.start(kind, lambda relay: _surface(fused, fusion, correction, relay), on_end=self._got_surface)
        self.shapes_changed.emit()

    def _got_line(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            assert outcome.result is None or isinstance(outcome.result, CentreLine)
            self.line = outcome.result
            self.line_note = tr("The mask holds too little spine for a line along it.")
        elif isinstance(outcome, Failed):
            self.line, self.line_note = None, outcome.message
        self.shapes_changed.emit()

    def _got_surface(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            assert outcome.result is None or isinstance(outcome.result, SpineSurface)
            self.surface = outcome.result
            self.surface_note = tr("The mask is empty: it has no surface.")
        elif isinstance(outcome, Failed):
            self.surface, self.surface_note = None, outcome.message
        self.shapes_changed.emit()

    def _drop_shapes(self) -> None:
        for kind in (JobKind.LINE, JobKind.SURFACE):
            self.runner.withdraw(kind)
        self._made_for.clear()
        self.line, self.surface = None, None
        self.line_note = self.surface_note = ""
        self.shapes_changed.emit()


def _surface(fused: FusedMask, fusion: FusionOverlay, correction: Correction, relay: Relay) -> SpineSurface | None:
    surface = surface_for_view(fused, fusion, correction, relay)
    importlib.import_module("spineviewer.gui.views.surface_scene")  # OpenGL loads here, where nobody waits for a paint
    return surface
