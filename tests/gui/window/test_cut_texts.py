"""Text in narrow places is shortened between words, never inside a number."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QListView,
    QScrollArea,
    QStyleOptionViewItem,
)
from whole_window import every_part

from spineviewer.app.settings import RecentScan
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.item_tips import TipDelegate
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.opening.start_page import StartPage
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.sheets import ShortcutsSheet


@pytest.fixture
def german(qapp):
    use_language("de")
    yield
    use_language("en")


def test_the_status_bar_leaves_out_whole_values_and_the_scan_before_it_cuts_a_number(
    qtbot, make_window, scan
):
    window = make_window(scan=scan)
    status = window.status
    status.show_pointer(window.workspace.front.state, (10, 20, 30))
    hu, where, _ = status.pointer_label.text().split(" " * 6)
    advance = status.pointer_label.fontMetrics().horizontalAdvance
    label = status.pointer_label
    assert label.fitting(2000) == label.text()
    assert label.fitting(advance(label.text()) - 1) == f"{hu}      {where}"
    assert label.fitting(advance(hu)) == hu
    assert label.fitting(advance(hu) - 1) == ""
    window.setMinimumSize(0, 0)
    window.resize(860, 600)
    qtbot.waitUntil(lambda: not status.scan_label.isVisible())

    def is_shown():
        status.show_pointer(window.workspace.front.state, (10, 20, 30))  # a view may clear it
        return where in label.fitting(label.width() - 22)

    qtbot.waitUntil(is_shown)


def test_a_recent_scan_is_elided_and_its_numbers_follow_the_language(qtbot, german):
    page = StartPage()
    qtbot.addWidget(page)
    summary = "338 × 348 × 129, 0.57 × 0.57 × 1.60 mm"
    page.show_recent((RecentScan("/a/long/folder/ct.nii.gz", summary=summary),))
    row = page.recent_list.itemWidget(page.recent_list.item(0))
    place = row.findChild(ElidedLabel)
    assert place.whole_text.endswith("0,57 × 0,57 × 1,60 mm")
    page.show()
    place.setFixedWidth(100)
    qtbot.waitUntil(lambda: place.text().endswith("…"))


@pytest.mark.parametrize("width", [784, 894, 1350])
def test_the_page_of_shortcuts_never_scrolls_sideways(qtbot, german, monkeypatch, width):
    from PySide6.QtCore import QSize

    from spineviewer.gui.window import sheets

    monkeypatch.setattr(sheets, "available_size", lambda _: QSize(width, 480))
    sheet = ShortcutsSheet(COMMANDS, {})
    qtbot.addWidget(sheet)
    sheet.resize(width, 480)
    sheet.show()
    area = sheet.findChild(QScrollArea)
    assert area.horizontalScrollBar().maximum() == 0


def test_every_entry_that_is_cut_off_shows_its_whole_text_as_a_tooltip(
    qtbot, make_window, tmp_path
):
    seen = 0
    for name, part in every_part(qtbot, make_window, tmp_path, size=(1000, 700)):
        for view in part.findChildren(QAbstractItemView):
            is_part = isinstance(view, QHeaderView) or isinstance(view.parentWidget(), QComboBox)
            if not view.isVisible() or is_part:
                continue
            delegate = view.itemDelegate()
            assert isinstance(delegate, TipDelegate), (name, view.accessibleName())
            model, option = view.model(), QStyleOptionViewItem()
            columns = 1 if isinstance(view, QListView) else model.columnCount(QModelIndex())
            for row in range(model.rowCount(QModelIndex())):
                for column in range(columns):
                    index = model.index(row, column)
                    text, room = str(index.data() or ""), view.visualRect(index)
                    if text and delegate.sizeHint(option, index).width() > room.width() > 0:
                        own = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
                        assert text in own or text in delegate.tip(view, option, index)
                        seen += 1
    assert seen
