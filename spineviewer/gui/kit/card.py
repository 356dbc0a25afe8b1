"""Cards that float over the window, tall enough for their wrapped text."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def fit_height(card: QWidget, width: int) -> None:
    """Give a card a fixed width, and enough height for all its lines.

    `adjustSize` would wrap the text at the preferred width of the card instead.
    """
    card.setFixedWidth(width)
    layout = card.layout()
    if layout is None:
        return
    layout.activate()
    is_wrapped = layout.hasHeightForWidth()
    height = layout.totalHeightForWidth(width) if is_wrapped else layout.totalSizeHint().height()
    card.resize(width, height)
