"""Notices above the views: critical ones are always visible, one line shows the others."""

from dataclasses import replace

import pytest
from conftest import let_qt_work
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spineviewer.app.notices import Notice, Severity
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.viewing.legend import Chip, Legend
from spineviewer.gui.window import banners as banners_module
from spineviewer.io.hounsfield import value_warnings
from spineviewer.volume.planes import Plane
from spineviewer.wording import critical, formatted_number, worded

ORDERED = (("first", Severity.ERROR), ("second", Severity.INFO), ("third", Severity.WARNING))


def visible(window):
    """Return the notices that are visible without opening the list, from top to bottom."""
    stack = window.banners
    shown = [banner for banner in stack._banners.values() if banner.isVisible()]
    shown.sort(key=lambda banner: banner.mapTo(stack, QPoint()).y())
    return [banner.notice for banner in shown]


def topics(window):
    return [notice.topic for notice in visible(window)]


def more(window):
    return next(
        banner.more for banner in window.banners._banners.values() if banner.more.isVisible()
    )


def age(window):
    """End the time for which new notices come before more severe ones."""
    for banner in window.banners._banners.values():
        banner.fresh_timer.start(0)


def places_of_pictures(window):
    return [(v.mapTo(window, QPoint(0, 0)), v.size()) for v in window.area.views.values()]


def test_one_notice_is_shown_with_the_number_of_others(make_window, scan):
    window = make_window(FakeBackend(), scan)
    for topic, severity in ORDERED:
        window.banners.show_notice(Notice(severity, f"The {topic} notice.", topic))
    assert topics(window) == ["third"]
    button = more(window)
    assert (button.text(), button.accessibleName()) == ("2 more", "Show 2 more notices")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.banners.is_open
    whole = [banner.notice.topic for banner in window.findChildren(banners_module.Banner)]
    assert {"first", "second", "third"} <= set(whole)
    assert button.text() == "Close"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not window.banners.is_open


def test_a_new_notice_gives_way_to_a_more_severe_one(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan)
    for topic, severity in ORDERED:
        window.banners.show_notice(Notice(severity, f"The {topic} notice.", topic))
    assert topics(window) == ["third"]
    age(window)
    qtbot.waitUntil(lambda: topics(window) == ["first"])


def test_a_question_comes_before_later_warnings_without_one(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan)
    choice = (("L1 to L5", lambda: None),)
    window.banners.show_notice(
        Notice(Severity.WARNING, "Check the names.", "names", buttons=choice)
    )
    window.banners.show_notice(Notice(Severity.WARNING, "There is nothing to change here.", "edit"))
    assert topics(window) == ["edit"]
    age(window)
    qtbot.waitUntil(lambda: topics(window) == ["names"])


def test_after_the_newest_is_dismissed_the_previous_one_is_shown(make_window, scan):
    window = make_window(FakeBackend(), scan)
    for topic in ("first", "second"):
        window.banners.show_notice(Notice(Severity.INFO, f"The {topic} notice.", topic))
    window.banners.remove("second")
    assert topics(window) == ["first"]
    assert not window.banners._banners["first"].more.isVisible()
    window.banners.remove("first")
    assert topics(window) == []


def test_no_notice_moves_the_pictures(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan=scan)
    before = places_of_pictures(window)
    long = " ".join(["A long sentence about this scan."] * 20)
    for topic, severity in ORDERED:
        window.workspace.front.tell(Notice(severity, f"{long} {topic}", topic))
        let_qt_work()
        assert places_of_pictures(window) == before
    QTest.mouseClick(more(window), Qt.MouseButton.LeftButton)
    let_qt_work()
    assert window.banners.is_open
    assert places_of_pictures(window) == before
    for topic, _ in ORDERED:
        window.workspace.end_topic(topic)
        let_qt_work()
        assert places_of_pictures(window) == before


@pytest.mark.parametrize("name", ["", "batch", "archive"])
def test_no_notice_moves_what_another_page_shows(qtbot, make_window, name):
    window = make_window()
    if name:
        window.actions_by_name[name].trigger()
    page = window.pages.currentWidget()
    qtbot.waitUntil(page.isVisible)
    let_qt_work()
    before = page.mapTo(window, QPoint())
    window.workspace.tell(Notice(Severity.INFO, "Batch: 7 of 7 scans segmented", "batch"))
    let_qt_work()
    assert topics(window) == ["batch"]
    assert page.mapTo(window, QPoint()) == before


