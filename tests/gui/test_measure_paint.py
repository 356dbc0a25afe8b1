"""Texts of measurements beside each other."""

from PySide6.QtCore import QRectF

from spineviewer.gui.views.measure_paint import free_box


def test_a_text_goes_below_those_that_it_would_lie_on_and_stays_where_it_is_free():
    taken = [QRectF(0, 0, 60, 18), QRectF(30, 20, 60, 18)]
    assert free_box(QRectF(100, 0, 60, 18), taken) == QRectF(100, 0, 60, 18)
    assert free_box(QRectF(20, 5, 60, 18), taken) == QRectF(20, 40, 60, 18)
