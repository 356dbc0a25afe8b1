"""What the wheel and the keys of the views do not change by accident."""

import pytest
from conftest import named
from fakes import FakeBackend
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QScrollArea
from whole_window import every_part

from spineviewer.app.overlay import MapKind

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def turn_wheel(widget, steps):
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at, QPointF(widget.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def shown_in(field):
    return field.currentIndex() if isinstance(field, QComboBox) else field.text()


def test_the_wheel_changes_no_choice_and_no_number_that_it_passes(qtbot, make_window, tmp_path):
    seen = set()
    for name, part in every_part(qtbot, make_window, tmp_path):
        for field in (*part.findChildren(QComboBox), *part.findChildren(QAbstractSpinBox)):
            if field.isVisible() and field.isEnabled() and not field.hasFocus():
                before = shown_in(field)
                for steps in (-1, 1):
                    turn_wheel(field, steps)
                    assert shown_in(field) == before, (name, field.accessibleName())
                seen.add(field.accessibleName())
    assert len(seen) > 10


def test_the_wheel_over_a_list_scrolls_the_panel_unless_the_list_has_the_focus(
    qtbot, make_window, scan
):
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan))
    window.resize(1366, 500)
    page = window.panel.findChild(QScrollArea)
    regions, bar = window.panel.uncertain_region_box.list, page.verticalScrollBar()
    for number in range(30):
        regions.addItem(str(number))
    window.panel.uncertain_region_box.show()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert not turn_wheel(regions.viewport(), -1)  # Qt passes on what is not accepted
    assert regions.verticalScrollBar().value() == 0
    regions.setFocus()
    assert turn_wheel(regions.viewport(), -1)
    assert regions.verticalScrollBar().value() > 0


def test_the_wheel_changes_a_choice_that_has_the_focus(qtbot, make_window, scan):
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan))
    choice = window.panel.overlay_box.map_choice
    choice.setFocus()
    before = choice.currentIndex()
    turn_wheel(choice, -1)
    assert choice.currentIndex() == before + 1


@pytest.mark.parametrize("click", ["preset", "switch", "choice", "empty space", "fold"])
def test_after_a_click_in_the_panel_the_keys_still_go_to_the_views(qtbot, make_window, scan, click):
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan))
    panel, view = window.panel, window.area.members[window.area.active]
    window.area.set_active(window.area.active)
    target = {
        "preset": panel.tuning_box.findChildren(type(panel.export_button))[0],
        "switch": panel.correct_box.flat_check,
        "choice": panel.overlay_box.map_choice,
        "empty space": panel._scroll.widget(),
        "fold": panel.folds[-1].heading,
    }[click]
    window.actions_by_name["tool_brush"].trigger()
    QTest.mouseClick(target, LEFT, NONE, QPoint(3, 3))
    if popup := QApplication.activePopupWidget():
        popup.close()
    assert view.hasFocus()
    index, kind = window.verbs.state.crosshair_zyx, window.verbs.state.overlays.map_kind
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Up)
    assert window.verbs.state.crosshair_zyx != index
    assert window.verbs.state.overlays.map_kind is kind is MapKind.ATTENTION
