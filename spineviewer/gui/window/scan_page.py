"""The page of the active scan: views, another scan beside them, measurements and panel."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.language import tr
from spineviewer.gui.vertebrae.measurement_sheet import MeasurementSheet
from spineviewer.gui.viewing.other_scan_view import OtherScanView
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window.spine_panel import SpinePanel

#: The panel's width is emitted when it has not changed for this time.
_SETTLED_MS = 400


class ScanPage(QWidget):
    """Arranges the parts that show a scan, and names the scan and patient above its views.

    Thread ownership: GUI thread.
    """

    #: The user has dragged the edge of the panel: its new width in pixels.
    panel_dragged = Signal(int)

    def __init__(
        self, area: ViewArea, other_view: OtherScanView, sheet: MeasurementSheet, panel: SpinePanel
    ) -> None:
        super().__init__()
        self.patient_line, self.front_name = ElidedLabel("patient"), ElidedLabel("side")
        self.front_name.hide()
        self._other_view, self._header = other_view, QWidget()
        _stack(QVBoxLayout(self._header), self.front_name, self.patient_line)
        views = QWidget()
        left = _stack(QVBoxLayout(), self._header, area)
        left.setStretchFactor(area, 1)
        side_by_side = _stack(QHBoxLayout(views))
        side_by_side.addLayout(left, 1)
        side_by_side.addWidget(other_view, 1)
        above = QSplitter(Qt.Orientation.Vertical)
        above.addWidget(views)
        above.addWidget(sheet)
        above.setStretchFactor(0, 1)
        above.setChildrenCollapsible(False)
        self.splitter = QSplitter()
        self.splitter.setHandleWidth(4)
        self.splitter.addWidget(above)
        self.splitter.addWidget(panel)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        _stack(QHBoxLayout(self), self.splitter)
        drag = QTimer(self)
        drag.setSingleShot(True)
        drag.setInterval(_SETTLED_MS)
        drag.timeout.connect(lambda: self.panel_dragged.emit(panel.width()))
        self.splitter.splitterMoved.connect(lambda: drag.start())

    def show_patient(self, text: str) -> None:
        """Show the patient and study above the views; an empty text hides the line."""
        self.patient_line.show_text(text)
        self.patient_line.setVisible(bool(text))

    def show_name(self, name: str) -> None:
        """Set the name of the active scan, which is shown while another scan is beside it."""
        self.front_name.show_text(tr("Left: {name}", name=name))

    def show_sides(self, *, has_other_scan: bool) -> None:
        """Name the scan on the left if there is another one on the right."""
        self.front_name.setVisible(has_other_scan)
        # the pictures on both sides begin at the same height
        height = self._other_view.header.sizeHint().height() if has_other_scan else 0
        self._header.setMinimumHeight(height)


def _stack(layout: QBoxLayout, *widgets: QWidget) -> QBoxLayout:
    """Add widgets to a layout without margins and gaps, and return it."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget)
    return layout
