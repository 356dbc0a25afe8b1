"""File dialogs; one Qt dialog is reused, because creating a new one blocks the window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QFileInfo, QLocale, QModelIndex, QPersistentModelIndex, QSettings
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QFileDialog,
    QFileIconProvider,
    QFileSystemModel,
    QHeaderView,
    QLineEdit,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from spineviewer.app.session import SESSION_EXTENSION
from spineviewer.gui.kit.icons import icon, set_icon
from spineviewer.gui.kit.item_tips import TipDelegate
from spineviewer.gui.kit.language import tr

#: Size of the dialog, wide enough for names, sizes, kinds and dates.
_SIZE = (860, 540)
#: Column widths of size, kind and date.
_WIDTHS = (84, 92, 136)
_SIZE_COLUMN, _DATE_COLUMN = 1, 3
_Index = QModelIndex | QPersistentModelIndex
#: Buttons of Qt's dialog and their icons here; Qt's are black even on a dark background.
_BUTTONS = {
    "backButton": "back",
    "forwardButton": "forward",
    "toParentButton": "up",
    "newFolderButton": "new-folder",
    "listModeButton": "list",
    "detailModeButton": "table",
}


def keep_folders_private() -> None:
    """Stop Qt's dialog from storing folders for all programs: paths may contain patients' names.

    If Qt stores its settings in a system store instead of a file, only
    `delete_folder_history` helps.
    """
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, os.devnull)


def delete_folder_history() -> None:
    """Delete the folder paths that closed dialogs have stored."""
    settings = QSettings(QSettings.Scope.UserScope, "QtProject")
    for key in ("history", "lastVisited"):
        settings.remove(f"FileDialog/{key}")


def file_filter(name: str, *further_extensions: str) -> str:
    """Return a file dialog's filter for all scan formats and the given further file extensions.

    Voxel files that belong to a header (.img) and gzipped headers (.hdr.gz) are left out.
    """
    from spineviewer.io.formats import SCAN_FORMATS, extensions

    scans = [e for e in extensions(SCAN_FORMATS) if not e.startswith((".img", ".hdr.gz"))]
    patterns = " ".join(f"*{extension}" for extension in (*scans, *further_extensions))
    all_files = tr("All files")
    return f"{name} ({patterns});;{all_files} (*)"


def scan_filter() -> str:
    """Return the filter for scans and saved sessions."""
    return file_filter(tr("Scans"), ".spineview")


class FileDialogs:
    """Asks for files and folders in dialogs over a window.

    Unless stated otherwise, a method returns a path as text, empty if the user cancels.

    Thread ownership: GUI thread.
    """

    def __init__(self, window: QWidget) -> None:
        self._window = window
        # this reference keeps the dialog alive; after the first use, a Qt parent alone does not
        self._reused: QFileDialog | None = None
        self._icons = _PlainIcons()

    def prepare(self, folder: str) -> None:
        """Create the dialog in advance, and list the folder that it will probably show."""
        if folder:
            self._dialog.setDirectory(folder)
        self._dialog.grab()  # lays it out and styles it without showing it

    def ask_for_file(self, title: str, folder: str, filters: str) -> str:
        """Ask for an existing file."""
        return _chosen_path(self._set_up(title, folder, QFileDialog.FileMode.ExistingFile, filters))

    def ask_for_files(self, title: str, folder: str, filters: str) -> list[str]:
        """Ask for existing files; return an empty list if the user cancels."""
        return _chosen_paths(
            self._set_up(title, folder, QFileDialog.FileMode.ExistingFiles, filters)
        )

    def ask_for_folder(self, title: str, folder: str) -> str:
        """Ask for an existing folder."""
        return _chosen_path(self._set_up(title, folder, QFileDialog.FileMode.Directory))

    def ask_for_session_target(self, title: str, proposed: Path) -> Path | None:
        """Ask where to save a session; return None if the user cancels."""
        session = tr("Session")
        kinds = f"{session} (*{SESSION_EXTENSION})"
        chosen = self.ask_for_target(title, str(proposed), kinds)
        extension = "" if chosen.endswith(SESSION_EXTENSION) else SESSION_EXTENSION
        return Path(chosen + extension) if chosen else None

    def ask_for_target(self, title: str, proposed: str, filters: str) -> str:
        """Ask where to write, and whether an existing file may be replaced."""
        dialog = self._set_up(title, "", QFileDialog.FileMode.AnyFile, filters)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(proposed)
        return _chosen_path(dialog)

    @property
    def _dialog(self) -> QFileDialog:
        if self._reused is None:
            self._reused = QFileDialog(self._window)
            self._reused.setIconProvider(self._icons)
            self._reused.resize(*_SIZE)
            for name, icon_name in _BUTTONS.items():  # present only in Qt's own dialog
                if button := self._reused.findChild(QAbstractButton, name):
                    set_icon(button, icon_name, "text")
            if table := self._reused.findChild(QTreeView, "treeView"):
                table.header().setStretchLastSection(False)
                table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
                for column, width in enumerate(_WIDTHS, 1):
                    table.header().resizeSection(column, width)
                table.setItemDelegateForColumn(_SIZE_COLUMN, _LocalSize(table))
                table.setItemDelegateForColumn(_DATE_COLUMN, _LocalDate(table))
        return self._reused

    def _set_up(
        self, title: str, folder: str, mode: QFileDialog.FileMode, filters: str = ""
    ) -> QFileDialog:
        dialog = self._dialog
        dialog.setWindowTitle(title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(mode)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, mode is QFileDialog.FileMode.Directory)
        dialog.setNameFilters(filters.split(";;") if filters else [])
        if folder:
            dialog.setDirectory(folder)
        dialog.selectFile("")
        field = dialog.findChild(QLineEdit, "fileNameEdit")  # still contains the previous choice
        if field is not None:
            is_folder = mode is QFileDialog.FileMode.Directory
            field.setText(dialog.directory().absolutePath() if is_folder else "")
        return dialog


def _chosen_path(dialog: QFileDialog) -> str:
    return next(iter(_chosen_paths(dialog)), "")


def _chosen_paths(dialog: QFileDialog) -> list[str]:
    return dialog.selectedFiles() if dialog.exec() == QDialog.DialogCode.Accepted else []


class _LocalSize(TipDelegate):
    """Shows the size of a file in the program's language; Qt uses the system's language."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        model = index.model()
        if isinstance(model, QFileSystemModel) and not model.isDir(index):
            cast(Any, option).text = QLocale().formattedDataSize(model.size(index))


class _LocalDate(TipDelegate):
    """Shows the date of a file in the program's language; Qt uses the system's language."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        model = index.model()
        if isinstance(model, QFileSystemModel):
            changed = model.lastModified(index).toLocalTime()
            cast(Any, option).text = QLocale().toString(changed, QLocale.FormatType.ShortFormat)


class _PlainIcons(QFileIconProvider):
    """Gives all files one icon and all folders another, without reading the files.

    Qt's own provider reads each file without an extension to determine its type, which blocks the
    window for a folder of DICOM files.
    """

    def icon(self, file: QFileIconProvider.IconType | QFileInfo) -> QIcon:
        if isinstance(file, QFileInfo):
            is_file = not file.isDir()
        else:
            is_file = file is QFileIconProvider.IconType.File
        return icon("file" if is_file else "open")

    def type(self, info: QFileInfo) -> str:
        if info.isDir():
            return tr("Folder")
        return tr("{ending} file", ending=info.suffix().upper()) if info.suffix() else tr("File")
