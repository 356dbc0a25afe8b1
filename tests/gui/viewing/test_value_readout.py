"""Values and positions as text: of the slice, and in a slab of what the picture shows."""

from dataclasses import replace

import numpy as np
from conftest import settle
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QPointF

from spineviewer.app.state import Overlays, Slab, SlabKind, first_state
from spineviewer.gui.viewing.value_readout import position_text, value_text
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane


def state_with_bright_neighbour():
    scan = spine_volume()
    hu = np.zeros_like(scan.hu)
    hu[51, 20, 30] = 900  # one slice (2 mm) above the voxel under the pointer
    hu[50, 20, 30] = 100
    return first_state(replace(scan, hu=hu), Tuning(), Overlays()).moved_to((50.0, 20.0, 30.0))


def test_a_slice_shows_the_value_of_its_voxel():
    state = state_with_bright_neighbour()
    assert value_text(state, (50, 20, 30), state.cut(Plane.AXIAL)) == "100 HU"


def test_a_slab_labels_both_values():
    state = state_with_bright_neighbour()
    mip = replace(state, slab=Slab(SlabKind.MIP, 6.0))  # 50 and one slice on either side
    assert value_text(mip, (50, 20, 30), mip.cut(Plane.AXIAL)) == "MIP 900 HU, slice 100 HU"
    mean = replace(state, slab=Slab(SlabKind.MEAN, 6.0))
    expected = f"mean {round((0 + 100 + 900) / 3)} HU, slice 100 HU"
    assert value_text(mean, (50, 20, 30), mean.cut(Plane.AXIAL)) == expected
    assert value_text(mip, (50, 20, 30)) == "slice 100 HU"


def test_values_that_are_no_hounsfield_units_have_no_unit():
    state = state_with_bright_neighbour()
    source = replace(state.scan.source, are_values_hu=False)
    state = replace(state, scan=replace(state.scan, source=source))
    assert value_text(state, (50, 20, 30), state.cut(Plane.AXIAL)) == "100"
    mip = replace(state, slab=Slab(SlabKind.MIP, 6.0))
    assert value_text(mip, (50, 20, 30), mip.cut(Plane.AXIAL)) == "MIP 900, slice 100"


def test_a_position_has_the_letters_of_its_directions_if_these_are_known():
    point = (-12.04, 3.5, -0.25)
    assert position_text(point, is_orientation_known=True) == "R 12.0  P 3.5  I 0.2"
    assert position_text(point, is_orientation_known=False) == "−12.0  3.5  −0.2"


def test_the_slab_command_is_checked_while_several_slices_are_combined(make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    action, states = window.actions_by_name["slab"], []
    for _ in range(3):  # MIP, mean, single slice
        action.trigger()
        states.append(action.isChecked())
    assert states == [True, True, False]


def test_the_readout_follows_the_slab_under_a_resting_pointer(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    view = window.area.views[Plane.AXIAL]
    view.hover.point_at(QPointF(view.viewport().mapToGlobal(view.rect().center())))
    assert view.hover.text.endswith(" HU")
    window.actions_by_name["slab"].trigger()
    settle(qtbot, window)
    assert view.hover.text.startswith("MIP ")
    assert "slice" in window.status.pointer_label.text()
    window.actions_by_name["slab"].trigger()
    assert view.hover.text.startswith("mean ")
