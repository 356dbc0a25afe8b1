"""Labels, buttons, tables and layouts in the style of the program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QTableWidget

from spineviewer.gui.kit.icons import set_icon

AnyLayout = TypeVar("AnyLayout", bound=QBoxLayout)


def styled_label(role: str, text: str = "", *, is_wrapped: bool = False) -> QLabel:
    """Return a label with a role from the style sheet, such as "quiet"."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setWordWrap(is_wrapped)
    return label


def styled_button(
    kind: str, text: str = "", *, tip: str = "", name: str = "", icon_name: str = ""
) -> QPushButton:
    """Return a button of a kind from the style sheet, such as "primary".

    Parameters
    ----------
    kind
        Empty for an ordinary button.
    name
        Text for screen readers instead of the visible one.
    """
    button = QPushButton(text)
    button.setProperty("kind", kind)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    if icon_name:
        set_icon(button, icon_name, "on_accent" if kind == "primary" else "quiet")
    return button


def plain_table(titles: Sequence[str], name: str) -> QTableWidget:
    """Return a table whose rows can be selected, but not edited.

    `name` is its name for screen readers.
    """
    table = QTableWidget(0, len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.setAccessibleName(name)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setDefaultAlignment(
        Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    )
    return table


def without_margins(layout: AnyLayout, spacing_px: int | None = None) -> AnyLayout:
    """Remove the margins of a layout, set its spacing if one is given, and return it."""
    layout.setContentsMargins(0, 0, 0, 0)
    if spacing_px is not None:
        layout.setSpacing(spacing_px)
    return layout
