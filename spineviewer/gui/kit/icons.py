"""The program's icons: strokes on a 24 x 24 grid, sharp at every scale, in theme colours."""

# ruff: noqa: E501 - drawing commands are easiest to read with one icon on each line

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QWidget

from spineviewer.gui.kit.theme import Colours, colours, level_colour

_STROKES = {
    "open": '<path d="M3 7.5A1.5 1.5 0 0 1 4.500 6h4.6l2 2.500h8.400A1.500 1.500 0 0 1 21 10v7.500A1.500 1.500 0 0 1 19.500 19h-15A1.500 1.500 0 0 1 3 17.500z"/>',
    "back": '<path d="m14.500 6-6 6 6 6"/>',
    "forward": '<path d="m9.500 6 6 6-6 6"/>',
    "up": '<path d="M12 19V6M6.500 11.500 12 6l5.500 5.500"/>',
    "list": '<path d="M8.500 7H20M8.500 12H20M8.500 17H20M4.500 7h.01M4.500 12h.01M4.500 17h.01"/>',
    "new-folder": '<path d="M21 12v-2a1.500 1.500 0 0 0-1.500-1.500h-8.400L9.100 6H4.500A1.500 1.500 0 0 0 3 7.500v10A1.500 1.500 0 0 0 4.500 19H13"/><path d="M18.500 15v6M15.500 18h6"/>',
    "file": '<path d="M6 3.500h8l4.500 4.500v12.500H6z"/><path d="M14 3.500V8h4.500"/>',
    "export": '<path d="M12 15V4"/><path d="M8 7.500 12 3.500l4 4"/><path d="M5 13v5.500A1.500 1.500 0 0 0 6.500 20h11a1.500 1.500 0 0 0 1.500-1.500V13"/>',
    "segment": '<rect x="8" y="3" width="8" height="4.600" rx="1.600"/><rect x="7.500" y="9.700" width="8" height="4.600" rx="1.600"/>'
    '<rect x="8" y="16.400" width="8" height="4.600" rx="1.600"/><path d="M16 5.300h3M15.500 12h3M16 18.700h3"/>',
    "window": '<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="{ink}"/>',
    "zoom": '<circle cx="10.500" cy="10.500" r="6"/><path d="m15 15 5.500 5.500M8 10.500h5M10.500 8v5"/>',
    "pan": '<path d="M12 3.500v17M3.500 12h17M9.500 6 12 3.500 14.500 6M9.500 18l2.500 2.500 2.500-2.500M6 9.500 3.500 12 6 14.500M18 9.500l2.500 2.500-2.500 2.500"/>',
    "crosshair": '<path d="M12 3v6M12 15v6M3 12h6M15 12h6"/><circle cx="12" cy="12" r=".8" fill="{ink}"/>',
    "attention": '<path d="M12 3c.5 3.500 5.500 5.500 5.500 10.500a5.500 5.500 0 0 1-11 0c0-2 1-3.500 2.200-4.500.3 1.500 1 2.300 1.800 2.600C10.200 8.500 10.500 5.500 12 3z"/>',
    "layers": '<path d="m12 4 8.500 4.500L12 13 3.500 8.500zM3.500 12.500 12 17l8.500-4.500M3.500 16.300 12 20.800l8.500-4.500"/>',
    "mask": '<path d="M8 5.500c2.500-1.500 6-1.300 8 .5s3.500 4.500 2.500 7.500-3.500 5.500-7 5.500-6-2-6.500-5.500S5.500 7 8 5.500z"/>',
    "tint": '<path d="M8 5.500c2.500-1.500 6-1.300 8 .5s3.500 4.500 2.500 7.500-3.500 5.500-7 5.500-6-2-6.500-5.500S5.500 7 8 5.500z" fill="{ink}" fill-opacity=".55"/>',
    "layout-sagittal": '<rect x="3.500" y="4.500" width="17" height="15" rx="1.500"/><path d="M13.500 4.500v15M13.500 12h7"/>',
    "layout-grid": '<rect x="3.500" y="4.500" width="17" height="15" rx="1.500"/><path d="M12 4.500v15M3.500 12h17"/>',
    "layout-windows": '<rect x="3.500" y="4.500" width="17" height="15" rx="1.500"/><path d="M12 4.500v15M3.500 13h17"/><path d="M5.500 6.500h4.500v4.500h-4.500z" fill="currentColor" stroke="none"/>',
    "layout-row": '<rect x="3.500" y="4.500" width="17" height="15" rx="1.500"/><path d="M9.200 4.500v15M14.800 4.500v15"/>',
    "layout-column": '<rect x="3.500" y="4.500" width="17" height="15" rx="1.500"/><path d="M15 4.500v15M15 12h5.500"/>',
    "layout-three": '<rect x="3.500" y="4.500" width="17" height="15" rx="1.500"/><path d="M14.500 4.500v15M14.500 9.500h6M14.500 14.500h6"/>',
    "rotate": '<path d="M12 3v18M3 12h18" transform="rotate(20 12 12)"/><path d="M17.500 4.200a9.500 9.500 0 0 1 3.300 4M20.900 5v3.300h-3.300"/>',
    "more": '<path d="m5 6 6 6-6 6M13 6l6 6-6 6"/>',
    "cine": '<path d="M8 5.500v13l10.500-6.500z"/>',
    "maximise": '<path d="M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5"/>',
    "reset": '<path d="M5 5v5h5"/><path d="M5.500 10A7.200 7.200 0 1 1 5 14"/>',
    "keys": '<rect x="2.500" y="6" width="19" height="12" rx="2"/><path d="M6 9.700h.01M9.500 9.700h.01M13 9.700h.01M16.500 9.700h1.500M7 14.300h10"/>',
    "report": '<path d="M6 3.500h8l4.500 4.500v12.500H6z"/><path d="M9 11h6M9 14h6M9 17h4"/>',
    "lasso": '<path d="M12 4.500c5 0 8.500 2.300 8.500 5.500s-3.500 5.500-8.500 5.500S3.500 13.200 3.500 10 7 4.500 12 4.500z" stroke-dasharray="3 2.500"/><path d="M8 15c-2 .5-2.500 2-1.500 3s.5 2-1.500 2.500"/>',
    "piece": '<rect x="4" y="4" width="9" height="9" rx="2"/><path d="M16 16.500h4M4 17.500h5" stroke-dasharray="2 2"/><path d="m15.500 13 5 5M20.500 13l-5 5"/>',
    "check": '<path d="m5 12.500 4.500 4.500L19 7.500"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "warn": '<path d="M12 4 21 19.500H3z"/><path d="M12 10v4.500M12 17h.01"/>',
    "info": '<circle cx="12" cy="12" r="8.500"/><path d="M12 11v5.500M12 7.500h.01"/>',
    "error": '<circle cx="12" cy="12" r="8.500"/><path d="m9 9 6 6M15 9l-6 6"/>',
    "recent": '<circle cx="12" cy="12" r="8"/><path d="M12 7.500V12l3 2"/>',
    "brush": '<path d="M19.500 4.500c-3 1-8 6-9.500 9l1.500 1.500c3-1.500 8-7 8-10.500z"/><path d="M9 14.500c-2.500-.5-3.500 1-3.500 2.500S4.800 19 3.500 19.500c3.500 1 7.500 0 7-3.500z"/>',
    "eraser": '<path d="m8.500 19-5-5L13 4.500l6.500 6.500-8 8z"/><path d="m8.500 9 6.500 6.500M11 19.500h9"/>',
    "undo": '<path d="M8.500 5 4 9.500 8.500 14"/><path d="M4 9.500h10a5.500 5.500 0 0 1 0 11h-4"/>',
    "redo": '<path d="M15.500 5 20 9.500 15.500 14"/><path d="M20 9.500H10a5.500 5.500 0 0 0 0 11h4"/>',
    "slab": '<path d="M4 7h16M4 12h16M4 17h16"/><path d="M12 3v18" stroke-dasharray="1.500 2.500"/>',
    "trash": '<path d="M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 10.500v6M13.500 10.500v6"/>',
    "table": '<rect x="3.500" y="5" width="17" height="14" rx="1.500"/><path d="M3.500 9.700h17M3.500 14.300h17M10 5v14"/>',
    "curve": '<path d="M9 3c-3 4 6 6 3 10s-2 6 0 8"/><path d="M5 5.500h3M5 10h5.500M6 14.500h4.500M6 19h4.500"/>',
    "compare": '<circle cx="9" cy="12" r="5.500"/><circle cx="15" cy="12" r="5.500"/>',
}


