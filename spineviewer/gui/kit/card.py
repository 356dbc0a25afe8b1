"""Cards that float over the window: as high as their wrapped texts need."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def fit_height(card: QWidget, width: int) -> None:
    """Give a card a fixed width, and the height of all its lines.

    `adjustSize` breaks lines at the width that the card would like to have instead.
    """
    card.setFixedWidth(width)
    layout = card.layout()
    if layout is None:
        return
    layout.activate()
    is_wrapped = layout.hasHeightForWidth()
    height = layout.totalHeightForWidth(width) if is_wrapped else layout.totalSizeHint().height()
    card.resize(width, height)
