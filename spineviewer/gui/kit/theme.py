"""Colours, fonts, spacing and the style of all controls, in one place for a consistent look.

Choice: Fusion with our own palette (`setColorScheme` does nothing on a bare X server), and a small style sheet for shapes.
"""

# ruff: noqa: E501 - drawing commands and style rules read best one to a line

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from spineviewer.volume import levels

#: The only gaps used between widgets, in device-independent pixels.
GAP_S, GAP_M, GAP_L, GAP_XL = 4, 8, 12, 20

FAMILY = "Inter"


@dataclass(frozen=True)
class Colours:
    """The colours of a theme, by their purpose."""

    canvas: str
    ground: str
    raised: str
    lifted: str
    line: str
    text: str
    quiet: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    good: str
    warn: str
    warn_ground: str
    bad: str
    bad_ground: str
    info_ground: str


DARK = Colours(
    canvas="#000000",
    ground="#14171c",
    raised="#1b1f26",
    lifted="#262c35",
    line="#2b313b",
    text="#e7eaee",
    quiet="#a3acb9",
    faint="#6c7684",
    accent="#4c9dff",
    accent_hover="#6aaeff",
    on_accent="#06121f",
    good="#4fc08d",
    warn="#f0b64a",
    warn_ground="#332a17",
    bad="#f2777a",
    bad_ground="#371d20",
    info_ground="#17283c",
)

LIGHT = Colours(
    canvas="#000000",
    ground="#f3f5f8",
    raised="#ffffff",
    lifted="#e6eaf0",
    line="#cdd4de",
    text="#14202c",
    quiet="#47566a",
    faint="#6b7889",
    accent="#2f80ed",
    accent_hover="#1b63c4",
    on_accent="#04101d",
    good="#1f8a55",
    warn="#8a5a00",
    warn_ground="#fff1d6",
    bad="#b3262b",
    bad_ground="#fde3e3",
    info_ground="#dcebff",
)
THEMES = {"dark": DARK, "light": LIGHT}
#: Names of the application properties with the current theme and the folder of its pictures.
_THEME, _ASSETS = "spineviewer-theme", "spineviewer-assets"

#: Drawn on pictures, so independent of the theme. Choice: cyan is distinct from grey and inferno with all common kinds of colour blindness.
MASK_COLOUR = "#31d8e6"
#: Choice: red, because no level of the spine has a similar colour.
SECOND_MASK_COLOUR = "#ff2424"
ATTENTION_EDGE_COLOUR = "#ffd166"
PLANE_COLOURS = {"AXIAL": "#ff7a6b", "CORONAL": "#7fd18b", "SAGITTAL": "#e9c85d"}
#: Colour of lines and names in the views along the spine.
CURVED_COLOUR = "#b79cff"
MEASURE_COLOUR = "#ffe08a"


def level_colour(label: int) -> QColor:
    """Return the colour of a level of the spine by its VerSe number, the same in every scan and in exported files."""
    return QColor(*levels.level_colour(label))


def colours() -> Colours:
    """Return the colours of the current theme. Pictures and overlays stay dark in both, as is usual for CT."""
    app = QApplication.instance()
    name = app.property(_THEME) if app is not None else None
    return THEMES.get(str(name), DARK)


def use_theme(name: str) -> None:
    """Change the theme of all present and future widgets; `icons.redraw_icons` draws icons again."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        is_same = THEMES.get(name, DARK) is colours()
        app.setProperty(_THEME, name)
        if not is_same:
            _dress(app)


def _dress(app: QApplication) -> None:
    place = app.property(_ASSETS)
    c = colours()
    app.setPalette(_palette(c))
    app.setStyleSheet(_style_sheet(c) + (_pictures(c, Path(place) / "icons") if place else ""))


@contextmanager
def undressed() -> Iterator[None]:
    """Suspend the style while many widgets are created, because every reparenting restyles a widget."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyleSheet("")
    yield
    _dress(app)


def apply_theme(app: QApplication, assets: Path | None) -> None:
    """Style the whole application; `assets` is the folder with the program's fonts and pictures."""
    app.setStyle("Fusion")
    if assets is not None:
        for file in sorted((assets / "fonts").glob("*.otf")):
            QFontDatabase.addApplicationFont(str(file))
    font = QFont(FAMILY if FAMILY in QFontDatabase.families() else app.font().family())
    font.setPixelSize(13)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    app.setFont(font)
    app.setProperty(_ASSETS, str(assets) if assets is not None else "")
    _dress(app)


