"""The tour of the window: a card that explains one part after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.state import SegmentationStage
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.card import fit_height
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_M, colours
from spineviewer.gui.window.spine_panel import SpinePanel

_WIDTH_PX = 320
#: Events of the explained part or its parents after which card and frame must be placed again.
_MOVES = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}


@dataclass(frozen=True)
class Stop:
    """A stop of the tour: a part of the window and its explanation.

    Attributes
    ----------
    get_part
        Returns the part; called whenever the window changes.
    reveal
        Called with the part when the stop is reached.
    leave
        Called when the user goes to the next stop.
    """

    title: str
    text: str
    get_part: Callable[[], QWidget]
    leave: Callable[[], object] = lambda: None
    reveal: Callable[[QWidget], object] = lambda _: None


class _Frame(QWidget):
    """A frame around the part being explained; it ignores the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours().accent), 3))
        painter.drawRoundedRect(self.rect().adjusted(2, 2, -3, -3), 8, 8)
        painter.end()


class TourGuide(QObject):
    """Offers the tour to new users and runs it.

    Thread ownership: GUI thread.
    """

    #: The user has taken or declined the tour.
    decided = Signal()

    def __init__(
        self,
        workspace: Workspace,
        window: QWidget,
        pages: QWidget,
        view: Callable[[], QWidget],
        toolbar: QWidget,
        panel: SpinePanel,
    ) -> None:
        super().__init__(window)
        self._workspace, self._window, self._pages = workspace, window, pages
        self._view, self._toolbar, self._panel = view, toolbar, panel
        self.tour: Tour | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether the tour has been neither taken nor declined."""
        return "tour" not in self._workspace.settings.current.extra

    def begin(self) -> None:
        """Start the tour from the beginning if a scan is open."""
        front = self._workspace.front
        if front is None:
            return
        self.end()
        self._panel.show()
        is_segmented = front.state.stage is not SegmentationStage.NONE
        stops = tour_stops(
            self._view, self._toolbar, self._panel, self._segment, is_segmented=is_segmented
        )
        self.tour = Tour(stops, self._window, self._pages)
        self.tour.ended.connect(self._on_end)

    def _segment(self) -> None:
        """Segment the scan for the stops that follow, unless it has been segmented."""
        front = self._workspace.front
        if front is not None and front.state.stage is SegmentationStage.NONE:
            front.segmentation.segment()

    def begin_with_next_scan(self) -> None:
        """Start the tour when the next scan has been opened."""
        opened = self._workspace.scan_opened

        def begin(_: OpenScan) -> None:
            opened.disconnect(begin)
            self.begin()

        opened.connect(begin)

    def skip(self) -> None:
        """Do not offer the tour again."""
        extra = {**self._workspace.settings.current.extra, "tour": "seen"}
        self._workspace.settings.update(extra=extra)
        self.decided.emit()

    def end(self) -> None:
        """End the tour."""
        if self.tour is not None:
            self.tour.end()

    def _on_end(self) -> None:
        self.tour = None
        self.skip()


class Tour(QFrame):
    """The card of the tour; the rest of the window stays usable, so that users can try everything.

    Thread ownership: GUI thread.
    """

    ended = Signal()

    def __init__(self, stops: Sequence[Stop], window: QWidget, area: QWidget) -> None:
        """Begin the tour; the card stays inside `area`, so that it covers no tab or notice."""
        super().__init__(window)
        self._stops, self._window, self._area, self.number = tuple(stops), window, area, 0
        self._watched: list[QWidget] = []
        self._placing = QTimer(self)
        self._placing.setSingleShot(True)
        self._placing.setInterval(0)
        self._placing.timeout.connect(self._place)
        self._frame = _Frame(window)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Tour"))
        self.title, self.text, self.count = styled_label("heading"), QLabel(), styled_label("faint")
        self.text.setWordWrap(True)
        self.skip_button = styled_button("plain", tr("Skip the tour"))
        self.next_button = styled_button("primary", tr("Next"))
        self.skip_button.clicked.connect(self.end)
        self.next_button.clicked.connect(self.show_next)
        row = QHBoxLayout()
        row.addWidget(self.count, 1)
        row.addWidget(self.skip_button)
        row.addWidget(self.next_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_L, GAP_L, GAP_L)
        layout.setSpacing(GAP_M)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addLayout(row)
        self._show()

    def show_next(self) -> None:
        """Show the next stop, or end the tour."""
        self._stops[self.number].leave()
        self.number += 1
        if self.number < len(self._stops):
            self._show()
        else:
            self.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the focused button with Enter."""
        button = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, QPushButton):
            button.click()
        else:
            super().keyPressEvent(event)

    def end(self) -> None:
        """Remove the card and the frame."""
        self._placing.stop()
        self._watch(None)
        self._frame.deleteLater()
        self.hide()
        self.ended.emit()
        self.deleteLater()

    def _show(self) -> None:
        stop = self._stops[self.number]
        self.title.setText(stop.title)
        self.text.setText(stop.text)
        self.count.setText(
            tr("{number} of {count}", number=self.number + 1, count=len(self._stops))
        )
        is_last = self.number == len(self._stops) - 1
        self.next_button.setText(tr("Done") if is_last else tr("Next"))
        self.skip_button.setVisible(not is_last)
        stop.reveal(stop.get_part())
        self._place()
        self.show()
        for widget in (self._frame, self):
            widget.raise_()
        self.next_button.setFocus()

    def _place(self) -> None:
        """Place the frame around the visible part, and the card beside it."""
        part = self._stops[self.number].get_part()
        self._watch(part)
        area, visible = _rectangle(self._area, self._window), _rectangle(part, self._window)
        for widget in self._watched:  # a scroll area shows only part of its content
            visible &= _rectangle(widget, self._window)
        is_visible = part.isVisible() and not visible.isEmpty()
        self._frame.setGeometry(visible.adjusted(-3, -3, 3, 3).intersected(self._window.rect()))
        self._frame.setVisible(is_visible)
        fit_height(self, _WIDTH_PX)
        gap = 14
        for corner in (  # right, left, below, above
            QPoint(visible.right() + gap, visible.top()),
            QPoint(visible.left() - gap - self.width(), visible.top()),
            QPoint(visible.left(), visible.bottom() + gap),
            QPoint(visible.left(), visible.top() - gap - self.height()),
        ):
            card = _moved_into(QRect(corner, self.size()), area)
            if is_visible and not card.intersects(visible):
                self.move(card.topLeft())
                return
        centre = visible.center() if is_visible else area.center()
        card = _moved_into(QRect(centre - self.rect().center(), self.size()), area)
        self.move(card.topLeft())

    def _watch(self, part: QWidget | None) -> None:
        """Watch the events of a part and its parents; None stops watching."""
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = []
        while part is not None:
            self._watched.append(part)
            part.installEventFilter(self)
            part = None if part is self._window else part.parentWidget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._placing.start()
        return super().eventFilter(watched, event)


