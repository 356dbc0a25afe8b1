"""The page shown while no scan is open: buttons to open one, and the recent scans."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QLocale, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.settings import RecentScan
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.icons import icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import shortened
from spineviewer.gui.kit.styled import styled_button, styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S, GAP_XL, colours
from spineviewer.gui.kit.thumbnail import thumbnail_pixmap
from spineviewer.gui.opening.unfinished_card import UnfinishedCard
from spineviewer.volume.scan_name import scan_name

_WIDTH = 680
_PICTURE_PX = 38
_ROW_PX = 50


class SpineLogo(QWidget):
    """The program's logo: a row of vertebrae in a gentle curve."""

    def sizeHint(self) -> QSize:
        return QSize(64, 84)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() / 2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(1.0, self.height() / self.sizeHint().height())
        painter.scale(scale, scale)  # smaller rather than cut off
        painter.setPen(Qt.PenStyle.NoPen)
        for row, (shift, width) in enumerate(
            ((6.0, 24.0), (2.0, 27.0), (0.0, 30.0), (3.0, 33.0), (9.0, 36.0))
        ):
            top = 2 + row * 16.5
            painter.setBrush(QColor(colours().accent if row == 2 else colours().text))
            painter.drawRoundedRect(QRectF(6 + shift, top, width, 11), 4, 4)
            painter.setPen(
                QPen(QColor(colours().faint), 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            )
            painter.drawLine(
                int(10 + shift + width), int(top + 6), int(15 + shift + width), int(top + 9)
            )
            painter.setPen(Qt.PenStyle.NoPen)
        painter.end()


class StartPage(QWidget):
    """The page shown while no scan is open."""

    open_requested = Signal()
    folder_requested = Signal()
    sample_requested = Signal()
    batch_requested = Signal()
    tour_requested = Signal()
    tour_skipped = Signal()
    recent_requested = Signal(object)
    clear_recents_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unfinished = UnfinishedCard()
        self.tour_row = self._make_tour_row()
        drop = styled_label("faint", tr("or drop a file or folder anywhere in this window"))
        self._recent_heading = self._make_recent_heading()
        self.recent_list = self._make_list()
        note = styled_label("faint", tr("Nothing leaves this computer unless you send it."))
        column = QWidget()
        column.setMinimumWidth(_WIDTH)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, GAP_XL, 0, GAP_XL)
        inner.setSpacing(GAP_L)
        inner.addStretch(2)
        inner.addLayout(_heading())
        inner.addSpacing(GAP_L)
        inner.addLayout(self._make_buttons())
        inner.addWidget(drop)
        inner.addWidget(self.tour_row)
        inner.addWidget(self.unfinished)
        inner.addSpacing(GAP_XL)
        inner.addWidget(self._recent_heading)
        inner.addWidget(self.recent_list, 100)  # takes the height that it needs
        inner.addStretch(3)
        inner.addWidget(note, 0, Qt.AlignmentFlag.AlignHCenter)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(column)
        outer.addStretch(1)

    def _make_buttons(self) -> QHBoxLayout:
        self.open_button = styled_button(
            "primary",
            tr("Open scan…"),
            tip=tr("NIfTI, NRRD, MetaImage or a DICOM file (Ctrl+O)"),
            icon_name="file",
        )
        self.folder_button = styled_button(
            "",
            tr("Open DICOM folder…"),
            tip=tr("A folder of DICOM slices (Ctrl+Shift+O)"),
            icon_name="open",
        )
        self.sample_button = styled_button(
            "",
            tr("Try the sample scan"),
            tip=tr("A synthetic scan that comes with the program"),
        )
        self.batch_button = styled_button(
            "",
            tr("Segment many scans…"),
            tip=tr("Segment a list of scans in the background (Ctrl+Shift+B)"),
        )
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        for button, requested in (
            (self.open_button, self.open_requested),
            (self.folder_button, self.folder_requested),
            (self.sample_button, self.sample_requested),
            (self.batch_button, self.batch_requested),
        ):
            button.setMinimumHeight(34)
            button.clicked.connect(requested)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _make_list(self) -> QListWidget:
        recent = QListWidget()
        recent.setAccessibleName(tr("Recent scans"))
        recent.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        recent.itemActivated.connect(self._on_recent)
        recent.itemClicked.connect(self._on_recent)
        return recent

    def _make_tour_row(self) -> QFrame:
        row = QFrame()
        row.setProperty("role", "banner-info")
        layout = QHBoxLayout(row)
        layout.setContentsMargins(GAP_L, GAP_S, GAP_S, GAP_S)
        layout.addWidget(QLabel(tr("New here? A tour of the window takes a minute.")), 1)
        self.tour_button = QPushButton(tr("Take the tour"))
        self.no_tour_button = styled_button("plain", tr("Skip"))
        self.tour_button.clicked.connect(self.tour_requested)
        self.no_tour_button.clicked.connect(self.tour_skipped)
        layout.addWidget(self.tour_button)
        layout.addWidget(self.no_tour_button)
        return row

    def _make_recent_heading(self) -> QWidget:
        heading = QWidget()
        layout = without_margins(QHBoxLayout(heading))
        label = styled_label("section", tr("Recent scans"))
        clear = styled_button("plain", tr("Clear"), tip=tr("Clear the list of recent scans"))
        clear.clicked.connect(self.clear_recents_requested)
        layout.addWidget(label, 1)
        layout.addWidget(clear)
        return heading

    def offer_tour(self, is_offered: bool) -> None:
        """Show or hide the offer to take the tour."""
        self.tour_row.setVisible(is_offered)

    def show_recent(
        self,
        recent: tuple[RecentScan, ...],
        with_work: Collection[str] = (),
        *,
        is_patient_shown: bool = True,
    ) -> None:
        """List recent scans.

        Parameters
        ----------
        with_work
            Fingerprints of the scans with saved work.
        is_patient_shown
            Whether paths that name the patient may be shown.
        """
        self.recent_list.clear()
        for scan in recent:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, scan)
            title = "" if is_patient_shown else tr(scan.title)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, title or Path(scan.path).name)
            item.setToolTip(title or scan.path)
            item.setSizeHint(QSize(0, _ROW_PX))
            self.recent_list.addItem(item)
            self.recent_list.setItemWidget(item, _row(scan, title, scan.fingerprint in with_work))
        self.recent_list.setMinimumHeight(_ROW_PX + 4)
        self.recent_list.setMaximumHeight(min(len(recent), 5) * _ROW_PX + 4)
        self._recent_heading.setVisible(bool(recent))
        self.recent_list.setVisible(bool(recent))

    def _on_recent(self, item: QListWidgetItem) -> None:
        self.recent_requested.emit(item.data(Qt.ItemDataRole.UserRole))


