"""Automatic scrolling through the slices, back and forth."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from spineviewer.gui.viewing.layouts import Member
from spineviewer.gui.viewing.view_area import ViewArea

_RATES = (1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60)


class Cine(QObject):
    """Scrolls the view that was active at the start, and reverses at the ends of the scan.

    It waits until each slice is painted, so a slow computer scrolls more slowly but skips no
    slices.

    Thread ownership: GUI thread.
    """

    changed = Signal()

    def __init__(self, area: ViewArea, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._area = area
        self._rate = _RATES.index(10)
        self._direction = 1
        self._member: Member | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        area.active_changed.connect(self._on_active_changed)

    @property
    def is_running(self) -> bool:
        return self._member is not None

    @property
    def slices_per_second(self) -> int:
        return _RATES[self._rate]

    def toggle(self) -> None:
        """Start in the active view, or stop."""
        if self.is_running:
            self.stop()
        else:
            self._member = self._area.active
            self._timer.start(round(1000 / self.slices_per_second))
            self._emit_changed()

    def stop(self) -> None:
        if self._member is not None:
            self._timer.stop()
            self._area.members[self._member].show_cine_speed("")
            self._member = None
            self.changed.emit()

    def change_rate(self, steps: int) -> None:
        """Scroll faster by `steps` rates, or more slowly if `steps` is negative."""
        self._rate = min(max(self._rate + steps, 0), len(_RATES) - 1)
        self._timer.setInterval(round(1000 / self.slices_per_second))
        if self.is_running:
            self._emit_changed()

    def _emit_changed(self) -> None:
        assert self._member is not None
        self._area.members[self._member].show_cine_speed(f"▶ {self.slices_per_second} / s")
        self.changed.emit()

    def _step(self) -> None:
        if self._member is None:
            return
        view = self._area.members[self._member]
        if not view.isVisible():
            self.stop()
        elif not view.is_stale:
            old_position = view.position_key
            view.scroll_by(self._direction)
            if view.position_key == old_position:
                self._direction = -self._direction
                view.scroll_by(self._direction)

    def _on_active_changed(self, member: Member) -> None:
        if self._member is not None and member is not self._member:
            self.stop()
