"""Help is correct, and the tour visits every stop and can be ended."""

import re
from pathlib import Path

from conftest import let_qt_work, segment
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QKeySequence, QTextDocument
from PySide6.QtTest import QTest

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.settings import load_settings
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.help_sheet import HelpSheet, chapters
from spineviewer.resources import assets_dir
from spineviewer.volume.planes import Plane

LEFT = Qt.MouseButton.LeftButton


def test_every_chapter_is_shown(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    QTest.keyClick(window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    sheet = window.findChild(HelpSheet)
    for number, chapter in enumerate(chapters("en")):
        sheet.chapters.setCurrentRow(number)
        assert sheet.chapters.currentItem().text() == chapter.title
        assert len(sheet.text.toPlainText()) > 100, chapter.title
    assert "not a medical device" in sheet.text.toPlainText()


def test_each_language_has_the_same_chapters_and_pictures():
    def outline(language):
        return [
            (page.path.name, re.findall(r"\]\(([^)]+)\)", page.text)) for page in chapters(language)
        ]

    assert len(outline("en")) > 5
    assert outline("de") == outline("en")
    assert chapters("xx") == chapters("en")


def test_the_keys_that_help_names_are_those_of_the_commands():
    known = {QKeySequence(key).toString() for command in COMMANDS.values() for key in command.keys}
    text = " ".join(page.text for page in chapters("en"))
    named = set(re.findall(r"(?:Ctrl\+(?:Shift\+)?\w+\b(?!\+| with)|Shift\+\w\b|\bF\d\b)", text))
    named -= {"Ctrl+wheel"}
    assert len(named) > 15
    assert {QKeySequence(key).toString() for key in named} <= known


def test_the_tour_goes_past_every_stop_inside_the_window_and_ends(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan, size=(1366, 738))
    window.actions_by_name["tour"].trigger()
    tour, seen = window.guide.tour, []
    while window.guide.tour is not None:
        seen.append(tour.title.text())
        assert window.rect().contains(tour.geometry()), tour.title.text()
        QTest.mouseClick(tour.next_button, LEFT)
    assert len(seen) == len(set(seen)) == 6


def test_the_tour_does_not_promise_to_segment_a_segmented_scan(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)

    def third_step():
        window.guide.begin()
        tour = window.guide.tour
        tour.show_next()
        tour.show_next()
        return tour.text.text()

    assert "Next presses it for you" in third_step()
    window.guide.end()
    segment(qtbot, window)
    assert "already run on this scan" in third_step()
    window.guide.end()


def test_a_new_user_is_offered_the_tour_once_and_may_skip_it(make_window, scan, tmp_path):
    window = make_window(FakeBackend([scan]))
    assert window.start_page.tour_row.isVisible()
    QTest.mouseClick(window.start_page.no_tour_button, LEFT)
    assert not window.start_page.tour_row.isVisible()
    assert window.verbs.runner.wait_for_writes(60.0)
    assert load_settings(window.workspace.settings._path).extra["tour"] == "seen"
    again = make_window(FakeBackend([scan]))
    assert not again.start_page.tour_row.isVisible()


def test_the_tour_can_be_left_at_any_step(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.guide.begin()
    QTest.mouseClick(window.guide.tour.skip_button, LEFT)
    assert window.guide.tour is None


def test_a_tour_requested_again_starts_over(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.actions_by_name["tour"].trigger()
    first = window.guide.tour.title.text()
    window.guide.tour.show_next()
    window.actions_by_name["tour"].trigger()
    assert window.guide.tour.title.text() == first
    window.guide.end()


def test_escape_ends_the_tour_and_keeps_the_tool(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.actions_by_name["tool_distance"].trigger()
    tool = window.area.tool
    window.guide.begin()
    QTest.keyClick(window.guide.tour.next_button, Qt.Key.Key_Escape)
    assert window.guide.tour is None
    assert window.area.tool is tool


def test_the_frame_of_the_tour_follows_what_it_frames_and_no_tab_is_covered(
    qtbot, make_window, scan
):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.verbs.show_scan(spine_volume(path=Path("other.nii.gz")))
    window.guide.begin()
    tour = window.guide.tour

    def is_framed(part):
        corner = part.mapTo(window, part.rect().topLeft())
        around = QRect(corner, part.size()).adjusted(-3, -3, 3, 3)
        return tour._frame.geometry() == around.intersected(window.rect())

    qtbot.waitUntil(lambda: is_framed(window.area.views[Plane.SAGITTAL]))
    window.actions_by_name["layout_row"].trigger()
    qtbot.waitUntil(lambda: is_framed(window.area.views[Plane.SAGITTAL]))
    window.actions_by_name["layout_spine"].trigger()
    qtbot.waitUntil(lambda: is_framed(window.area.members[window.area.active]))
    window.workspace.tell(Notice(Severity.WARNING, "The views move down.", "test"))
    qtbot.waitUntil(lambda: is_framed(window.area.members[window.area.active]))
    tour.show_next()
    tabs = QRect(window.tabs.mapTo(window, QPoint(0, 0)), window.tabs.size())
    assert window.tabs.isVisible()
    assert not tour.geometry().intersects(tabs)
    while tour.title.text() != "Segment":
        tour.show_next()
    window.panel.hide()
    qtbot.waitUntil(lambda: not tour._frame.isVisible())
    window.panel.show()
    qtbot.waitUntil(tour._frame.isVisible)
    tour.end()


def test_the_pictures_in_help_exist_and_are_small_in_every_language(qtbot, qapp):
    for language in ("de", "en"):
        use_language(language)
        sheet = HelpSheet()
        qtbot.addWidget(sheet)
        shown = []
        for number, page in enumerate(chapters(language)):
            sheet.chapters.setCurrentRow(number)
            names = re.findall(r'<img src="([^"]+)"', sheet.text.toHtml())
            for name in names:
                picture = sheet.text.document().resource(
                    QTextDocument.ResourceType.ImageResource.value, QUrl(name)
                )
                assert picture is not None and not picture.isNull(), (page.title, name)
            shown += names
        assert sorted(shown) == ["../correcting.jpg", "../maps.jpg", "../segmented.jpg"]
    assert all(path.stat().st_size < 40_000 for path in (assets_dir() / "help").glob("*.jpg"))


def test_enter_continues_through_the_tour_which_segments_its_scan(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.actions_by_name["tour"].trigger()
    tour = window.guide.tour
    while tour.title.text() != "Adjust the mask":
        QTest.keyClick(tour.next_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    while window.guide.tour is not None:
        QTest.keyClick(tour.next_button, Qt.Key.Key_Return)


def test_a_part_that_moves_as_the_tour_ends_is_not_followed(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.actions_by_name["tour"].trigger()
    tour = window.guide.tour
    tour.number = len(tour._stops) - 1
    window.resize(1300, 750)
    tour.show_next()
    let_qt_work()
    assert window.guide.tour is None


def test_the_tour_is_offered_without_a_scan_too(make_window):
    window = make_window(FakeBackend())
    assert window.actions_by_name["tour"].isEnabled()
