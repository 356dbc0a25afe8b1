"""Both themes are legible, the chosen one is remembered, and the pictures stay dark."""

from dataclasses import fields

import pytest
from fakes import FakeBackend
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from spineviewer.app.settings import load_settings
from spineviewer.gui.kit.icons import level_icon
from spineviewer.gui.kit.theme import DARK, LIGHT, colours, level_colour, use_theme


@pytest.fixture(autouse=True)
def _dark_again(qapp):
    yield
    use_theme("dark")


def luminance(colour):
    parts = [
        v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4
        for v in QColor(colour).getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_texts_have_the_contrast_that_wcag_requires(theme):
    for ground in (theme.ground, theme.raised):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.quiet, ground) >= 4.5
        assert contrast(theme.warn, ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for ground in (theme.warn_ground, theme.bad_ground, theme.info_ground):
        assert contrast(theme.text, ground) >= 7
    assert contrast(theme.faint, theme.ground) >= 3


def test_themes_differ_in_all_but_the_canvas():
    same = [f.name for f in fields(DARK) if getattr(DARK, f.name) == getattr(LIGHT, f.name)]
    assert same == ["canvas"]


def test_the_chosen_theme_is_used_at_once_and_stored(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    dark_corner = window.panel.grab().toImage().pixelColor(2, 2)
    icons = window.actions_by_name["tool_pan"].icon().pixmap(20, 20).toImage()
    window.actions_by_name["light"].trigger()
    assert colours() is LIGHT
    light = window.panel.grab().toImage().pixelColor(2, 2)
    assert light.lightness() > 200 > 60 > dark_corner.lightness()
    assert window.actions_by_name["tool_pan"].icon().pixmap(20, 20).toImage() != icons
    view = next(iter(window.area.views.values()))
    # pictures stay dark, as in a reading room
    assert view.grab().toImage().pixelColor(5, 5).lightness() == 0
    assert window.verbs.runner.wait_for_writes(60.0)
    assert load_settings(window.workspace.settings._path).theme == "light"
    use_theme("dark")
    again = make_window(FakeBackend([scan]))
    assert again.actions_by_name["light"].isChecked()
    assert colours() is LIGHT


def test_the_square_of_a_level_has_its_colour_even_in_a_selected_row(qapp):
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        square = level_icon(20).pixmap(QSize(10, 10), mode).toImage()
        assert square.pixelColor(5, 5) == level_colour(20)
