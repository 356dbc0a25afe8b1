"""The side panel: what is always visible, what folds, what never moves, and its width."""

import threading
from dataclasses import replace

import pytest
from conftest import let_qt_work, named
from fakes import TUNING, FakeBackend, spine_volume
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QScreen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from spineviewer.app.mask_facts import MaskFacts
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.window.spine_panel import PANEL_WIDTH
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Extent, Tuning
from spineviewer.volume.planes import Plane

LEFT = Qt.MouseButton.LeftButton
SMALL_SCREEN = (1366, 738)
LENGTH = Measurement(Distance(), Plane.AXIAL, ((50.0, 20.0, 20.0), (50.0, 40.0, 20.0)))


def is_wholly_seen(window, widget: QWidget) -> bool:
    place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    shown = widget.visibleRegion().boundingRect()
    return widget.isVisible() and window.rect().contains(place) and shown == widget.rect()


def segmented(qtbot, make_window, size=SMALL_SCREEN):
    scan = spine_volume()
    window = make_window(FakeBackend([scan]), scan=scan, size=size)
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    return window


def test_segment_progress_and_cancel_are_always_visible(qtbot, make_window):
    gate = threading.Event()
    scan = spine_volume()
    window = make_window(FakeBackend([scan], gate=gate), scan=scan, size=SMALL_SCREEN)
    for _ in range(6):
        window.verbs.add_measurement(LENGTH)
    window.actions_by_name["tool_brush"].trigger()
    run_box, bar = window.panel.run_box, window.panel._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    assert is_wholly_seen(window, run_box.segment_button)
    QTest.mouseClick(run_box.segment_button, LEFT)
    qtbot.waitUntil(lambda: run_box.cancel_button.isVisible())
    assert is_wholly_seen(window, run_box.cancel_button)
    assert is_wholly_seen(window, run_box.progress_bar)
    gate.set()
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)


def test_no_message_of_the_panel_moves_a_slider(qtbot, make_window):
    window = segmented(qtbot, make_window, size=(1600, 900))
    panel = window.panel
    QTest.mouseClick(panel.tuning_box.numbers_button, LEFT)
    slider = panel.tuning_box.attention_threshold.slider
    let_qt_work()
    before = slider.mapTo(window, QPoint(0, 0))
    for facts in (None, MaskFacts(1.0, True), MaskFacts(1.0, False)):
        panel.show_volume(facts, True, None)
        let_qt_work()
        assert slider.mapTo(window, QPoint(0, 0)) == before
    for stage in SegmentationStage:
        panel.run_box.show_stage(stage, 0.5, {"seconds": {"all": 3.0}, "device": "cpu"})
        let_qt_work()
        assert slider.mapTo(window, QPoint(0, 0)) == before


def test_a_folded_section_stays_folded_at_the_next_start(qtbot, make_window):
    window = segmented(qtbot, make_window)
    fold = next(fold for fold in window.panel.folds if fold.name == "overlays")
    QTest.mouseClick(fold.heading, LEFT)
    assert fold.isVisible()
    assert not window.panel.overlay_box.isVisible()
    other = make_window(FakeBackend(), scan=spine_volume())
    qtbot.waitUntil(lambda: window.workspace.settings.current.folded == ["overlays"])
    other.panel.fold_sections(window.workspace.settings.current.folded)
    assert not other.panel.overlay_box.isVisible()
    assert other.panel.tuning_box.isVisible()
    assert other.panel.reveal(other.panel.overlay_box.map_choice).isVisible()


@pytest.mark.parametrize("height", [728, 860])
def test_a_low_screen_begins_with_the_lists_until_the_user_decides(
    qtbot, make_window, monkeypatch, height
):
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, 1366, height))
    window = segmented(qtbot, make_window, size=(1366, height - 40))
    panel = window.panel
    expected = ["thresholds", "overlays"] if height == 728 else []
    assert panel.folded_sections == expected
    if not expected:
        return
    named(qtbot, window)
    assert panel.vertebra_box.list.visibleRegion().boundingRect().height() > 200
    fold = next(fold for fold in panel.folds if fold.name == "overlays")
    QTest.mouseClick(fold.heading, LEFT)
    settings = window.workspace.settings.current
    assert (settings.folded, settings.is_folding_chosen) == (["thresholds"], True)
    assert window.verbs.runner.wait_for_writes(60.0)
    other = make_window(FakeBackend(), scan=spine_volume())
    assert other.panel.folded_sections == ["thresholds"]


def test_a_section_without_content_has_no_heading(qtbot, make_window):
    window = make_window(FakeBackend(), scan=spine_volume())
    shown = {fold.name for fold in window.panel.folds if fold.isVisible()}
    assert shown == {"thresholds", "overlays"}
    window.verbs.add_measurement(LENGTH)
    assert next(f for f in window.panel.folds if f.name == "measurements").isVisible()


