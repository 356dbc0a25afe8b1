"""The common part of dialogs that ask which files to write and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.errors import reason_of
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.icons import set_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.scan_names import ScanHeading
from spineviewer.gui.kit.screen_fit import ContentScrollArea
from spineviewer.gui.kit.styled import styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL

#: A row of the form: label and field.
Row = tuple[QWidget, QWidget | QLayout]
#: Maximum number of existing files that a message names.
_MAX_NAMED = 3


class WritingDialog(QDialog):
    """Asks for files and a folder; can be accepted only if the choices are valid.

    Other code writes the files.

    Parameters
    ----------
    folder
        Folder shown initially.
    choice
        Title of the dialog for choosing another folder.
    verb
        Text of the button that accepts.
    """

    def __init__(
        self, title: str, *, folder: Path, choice: str, verb: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.scan_heading = ScanHeading(self)
        self._choice = choice
        self._files = FileDialogs(self)
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName(tr("Folder"))
        self.overwrite = QCheckBox(tr("Replace existing files"))
        self.message = ElidedLabel("warn", lines=2)  # always two, so that nothing moves
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.write_button = self._buttons.addButton(verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.write_button.setProperty("kind", "primary")
        set_icon(self.write_button, "export", "on_accent")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.folder.textChanged.connect(self._check)
        self.overwrite.toggled.connect(self._check)

    def _lay_out(
        self,
        heading: str,
        hint: str,
        rows: list[Row],
        *below: QWidget,
        files: Sequence[Row] = (),
        editor: QWidget | None = None,
        note: QWidget | None = None,
    ) -> None:
        """Lay out heading and hint (unless empty), form, widgets, and fields for the destination.

        An editor is placed above the form and takes all remaining space. The rows of `files`, the
        folder, a note and the buttons never scroll, so that the destination is always visible.
        """
        headings = [styled_label("heading", heading)] if heading else []
        hints = [styled_label("quiet", hint, is_wrapped=True)] if hint else []
        folder_row = (QLabel(tr("Folder")), self._make_folder_field())
        where_rows = [*files, folder_row]
        label_px = max(label.sizeHint().width() for label, _ in (*rows, *where_rows))
        content = without_margins(QVBoxLayout(), GAP_L)
        if editor is not None:
            content.addWidget(editor, 1)
        content.addLayout(_form(rows, label_px))
        for widget in below:
            content.addWidget(widget)
        last = QHBoxLayout()
        last.addWidget(self.overwrite)
        last.addWidget(self._buttons, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_L, GAP_XL, GAP_L)
        layout.setSpacing(GAP_M)
        for widget in (*headings, self.scan_heading, *hints):
            layout.addWidget(widget)
        layout.addWidget(ContentScrollArea(content), 1)
        layout.addLayout(_form(where_rows, label_px))
        for widget in (*((note,) if note else ()), self.message):
            layout.addWidget(widget)
        layout.addLayout(last)
        self._check()
        self.write_button.setDefault(True)  # has no effect before the button is in the dialog

    def _make_folder_field(self) -> QHBoxLayout:
        browse = QPushButton(tr("Choose…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        return row

    def targets(self) -> Mapping[Any, Path]:
        """Return the chosen files."""
        raise NotImplementedError

    def _all_files(self) -> Iterable[Path]:
        """Return the chosen files and those that are written beside them."""
        return self.targets().values()

    def _problem(self) -> str:
        """Return what is wrong with the choices ('' if nothing), without checking the files."""
        raise NotImplementedError

    def _hint(self) -> str:
        """Return what the user should know about valid choices ('' for nothing)."""
        return ""

    @property
    def chosen_folder(self) -> Path:
        """The folder to write to."""
        return Path(self.folder.text()).expanduser()

    def accept(self) -> None:
        """Create the folder if necessary, and close the dialog; if this fails, say why instead."""
        try:
            self.chosen_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.message.show_text(
                tr(
                    "The folder {folder} cannot be created: {reason}. Choose another folder.",
                    folder=self.chosen_folder,
                    reason=reason_of(error),
                )
            )
            return
        super().accept()

    def _browse(self) -> None:
        chosen = self._files.ask_for_folder(self._choice, self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def _check(self) -> None:
        problem, hint = self._problem(), ""
        existing = [path.name for path in self._all_files() if path.is_file()]
        if not problem and not self.chosen_folder.is_dir():
            if self.chosen_folder.exists() or not self.folder.text().strip():
                problem = tr("This is not a folder. Choose a folder.")
            else:
                hint = tr("The folder does not exist yet. It will be created.")
        elif not problem and existing and not self.overwrite.isChecked():
            problem = tr(
                "Already in this folder: {files}. Tick 'Replace existing files' or change the "
                "name.",
                files=", ".join(existing[:_MAX_NAMED]) + " …" * (len(existing) > _MAX_NAMED),
            )
        self.message.show_text(problem or hint or self._hint())
        self.write_button.setEnabled(not problem)


def _form(rows: Sequence[Row], label_px: int) -> QGridLayout:
    """Return a form with labels of the same width on the left."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP_L)
    grid.setVerticalSpacing(GAP_M)
    grid.setColumnMinimumWidth(0, label_px)
    grid.setColumnStretch(1, 1)
    for number, (label, field) in enumerate(rows):
        grid.addWidget(label, number, 0)
        if isinstance(field, QLayout):
            grid.addLayout(field, number, 1)
        else:
            grid.addWidget(field, number, 1)
    return grid
