"""The cost of an event: each part receives only what differs, and only changes are painted."""

from collections import Counter
from dataclasses import replace

import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from spineviewer.volume.planes import Plane


@pytest.fixture
def window(make_window):
    scan = spine_volume()
    return make_window(FakeBackend([scan]), scan=scan)


class Paints(QObject):
    """Counts the paints of widgets."""

    def __init__(self, *widgets):
        super().__init__()
        self.counts = Counter()
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint:
            self.counts[watched] += 1
        return False


def test_the_window_is_not_painted_where_only_the_text_about_the_pointer_differs(window):
    state = window.workspace.front.state
    window.status.show_pointer(state, (1, 2, 3))
    QApplication.processEvents()
    paints = Paints(window, window.status, window.status.pointer_label)
    window.status.show_pointer(state, (4, 5, 6))
    QApplication.processEvents()
    assert paints.counts == {window.status.pointer_label: 1}


def test_the_same_voxel_under_the_pointer_is_reported_once(window):
    state = window.workspace.front.state
    window.status.show_pointer(state, (1, 2, 3))
    QApplication.processEvents()
    paints = Paints(window.status.pointer_label)
    window.status.show_pointer(replace(state, correction_revision=1), (1, 2, 3))
    QApplication.processEvents()
    assert not paints.counts


def test_another_grey_scale_does_not_update_the_panel(window):
    labels = (
        window.panel.volume_label,
        window.panel.run_box.run_note,
        window.panel.run_box.segment_button,
    )
    for label in labels:
        label.setText("untouched")
    window.workspace.front.display.drag_window(30, 20)
    assert [label.text() for label in labels] == ["untouched"] * 3


def test_the_active_view_is_not_made_active_again(window):
    told = []
    window.area.active_changed.connect(told.append)
    window.area.set_active(window.area.active)
    assert told == []
    window.area.set_active(Plane.AXIAL)
    assert told == [Plane.AXIAL]
