"""The header of the scan on the right: which scan it is, and how it follows the active one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_titles import describe_patient
from spineviewer.app.side_by_side import SideBySide
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S

#: Maximum width kept free for titles beside the boxes; with less room, the boxes move below.
_MAX_TITLE_PX = 300
#: Width of the arrow and the margins of a combo box.
_ARROW_PX = 40


class OtherScanHeader(QWidget):
    """Lets the user choose the scan on the right and how it scrolls, and names its patient.

    Thread ownership: GUI thread.
    """

    #: The `OpenScan` to show on the right.
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_patient_shown = True
        self._patient = ""
        self._others: tuple[OpenScan, ...] = ()
        self._titles: tuple[str, ...] = ()
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("Scan on the right"))
        self.choice.setToolTip(tr("Choose the open scan shown on the right"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(12)
        self.choice.activated.connect(lambda number: self.chosen.emit(self._others[number]))
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
        self.warning = styled_label("warn")
        self.notices = ElidedLabel("warn")
        self.notices.hide()
        self.name = ElidedLabel("patient")
        self._boxes = QWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        side = styled_label("quiet", tr("Right:"))
        boxes = without_margins(QHBoxLayout(self._boxes), GAP_L)
        boxes.addWidget(self.by_vertebra)
        boxes.addWidget(self.lock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_M, GAP_S, GAP_M, GAP_S)
        layout.setSpacing(GAP_S)
        self._first_line, self._second_line = QHBoxLayout(), QHBoxLayout()
        for line, widgets in (
            (self._first_line, (side, self.choice, self._boxes)),
            (self._second_line, ()),
            # the date comes first and must not be cut off, so the name has a line of its own
            (QHBoxLayout(), (self.warning, self.name)),
            (QHBoxLayout(), (self.notices,)),
        ):
            line.setSpacing(GAP_L)
            for widget in widgets:
                stretch = int(widget in (self.choice, self.notices, self.name))
                line.addWidget(widget, stretch)
            layout.addLayout(line)
        self._side_px = side.sizeHint().width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the boxes below the choice if the title of the scan would be cut off."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room_px = self.width() - 2 * GAP_M - 2 * GAP_L - self._side_px
        longest_px = max(
            (self.choice.fontMetrics().horizontalAdvance(title) for title in self._titles),
            default=0,
        )
        needed_px = self._boxes.sizeHint().width() + min(longest_px, _MAX_TITLE_PX) + _ARROW_PX
        line = self._first_line if needed_px <= room_px else self._second_line
        if line.indexOf(self._boxes) < 0:
            for other in (self._first_line, self._second_line):
                other.removeWidget(self._boxes)
            line.addWidget(self._boxes, 0, Qt.AlignmentFlag.AlignLeft)

    def offer(
        self, others: Sequence[OpenScan], titles: Sequence[str], shown: OpenScan | None
    ) -> None:
        """Offer the open scans that are not active, and mark the one shown."""
        self._others, self._titles = tuple(others), tuple(titles)
        self.choice.clear()
        self.choice.addItems(list(titles))
        if shown is not None:
            self.choice.setCurrentIndex(self._others.index(shown))
            title = self.choice.currentText()
            self.choice.setToolTip(tr("Scan on the right: {scan}", scan=title))
        self._arrange()

    def show_pair(self, pair: SideBySide) -> None:
        """Name the patient of the other scan, and warn unless both scans are of one patient.

        By default, scans scroll together only if the files say that both are of the same patient:
        positions in scans of two patients are unrelated.
        """
        self._patient = describe_patient(pair.other.volume.source, is_date_first=True)
        self._show_name()
        is_other, is_unknown = pair.is_other_patient, pair.is_patient_unknown
        self.warning.setText(tr("Different patient") if is_other else tr("Same patient: unknown"))
        self.warning.setToolTip(
            tr("According to the files, the two scans are of different patients")
            if is_other
            else tr("The files do not say whether the two scans are of the same patient")
        )
        self.warning.setVisible(is_other or is_unknown)
        self.lock.setChecked(not (is_other or is_unknown))

    def show_notices(self, notices: Sequence[Notice]) -> None:
        """Show the warnings about the scan on the right, which the banners do not show."""
        text = "  ".join(
            tr(notice.text) for notice in notices if notice.severity is not Severity.INFO
        )
        if text != self.notices.whole_text:
            self.notices.show_text(text)
            self.notices.setVisible(bool(text))

    def show_patient(self, is_shown: bool) -> None:
        """Show or hide the patient and study."""
        self._is_patient_shown = is_shown
        self._show_name()

    def _show_name(self) -> None:
        patient = tr(self._patient) if self._is_patient_shown else ""
        self.name.show_text(patient)
        self.name.setVisible(bool(patient))
