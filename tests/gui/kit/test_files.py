import os
import sys

import pytest
from conftest import settle, when_asked
from PySide6.QtCore import QFileInfo
from PySide6.QtWidgets import (
    QFileDialog,
    QFileIconProvider,
    QLineEdit,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.window.spine_panel import PANEL_WIDTH


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def answer(text, seen=None):
    """Type into the next dialog and press Enter; None closes it."""

    def act(dialog):
        if seen is not None:
            seen.append(
                (
                    dialog.windowTitle(),
                    dialog.fileMode(),
                    dialog.acceptMode(),
                    dialog.selectedFiles(),
                )
            )
        if text is None:
            dialog.reject()
        else:
            dialog.findChild(QLineEdit, "fileNameEdit").setText(str(text))
            dialog.accept()

    when_asked(act)


def test_one_dialog_asks_for_files_folders_and_targets(window, tmp_path):
    files = FileDialogs(window)
    files.prepare(str(tmp_path))
    scan, seen = tmp_path / "a_ct.nii.gz", []
    scan.write_bytes(b"")
    (tmp_path / "study").mkdir()
    answer(scan)
    assert files.ask_for_file("Open", str(tmp_path), "Scans (*.nii.gz)") == str(scan)
    answer(tmp_path / "study")
    assert files.ask_for_folder("Folder", str(tmp_path)) == str(tmp_path / "study")
    answer(tmp_path / "new.csv", seen)
    assert files.ask_for_target("Save", str(tmp_path / "table.csv"), "Table (*.csv)") == str(
        tmp_path / "new.csv"
    )
    title, _, accept, proposed = seen[0]
    assert (title, accept, proposed) == (
        "Save",
        QFileDialog.AcceptMode.AcceptSave,
        [str(tmp_path / "table.csv")],
    )
    answer(None)
    assert files.ask_for_file("Open", str(tmp_path), "All (*)") == ""
    assert len(window.findChildren(QFileDialog)) == 1


def test_the_next_pages_are_created_while_the_start_page_is_shown(make_window, scan, qtbot):
    window = make_window()
    assert not window.findChildren(QFileDialog)
    window.prepare()
    qtbot.waitUntil(lambda: window.panel.width() == PANEL_WIDTH and window.panel.height() > 500)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    assert window.findChildren(QFileDialog)
    assert "numba" in sys.modules
    assert window.pages.currentWidget() is window.start_page
    assert window.toolbar.isHidden()
    before = window.area.size()
    window.verbs.show_scan(scan)
    settle(qtbot, window)
    assert window.area.isVisible()
    assert window.area.width() == before.width()


def test_files_without_an_ending_are_listed_without_reading_them(window, tmp_path):
    (tmp_path / "IM0001").write_bytes(b"%PDF-1.4\n")
    (tmp_path / "scan.nii.gz").write_bytes(b"")
    files = FileDialogs(window)
    files.prepare(str(tmp_path))
    icons = window.findChild(QFileDialog).iconProvider()
    infos = [QFileInfo(str(path)) for path in [*sorted(tmp_path.iterdir()), tmp_path]]
    assert "PDF" in QFileIconProvider().type(infos[0])  # what Qt finds in the file
    assert [icons.type(info) for info in infos] == ["File", "GZ file", "Folder"]
    pictures = [icons.icon(info).pixmap(16, 16).toImage() for info in infos]
    assert pictures[0] == pictures[1] != pictures[2]


def test_the_folder_dialog_does_not_contain_the_file_that_was_chosen_before(window, tmp_path):
    files, proposed = FileDialogs(window), []
    scan = tmp_path / "a_ct.nii.gz"
    scan.write_bytes(b"")

    def look(dialog):
        proposed.append(dialog.findChild(QLineEdit, "fileNameEdit").text())
        dialog.reject()

    answer(scan)
    files.ask_for_file("Open", str(tmp_path), "Scans (*.nii.gz)")
    when_asked(look)
    files.ask_for_folder("Folder", str(tmp_path))
    when_asked(look)
    files.ask_for_file("Compare", str(tmp_path), "Scans (*.nii.gz)")
    assert proposed == [str(tmp_path), ""]


def test_dates_and_sizes_of_files_follow_the_language_of_the_program(qtbot, window, tmp_path):
    (tmp_path / "scan.nii").write_bytes(bytes(1536))
    os.utime(tmp_path / "scan.nii", (1_764_000_000, 1_764_000_000))
    use_language("de")
    try:
        FileDialogs(window).prepare(str(tmp_path))
        table = window.findChild(QFileDialog).findChild(QTreeView, "treeView")
        qtbot.waitUntil(lambda: table.model().rowCount(table.rootIndex()) == 1)

        def shown(column):
            option = QStyleOptionViewItem()
            delegate = table.itemDelegateForColumn(column)
            delegate.initStyleOption(option, table.model().index(0, column, table.rootIndex()))
            return option.text

        assert shown(1) == "1,50 KiB"
        assert shown(3).startswith("24.11.25 ")
    finally:
        use_language("en")
