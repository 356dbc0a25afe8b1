"""Question of which state of a scan to open: a session, or other work that it would replace."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from spineviewer.app.opening import SessionConflict
from spineviewer.app.session import SESSION_ENDING, Session
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L, GAP_XL


class SessionQuestion(QDialog):
    """Asks which of the two states to open; neither is lost."""

    #: Open the other work; save it in a file, then open the session.
    work_chosen = Signal()
    session_chosen = Signal()

    def __init__(self, found: SessionConflict, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Open session"))
        file = found.scan.volume.source.path.name
        self.heading = QLabel(tr("There is other work on {file}", file=file))
        self.heading.setProperty("role", "heading")
        states = QLabel(f"{_session_line(found)}\n{_work_line(found)}")
        states.setWordWrap(True)
        advice = QLabel(
            tr(
                "Nothing is lost: the session stays in its file, and the other work is saved "
                "in a file of its own before the session is opened."
            )
        )
        advice.setProperty("role", "quiet")
        advice.setWordWrap(True)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.cancel_button = buttons.addButton(tr("Cancel"), role.RejectRole)
        self.session_button = buttons.addButton(
            tr("Save other work and open session…"), role.ActionRole
        )
        self.work_button = buttons.addButton(
            tr("Keep the open scan") if found.work.is_open else tr("Open autosaved work"),
            role.AcceptRole,
        )
        self.work_button.setProperty("kind", "primary")
        self.work_button.setDefault(True)
        for button in buttons.buttons():
            button.setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        buttons.accepted.connect(self._choose_work)
        self.session_button.clicked.connect(self._choose_session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        for part in (self.heading, states, advice, buttons):
            layout.addWidget(part)
        self.setMinimumWidth(560)

    def _choose_work(self) -> None:
        self.accept()
        self.work_chosen.emit()

    def _choose_session(self) -> None:
        self.accept()
        self.session_chosen.emit()


def proposed_file(found: SessionConflict) -> Path:
    """Return where to save the other work: beside the session, named after its date."""
    place = found.path or found.scan.volume.source.path
    when = QDateTime.fromSecsSinceEpoch(int(found.work.when_s)).toString("yyyy-MM-dd-HHmm")
    return place.with_name(f"{place.name.split('.')[0]}-{when}{SESSION_ENDING}")


def _session_line(found: SessionConflict) -> str:
    contents = _contents(found.session)
    if found.path is None:
        return tr("State before the crash: {contents}", contents=contents)
    try:
        when = _when(found.path.stat().st_mtime)
    except OSError:
        when = "–"
    return tr(
        "Session {file}, saved {when}: {contents}",
        file=found.path.name,
        when=when,
        contents=contents,
    )


def _work_line(found: SessionConflict) -> str:
    contents = _contents(found.work.session)
    if found.work.is_open:
        return tr("Open scan with unsaved work: {contents}", contents=contents)
    return tr(
        "Work saved automatically on {when}: {contents}",
        when=_when(found.work.when_s),
        contents=contents,
    )


def _when(seconds: float) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)), tr("d MMM, HH:mm"))


def _contents(session: Session) -> str:
    """Return the kinds of manual work in a session."""
    kinds = (
        (not session.correction.is_empty, tr("corrections")),
        (not session.naming.is_empty, tr("names set by hand")),
        (bool(session.moved_points), tr("moved landmarks")),
        (bool(session.measurements), tr("%n measurement(s)", "", len(session.measurements))),
        (not session.draft.is_empty, tr("report texts or key images")),
    )
    return ", ".join(text for is_there, text in kinds if is_there) or tr("no manual work")
