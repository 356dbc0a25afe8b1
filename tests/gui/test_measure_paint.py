"""Texts of measurements beside each other."""

from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QRectF

from spineviewer.gui.measuring import marks
from spineviewer.gui.measuring.painting import free_box
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane


def test_a_text_goes_below_those_that_it_would_lie_on_and_stays_where_it_is_free():
    taken = [QRectF(0, 0, 60, 18), QRectF(30, 20, 60, 18)]
    assert free_box(QRectF(100, 0, 60, 18), taken) == QRectF(100, 0, 60, 18)
    assert free_box(QRectF(20, 5, 60, 18), taken) == QRectF(20, 40, 60, 18)


def test_no_line_of_another_measurement_runs_through_a_text(monkeypatch, qtbot, make_window):
    drawn = []
    monkeypatch.setattr(marks, "paint_measurement", lambda *_, **__: drawn.append("lines"))
    monkeypatch.setattr(marks, "paint_words", lambda *_, **__: drawn.append("words"))
    window = make_window(FakeBackend(), scan=spine_volume())
    for y in (10.0, 14.0):
        window.verbs.add_measurement(
            Measurement(Distance(), Plane.SAGITTAL, ((2, y, 36), (9, y, 36)))
        )
    window.verbs.move_to((5, 12, 36))
    view = window.area.views[Plane.SAGITTAL]
    qtbot.waitUntil(lambda: not view.is_stale)
    drawn.clear()
    view.viewport().repaint()
    assert drawn == ["lines", "lines", "words", "words"]