def tabular(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the program's font with figures of equal width, for numbers that change."""
    font = QFont(QApplication.font())
    font.setPixelSize(size_px)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: c.ground,
        QPalette.ColorRole.WindowText: c.text,
        QPalette.ColorRole.Base: c.raised,
        QPalette.ColorRole.AlternateBase: c.lifted,
        QPalette.ColorRole.Text: c.text,
        QPalette.ColorRole.Button: c.lifted,
        QPalette.ColorRole.ButtonText: c.text,
        QPalette.ColorRole.BrightText: c.text,
        QPalette.ColorRole.Highlight: c.accent,
        QPalette.ColorRole.HighlightedText: c.on_accent,
        QPalette.ColorRole.ToolTipBase: c.lifted,
        QPalette.ColorRole.ToolTipText: c.text,
        QPalette.ColorRole.PlaceholderText: c.faint,
        QPalette.ColorRole.Link: c.accent,
        QPalette.ColorRole.Light: c.lifted,
        QPalette.ColorRole.Midlight: c.line,
        QPalette.ColorRole.Mid: c.line,
        QPalette.ColorRole.Dark: c.canvas,
        QPalette.ColorRole.Shadow: c.canvas,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.faint))
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, QColor(c.line))
    return palette


def _pictures(c: Colours, icons: Path) -> str:
    """Return the style rules that need picture files; without them, Fusion draws its own marks."""
    return f"""
    QCheckBox::indicator, QAbstractItemView::indicator {{ width: 14px; height: 14px; border: 1px solid {c.faint}; border-radius: 4px; background: {c.raised}; }}
    QCheckBox::indicator:hover {{ border-color: {c.quiet}; }}
    QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; image: url("{(icons / "check.svg").as_posix()}"); }}
    QCheckBox::indicator:disabled {{ border-color: {c.line}; background: {c.ground}; }}
    QCheckBox::indicator:checked:disabled {{ background: {c.faint}; }}
    QComboBox::down-arrow {{ width: 14px; height: 14px; image: url("{(icons / "chevron-down.svg").as_posix()}"); }}
    """