#: Widget properties that store the icon of a button.
_NAME, _ROLE = "icon-name", "icon-role"


class _StrokeEngine(QIconEngine):
    """Draws an icon at the requested size, and caches each picture."""

    def __init__(self, strokes: str, off: str, on: str, disabled: str) -> None:
        super().__init__()
        self._arguments = strokes, off, on, disabled
        self._drawn: dict[tuple[str, int, int], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        _renderer(self._arguments[0], self._ink(mode, state)).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = self._ink(mode, state), size.width(), size.height()
        if key not in self._drawn:
            pixmap = QPixmap(size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            self.paint(painter, pixmap.rect(), mode, state)
            painter.end()
            self._drawn[key] = pixmap
        return self._drawn[key]

    def clone(self) -> QIconEngine:
        return _StrokeEngine(*self._arguments)

    def _ink(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        _, off, on, disabled = self._arguments
        if mode is QIcon.Mode.Disabled:
            return disabled
        return on if state is QIcon.State.On else off


def icon(name: str, role: str = "quiet") -> QIcon:
    """Return an icon in the colours of the theme; `name` is its name, or its strokes as SVG.

    It has the colour of `role` when off, the accent colour when on, and is faint when disabled.
    """
    return _icon(name, role, colours())


@cache
def _icon(name: str, role: str, theme: Colours) -> QIcon:
    return QIcon(
        _StrokeEngine(
            name if name.startswith("<") else _STROKES[name],
            str(getattr(theme, role)),
            theme.accent_hover,
            theme.faint,
        )
    )


def untinted(picture: QPixmap) -> QIcon:
    """Return an icon that is not tinted in a selected row."""
    untinted = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        untinted.addPixmap(picture, mode)
    return untinted


def level_icon(label: int) -> QIcon:
    """Return a square in the colour of a level of the spine, by its VerSe number."""
    square = QPixmap(10, 10)
    square.fill(level_colour(label))
    return untinted(square)


def set_icon(button: QAbstractButton, name: str, role: str = "quiet") -> None:
    """Set a button's icon, which then follows changes of the theme."""
    button.setIcon(icon(name, role))
    button.setProperty(_NAME, name)
    button.setProperty(_ROLE, role)


def redraw_icons(root: QWidget) -> None:
    """Redraw the icons of all buttons below `root` in the colours of the current theme."""
    for button in root.findChildren(QAbstractButton):
        name = button.property(_NAME)
        if name:
            button.setIcon(icon(str(name), str(button.property(_ROLE))))


def _renderer(strokes: str, ink: str) -> QSvgRenderer:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{ink}" stroke-width="1.6" '
        f'stroke-linecap="round" stroke-linejoin="round">{strokes.replace("{ink}", ink)}</svg>'
    )
    return QSvgRenderer(QByteArray(svg.encode()))
