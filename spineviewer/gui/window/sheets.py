"""The sheet of shortcuts, and the About dialog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from spineviewer import __version__
from spineviewer.gui.kit.command import CommandTable
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.screen_fit import available_size
from spineviewer.gui.kit.shortcuts import shortcut_label, shortcuts_for
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S, GAP_XL
from spineviewer.gui.opening.start_page import SpineLogo
from spineviewer.wording import mark

#: Space for the scroll bar, and for fonts that are wider than expected.
_SPARE_PX = 40
#: Mouse actions and their effects.
MOUSE = (
    (mark("Wheel"), mark("Scroll slices")),
    (mark("Click"), mark("Move the crosshair to the pointer")),
    (mark("Left-button drag"), mark("The selected tool (window/level by default)")),
    (mark("Middle-button drag"), mark("Pan")),
    (mark("Right-button drag"), mark("Zoom")),
    (mark("Ctrl + wheel"), mark("Zoom at the pointer")),
    (mark("Shift + move"), mark("Crosshair follows the pointer")),
    (mark("Double-click"), mark("Maximise or restore a view")),
    (mark("Hold B"), mark("Hide all overlays while the key is held down")),
)
#: Shortcut groups in columns of about the same height.
_SHORTCUT_COLUMNS = (
    (mark("Mouse"), mark("Tools"), mark("Overlays")),
    (mark("View"),),
    (mark("Spine"), mark("Correct")),
    (mark("File"), mark("Window"), mark("Measure"), mark("Help")),
)
#: The same groups for narrower screens.
_SHORTCUT_LAYOUTS: tuple[tuple[tuple[str, ...], ...], ...] = (
    _SHORTCUT_COLUMNS,
    (
        ("Mouse", "Tools", "Overlays", "Spine"),
        ("View", "Correct"),
        ("File", "Window", "Measure", "Help"),
    ),
    (
        ("Mouse", "Tools", "Overlays", "Spine", "Correct"),
        ("View", "File", "Window", "Measure", "Help"),
    ),
    (
        (
            "Mouse",
            "Tools",
            "Overlays",
            "View",
            "Spine",
            "Correct",
            "File",
            "Window",
            "Measure",
            "Help",
        ),
    ),
)


class ShortcutsSheet(QDialog):
    """All shortcuts and mouse actions on one page."""

    def __init__(
        self,
        commands: CommandTable,
        own_keys: Mapping[str, list[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard and mouse"))
        self.setStyleSheet(
            "QLabel { font-size: 12px; } QLabel[role='key'] { padding: 1px 6px; font-size: 11px; }"
        )
        groups: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for command in commands.values():
            if keys := shortcuts_for(command, own_keys):
                groups.setdefault(command.menu, []).append((keys, command.title))
        mouse: list[tuple[tuple[str, ...], str]] = [((tr(keys),), tr(text)) for keys, text in MOUSE]
        available = available_size(self)
        for columns in _SHORTCUT_LAYOUTS:
            page = _shortcut_page(_completed(columns, groups), {**groups, "Mouse": mouse})
            if page.sizeHint().width() + 2 * GAP_XL + _SPARE_PX <= available.width():
                break  # there is no need to scroll sideways
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        layout.addWidget(scroll, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        size = page.sizeHint() + QSize(
            2 * GAP_XL + _SPARE_PX, 2 * GAP_XL + GAP_L + close.sizeHint().height() + 8
        )
        self.resize(size)


class AboutSheet(QDialog):
    """The About dialog: name, version, purpose and disclaimer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Spineviewer"))
        title = styled_label("heading", f"Spineviewer {__version__}")
        text = QLabel(
            tr(
                "Two networks analyse a CT scan: one finds the spine, the other "
                "finds bone. Their results are combined into the mask, following "
                "Sekuboyina et al., ‘Attention-driven Deep Learning for "
                "Pathological Spine Segmentation’ (2017).\n\n"
                "For research use only. Spineviewer is not a medical device: do "
                "not base a diagnosis or treatment on it. Nothing leaves this "
                "computer unless you send it.\n\n"
                "Apache-2.0. Font: Inter (SIL Open Font License). Qt and PySide "
                "under the LGPL."
            )
        )
        text.setWordWrap(True)
        text.setMinimumWidth(420)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(GAP_XL)
        row.addWidget(SpineLogo(), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(GAP_L)
        texts.addWidget(title)
        texts.addWidget(text)
        row.addLayout(texts, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addLayout(row)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)


def _completed(columns: Sequence[Sequence[str]], groups: Iterable[str]) -> list[Sequence[str]]:
    """Return the columns, with unlisted groups appended to the last column."""
    listed = {name for column in columns for name in column}
    return [*columns[:-1], (*columns[-1], *(name for name in groups if name not in listed))]


def _shortcut_page(
    columns: Sequence[Sequence[str]], groups: Mapping[str, list[tuple[tuple[str, ...], str]]]
) -> QWidget:
    page = QWidget()
    layout = QHBoxLayout(page)
    layout.setContentsMargins(0, 0, GAP_L, 0)
    layout.setSpacing(GAP_XL)
    for names in columns:
        column = QVBoxLayout()
        column.setSpacing(GAP_M)
        for name in names:
            column.addLayout(_section(name, groups.get(name, [])))
            column.addSpacing(GAP_M)
        column.addStretch(1)
        layout.addLayout(column)
    return page


def _section(name: str, rows: list[tuple[tuple[str, ...], str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP_M)
    grid.setVerticalSpacing(2)
    heading = styled_label("section", tr(name))
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (keys, text) in enumerate(rows, start=1):
        caps = QHBoxLayout()
        caps.setSpacing(GAP_S)
        for key in keys:
            cap = styled_label("key", key if name == "Mouse" else shortcut_label(key))
            caps.addWidget(cap)
        caps.addStretch(1)
        grid.addLayout(caps, row, 0)
        grid.addWidget(styled_label("quiet", text), row, 1)
    grid.setColumnStretch(1, 1)
    return grid
