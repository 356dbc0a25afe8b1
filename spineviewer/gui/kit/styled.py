"""Labels, buttons, tables and layouts as the style sheet and all dialogs expect them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QTableWidget

from spineviewer.gui.kit.icons import set_icon

AnyLayout = TypeVar("AnyLayout", bound=QBoxLayout)


def label_as(role: str, text: str = "", *, is_wrapped: bool = False) -> QLabel:
    """Return a label with a role of the style sheet, such as "quiet"."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setWordWrap(is_wrapped)
    return label


def button_as(
    kind: str, text: str = "", *, tip: str = "", name: str = "", picture: str = ""
) -> QPushButton:
    """Return a button of a kind of the style sheet, such as "primary".

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
    if picture:
        set_icon(button, picture, "on_accent" if kind == "primary" else "quiet")
    return button


def plain_table(titles: Sequence[str], name: str) -> QTableWidget:
    """Return a table whose rows can be selected, but not edited."""
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
    """Return a layout without margins; without `spacing_px`, the space between parts stays."""
    layout.setContentsMargins(0, 0, 0, 0)
    if spacing_px is not None:
        layout.setSpacing(spacing_px)
    return layout
