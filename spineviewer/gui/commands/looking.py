"""How the scan is looked at."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from spineviewer.app.state import MapKind, MaskStyle
from spineviewer.gui.bars import LAYOUTS
from spineviewer.gui.commands.core import CommandsCore, Slots
from spineviewer.gui.views.view_area import Along, Layout


class LookingCommands(CommandsCore):
    """Slices, zoom, layouts, grey scale and what lies over the scan."""

    def slots(self) -> Slots:
        slots: Slots = {
            **super().slots(),
            "heat": partial(self._set_overlay, "is_heat_shown"),
            "aggregate": partial(self._set_overlay, "is_heat_aggregated"),
            "mask": partial(self._set_overlay, "is_mask_shown"),
            "tint": self._set_tint,
            "crosshair_lines": partial(self._set_overlay, "is_crosshair_shown"),
            "map_next": self._next_map,
            "slice_up": partial(self.area.scroll_active, 1),
            "slice_down": partial(self.area.scroll_active, -1),
            "slices_up": partial(self.area.scroll_active, 10),
            "slices_down": partial(self.area.scroll_active, -10),
            "slice_first": partial(self.area.scroll_active, -1_000_000),
            "slice_last": partial(self.area.scroll_active, 1_000_000),
            "zoom_in": partial(self.area.zoom_active, 1.25),
            "zoom_out": partial(self.area.zoom_active, 0.8),
            "reset": self._reset,
            "next_view": self.area.next_view,
            "maximise": self._maximise,
            "turn_left": partial(self._turn, -1.0),
            "turn_right": partial(self._turn, 1.0),
            "straighten": self.desk.straighten,
            "slab": self._next_slab,
            "slab_thinner": partial(self._thicken_slab, -2.0),
            "slab_thicker": partial(self._thicken_slab, 2.0),
            "window_control": self.window_control_asked.emit,
            "cine": lambda _: self.cine.toggle(),
            "cine_faster": partial(self.cine.change_rate, 1),
            "cine_slower": partial(self.cine.change_rate, -1),
        }
        for name, kind in LAYOUTS.items():
            slots[name] = partial(self._use_layout, kind)
        for number in range(1, 6):
            slots[f"preset_{number}"] = partial(self.desk.use_preset, number)
        return slots

    def _set_overlay(self, name: str, is_on: bool) -> None:
        reading = self.desk.reading
        if reading is not None:
            changes: dict[str, bool] = {name: is_on}
            if name == "is_heat_aggregated" and is_on:
                changes["is_heat_shown"] = True
            self.desk.set_overlays(replace(reading.overlays, **changes))  # type: ignore[arg-type]  # all named fields are bool

    def _set_tint(self, is_on: bool) -> None:
        reading = self.desk.reading
        if reading is not None:
            style = MaskStyle.TINT if is_on else MaskStyle.CONTOUR
            self.desk.set_overlays(replace(reading.overlays, mask_style=style, is_mask_shown=True))

    def _next_map(self) -> None:
        reading = self.desk.reading
        if reading is not None:
            kinds = list(MapKind)
            kind = kinds[(kinds.index(reading.overlays.map_kind) + 1) % len(kinds)]
            self.desk.set_overlays(replace(reading.overlays, map_kind=kind, is_heat_shown=True))

    def hide_all(self, is_hidden: bool) -> None:
        """Show the bare scan while a key is held."""
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_overlays(replace(reading.overlays, is_all_hidden=is_hidden))

    def _use_layout(self, kind: Layout, _: bool) -> None:
        self.area.set_layout_kind(kind)
        self.desk.settings = replace(self.desk.settings, layout=kind.value)

    def _turn(self, degrees: float) -> None:
        if self.area.active is Along.SURFACE:
            self.area.surface.turn_by(0.0, 3.0 * degrees)
        else:
            self.desk.turn(self.area.plane, degrees)

    def _reset(self) -> None:
        self.desk.straighten()
        self.area.fit()
        self.desk.use_preset(1)

    def _next_slab(self) -> None:
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_slab(reading.slab.next_kind())

    def _thicken_slab(self, step_mm: float) -> None:
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_slab(reading.slab.thicker_by(step_mm))

    def _maximise(self) -> None:
        self.area.toggle_maximised(self.area.active)
