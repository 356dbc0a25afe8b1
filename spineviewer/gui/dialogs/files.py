"""Asking for a file or a folder. One dialog is kept for all: making Qt's own anew each time would make the window wait."""

from __future__ import annotations

from PySide6.QtCore import QFileInfo
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QFileIconProvider, QStyle, QWidget

from spineviewer.gui.language import tr


class FileAsker:
    """Asks for files and folders over a window; every answer is a path, empty when the reader asks for none.

    Thread ownership: GUI thread.
    """

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._kept: QFileDialog | None = None  # held here: Qt's parent alone would let it go after its first use
        self._icons = _PlainIcons()

    def make_ready(self, folder: str) -> None:
        """Make the dialog, and list the folder that it will most likely begin in, while nobody waits for it."""
        if folder:
            self._dialog.setDirectory(folder)
        self._dialog.grab()  # lays it out and gives it its style without showing it

    def file_to_open(self, title: str, folder: str, filters: str) -> str:
        """A file that exists."""
        return _asked(self._set_up(title, folder, QFileDialog.FileMode.ExistingFile, filters))

    def folder_to_open(self, title: str, folder: str) -> str:
        """A folder that exists."""
        return _asked(self._set_up(title, folder, QFileDialog.FileMode.Directory))

    def file_to_save(self, title: str, proposed: str, filters: str) -> str:
        """Where to write; whether a file may be replaced is asked there too."""
        dialog = self._set_up(title, "", QFileDialog.FileMode.AnyFile, filters)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(proposed)
        return _asked(dialog)

    @property
    def _dialog(self) -> QFileDialog:
        if self._kept is None:
            self._kept = QFileDialog(self._window)
            self._kept.setIconProvider(self._icons)
        return self._kept

    def _set_up(self, title: str, folder: str, mode: QFileDialog.FileMode, filters: str = "") -> QFileDialog:
        dialog = self._dialog
        dialog.setWindowTitle(title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(mode)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, mode is QFileDialog.FileMode.Directory)
        dialog.setNameFilters(filters.split(";;") if filters else [])
        if folder:
            dialog.setDirectory(folder)
        dialog.selectFile("")
        return dialog


def _asked(dialog: QFileDialog) -> str:
    chosen = dialog.selectedFiles() if dialog.exec() == QDialog.DialogCode.Accepted else []
    return chosen[0] if chosen else ""


class _PlainIcons(QFileIconProvider):
    """Tells files by their names. Qt's own looks into each file that has no ending, to learn what it is, and the window stands
    still for a folder of DICOM files meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        style = QApplication.style()
        self._folder = style.standardIcon(QStyle.StandardPixmap.SP_DirIcon)
        self._file = style.standardIcon(QStyle.StandardPixmap.SP_FileIcon)

    def icon(self, of: QFileIconProvider.IconType | QFileInfo) -> QIcon:
        if isinstance(of, QFileInfo):
            return self._folder if of.isDir() else self._file
        return super().icon(of)

    def type(self, info: QFileInfo) -> str:
        if info.isDir():
            return tr("Folder")
        return tr("{ending} file", ending=info.suffix().upper()) if info.suffix() else tr("File")