def _style_sheet(c: Colours) -> str:
    return f"""
    QMainWindow, QDialog {{ background: {c.ground}; }}
    QToolTip {{ background: {c.lifted}; color: {c.text}; border: 1px solid {c.line}; padding: 5px 7px; }}

    QMenuBar {{ background: {c.ground}; padding: 2px 6px; }}
    QMenuBar::item {{ padding: 5px 9px; border-radius: 5px; color: {c.quiet}; }}
    QMenuBar::item:selected {{ background: {c.lifted}; color: {c.text}; }}
    QMenu {{ background: {c.raised}; border: 1px solid {c.line}; padding: 5px; }}
    QMenu::item {{ padding: 6px 26px 6px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.lifted}; }}
    QMenu::item:disabled {{ color: {c.faint}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 5px 8px; }}
    QMenu::icon {{ padding-left: 6px; }}

    QToolBar {{ background: {c.ground}; border: none; border-bottom: 1px solid {c.line}; padding: 4px 8px; spacing: 2px; }}
    QToolBar::separator {{ width: 1px; background: {c.line}; margin: 5px 5px; }}
    QToolBar QToolButton {{ padding: 5px; border-radius: 6px; border: none; background: transparent; color: {c.quiet}; }}
    QToolBar QToolButton#qt_toolbar_ext_button {{ padding: 0; background: {c.lifted}; min-width: 18px; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton[kind="cross"] {{ background: transparent; border: none; border-radius: 4px; padding: 2px; }}
    QToolButton[kind="cross"]:hover {{ background: {c.lifted}; }}
    QToolButton[kind="fold"] {{ background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 2px 4px 2px 0;
        font-weight: 600; color: {c.text}; }}
    QToolButton[kind="fold"]:hover {{ background: {c.lifted}; }}
    QToolButton[kind="fold"]:focus {{ border: 1px solid {c.accent}; }}
    QToolBar QToolButton:hover {{ background: {c.lifted}; color: {c.text}; }}
    QToolBar QToolButton:checked {{ background: {c.info_ground}; color: {c.text}; }}
    QToolBar QToolButton:disabled {{ color: {c.faint}; }}

    QPushButton {{ background: {c.lifted}; border: 1px solid {c.line}; border-radius: 6px; padding: 6px 14px; min-height: 18px; }}
    QPushButton:hover {{ background: {c.line}; }}
    QPushButton:focus {{ border: 1px solid {c.accent}; }}
    QPushButton:disabled {{ color: {c.faint}; background: {c.raised}; }}
    QPushButton[kind="primary"] {{ background: {c.accent}; color: {c.on_accent}; border: 1px solid {c.accent}; font-weight: 600; }}
    QPushButton[kind="primary"]:hover {{ background: {c.accent_hover}; border-color: {c.accent_hover}; }}
    QPushButton[kind="primary"]:focus {{ border: 1px solid {c.text}; }}
    QPushButton[kind="primary"]:disabled {{ background: {c.lifted}; color: {c.faint}; border-color: {c.line}; }}
    QPushButton[kind="plain"] {{ background: transparent; border: 1px solid transparent; color: {c.quiet}; padding: 3px 7px; }}
    QPushButton[kind="plain"]:hover {{ background: {c.lifted}; color: {c.text}; }}
    QPushButton[kind="plain"]:focus {{ border: 1px solid {c.accent}; }}
    QPushButton[kind="plain"]:disabled {{ color: {c.faint}; }}
    QPushButton[kind="segment"] {{ background: {c.raised}; border: 1px solid {c.line}; padding: 3px 10px; color: {c.quiet}; border-radius: 5px; }}
    QPushButton[kind="segment"]:checked {{ background: {c.info_ground}; color: {c.text}; border-color: {c.accent}; }}

    QDoubleSpinBox, QLineEdit, QComboBox, QSpinBox {{
        background: {c.raised}; border: 1px solid {c.line}; border-radius: 5px; padding: 3px 7px; min-height: 18px;
        selection-background-color: {c.accent}; selection-color: {c.on_accent};
    }}
    QDoubleSpinBox:focus, QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ border: 1px solid {c.accent}; }}
    QPlainTextEdit {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 6px; padding: 4px; }}
    QPlainTextEdit:focus {{ border: 1px solid {c.accent}; }}
    QDoubleSpinBox:disabled, QComboBox:disabled, QLineEdit:disabled {{ color: {c.faint}; background: {c.ground}; }}
    QComboBox::drop-down {{ border: none; width: 18px; }}
    QComboBox QAbstractItemView {{ background: {c.raised}; border: 1px solid {c.line}; selection-background-color: {c.lifted};
        selection-color: {c.text}; outline: none; padding: 3px; }}

    QAbstractSpinBox QLineEdit {{ border: none; padding: 0; min-height: 0; background: transparent; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QCheckBox {{ spacing: 8px; }}
    QCheckBox:focus {{ color: {c.accent_hover}; }}

    QProgressBar {{ background: {c.lifted}; border: none; border-radius: 3px; min-height: 6px; max-height: 6px; }}
    QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}

    QScrollArea {{ border: none; background: transparent; }}
    QScrollBar:vertical {{ width: 9px; background: transparent; margin: 1px; }}
    QScrollBar::handle:vertical {{ background: {c.line}; border-radius: 3px; min-height: 26px; }}
    QScrollBar::handle:vertical:hover {{ background: {c.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ height: 0; background: none; }}
    QScrollBar:horizontal {{ height: 9px; background: transparent; margin: 1px; }}
    QScrollBar::handle:horizontal {{ background: {c.line}; border-radius: 3px; min-width: 26px; }}

    QTreeWidget, QTableWidget, QListWidget {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 6px; outline: none; }}
    QTreeWidget::item, QListWidget::item, QTableWidget::item {{ padding: 5px; }}
    QTreeWidget::item:selected, QListWidget::item:selected, QTableWidget::item:selected {{ background: {c.info_ground}; color: {c.text}; }}
    QHeaderView::section {{ background: {c.raised}; color: {c.quiet}; border: none; border-bottom: 1px solid {c.line}; padding: 6px; }}

    QSplitter::handle {{ background: {c.ground}; }}
    QSplitter::handle:hover {{ background: {c.line}; }}

    QTabWidget::pane {{ border: none; border-top: 1px solid {c.line}; }}
    QTabBar {{ background: {c.ground}; }}
    QTabBar::tab {{ background: transparent; color: {c.quiet}; padding: 6px 14px; border: none; border-bottom: 2px solid transparent; }}
    QTabBar::tab:hover {{ color: {c.text}; }}
    QTabBar::tab:selected {{ color: {c.text}; border-bottom: 2px solid {c.accent}; }}

    QStatusBar {{ background: {c.ground}; border-top: 1px solid {c.line}; }}
    QStatusBar::item {{ border: none; }}

    QLabel[role="title"] {{ font-size: 26px; font-weight: 600; }}
    QLabel[role="heading"] {{ font-weight: 600; font-size: 15px; }}
    QLabel[role="section"] {{ font-weight: 600; color: {c.text}; }}
    QLabel[role="quiet"] {{ color: {c.quiet}; }}
    QLabel[role="faint"] {{ color: {c.faint}; font-size: 12px; }}
    QLabel[role="warn"] {{ color: {c.warn}; }}
    QLabel[role="side"] {{ color: {c.text}; font-weight: 600; padding: 6px 8px; }}
    QLabel[role="good"] {{ color: {c.good}; }}
    QLabel[role="key"] {{ background: {c.lifted}; border: 1px solid {c.line}; border-radius: 4px; padding: 2px 7px; color: {c.text}; font-size: 12px; }}
    QLabel[role="status"] {{ color: {c.faint}; font-size: 12px; padding: 0 8px; }}
    QLabel[role="instruction"] {{ color: {c.warn}; font-size: 12px; padding: 0 8px; }}
    QLabel[role="patient"] {{ color: {c.text}; font-size: 12px; padding: 3px 10px; }}
    QFrame[role="rule"] {{ background: {c.line}; border: none; max-height: 1px; min-height: 1px; }}
    QFrame[role="card"] {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 8px; }}
    QFrame[role="panel"] {{ background: {c.ground}; border: none; border-left: 1px solid {c.line}; }}
    QFrame[role="banner-info"] {{ background: {c.info_ground}; border: none; border-radius: 6px; }}
    QFrame[role="banner-warn"] {{ background: {c.warn_ground}; border: none; border-radius: 6px; }}
    QFrame[role="banner-bad"] {{ background: {c.bad_ground}; border: none; border-radius: 6px; }}
    """