def _row(scan: RecentScan, title: str, has_work: bool) -> QWidget:
    """Return a row with the thumbnail, file name, folder and summary of a recent scan.

    If there is a title, it replaces the file name and folder.
    """
    path = Path(scan.path)
    pixmap = thumbnail_pixmap(scan.picture, _PICTURE_PX) if scan.picture else None
    thumbnail = QLabel()
    thumbnail.setPixmap(pixmap or icon("recent").pixmap(18, 18))
    thumbnail.setFixedWidth(_PICTURE_PX)
    thumbnail.setAlignment(Qt.AlignmentFlag.AlignCenter)
    details = ElidedLabel("faint")
    folder = "" if title else f"{shortened(str(path.parent), 48)}   "
    details.show_text(f"{folder}{_with_decimal_separators(tr(scan.summary))}")
    texts = QVBoxLayout()
    texts.setSpacing(1)
    texts.addWidget(QLabel(title or scan_name(path)))
    texts.addWidget(details)
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(GAP_M, GAP_S, GAP_M, GAP_S)
    layout.addWidget(thumbnail)
    layout.addSpacing(GAP_S)
    layout.addLayout(texts, 1)
    if has_work:
        work = styled_label("quiet", tr("Your work is saved"))
        work.setToolTip(
            tr("Corrections, measurements and names will be restored when you open this scan.")
        )
        layout.addWidget(work)
    return row


def _with_decimal_separators(summary: str) -> str:
    """Return a stored summary with the decimal separator of the user's language."""
    return re.sub(r"(?<=\d)\.(?=\d)", QLocale().decimalPoint(), summary)


def _heading() -> QHBoxLayout:
    texts = QVBoxLayout()
    texts.setSpacing(GAP_S)
    texts.addStretch(1)
    texts.addWidget(styled_label("title", "Spineviewer"))
    texts.addWidget(
        styled_label("quiet", tr("Segment, check, measure and export the spine in a CT scan."))
    )
    texts.addStretch(1)
    heading = QHBoxLayout()
    heading.setSpacing(GAP_L)
    heading.addWidget(SpineLogo())
    heading.addLayout(texts, 1)
    return heading
