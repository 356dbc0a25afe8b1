"""The form for searching an archive."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from spineviewer.archive.query import Query, dates_from_text
from spineviewer.errors import UsageError
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, styled_label
from spineviewer.gui.kit.theme import GAP_M, GAP_S
from spineviewer.wording import mark

#: Selectable periods with their lengths in days; None: any date.
_PERIODS: tuple[tuple[str, int | None], ...] = (
    (mark("Any date"), None),
    (mark("Today"), 0),
    (mark("Last 7 days"), 7),
    (mark("Last 30 days"), 30),
    (mark("Last 12 months"), 365),
)
_MODALITIES = ("CT", "MR", "PT", "SEG", "SR")


class SearchForm(QWidget):
    """Fields for the search criteria; emits a signal to request the search.

    Thread ownership: GUI thread.
    """

    #: A `Query`.
    search_requested = Signal(object)
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_running = False
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Beginning of the name; * matches anything"))
        self.patient_id = QLineEdit()
        self.patient_id.setPlaceholderText(tr("Complete ID; * matches anything"))
        self.accession = QLineEdit()
        self.accession.setPlaceholderText(tr("Complete number; * matches anything"))
        self.period = QComboBox()
        self.period.setEditable(True)
        for text, days in _PERIODS:
            self.period.addItem(tr(text), days)
        self.period.setToolTip(
            tr("Choose a period, or type dates: 2024-03-01 or 2024-03-01..2024-03-31")
        )
        self.modality = QComboBox()
        self.modality.setEditable(True)
        self.modality.addItem(tr("Any"), "")
        for modality in _MODALITIES:
            self.modality.addItem(modality, modality)
        self.modality.setCurrentIndex(1)
        self.button = styled_button("primary", tr("Search"))
        self.button.clicked.connect(self._on_button)
        self.problem = styled_label("warn", is_wrapped=True)
        self.problem.hide()
        self._lay_out()
        for field in (self.name, self.patient_id, self.accession):
            field.returnPressed.connect(self.request_search)
        for box in (self.period, self.modality):
            edit = box.lineEdit()
            assert edit is not None
            edit.returnPressed.connect(self.request_search)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_M)
        grid.setVerticalSpacing(GAP_S)
        fields = (
            (tr("Patient name"), self.name, 4),
            (tr("Patient ID"), self.patient_id, 3),
            (tr("Accession number"), self.accession, 3),
            (tr("Study date"), self.period, 3),
            (tr("Modality"), self.modality, 1),
        )
        for column, (text, field, stretch) in enumerate(fields):
            label = styled_label("quiet", text)
            label.setBuddy(field)
            field.setAccessibleName(text)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, stretch)
        grid.addWidget(self.button, 1, len(fields))
        grid.addWidget(self.problem, 2, 0, 1, len(fields) + 1)

    def request_search(self) -> None:
        """Request the search, or show what is wrong with the criteria."""
        try:
            query = self.query()
        except UsageError as error:
            self.problem.setText(tr(str(error)))
            self.problem.show()
            return
        self.problem.hide()
        self.search_requested.emit(query)

    def query(self) -> Query:
        """Return the search criteria in the fields.

        Raises
        ------
        UsageError
            When the date is invalid.
        """
        first, last = self._dates()
        modality = self.modality.currentText().strip()
        return Query(
            patient_id=self.patient_id.text().strip(),
            patient_name=self.name.text().strip(),
            accession=self.accession.text().strip(),
            first_date=first,
            last_date=last,
            modality="" if modality == tr("Any") else modality.upper(),
        )

    def show_query(self, query: Query) -> None:
        """Fill the fields with a query."""
        self.name.setText(query.patient_name)
        self.patient_id.setText(query.patient_id)
        self.accession.setText(query.accession)
        self.period.setCurrentIndex(0)
        if query.date_range:
            self.period.setCurrentText(query.date_range)
        self.modality.setCurrentText(query.modality or tr("Any"))
        self.problem.hide()

    def show_running(self, is_running: bool) -> None:
        """Let the button cancel the search while it is running."""
        self._is_running = is_running
        self.button.setText(tr("Cancel") if is_running else tr("Search"))
        self.button.setProperty("kind", "" if is_running else "primary")
        self.button.style().polish(self.button)

    def _on_button(self) -> None:
        if self._is_running:
            self.cancel_requested.emit()
        else:
            self.request_search()

    def _dates(self) -> tuple[str, str]:
        text = self.period.currentText().strip()
        for period, days in _PERIODS:
            if text == tr(period):
                if days is None:
                    return "", ""
                return f"{date.today() - timedelta(days=days):%Y%m%d}", ""
        return dates_from_text(text) if text else ("", "")
