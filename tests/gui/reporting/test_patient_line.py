"""Patient and study in the window: shown, hidden, in tabs, and in pictures on request."""

from pathlib import Path

import pytest
from conftest import settle
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.report import ReportFormat
from spineviewer.app.settings import RecentScan, load_settings
from spineviewer.volume.volume import ScanIdentity

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
JANE = ScanIdentity("Doe, Jane", "12345", "1950-03-04", "2024-05-06")


@pytest.fixture
def scan():
    return spine_volume(path=Path("a/ct.nii.gz"), identity=JANE, description="Spine 1.0")


@pytest.fixture
def window(make_window, scan):
    return make_window(FakeBackend([scan]), scan=scan)


def copied(window):
    """Return the picture on the clipboard after its key was pressed."""
    QTest.keyClick(window, Qt.Key.Key_C, CONTROL_SHIFT)
    return QGuiApplication.clipboard().image()


def test_the_patient_is_above_the_views_until_a_key_hides_it_for_good(qtbot, window, tmp_path):
    assert window.scan_page.patient_line.isVisible()
    assert window.scan_page.patient_line.whole_text == (
        "Doe, Jane  ·  12345  ·  study of 2024-05-06  ·  born 1950-03-04  ·  Spine 1.0"
    )
    QTest.keyClick(window, Qt.Key.Key_N, CONTROL_SHIFT)
    assert not window.scan_page.patient_line.isVisible()
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    assert not load_settings(tmp_path / "settings.json").is_patient_shown


def test_a_scan_without_a_known_patient_has_no_line(make_window):
    window = make_window(scan=spine_volume())
    assert not window.scan_page.patient_line.isVisible()


def test_tabs_of_scans_with_equal_names_show_the_patient_only_while_it_is_shown(window):
    roe = ScanIdentity("Roe, Max", "9", "1960-01-01", "2024-05-06")
    other = spine_volume(path=Path("b/ct.nii.gz"), identity=roe, description="Spine 1.0")
    window.workspace.show_volume(other)
    texts = [window.tabs.tabText(n) for n in range(2)]
    assert texts == ["Doe, Jane", "Roe, Max"]
    window.actions_by_name["patient_shown"].trigger()
    assert [window.tabs.tabText(n) for n in range(2)] == ["a", "b"]
    assert "Doe" not in "".join(window.tabs.tabToolTip(n) for n in range(2))


def test_hidden_patients_are_not_named_by_the_folders_of_recent_scans_either(make_window):
    folder = "/x/Doe Jane/series"
    recent = (
        RecentScan(folder, "1.2.3", title="Spine 1.0"),
        RecentScan("/x/case-1/ct.nii.gz"),
    )
    window = make_window(FakeBackend())
    window.workspace.settings.update(recent=recent)

    def texts():
        window.recents.show()
        window.recents._menu.aboutToShow.emit()
        listed, actions = window.start_page.recent_list, window.recents._menu.actions()
        items = [listed.item(row) for row in range(listed.count())]
        labels = [label for item in items for label in listed.itemWidget(item).findChildren(QLabel)]
        return " ".join(
            [label.text() + label.toolTip() for label in labels]
            + [item.toolTip() for item in items]
            + [action.text() + action.toolTip() for action in actions]
        )

    assert "Doe Jane" in texts()
    window.actions_by_name["patient_shown"].trigger()
    assert "Doe" not in texts()
    assert "Spine 1.0" in texts()
    assert "case-1" in texts()
    assert window.opener.opening_text(Path(folder)) == "Opening Spine 1.0"


def test_tabs_do_not_name_hidden_patients_by_their_folders(window):
    other = spine_volume(path=Path("/x/Doe Jane/"), identity=JANE, description="Spine 1.0")
    window.workspace.show_volume(other)
    window.actions_by_name["patient_shown"].trigger()
    shown = [window.tabs.tabText(n) + window.tabs.tabToolTip(n) for n in range(2)]
    assert not [text for text in (*shown, window.windowTitle()) if "Doe" in text]


def test_a_scan_has_the_same_name_in_tab_title_status_bar_and_side_by_side(window):
    """Also if its folder is named after the patient, whom the window may show."""
    named = ScanIdentity("", "CASE-01068")
    first = spine_volume(path=Path("/x/case-01068/"), identity=named, description="lung")
    second = spine_volume(path=Path("b/other.nii.gz"))
    window.workspace.show_volume(first)
    window.workspace.show_volume(second)
    window.actions_by_name["side_by_side"].trigger()
    window.workspace.switch_to(1)

    def names(number):
        window.workspace.switch_to(number)
        title, bar = window.windowTitle(), window.status.scan_label.text()
        choice = window.other_view.header.choice
        beside = [choice.itemText(n) for n in range(choice.count())]
        return window.tabs.tabText(number), title, bar, beside

    for expected in ("case-01068", "lung"):
        tab, title, bar, _ = names(1)
        assert tab == expected
        assert title.startswith(f"{expected} ")
        assert bar.startswith(f"{expected} ")
        assert expected in names(2)[3]
        window.actions_by_name["patient_shown"].trigger()


def test_the_other_scan_is_named_while_patients_are_shown(window):
    roe = ScanIdentity("Roe, Max", "9")
    window.workspace.show_volume(spine_volume(path=Path("b/other.nii.gz"), identity=roe))
    window.actions_by_name["side_by_side"].trigger()
    assert window.other_view.header.name.whole_text.startswith("2024-05-06  ·  Doe, Jane")
    window.actions_by_name["patient_shown"].trigger()
    assert not window.other_view.header.name.isVisible()
    assert window.other_view.header.choice.currentText() == "a"


def test_a_copied_picture_shows_only_the_views_unless_the_patient_is_requested(qtbot, window):
    settle(qtbot, window)
    views = window.area.grab().toImage()
    without = copied(window)
    assert (without.width(), without.height()) == (views.width(), views.height())
    window.actions_by_name["patient_in_pictures"].trigger()
    height = window.area.height()  # a banner has appeared
    named = copied(window)
    strip = range(height, named.height())
    assert len(strip) > 10
    light = sum(
        named.pixelColor(x, y).lightness() > 128 for y in strip for x in range(named.width())
    )
    assert light > 100


def test_nothing_that_is_stored_names_the_patient(qtbot, window, tmp_path):
    front = window.workspace.front
    front.autosave.save_now()
    front.autosave.save(tmp_path / "work.spineview")
    targets = {kind: tmp_path / f"page{kind.value}" for kind in ReportFormat}
    window.verbs.report(ReportOrder(targets=targets))
    QTest.keyClick(window, Qt.Key.Key_C, CONTROL_SHIFT)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".spineview" for path in files)
    assert len([path for path in files if path.stem == "page"]) == len(ReportFormat)
    for path in files:
        content = path.read_bytes()
        for word in (b"Doe", b"Jane", b"12345", b"1950-03-04"):
            assert word not in content, path.name
            assert word.decode() not in path.name


def test_a_picture_does_not_show_the_value_under_the_pointer(window):
    view = next(iter(window.area.views.values()))
    plain = window.area.picture()
    view.hover.point_at(QPointF(view.viewport().mapToGlobal(view.viewport().rect().center())))
    assert view.hover.text
    shown = view.hover.text
    assert window.area.picture() == plain
    assert view.hover.text == shown
    assert window.area.grab().toImage() != plain
