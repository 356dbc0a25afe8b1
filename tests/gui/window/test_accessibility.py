"""What a screen reader receives from the window through Qt's accessibility interface."""

from contextlib import suppress

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenuBar,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)
from whole_window import cut_texts, every_part

from spineviewer.gui.kit.language import use_language
from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.surface_view import SurfaceView
from spineviewer.gui.window.main_window import MainWindow

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QProgressBar, QTabBar, QTextEdit,
    QDialog, CutView, SurfaceView,
)  # fmt: skip
#: Roles that tell a screen reader nothing. Qt gives one to widgets that paint themselves; the views
#: describe themselves in words.
DUMB = {
    QAccessible.Role.NoRole,
    QAccessible.Role.Client,
    QAccessible.Role.Window,
    QAccessible.Role.Pane,
    QAccessible.Role.Grouping,
}


def is_inner(widget):
    """Return whether a widget is part of one of Qt's own controls, which represents it."""
    parent = widget.parent()
    return (
        isinstance(widget, (QScrollBar, QHeaderView))
        or (
            widget.objectName().startswith("qt_") and widget.objectName() != "qt_toolbar_ext_button"
        )
        or isinstance(
            parent,
            (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar, QAbstractItemView, QMenuBar),
        )
    )


def controls_below(root):
    return [
        widget
        for widget in [root, *root.findChildren(QWidget)]
        if isinstance(widget, CONTROLS)
        and not is_inner(widget)
        and (widget is root or widget.isVisibleTo(root))
    ]


@pytest.mark.parametrize(("language", "size"), [("de", (1366, 738)), ("en", (1066, 600))])
def test_every_control_has_a_name_a_role_and_room_for_its_text(
    qtbot, qapp, make_window, tmp_path, language, size
):
    """Checked on the smallest screens: at 100% in the longer language, and at the largest size."""
    use_language(language)
    try:
        silent, cut, seen = _looked_at(qtbot, make_window, tmp_path, size)
    finally:
        use_language("en")
    assert seen > 200
    assert not silent, "\n".join(sorted(set(silent)))
    assert not cut, "\n".join(sorted(set(cut)))


def _looked_at(qtbot, make_window, tmp_path, size):
    silent, cut, seen = [], [], 0
    for part, root in every_part(qtbot, make_window, tmp_path, size):
        with suppress(qtbot.TimeoutError):  # a layout may still be pending
            qtbot.waitUntil(lambda root=root: not _cut(root), timeout=20_000)
        cut += [f"{part}: {text}" for text in _cut(root)]
        silent += [  # a separate name would be read instead of the label's text
            f"{part}: label {label.text()!r} is read as {label.accessibleName()!r}"
            for label in root.findChildren(QLabel)
            if label.accessibleName()
            and label.text()
            and label.text().rstrip("…") not in label.accessibleName()
        ]
        for widget in controls_below(root):
            seen += 1
            spoken = QAccessible.queryAccessibleInterface(widget)
            name = spoken.text(QAccessible.Text.Name).strip(" ▾…")
            is_picture = (
                isinstance(widget, (CutView, SurfaceView)) and widget.accessibleDescription() != ""
            )
            if not name or (spoken.role() in DUMB and not is_picture):
                where = " < ".join(type(w).__name__ for w in _ancestors(widget)[:4])
                silent.append(
                    f"{part}: {where}, name {name!r}, {spoken.role()}, "
                    f"{getattr(widget, 'text', str)()!r}"
                )
    return silent, cut, seen


def _cut(root):
    cut = cut_texts(root)
    if isinstance(root, MainWindow) and root.panel.isVisible():
        scroll = root.panel._scroll
        cut += ["the panel"] * (
            scroll.widget().minimumSizeHint().width() > scroll.viewport().width()
        )
    return cut


def _ancestors(widget):
    found = []
    while widget is not None:
        found.append(widget)
        widget = widget.parent()
    return found