def tour_stops(
    view: Callable[[], QWidget],
    toolbar: QWidget,
    panel: SpinePanel,
    segment: Callable[[], object],
    *,
    is_segmented: bool = False,
) -> tuple[Stop, ...]:
    """Return the stops of the tour; `segment` does nothing if the scan `is_segmented`."""
    running = (
        tr("This button runs both networks. They have already run on this scan.")
        if is_segmented
        else tr(
            "This button runs both networks; Next presses it for you. You can keep working "
            "while they run."
        )
    )
    export = tr(
        "Export masks and maps. Press Ctrl+R to write a report, and Ctrl+Shift+P to find any "
        "command."
    )
    return (
        Stop(
            tr("The views"),
            tr("The wheel changes the slice. Click to move the crosshair; the other views follow."),
            view,
        ),
        Stop(
            tr("Tools"),
            tr(
                "By default, the left button adjusts window and level. Choose a tool "
                "here to measure or correct. You can also show maps over the scan."
            ),
            lambda: toolbar,
        ),
        Stop(
            tr("Segment"),
            running,
            lambda: panel.run_box,
            segment,
        ),
        Stop(
            tr("Adjust the mask"),
            tr(
                "Wide includes the vertebral processes completely; Tight leaves out ribs. Use "
                "the values below for fine adjustment."
            ),
            lambda: panel.tuning_box,
            reveal=panel.reveal,
        ),
        Stop(
            tr("Overlays"),
            tr(
                "Show the attention map, bone probability, disagreement or uncertainty, and "
                "the mask as an outline or filled."
            ),
            lambda: panel.overlay_box.map_choice,
            reveal=panel.reveal,
        ),
        Stop(tr("Save your results"), export, lambda: panel.export_button),
    )


def _rectangle(widget: QWidget, window: QWidget) -> QRect:
    """Return the rectangle of a widget in the window's coordinates."""
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _moved_into(card: QRect, area: QRect) -> QRect:
    left = min(max(card.left(), area.left()), area.right() - card.width() + 1)
    top = min(max(card.top(), area.top()), area.bottom() - card.height() + 1)
    return QRect(QPoint(left, top), card.size())
