"""What a screen reader is told of the window, through the same interface that AT-SPI, UI Automation and NSAccessibility ask."""

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMenuBar,
    QProgressBar,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)
from whole_window import every_part

from spineviewer.gui.views.cut_view import CutView
from spineviewer.gui.views.surface_view import SurfaceView

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QProgressBar, QTabBar, QTextEdit,
    QDialog, CutView, SurfaceView,
)  # fmt: skip
#: Roles that tell a reader nothing; Qt gives one to what paints itself, and the views say in words what they are.
DUMB = {
    QAccessible.Role.NoRole,
    QAccessible.Role.Client,
    QAccessible.Role.Window,
    QAccessible.Role.Pane,
    QAccessible.Role.Grouping,
}


def is_inner(widget):
    """Parts of one of Qt's own controls, which speaks for them."""
    parent = widget.parent()
    return (
        isinstance(widget, (QScrollBar, QHeaderView))
        or (widget.objectName().startswith("qt_") and widget.objectName() != "qt_toolbar_ext_button")
        or isinstance(parent, (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar, QAbstractItemView, QMenuBar))
    )  # fmt: skip


def controls_below(root):
    return [
        widget
        for widget in [root, *root.findChildren(QWidget)]
        if isinstance(widget, CONTROLS) and not is_inner(widget) and (widget is root or widget.isVisibleTo(root))
    ]


def test_every_control_of_the_window_has_a_name_and_says_what_it_is(qtbot, make_window, tmp_path):
    silent, seen = [], 0
    for part, root in every_part(qtbot, make_window, tmp_path):
        for widget in controls_below(root):
            seen += 1
            spoken = QAccessible.queryAccessibleInterface(widget)
            name = spoken.text(QAccessible.Text.Name).strip(" ▾…")
            is_picture = isinstance(widget, (CutView, SurfaceView)) and widget.accessibleDescription() != ""
            if not name or (spoken.role() in DUMB and not is_picture):
                where = " < ".join(type(w).__name__ for w in _ancestors(widget)[:4])
                silent.append(f"{part}: {where}, name {name!r}, {spoken.role()}, {getattr(widget, 'text', str)()!r}")
    assert seen > 200
    assert not silent, "\n".join(sorted(set(silent)))


def _ancestors(widget):
    found = []
    while widget is not None:
        found.append(widget)
        widget = widget.parent()
    return found
