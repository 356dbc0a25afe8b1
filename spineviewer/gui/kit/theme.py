"""Colours, fonts, spacing and the style of all controls, in one place for a consistent look.

Choice: Fusion with our own palette (`setColorScheme` does nothing on a bare X server), and a small
style sheet for shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

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
#: Application properties that store the name of the current theme and the assets folder.
_THEME, _ASSETS = "spineviewer-theme", "spineviewer-assets"

#: Drawn on pictures, so independent of the theme. Choice: cyan is distinct from grey and inferno
#: with all common kinds of colour blindness.
MASK_COLOUR = "#31d8e6"
#: Choice: red, because no level of the spine has a similar colour.
SECOND_MASK_COLOUR = "#ff2424"
ATTENTION_EDGE_COLOUR = "#ffd166"
PLANE_COLOURS = {"AXIAL": "#ff7a6b", "CORONAL": "#7fd18b", "SAGITTAL": "#e9c85d"}
#: Colour of lines and names in the views along the spine.
CURVED_COLOUR = "#b79cff"
MEASURE_COLOUR = "#ffe08a"


def level_colour(label: int) -> QColor:
    """Return the colour of a level of the spine by its VerSe number.

    It is the same in every scan and in exported files.
    """
    return QColor(*levels.level_colour(label))


def colours() -> Colours:
    """Return the colours of the current theme.

    The views are dark in both themes, as is usual for CT.
    """
    app = QApplication.instance()
    name = app.property(_THEME) if app is not None else None
    return THEMES.get(str(name), DARK)


def use_theme(name: str) -> None:
    """Change the theme of all widgets; icons need `icons.redraw_icons`."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        is_same = THEMES.get(name, DARK) is colours()
        app.setProperty(_THEME, name)
        if not is_same:
            _restyle(app)


def _restyle(app: QApplication) -> None:
    assets = app.property(_ASSETS)
    c = colours()
    app.setPalette(_palette(c))
    app.setStyleSheet(_style_sheet(c, Path(assets) / "icons" if assets else None))


@contextmanager
def style_suspended() -> Iterator[None]:
    """Suspend the style sheet while many widgets are created.

    Otherwise, every reparenting would restyle a widget.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyleSheet("")
    yield
    _restyle(app)


def apply_theme(app: QApplication, assets: Path | None) -> None:
    """Style the whole application; `assets` is the folder with the program's fonts and icons."""
    app.setStyle("Fusion")
    if assets is not None:
        for file in sorted((assets / "fonts").glob("*.otf")):
            QFontDatabase.addApplicationFont(str(file))
    font = QFont(FAMILY if FAMILY in QFontDatabase.families() else app.font().family())
    font.setPixelSize(13)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    app.setFont(font)
    app.setProperty(_ASSETS, str(assets) if assets is not None else "")
    _restyle(app)


def tabular_font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
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


def _style_sheet(c: Colours, icons: Path | None) -> str:
    """Return the style sheet in these colours; without `icons`, Fusion draws tick marks itself."""
    names = ["style.qss"] if icons is None else ["style.qss", "marks.qss"]
    sheet = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in names)
    return Template(sheet).substitute(vars(c), icons=icons and icons.as_posix())
