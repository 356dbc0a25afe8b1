"""The list of series: everything on it can be read, however narrow the screen is."""

from dataclasses import replace
from pathlib import Path

import pytest

from spineviewer.app.services import SeriesLine, SeriesToChoose
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.opening.series_chooser import SeriesChooser
from spineviewer.volume.volume import ScanIdentity

PROBLEM = (
    "The distance between slices is uneven: 4.00 to 16.00 mm, usually 4.00 mm (slices may "
    "be missing)."
)
LONG = "Topogram_WIRBELSAEULE_ohne_Leerzeichen_aus_dem_PACS"
GOOD = SeriesLine(
    "1",
    "LWS 2.0",
    "CT",
    "512 × 512, 0.50 × 0.50 mm, slices 2.00 mm apart",
    (),
    300,
    is_best=True,
    kernel="Br64h",
)
ODD = SeriesLine(
    "2",
    LONG,
    "CT",
    "512 × 512, 0.50 × 0.50 mm, slices 4.00 mm apart",
    (PROBLEM,),
    90,
    kernel="Br40d/3/Abdomen Standard",
)


def chooser_of(qtbot, *series):
    chooser = SeriesChooser(SeriesToChoose(Path("study"), series, ("CT localiser (2)",)))
    qtbot.addWidget(chooser)
    chooser.resize(chooser.minimumSize())
    with qtbot.waitExposed(chooser):
        chooser.show()
    return chooser


def test_every_column_is_visible_on_a_narrow_screen(qtbot):
    chooser = chooser_of(qtbot, GOOD, ODD)
    tree = chooser.tree
    assert not tree.horizontalScrollBar().maximum()
    assert tree.columnWidth(6) >= 60
    assert tree.header().length() <= tree.viewport().width()


def test_remarks_on_the_selected_series_are_shown_in_full(qtbot):
    chooser = chooser_of(qtbot, GOOD, ODD)
    assert chooser.series_uid == "1"
    assert chooser.remarks.text() == ""
    chooser.tree.setCurrentItem(chooser.tree.topLevelItem(1))
    assert chooser.remarks.text() == PROBLEM
    assert chooser.tree.topLevelItem(1).toolTip(1) == LONG


def test_without_remarks_no_space_is_reserved_for_them(qtbot):
    chooser = chooser_of(qtbot, GOOD)
    assert not chooser.remarks.isVisible()


def test_series_of_two_patients_can_be_distinguished(qtbot):
    one = replace(GOOD, identity=ScanIdentity("Doe", "1", "", "2020-01-02"))
    two = replace(GOOD, uid="2", identity=ScanIdentity("Roe", "2", "", "2024-05-06"))
    chooser = chooser_of(qtbot, one, two)
    names = [chooser.tree.topLevelItem(row).text(1) for row in range(2)]
    assert names == ["LWS 2.0\nDoe  ·  2020-01-02", "LWS 2.0\nRoe  ·  2024-05-06"]


@pytest.fixture
def german(qapp):
    use_language("de")
    yield
    use_language("en")


def test_dates_of_series_follow_the_language(qtbot, german):
    one = replace(GOOD, identity=ScanIdentity("Doe", "1", "", "2020-01-02"))
    two = replace(GOOD, uid="2", identity=ScanIdentity("Doe", "1", "", "2024-05-06"))
    chooser = chooser_of(qtbot, one, two)
    assert chooser.tree.topLevelItem(1).text(1) == "LWS 2.0\n06.05.2024"
