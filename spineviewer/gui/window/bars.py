"""The tabs and status bar of the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QStatusBar,
    QTabBar,
    QToolButton,
    QWidget,
)

from spineviewer.app.batch import Batch
from spineviewer.app.opening import summary_of
from spineviewer.app.scan_titles import describe_patient, tab_titles
from spineviewer.app.state import ScanState, SlabKind
from spineviewer.gui.kit.icons import set_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import shortened
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import colours, tabular_font
from spineviewer.gui.viewing.hu_readout import hu_text
from spineviewer.volume.volume import CtVolume, ScanSource
from spineviewer.wording import figure

#: Margin of a text in the status bar, same as for its labels.
_TEXT_EDGE_PX = 11
#: Minimum width at which the bar names the scan.
_WIDE_PX = 1000
#: Tabs become no narrower than this.
_MIN_TAB_PX = 230
#: Separates value, position and voxel in the text for the pointer.
_BETWEEN = " " * 6


class ScanTabs(QTabBar):
    """A tab for every open scan, if there are several."""

    #: Number of the scan whose close button was clicked.
    close_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Open scans"))
        self.setToolTip(tr("Open scans; Ctrl+Tab goes to the next one"))
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_scans(
        self, sources: Sequence[ScanSource], front: int, *, is_patient_shown: bool
    ) -> None:
        """Show the open scans and mark the one in front, without sending a signal.

        If several scans have the same file name, their titles show how they differ: by patient
        and date, if these are shown.
        """
        titles = tab_titles(sources, is_patient_shown=is_patient_shown)
        with QSignalBlocker(self):
            while self.count() > len(sources):
                self.removeTab(0)
            while self.count() < len(sources):
                self.setTabButton(
                    self.addTab(""), QTabBar.ButtonPosition.RightSide, self._make_cross()
                )
            for number, (source, title) in enumerate(zip(sources, titles, strict=True)):
                text = tr(title)
                is_alike = text != source.path.name
                self.setTabText(number, text if is_alike else shortened(text, 28))
                whose = tr(describe_patient(source)) if is_patient_shown else ""
                self.setTabToolTip(number, "\n".join(filter(None, (str(source.path), whose))))
                cross = self.tabButton(number, QTabBar.ButtonPosition.RightSide)
                cross.setAccessibleName(tr("Close {file}", file=text))
            self.setCurrentIndex(front)
        self.setVisible(len(sources) > 1)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Return a size at which a title can still be read; arrows scroll to the other tabs."""
        hint = self.tabSizeHint(index)
        return QSize(min(hint.width(), _MIN_TAB_PX), hint.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close a tab on a middle click, as browsers do."""
        if event.button() is Qt.MouseButton.MiddleButton:
            number = self.tabAt(event.position().toPoint())
            if number >= 0:
                self.close_requested.emit(number)
        super().mouseReleaseEvent(event)

    def _make_cross(self) -> QToolButton:
        cross = QToolButton()
        set_icon(cross, "close")
        cross.setProperty("kind", "cross")
        cross.setIconSize(QSize(14, 14))
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        cross.setToolTip(tr("Close scan (Ctrl+W closes the one in front)"))
        cross.clicked.connect(partial(self._ask_to_close, cross))
        return cross

    def _ask_to_close(self, cross: QToolButton) -> None:
        side = QTabBar.ButtonPosition.RightSide
        tabs = range(self.count())
        self.close_requested.emit(next(n for n in tabs if self.tabButton(n, side) is cross))


class _PointerText(QWidget):
    """A text that follows the pointer.

    Changing it triggers neither a layout nor a repaint of the window below. It does not use a
    style sheet, because Qt would also repaint everything below the widget.
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setFont(tabular_font(12))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def text(self) -> str:
        return self._text

    def show_text(self, text: str) -> None:
        """Replace the text; repaint only if it has changed."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def fitting(self, width_px: int) -> str:
        """Return as many whole parts of the text as fit, from the first; no number is cut off."""
        parts, metrics = self._text.split(_BETWEEN), self.fontMetrics()
        while len(parts) > 1 and metrics.horizontalAdvance(_BETWEEN.join(parts)) > width_px:
            parts.pop()
        shown = _BETWEEN.join(parts)
        return shown if metrics.horizontalAdvance(shown) <= width_px else ""

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours().ground))
        painter.setPen(QColor(colours().faint))
        room = self.rect().adjusted(_TEXT_EDGE_PX, 0, -_TEXT_EDGE_PX, 0)
        painter.drawText(
            room,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            self.fitting(room.width()),
        )
        painter.end()


class StatusBar(QStatusBar):
    """The status bar: values under the pointer, the open scan, and the medical disclaimer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.pointer_label = _PointerText()
        self.scan_label = styled_label("status")
        self.scan_label.setFont(tabular_font(12))
        self.research_label = styled_label("status", tr("Research use, not a medical device"))
        self.batch_label = styled_label("status")
        self.instruction_label = styled_label("instruction")
        self._front: CtVolume | None = None
        self._names: tuple[tuple[CtVolume, str], ...] = ()
        self._pointed: tuple[CtVolume, tuple[int, int, int], SlabKind] | None = None
        self.setSizeGripEnabled(False)
        self.addWidget(self.pointer_label, 1)
        self.addPermanentWidget(self.instruction_label)
        self.addPermanentWidget(self.batch_label)
        self.addPermanentWidget(self.scan_label)
        self.addPermanentWidget(self.research_label)

    def show_scans(self, front: CtVolume | None, names: Sequence[tuple[CtVolume, str]]) -> None:
        """Show name, size and spacing of the scan in front, until the pointer is over another one.

        `names` holds the name of every open scan.
        """
        self._pointed, self._front, self._names = None, front, tuple(names)
        self.pointer_label.show_text("")
        self._show_scan(front)

    def _show_scan(self, scan: CtVolume | None) -> None:
        name = next((name for other, name in self._names if other is scan), "")
        if scan is not None and scan is not self._front:
            name = tr("Right: {scan}", scan=name)
        self.scan_label.setText(
            "" if scan is None else f"{shortened(name, 42)}   {tr(summary_of(scan))}"
        )

    def show_instruction(self, text: str) -> None:
        """Show what to do with the chosen tool; an empty text hides it."""
        self.instruction_label.setText(text)
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Hide what matters less than the pointer's values; the title still names the scan."""
        is_instructing = bool(self.instruction_label.text())
        self.instruction_label.setVisible(is_instructing)
        self.scan_label.setVisible(self.width() >= _WIDE_PX and not is_instructing)

    def show_batch(self, batch: Batch | None) -> None:
        """Show the progress of a running batch."""
        self.batch_label.setText(
            ""
            if batch is None
            else tr(
                "Batch {done_count} of {count}",
                done_count=batch.done_count,
                count=len(batch.rows),
            )
        )

    def show_pointer(self, state: ScanState | None, index: tuple[int, int, int] | None) -> None:
        """Show HU, position and index of the voxel under the pointer."""
        if index is None or state is None:
            self._pointed = None
            self.pointer_label.show_text("")
            self._show_scan(self._front)
            return
        if (
            self._pointed is not None
            and self._pointed[0] is state.scan
            and self._pointed[1:] == (index, state.slab.kind)
        ):
            return
        if self._pointed is None or self._pointed[0] is not state.scan:
            self._show_scan(state.scan)
        self._pointed = (state.scan, index, state.slab.kind)
        z, y, x = index
        left, posterior, superior = state.scan.geometry.point_lps_mm(index)
        if state.scan.source.is_orientation_known:
            letters = zip("RL", "AP", "IS", strict=True)
            negative, positive = letters
            where = "  ".join(
                f"{(positive if value >= 0 else negative)[axis]} {tr(figure(abs(value), '.1f'))}"
                for axis, value in enumerate((left, posterior, superior))
            )
        else:
            where = "  ".join(tr(figure(value, ".1f")) for value in (left, posterior, superior))
        values = tr(
            "{hu}      {where} mm      voxel {x}, {y}, {z}",
            hu=hu_text(state, index),
            where=where,
            x=x + 1,
            y=y + 1,
            z=z + 1,
        )
        # also here, because an instruction hides the scan's name
        is_right = state.scan is not self._front
        self.pointer_label.show_text(f"{tr('Right:')} {values}" if is_right else values)
