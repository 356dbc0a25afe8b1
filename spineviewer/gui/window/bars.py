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
from spineviewer.app.scan_titles import (
    describe_patient,
    does_path_name_patient,
    tab_titles,
    title_of,
)
from spineviewer.app.state import ScanState, SlabKind
from spineviewer.gui.kit.icons import set_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import shortened
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import colours, tabular_font
from spineviewer.gui.viewing.value_readout import position_text, value_text
from spineviewer.volume.volume import CtVolume, ScanSource

#: Margin of the text about the voxel under the pointer, equal to that of the labels.
_TEXT_MARGIN_PX = 11
#: The status bar names the scan if it is at least this wide.
_MIN_NAME_PX = 1000
#: Maximum length of new information in the status bar.
_MAX_NEWS = 80
#: Minimum width of a tab.
_MIN_TAB_PX = 230
#: Separates value, position and index in the text about the voxel under the pointer.
_SEPARATOR = " " * 6


class ScanTabs(QTabBar):
    """A tab for every open scan, if there are several."""

    #: Number of the scan whose close button was clicked.
    close_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Currently open scans"))
        self.setToolTip(tr("Currently open scans; Ctrl+Tab goes to the next one"))
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_scans(
        self, sources: Sequence[ScanSource], front: int, *, is_patient_shown: bool
    ) -> None:
        """Show the open scans and mark the active one, without emitting a signal.

        If several scans have the same name, their titles also show how they differ: by
        patient and date, if these are shown.
        """
        titles = tab_titles(sources, is_patient_shown=is_patient_shown)
        with QSignalBlocker(self):
            while self.count() > len(sources):
                self.removeTab(0)
            while self.count() < len(sources):
                self.setTabButton(
                    self.addTab(""), QTabBar.ButtonPosition.RightSide, self._make_close_button()
                )
            for number, (source, title) in enumerate(zip(sources, titles, strict=True)):
                text = tr(title)
                has_details = text != title_of(source, is_patient_shown=is_patient_shown)
                self.setTabText(number, text if has_details else shortened(text, 28))
                patient = tr(describe_patient(source)) if is_patient_shown else ""
                is_path_shown = is_patient_shown or not does_path_name_patient(source)
                path = str(source.path) if is_path_shown else text
                self.setTabToolTip(number, "\n".join(filter(None, (path, patient))))
                close = self.tabButton(number, QTabBar.ButtonPosition.RightSide)
                close.setAccessibleName(tr("Close {file}", file=text))
            self.setCurrentIndex(front)
        self.setVisible(len(sources) > 1)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Return a size at which the title can be read; arrows scroll to tabs that do not fit."""
        hint = self.tabSizeHint(index)
        return QSize(min(hint.width(), _MIN_TAB_PX), hint.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close a tab on a middle click, as browsers do."""
        if event.button() is Qt.MouseButton.MiddleButton:
            number = self.tabAt(event.position().toPoint())
            if number >= 0:
                self.close_requested.emit(number)
        super().mouseReleaseEvent(event)

    def _make_close_button(self) -> QToolButton:
        button = QToolButton()
        set_icon(button, "close")
        button.setProperty("kind", "cross")
        button.setIconSize(QSize(14, 14))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolTip(tr("Close scan (Ctrl+W closes the active one)"))
        button.clicked.connect(partial(self._on_close_button, button))
        return button

    def _on_close_button(self, button: QToolButton) -> None:
        side = QTabBar.ButtonPosition.RightSide
        numbers = range(self.count())
        self.close_requested.emit(next(n for n in numbers if self.tabButton(n, side) is button))


