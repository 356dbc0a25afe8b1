"""Another open scan beside the one in front; both scroll together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.follow_up import SamePlace, moved_like, same_place
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.state import ScanState
from spineviewer.app.whose import are_different_patients, patient_words
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.focus import leave_keys_to_views
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S
from spineviewer.gui.viewing.cut_view import CutView, Marks
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.gui.viewing.tool import Tool
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane


class Beside(QFrame):
    """One plane of an open scan that is not in front.

    While locked, it moves by the same distance in the patient as the scan in front.

    If the patient was positioned differently, the user scrolls here until both scans show the
    same vertebra; the offset is kept.

    Thread ownership: GUI thread.
    """

    #: Names of the tools that work here; others only work in the scan in front.
    TOOLS = ("window", "crosshair", "pan", "zoom")

    wanted_changed = Signal()
    #: Whether the picture here receives keys, emitted when this changes.
    focus_changed = Signal(bool)
    #: A voxel of the scan in front, for its crosshair: the place that was clicked here.
    moved = Signal(object)
    #: The `OpenScan` to show here.
    chosen = Signal(object)

    def __init__(self, budget: PaintBudget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_wanted = False
        self._waiting: OpenScan | None = None
        self.reading: ScanState | None = None
        self._apart_mm: NDArray[np.float64] = np.zeros(3)
        self._front: ScanState | None = None
        self._vertebrae: Vertebrae | None = None
        self.name = ElidedLabel()
        self.name.setProperty("role", "patient")
        self.warning = QLabel(tr("Another patient"))
        self.warning.setProperty("role", "warn")
        self.warning.setToolTip(
            tr("According to the files, the two scans are of different patients")
        )
        self._is_patient_shown = True
        self._others: tuple[OpenScan, ...] = ()
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("Scan on the right"))
        self.choice.setToolTip(tr("Which open scan is shown on the right"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(12)
        self.choice.activated.connect(self._choose)
        self.lock = QCheckBox(tr("Scroll together"))
        self.lock.setToolTip(
            tr(
                "Scroll both scans together with a fixed offset; to change the offset, scroll in "
                "the right-hand view"
            )
        )
        self.lock.setChecked(True)
        self.by_vertebra = QCheckBox(tr("By vertebra"))
        self.by_vertebra.setToolTip(
            tr("Show the same vertebra in both scans, with matching plane rotation")
        )
        self.by_vertebra.setChecked(True)
        self.by_vertebra.toggled.connect(self.wanted_changed)
        self.stack = QStackedWidget()
        self.views = {plane: CutView(SliceSource(plane), budget) for plane in Plane}
        for plane, view in self.views.items():
            view.scrolled.connect(lambda steps, plane=plane: self._scroll(plane, steps))
            view.picked.connect(self._pick)
            view.installEventFilter(self)
            view.setAccessibleName(tr("{view} of the other scan", view=view.accessibleName()))
            self.stack.addWidget(view)
        head = QHBoxLayout()
        head.setContentsMargins(GAP_M, GAP_S, GAP_M, GAP_S)
        head.setSpacing(GAP_L)
        side = QLabel(tr("Right:"))
        side.setProperty("role", "quiet")
        head.addWidget(side)
        head.addWidget(self.choice, 1)
        head.addWidget(self.by_vertebra)
        head.addWidget(self.lock)
        whose = QHBoxLayout()
        whose.setContentsMargins(GAP_M, 0, GAP_M, GAP_S)
        whose.setSpacing(GAP_L)
        whose.addWidget(self.warning)
        whose.addWidget(self.name, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(whose)
        layout.addWidget(self.stack, 1)
        leave_keys_to_views(self)
        self.hide()

    def toggle(self) -> None:
        """Show another scan beside the one in front, or hide it."""
        self.is_wanted = not self.is_wanted
        self.wanted_changed.emit()

    def continue_from(self, old: Beside) -> None:
        """Show what the same part of an older window shows, with the same offset."""
        self.is_wanted = old.is_wanted
        self.wanted_changed.emit()
        self.lock.setChecked(old.lock.isChecked())
        self.by_vertebra.setChecked(old.by_vertebra.isChecked())
        if self.reading is not None and old.reading is not None:
            self.reading = self.reading.moved_to(old.reading.place)
            self._apart_mm = old._apart_mm
            self.wanted_changed.emit()

    def offer(
        self, others: Sequence[OpenScan], titles: Sequence[str], shown: OpenScan | None
    ) -> None:
        """Offer the open scans that are not in front; the user chooses which one to show."""
        self._others = tuple(others)
        self.choice.clear()
        self.choice.addItems(list(titles))
        if shown is not None:
            self.choice.setCurrentIndex(self._others.index(shown))
            title = self.choice.currentText()
            self.choice.setToolTip(tr("Scan on the right: {scan}", scan=title))

    def _choose(self, number: int) -> None:
        self.chosen.emit(self._others[number])

    def show_beside(
        self,
        waiting: OpenScan | None,
        front: ScanState | None,
        plane: Plane,
        vertebrae: Vertebrae | None = None,
    ) -> None:
        """Show a scan in the active plane; None clears the view.

        Parameters
        ----------
        vertebrae
            Vertebrae of the scan in front; None if they are not named.
        """
        self.setVisible(waiting is not None and front is not None)
        if waiting is None or front is None:
            self._waiting = self.reading = self._front = None
            return
        if (
            waiting is not self._waiting
            or self._front is None
            or self._front.scan is not front.scan
        ):
            self._waiting, self.reading = waiting, waiting.state
            self._show_name()
            identities = waiting.volume.source.identity, front.scan.source.identity
            is_other_patient = are_different_patients(*identities)
            self.warning.setVisible(is_other_patient)
            if is_other_patient:
                self.lock.setChecked(False)  # their positions are unrelated
            self._remember_distance(waiting.state, front)
        self._front = front
        reading = self.reading
        assert reading is not None
        self._vertebrae = vertebrae
        x, y, z = _place_mm(front).tolist()
        place = _same_place(vertebrae, waiting.parts.vertebrae, (x, y, z))
        self.by_vertebra.setVisible(place is not None)
        if self.lock.isChecked() and self.by_vertebra.isChecked() and place is not None:
            reading = moved_like(reading, front, place)
        elif self.lock.isChecked():
            there_mm = _place_mm(front) + self._apart_mm
            z, y, x = (float(i) for i in reading.scan.geometry.index_zyx(there_mm))
            reading = reading.moved_to((z, y, x))
        self.reading = replace(
            reading, window=front.window, overlays=front.overlays, slab=front.slab
        )
        self.stack.setCurrentWidget(self.views[plane])
        self.views[plane].show_scene(self._scene())

    def show_patient(self, is_shown: bool) -> None:
        """Show or hide patient and study above the picture."""
        self._is_patient_shown = is_shown
        self._show_name()

    def _show_name(self) -> None:
        if self._waiting is not None:
            is_shown = self._is_patient_shown
            whose = tr(patient_words(self._waiting.volume.source)) if is_shown else ""
            self.name.show_text(whose)
            self.name.setVisible(bool(whose))  # the list, which names the scan, takes its space

    def _scene(self) -> Scene:
        waiting, reading = self._waiting, self.reading
        assert waiting is not None
        assert reading is not None
        return Scene(reading, waiting.fusion, waiting.correction, vertebrae=waiting.parts.vertebrae)

    def show_marks(self, marks: Sequence[Marks]) -> None:
        """Draw marks over the pictures."""
        for view in self.views.values():
            view.marks = marks

    @property
    def is_focused(self) -> bool:
        """Whether the picture here receives keys."""
        focus = self.window().focusWidget()
        return self.isVisible() and focus is not None and self.isAncestorOf(focus)

    def scroll_active(self, steps: int) -> None:
        self._view.scroll_by(steps)

    def zoom_active(self, factor: float) -> None:
        self._view.zoom_by(factor)

    def fit(self) -> None:
        """Fit all pictures."""
        for view in self.views.values():
            view.fit()

    def use_tool(self, tool: Tool) -> None:
        """Assign a tool to the left button; if it does not work here, clicks move the crosshair."""
        for view in self.views.values():
            view.set_tool(tool if tool.name in self.TOOLS else Tool())

    @property
    def _view(self) -> CutView:
        return next(view for view in self.views.values() if view is self.stack.currentWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            is_in = event.type() is QEvent.Type.FocusIn
            self._view.set_active(is_in)
            self.focus_changed.emit(is_in)
        return super().eventFilter(watched, event)

    def _pick(self, index: Triple) -> None:
        """Move the crosshairs of both scans to a place; if unlocked, only the one in this scan."""
        reading, front, waiting = self.reading, self._front, self._waiting
        assert reading is not None
        assert front is not None
        assert waiting is not None
        if not self.lock.isChecked():
            self.reading = reading.moved_to(index)
            self._remember_distance(self.reading, front)
            self._view.show_scene(self._scene())
            return
        x, y, z = reading.scan.geometry.point_lps_mm(index).tolist()
        place = None
        if self.by_vertebra.isChecked():
            place = _same_place(waiting.parts.vertebrae, self._vertebrae, (x, y, z))
        there_mm = np.array((x, y, z)) - self._apart_mm if place is None else place.point_lps_mm
        self.moved.emit(tuple(front.scan.geometry.index_zyx(there_mm).tolist()))

    def _scroll(self, plane: Plane, steps: int) -> None:
        if self.reading is not None and self._front is not None and self._waiting is not None:
            self.reading = self.reading.scrolled(plane, steps)
            self._remember_distance(self.reading, self._front)
            self.by_vertebra.setChecked(False)  # from now on, the offset set by scrolling applies
            self.views[plane].show_scene(self._scene())

    def _remember_distance(self, here: ScanState, front: ScanState) -> None:
        self._apart_mm = _place_mm(here) - _place_mm(front)


def _same_place(
    here: Vertebrae | None, there: Vertebrae | None, point_lps_mm: Triple
) -> SamePlace | None:
    return None if here is None or there is None else same_place(here, there, point_lps_mm)


def _place_mm(reading: ScanState) -> NDArray[np.float64]:
    """Return the crosshair's position in the patient."""
    return reading.scan.geometry.point_lps_mm(reading.place)