def test_news_behind_a_warning_are_in_the_status_bar_while_they_are_new(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan=scan)
    front, label = window.workspace.front, window.status.news_label
    front.tell(Notice(Severity.INFO, "Report saved.", "report"))
    assert topics(window) == ["report"]
    assert not label.isVisible()
    front.tell(Notice(Severity.WARNING, "The names are uncertain.", "names"))
    front.tell(Notice(Severity.INFO, "Exporting…", "export"))
    assert topics(window) == ["names"]
    assert (label.isVisible(), label.text()) == (True, "Exporting…")
    front.end_topic("export")
    age(window)
    qtbot.waitUntil(lambda: not label.isVisible())


def test_a_decisive_notice_behind_others_is_named_on_the_button_that_lists_them(make_window, scan):
    window = make_window(FakeBackend(), scan=scan)
    front = window.workspace.front
    short = worded("Report outdated")
    front.tell(Notice(Severity.WARNING, "Outdated: r.pdf.", "outdated report", short_text=short))
    front.tell(Notice(Severity.WARNING, "A tiny vertebra is missing.", "mask"))
    front.tell(Notice(Severity.WARNING, "The names are uncertain.", "names"))
    assert topics(window) == ["names"]
    assert more(window).text() == "Report outdated, 1 more"
    assert more(window).accessibleName() == "Show 2 more notices"


def test_old_information_with_a_button_does_not_cover_newer_information(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan=scan)
    front, button = window.workspace.front, ((worded("Undo"), lambda: None),)
    front.tell(Notice(Severity.INFO, "A change was redone.", "undo", buttons=button))
    front.tell(Notice(Severity.INFO, "Report saved.", "report"))
    age(window)
    qtbot.waitUntil(lambda: not window.banners._banners["report"].fresh_timer.isActive())
    assert topics(window) == ["report"]


def test_a_truncated_sentence_can_be_read_in_full(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan=scan)
    long = " ".join(["A long sentence about this scan."] * 20)
    window.workspace.front.tell(Notice(Severity.WARNING, long, "long"))
    qtbot.waitUntil(lambda: window.banners._banners["long"].more.isVisible())
    assert more(window).text() == "Read more"
    QTest.mouseClick(more(window), Qt.MouseButton.LeftButton)
    whole = window.banners._all.findChildren(banners_module.Banner)
    assert [banner.text.text() for banner in whole if banner.isVisible()] == [long]


def test_critical_warnings_are_all_shown_however_many_others_come(make_window):
    scan = spine_volume()
    (values,) = value_warnings((scan.hu - scan.hu.min()) % 200)
    warnings = (
        worded("Only %n slice(s): too few to find a spine.", "", 2),
        critical(worded("This is not a CT but {modality}.", modality="MR")),
        values,
    )
    source = replace(scan.source, is_orientation_known=False, warnings=warnings)
    window = make_window(FakeBackend(), scan=replace(scan, source=source))
    window.workspace.front.tell(Notice(Severity.ERROR, "Export failed.", "export"))
    shown = " ".join(notice.text for notice in visible(window))
    assert "left and right, front and back" in shown
    assert "not a CT" in shown
    assert "grey levels" in shown
    assert "Export failed" in shown


