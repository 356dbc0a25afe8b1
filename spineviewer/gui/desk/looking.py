"""Where the planes lie, how grey the scan is, and what lies over it."""

from __future__ import annotations

from dataclasses import replace

from spineviewer.app.jobs import JobKind
from spineviewer.app.state import MaskStyle, Overlays, Slab, presets_of
from spineviewer.gui.desk.core import DeskCore
from spineviewer.volume.planes import Plane
from spineviewer.volume.ruled import warm_up
from spineviewer.volume.volume import WindowLevel


class Looking(DeskCore):
    """The verbs that change a picture and no result."""

    _is_sampling_loaded = False

    def move_to(self, index_zyx: tuple[float, float, float]) -> None:
        """Crosshair to a voxel."""
        if self.reading is not None:
            self._set(self.reading.moved_to(index_zyx))

    def scroll(self, plane: Plane, steps: int) -> None:
        """Crosshair across a plane."""
        if self.reading is not None:
            self._set(self.reading.scrolled(plane, steps))

    def set_window(self, window: WindowLevel) -> None:
        """Grey scale of all views."""
        if self.reading is not None:
            self._set(replace(self.reading, window=window))

    def drag_window(self, width_px: float, level_px: float) -> None:
        """Grey scale by the mouse."""
        if self.reading is not None:
            self._set(self.reading.windowed_by(width_px, level_px))

    def use_preset(self, number: int) -> None:
        """Grey scale by preset, counted from 1; a scan without an own window has no fifth."""
        if self.reading is not None:
            presets = presets_of(self.reading.scan)
            if number <= len(presets):
                self.set_window(presets[number - 1].window)

    def set_slab(self, slab: Slab) -> None:
        """How many slices are put into one picture."""
        if self.reading is not None:
            self._set(replace(self.reading, slab=slab))

    def turn(self, plane: Plane, degrees: float) -> None:
        """Turn the other two planes about the crosshair, clockwise in the picture of one.

        The first turn waits for the loops that sample turned pictures to be loaded in the background.
        """
        if self.reading is None:
            return
        if self._is_sampling_loaded:
            self._set(self.reading.turned(plane, degrees))
        elif not self.runner.is_running(JobKind.LOAD_SAMPLING):
            self.runner.start(JobKind.LOAD_SAMPLING, lambda _: warm_up(), on_end=lambda _: self._sampling_loaded(plane, degrees))

    def _sampling_loaded(self, plane: Plane, degrees: float) -> None:
        self._is_sampling_loaded = True
        self.turn(plane, degrees)

    def straighten(self) -> None:
        """All planes back as the scan was stored."""
        if self.reading is not None and not self.reading.turn.is_straight:
            self._set(self.reading.straightened())

    def set_overlays(self, overlays: Overlays) -> None:
        """What lies over the scan."""
        if self.reading is not None:
            self._set(replace(self.reading, overlays=overlays))

    def _overlays_from_settings(self) -> Overlays:
        style = MaskStyle.TINT if self.settings.mask_style == MaskStyle.TINT.value else MaskStyle.CONTOUR
        return Overlays(heat_opacity=self.settings.heat_opacity, mask_opacity=self.settings.mask_opacity, mask_style=style)

    def _remember_overlays(self) -> None:
        if self.reading is not None:
            shown = self.reading.overlays
            self.settings = replace(
                self.settings, heat_opacity=shown.heat_opacity, mask_opacity=shown.mask_opacity, mask_style=shown.mask_style.value
            )