class _PointerText(QWidget):
    """The text about the voxel under the pointer.

    A change causes neither a new layout nor a repaint of the window. The text has no style sheet,
    because Qt would also repaint everything behind the widget.
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setFont(tabular_font(12))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def text(self) -> str:
        return self._text

    def show_text(self, text: str) -> None:
        """Replace the text, and repaint if it has changed."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def fitting(self, width_px: int) -> str:
        """Return the parts of the text that fit, beginning with the first; none is cut off."""
        parts, metrics = self._text.split(_SEPARATOR), self.fontMetrics()
        while len(parts) > 1 and metrics.horizontalAdvance(_SEPARATOR.join(parts)) > width_px:
            parts.pop()
        text = _SEPARATOR.join(parts)
        return text if metrics.horizontalAdvance(text) <= width_px else ""

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours().ground))
        painter.setPen(QColor(colours().faint))
        box = self.rect().adjusted(_TEXT_MARGIN_PX, 0, -_TEXT_MARGIN_PX, 0)
        painter.drawText(
            box,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            self.fitting(box.width()),
        )
        painter.end()


class StatusBar(QStatusBar):
    """Shows the values under the pointer, the active scan, and the medical disclaimer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.pointer_label = _PointerText()
        self.scan_label = styled_label("status")
        self.scan_label.setFont(tabular_font(12))
        self.research_label = styled_label("status", tr("Research use only; not a medical device"))
        self.batch_label = styled_label("status")
        self.instruction_label = styled_label("instruction")
        self.news_label = styled_label("instruction")
        self._front: CtVolume | None = None
        self._names: tuple[tuple[CtVolume, str], ...] = ()
        self._pointed: tuple[CtVolume, tuple[int, int, int], SlabKind] | None = None
        self.setSizeGripEnabled(False)
        self.addWidget(self.pointer_label, 1)
        self.addPermanentWidget(self.news_label)
        self.addPermanentWidget(self.instruction_label)
        self.addPermanentWidget(self.batch_label)
        self.addPermanentWidget(self.scan_label)
        self.addPermanentWidget(self.research_label)

    def show_scans(self, front: CtVolume | None, names: Sequence[tuple[CtVolume, str]]) -> None:
        """Show the name, size and spacing of the active scan until the pointer is over another.

        `names` contains the name of every open scan.
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
        """Show how to use the selected tool; an empty text hides the label."""
        self.instruction_label.setText(text)
        self._hide_less_important()

    def show_news(self, text: str) -> None:
        """Show new information that has no room above the views; an empty text hides the label."""
        self.news_label.setText(shortened(" ".join(text.split()), _MAX_NEWS))
        self.news_label.setToolTip(text)
        self._hide_less_important()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hide_less_important()

    def _hide_less_important(self) -> None:
        """Hide the instruction while there is news, and the scan's name if there is little room."""
        has_news = bool(self.news_label.text())
        has_instruction = bool(self.instruction_label.text()) and not has_news
        self.news_label.setVisible(has_news)
        self.instruction_label.setVisible(has_instruction)
        has_room = self.width() >= _MIN_NAME_PX and not (has_instruction or has_news)
        self.scan_label.setVisible(has_room)

    def show_batch(self, batch: Batch | None) -> None:
        """Show the progress of a running batch; None hides it."""
        self.batch_label.setText(
            ""
            if batch is None
            else tr(
                "Batch: {done_count} of {count} scans",
                done_count=batch.done_count,
                count=len(batch.rows),
            )
        )

    def show_pointer(self, state: ScanState | None, index: tuple[int, int, int] | None) -> None:
        """Show the value, position and index of the voxel under the pointer."""
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
        left, posterior, superior = state.scan.geometry.point_lps_mm(index).tolist()
        position = position_text(
            (left, posterior, superior),
            is_orientation_known=state.scan.source.is_orientation_known,
        )
        values = tr(
            "{value}      {where} mm      voxel {x}, {y}, {z}",
            value=value_text(state, index),
            where=position,
            x=x + 1,
            y=y + 1,
            z=z + 1,
        )
        # the scan's name says so too, but an instruction hides it
        is_right = state.scan is not self._front
        right = tr("Right:")
        self.pointer_label.show_text(f"{right} {values}" if is_right else values)