def test_the_legend_lists_exactly_what_is_drawn(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    legend: Legend = window.banners.legend
    chips = lambda: [entry.chip for entry in legend.entries]  # noqa: E731
    assert chips() == []
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert chips()[:3] == [Chip.MAP, Chip.ATTENTION, Chip.MASK]
    assert "Bone outside this line" in legend.accessibleName()
    window.actions_by_name["tint"].trigger()
    assert Chip.MASK_FILL in chips()
    window.actions_by_name["attention_map"].trigger()
    assert Chip.ATTENTION not in chips()
    window.actions_by_name["mask"].trigger()
    assert Chip.MASK_FILL not in chips()
    assert legend.isVisible() == bool(legend.entries)
    assert window.area.views[Plane.AXIAL].isVisible()


def segmented_on_a_small_screen(qtbot, make_window, scan, language):
    use_language(language)
    window = make_window(FakeBackend([scan]), scan=scan, size=(1366, 738))
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    return window


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_probability_of_the_names_is_readable_on_a_small_screen(
    qtbot, make_window, scan, language
):
    window = segmented_on_a_small_screen(qtbot, make_window, scan, language)
    text = worded(
        "Named by vertebral size and spacing alone, so the names may be off by one level or more. "
        "The probability that {first} to {last} is correct is {probability}.",
        first="C7", last="L5", probability=formatted_number(82, ".0f", "%"),
    )  # fmt: skip
    buttons = tuple((word, lambda: None) for word in ("C7 to L4 (20%)", "Confirm"))
    window.banners.show_notice(Notice(Severity.WARNING, text, "names", buttons=buttons))
    let_qt_work()
    label = window.banners._banners["names"].text
    use_language("en")
    assert not label.is_shortened
    assert "82" in label.text()
    legend = window.banners.legend
    assert len(legend.entries) >= 3
    assert legend.sizeHint().width() > legend.min_width  # it has names


@pytest.mark.parametrize("language", ["en", "de"])
def test_six_entries_of_the_legend_keep_their_names_beside_two_buttons(
    qtbot, make_window, scan, language
):
    window = segmented_on_a_small_screen(qtbot, make_window, scan, language)
    stack = window.banners
    stack.show_legend((*stack.legend.entries[:3], *stack.legend.entries[:3]))
    text = worded(
        "The vertebrae are {first} to {last} {convention} ({probability}), but {other_first} "
        "to {other_last} {other_convention}. Check the names.",
        first="T10", last="L5", convention=worded("if counted from the sacrum"),
        probability=formatted_number(82, ".0f", "%"), other_first="T11", other_last="L6",
        other_convention=worded("if numbered from the ribs"),
    )  # fmt: skip
    buttons = tuple((word, lambda: None) for word in ("T11 to L6 (20%)", "Confirm"))
    stack.show_notice(Notice(Severity.WARNING, text, "names", buttons=buttons))
    let_qt_work()
    banner = stack._banners["names"]
    use_language("en")
    assert stack.legend.sizeHint().width() > 1.5 * stack.legend.min_width  # with names
    assert not banner.text.is_shortened
    assert not banner.more.isVisible()


def test_the_legend_keeps_its_names_beside_a_long_notice(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan, size=(1366, 700))
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    legend = window.banners.legend
    wide = legend.sizeHint()
    buttons = tuple((word, lambda: None) for word in ("C7 to L4 (20%)", "T2 to L6 (8%)", "Confirm"))
    window.banners.show_notice(Notice(Severity.WARNING, "Check. " * 60, "names", buttons=buttons))
    let_qt_work()
    assert wide.width() / 2 < legend.sizeHint().width() < wide.width()
    assert legend.sizeHint().height() > wide.height()
    assert legend.geometry().right() <= window.banners.width()


def test_information_stays_behind_a_warning(make_window, scan, tmp_path):
    window = make_window(FakeBackend(), scan)
    window.banners.show_notice(Notice(Severity.WARNING, "Check the names.", "names"))
    for notice in (
        Notice(Severity.INFO, "Remove piece: there is nothing to change here.", "edit"),
        Notice(Severity.INFO, "102 anonymised files.", "anonymised", paths=(tmp_path,)),
    ):
        window.banners.show_notice(notice)
        let_qt_work()
        assert topics(window) == ["names"]
    assert more(window).text() == "2 more"
    window.banners.remove("names")
    assert topics(window) == ["anonymised"]


def test_information_disappears_after_a_while_and_warnings_stay(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan)
    workspace = window.workspace
    QTest.mouseMove(window.status)  # a notice under the pointer may be being read
    stays = (
        Notice(Severity.WARNING, "A warning.", "warning"),
        Notice(Severity.INFO, "Working…", "work", is_ongoing=True),
        Notice(Severity.INFO, critical(worded("Sides are unknown.")), "sides"),
    )
    for notice in (*stays, Notice(Severity.INFO, "Nothing to change.", "edit")):
        workspace.tell(notice)
    for banner in window.banners._banners.values():
        assert banner.passing_timer.isActive() is (banner.notice.topic == "edit")
        if banner.passing_timer.isActive():
            banner.passing_timer.start(0)
    qtbot.waitUntil(lambda: all(notice.topic != "edit" for notice in workspace.notices))
    assert {"warning", "work", "sides"} <= {notice.topic for notice in workspace.notices}


def test_information_stays_while_the_list_is_read(qtbot, make_window, scan):
    window = make_window(FakeBackend(), scan)
    workspace = window.workspace
    QTest.mouseMove(window.status)  # a notice under the pointer may be being read
    for topic, severity in ORDERED:
        workspace.tell(Notice(severity, f"The {topic} notice.", topic))
    window.banners.toggle()
    timer = window.banners._banners["second"].passing_timer
    with qtbot.waitSignal(timer.timeout):
        timer.start(1)
    assert "second" in [notice.topic for notice in workspace.notices]
    window.banners.toggle()
    qtbot.waitUntil(lambda: "second" not in [notice.topic for notice in workspace.notices])
