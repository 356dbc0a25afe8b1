"""The dialog for choosing a version of the work on a scan, and sentences that describe work."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.opening import Origin, Work, WorkToChoose
from spineviewer.app.scan_titles import title_of
from spineviewer.app.session import Session
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import distinct_names, shortened
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_XL

_MAX_TEXT = 30
#: Maximum number of versions that are shown without scrolling.
_MAX_ROWS = 6


class WorkQuestion(QDialog):
    """Asks which of several versions of the work on a scan to open, and which autosaves to delete.

    All other saved versions stay saved.
    """

    #: The version to open, and a tuple of the versions to delete.
    chosen = Signal(object, object)

    def __init__(self, choice: WorkToChoose, parent: QWidget) -> None:
        super().__init__(parent)
        self._versions = choice.versions
        self._rows_to_delete: set[int] = set()
        self.setWindowTitle(tr("Open scan"))
        file = title_of(choice.scan.volume.source)
        heading = styled_label(
            "heading", tr("There are several saved versions of your work on {file}", file=file)
        )
        self.list = QListWidget()
        self.list.setAccessibleName(heading.text())
        self.list.setWordWrap(True)  # the contents can be longer than a line
        for work, scan in zip(choice.versions, _scan_names(choice), strict=True):
            title = _title(work, scan)
            self.list.addItem(QListWidgetItem(f"{title}\n{describe_contents(work.session)}"))
        self.list.setCurrentRow(0)
        advice = QLabel(
            tr(
                "Nothing is lost: work that you do not open now stays saved and is offered again "
                "when you open this scan."
            )
        )
        advice.setProperty("role", "quiet")
        advice.setWordWrap(True)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.delete_button = buttons.addButton(tr("Delete"), role.ResetRole)
        self.cancel_button = buttons.addButton(tr("Cancel"), role.RejectRole)
        self.open_button = buttons.addButton(tr("Open"), role.AcceptRole)
        self.open_button.setProperty("kind", "primary")
        self.open_button.setDefault(True)
        for button in buttons.buttons():
            button.setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        buttons.accepted.connect(self._choose)
        self.delete_button.clicked.connect(self._toggle_deletion)
        self.list.currentRowChanged.connect(self._refresh)
        self.list.itemActivated.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        for widget in (heading, self.list, advice, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(560)
        self.list.setFocus()
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Give the list room for its rows, whose height is known only now."""
        self.list.doItemsLayout()  # wraps the text
        items = map(self.list.item, range(min(self.list.count(), _MAX_ROWS)))
        room = sum(self.list.visualItemRect(item).height() for item in items)
        room += 2 * self.list.frameWidth()
        margins = self.list.height() - self.list.viewport().height() - 2 * self.list.frameWidth()
        self.list.setFixedHeight(room + max(margins, 0))
        super().showEvent(event)

    def _toggle_deletion(self) -> None:
        """Mark the selected work for deletion when other work is opened, or unmark it."""
        row = self.list.currentRow()
        self._rows_to_delete ^= {row}
        item = self.list.item(row)
        font = item.font()
        font.setStrikeOut(row in self._rows_to_delete)
        item.setFont(font)
        self._refresh()

    def _refresh(self) -> None:
        row = self.list.currentRow()
        is_marked = row in self._rows_to_delete
        self.delete_button.setText(tr("Do not delete") if is_marked else tr("Delete"))
        self.delete_button.setEnabled(self._versions[row].origin is Origin.AUTOSAVE)
        self.open_button.setEnabled(not is_marked)

    def _choose(self) -> None:
        row = self.list.currentRow()
        if row not in self._rows_to_delete:
            self.accept()
            to_delete = tuple(self._versions[number] for number in sorted(self._rows_to_delete))
            self.chosen.emit(self._versions[row], to_delete)


def _scan_names(choice: WorkToChoose) -> list[str]:
    """Return the name of each version's scan file.

    '' for all versions if every autosave is of the file being opened, and for a version without
    a known file.
    """
    here, versions = choice.scan.volume.source.path, choice.versions
    automatic = [work for work in versions if work.origin is Origin.AUTOSAVE]
    if all(work.scan_path == here for work in automatic):
        return [""] * len(versions)
    paths = list(dict.fromkeys(work.scan_path for work in automatic if work.scan_path))
    names = dict(zip(paths, distinct_names(paths), strict=True))
    unknown = tr("another file with the same images")
    return [
        names[work.scan_path]
        if work.scan_path in names
        else unknown * bool(work.session.scan.path_hash)
        for work in versions
    ]


def _title(work: Work, scan: str) -> str:
    """Return the origin of the work, with its time if saved; for an autosave, also `scan`."""
    when = time_text(work.saved_at_s) if work.saved_at_s else "–"
    if work.origin is Origin.OPEN_SCAN:
        return tr("Currently open, saved") if work.is_saved else tr("Currently open, not saved")
    if work.origin is Origin.AUTOSAVE and scan:
        return tr("Saved automatically on {when}, for {scan}", when=when, scan=scan)
    if work.origin is Origin.AUTOSAVE:
        return tr("Saved automatically on {when}", when=when)
    file = shortened(Path(work.file).name, 40) if work.file else "–"
    return tr("Session {file}, saved on {when}", file=file, when=when)


def time_text(seconds: float) -> str:
    """Return a date and time for a sentence, from seconds since 1970."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)), tr("d MMM, HH:mm"))


def describe_contents(session: Session) -> str:
    """Return what a session contains, with the text of its newest measurement that has one."""
    texts = [measurement.text for measurement in session.measurements if measurement.text]
    measurements = tr("%n measurement(s)", "", len(session.measurements))
    if texts:
        measurements += f" ({shortened(texts[-1], _MAX_TEXT)})"
    kinds = (
        (session.is_segmented, tr("segmentation")),
        (not session.correction.is_empty, tr("corrections")),
        (not session.naming.is_empty, tr("names set by hand")),
        (bool(session.moved_points), tr("moved landmarks")),
        (bool(session.measurements), measurements),
        (not session.draft.is_empty, tr("report text or key images")),
        (bool(session.ticked_regions), tr("ticked regions")),
    )
    return ", ".join(text for is_present, text in kinds if is_present) or tr("no edits")