def test_the_edge_of_the_panel_can_be_dragged_and_its_width_is_remembered(qtbot, make_window):
    window = make_window(FakeBackend(), scan=spine_volume(), size=(1600, 900))
    assert window.panel.width() == PANEL_WIDTH
    handle = window.scan_page.splitter.handle(1)
    middle = handle.rect().center()
    QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, middle)
    QTest.mouseMove(handle, middle - QPoint(150, 0))
    QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, middle - QPoint(150, 0))
    assert window.panel.width() > PANEL_WIDTH + 100
    width = window.panel.width()
    qtbot.waitUntil(lambda: window.workspace.settings.current.panel_width == width)


def test_tight_normal_and_wide_set_the_thresholds_and_show_which_is_active(qtbot, make_window):
    window = segmented(qtbot, make_window, size=(1600, 900))
    box = window.panel.tuning_box
    assert box.extent_buttons[Extent.NORMAL].isChecked()
    assert not box.attention_threshold.isVisible()
    QTest.mouseClick(box.extent_buttons[Extent.WIDE], LEFT)
    assert window.verbs.state.tuning == replace(TUNING, attention_threshold=0.08, sigma_mm=7.5)
    lit = [extent for extent, button in box.extent_buttons.items() if button.isChecked()]
    assert lit == [Extent.WIDE]
    QTest.mouseClick(box.numbers_button, LEFT)
    assert box.attention_threshold.isVisible()
    box.attention_threshold.nudge(3)
    assert not any(button.isChecked() for button in box.extent_buttons.values())
    QTest.mouseClick(box.extent_buttons[Extent.NORMAL], LEFT)
    assert window.verbs.state.tuning == TUNING
    QTest.mouseClick(box.extent_buttons[Extent.NORMAL], LEFT)
    assert box.extent_buttons[Extent.NORMAL].isChecked()


def test_every_extent_is_wider_than_the_previous_one():
    tight, normal, wide = (extent.tuning(Tuning()) for extent in Extent)
    assert tight.attention_threshold > normal.attention_threshold > wide.attention_threshold
    assert tight.sigma_mm < normal.sigma_mm < wide.sigma_mm
    assert Extent.of(replace(normal, sigma_mm=1.0), Tuning()) is None


def test_every_line_of_the_note_below_the_button_is_drawn_whole(qtbot, make_window):
    window = segmented(qtbot, make_window)
    note = window.panel.run_box.run_note
    heights = set()
    for text in ("", "One line.", "Hatched areas have not been segmented. " * 2, "Word " * 200):
        note.show_text(text)
        let_qt_work()
        lines = note.fontMetrics().boundingRect(
            note.contentsRect().adjusted(0, 0, 0, 999), Qt.TextFlag.TextWordWrap, note.text()
        )
        assert lines.height() <= note.contentsRect().height()
        assert note.toolTip() == text
        heights.add(note.height())
    assert heights == {3 * note.fontMetrics().lineSpacing()}
    assert note.text().endswith("…")
    assert note.text().startswith("Word Word")


def test_the_values_of_the_extent_follow_the_language(qapp, make_window):
    use_language("de")
    try:
        window = make_window(FakeBackend(), scan=spine_volume())
        assert window.panel.tuning_box.numbers_button.text().endswith("0,20 · 6,0 mm · 0,50")
    finally:
        use_language("en")


def test_the_key_for_the_next_uncertain_region_scrolls_to_its_list(qtbot, make_window):
    scan = spine_volume()
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan, size=(1000, 600)))
    box, bar = window.panel.uncertain_region_box, window.panel._scroll.verticalScrollBar()
    QTest.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: box.isVisible() and box.list.count() > 1)
    qtbot.waitUntil(lambda: is_wholly_seen(window, box))
    bar.setValue(bar.maximum())
    assert not is_wholly_seen(window, box)
    QTest.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: is_wholly_seen(window, box))


def test_the_list_of_uncertain_regions_does_not_move_when_it_is_clicked(qtbot, make_window):
    scan = spine_volume()
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan, size=(1000, 600)))
    box, bar = window.panel.uncertain_region_box, window.panel._scroll.verticalScrollBar()
    QTest.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: box.isVisible() and is_wholly_seen(window, box))
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)  # measurements may move the list
    let_qt_work()
    bar.setValue(box.mapTo(window.panel._scroll.widget(), QPoint(0, 12)).y())
    before, item = bar.value(), box.list.item(1)
    at = box.list.visualItemRect(item).center()
    QTest.mouseMove(box.list.viewport(), at)
    QTest.mouseClick(box.list.viewport(), LEFT, pos=at)
    assert box.list.currentRow() == 1
    let_qt_work()
    assert bar.value() == before
