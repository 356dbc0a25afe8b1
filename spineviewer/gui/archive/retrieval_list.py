"""The list of retrievals, each with its progress and buttons to stop, retry or open it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.archiving.retrievals import Retrieval, RetrievalState
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_M, GAP_S
from spineviewer.wording import formatted_number, mark

#: Maximum number of rows visible without scrolling.
_MAX_ROWS = 3
_STATES = {
    RetrievalState.WAITING: mark("Waiting"),
    RetrievalState.RUNNING: mark("Retrieving…"),
    RetrievalState.DONE: mark("On this computer"),
    RetrievalState.FAILED: mark("Failed"),
    RetrievalState.STOPPED: mark("Stopped"),
}


class RetrievalList(QScrollArea):
    """A list with one row per retrieval, the newest at the top.

    Thread ownership: GUI thread.
    """

    cancel_requested = Signal(int)
    retry_requested = Signal(int)
    #: The completed `Retrieval` to open.
    open_requested = Signal(object)
    priors_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # only its buttons take the focus
        self.setAccessibleName(tr("Retrievals"))
        content = QWidget()
        self._column = without_margins(QVBoxLayout(content), GAP_S)
        self._column.addStretch(1)
        self.setWidget(content)
        self.rows: dict[int, RetrievalRow] = {}
        self.hide()

    def show_retrievals(self, retrievals: Sequence[Retrieval]) -> None:
        """Replace the list with these retrievals."""
        for number in self.rows.keys() - {retrieval.number for retrieval in retrievals}:
            self.rows.pop(number).deleteLater()
        for retrieval in retrievals:
            self.show_retrieval(retrieval)
        self._fit()
        self.setVisible(bool(retrievals))

    def show_retrieval(self, retrieval: Retrieval) -> None:
        """Update the row of a retrieval; add the row if the retrieval is new."""
        row = self.rows.get(retrieval.number)
        if row is None:
            row = self.rows[retrieval.number] = RetrievalRow()
            row.cancel_button.clicked.connect(partial(self.cancel_requested.emit, retrieval.number))
            row.retry_button.clicked.connect(partial(self.retry_requested.emit, retrieval.number))
            row.open_button.clicked.connect(lambda: self.open_requested.emit(row.retrieval))
            row.priors_button.clicked.connect(lambda: self.priors_requested.emit(row.retrieval))
            self._column.insertWidget(0, row)
            self._fit()
        row.show_retrieval(retrieval)

    def _fit(self) -> None:
        """Fit the height to the rows, up to `_MAX_ROWS`."""
        heights = [row.sizeHint().height() for row in self.rows.values()][-_MAX_ROWS:]
        self.setFixedHeight(sum(heights) + GAP_S * max(0, len(heights) - 1) + 2)


class RetrievalRow(QFrame):
    """Title, state, progress and buttons of one retrieval."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.retrieval: Retrieval | None = None
        self.title = QLabel()
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state = styled_label("quiet")
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(140)
        self.bar.setAccessibleName(tr("Retrieval progress"))
        self.cancel_button = styled_button(
            "plain", tr("Cancel"), tip=tr("Images that have already arrived are kept")
        )
        self.retry_button = styled_button("plain", tip=tr("Retrieve only the missing images"))
        self.open_button = styled_button("plain", tr("Open"))
        self.priors_button = styled_button("plain", tip=tr("List the patient's prior CT studies"))
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP_M, GAP_S, GAP_S, GAP_S)
        row.setSpacing(GAP_M)
        row.addWidget(self.title, 3)
        row.addWidget(self.state, 3)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        buttons = (self.priors_button, self.cancel_button, self.retry_button, self.open_button)
        for button in buttons:
            row.addWidget(button)

    def show_retrieval(self, retrieval: Retrieval) -> None:
        """Show the title, state and progress of a retrieval."""
        self.retrieval = retrieval
        study, state = retrieval.study, retrieval.state
        patient = study.patient_name or study.patient_id
        title = "  ·  ".join(part for part in (patient, study.title) if part)
        self.title.setText(title)
        self.title.setToolTip(f"{title}\n{study.node.name}")
        text = tr(retrieval.reason) or tr(_STATES[state])
        if state is RetrievalState.RUNNING:
            text = f"{text} {tr(formatted_number(100 * retrieval.fraction, '.0f', '%'))}"
        self.state.setText(text)
        self.state.setToolTip(text)
        self.state.setProperty("role", "warn" if state is RetrievalState.FAILED else "quiet")
        self.state.style().polish(self.state)
        self.bar.setVisible(state is RetrievalState.RUNNING)
        self.bar.setValue(round(1000 * retrieval.fraction))
        self.cancel_button.setVisible(retrieval.is_open)
        is_stopped = state is RetrievalState.STOPPED
        self.retry_button.setText(tr("Resume") if is_stopped else tr("Retry"))
        self.retry_button.setVisible(state in (RetrievalState.FAILED, RetrievalState.STOPPED))
        self.open_button.setVisible(state is RetrievalState.DONE)
        priors = len(retrieval.priors or ())
        self.priors_button.setText(tr("%n prior CT stud(y|ies)…", "", priors))
        self.priors_button.setVisible(priors > 0)
