"""The header of the scan on the right: which scan it is, and how it follows the active one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_titles import describe_patient
from spineviewer.app.side_by_side import SideBySide
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S


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
        side = styled_label("quiet", tr("Right:"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_M, GAP_S, GAP_M, GAP_S)
        layout.setSpacing(GAP_S)
        for widgets in (
            (side, self.choice, self.by_vertebra, self.lock),
            (self.warning, self.name),  # wide, so that the date at its start is not cut off
            (self.notices,),
        ):
            line = QHBoxLayout()
            line.setSpacing(GAP_L)
            for widget in widgets:
                stretch = int(widget in (self.choice, self.notices, self.name))
                line.addWidget(widget, stretch)
            layout.addLayout(line)

    def offer(
        self, others: Sequence[OpenScan], titles: Sequence[str], shown: OpenScan | None
    ) -> None:
        """Offer the open scans that are not active, and mark the one shown."""
        self._others = tuple(others)
        self.choice.clear()
        self.choice.addItems(list(titles))
        if shown is not None:
            self.choice.setCurrentIndex(self._others.index(shown))
            title = self.choice.currentText()
            self.choice.setToolTip(tr("Scan on the right: {scan}", scan=title))

    def show_pair(self, pair: SideBySide) -> None:
        """Name the patient of the other scan.

        Scans scroll together only if they are of the same patient; otherwise, their positions are
        unrelated.
        """
        self._patient = describe_patient(pair.other.volume.source, is_date_first=True)
        self._show_name()
        is_other, is_unknown = pair.is_other_patient, pair.is_patient_unknown
        self.warning.setText(tr("Different patient") if is_other else tr("Patient unknown"))
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
