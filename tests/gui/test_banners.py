"""Notices above the views: one at a time, and all on demand."""

from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.notices import Level, Notice


def shown(window):
    return [
        banner.notice.topic for banner in window.banners._banners.values() if banner.isVisible()
    ]


def more(window):
    return next(
        banner.more for banner in window.banners._banners.values() if banner.more.isVisible()
    )


def test_one_notice_is_shown_and_tells_how_many_others_there_are(make_window, scan):
    window = make_window(FakeBackend(), scan)
    for topic, level in (("first", Level.BAD), ("second", Level.WARN), ("third", Level.INFO)):
        window.banners.show_notice(Notice(level, f"The {topic} notice.", topic))
    assert shown(window) == ["third"]
    assert window.banners.sizeHint().height() < 60
    button = more(window)
    assert (button.text(), button.accessibleName()) == ("2 more", "Show 2 more notices")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert shown(window) == ["first", "second", "third"]
    assert button.text() == "Only this one"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown(window) == ["third"]


def test_when_the_newest_goes_the_one_before_is_shown(make_window, scan):
    window = make_window(FakeBackend(), scan)
    for topic in ("first", "second"):
        window.banners.show_notice(Notice(Level.INFO, f"The {topic} notice.", topic))
    window.banners.remove("second")
    assert shown(window) == ["first"]
    assert not window.banners._banners["first"].more.isVisible()
    window.banners.remove("first")
    assert not window.banners.isVisible()
