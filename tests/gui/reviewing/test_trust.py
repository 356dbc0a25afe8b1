"""Maps over the scan, uncertain regions, previous and stored thresholds."""

from dataclasses import replace

import nibabel
import numpy as np
import pytest
from conftest import emitted, frame_of, segment
from fakes import TUNING, FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.exporting import ExportKind
from spineviewer.app.overlay import MapKind
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    segment(qtbot, window)
    window.verbs.move_to((50, 48, 36))
    return window


def test_a_key_cycles_through_the_maps_and_each_looks_different(window):
    verbs = window.verbs
    pictures = []
    for kind in MapKind:
        assert verbs.state.overlays.map_kind is kind
        assert window.panel.overlay_box.map_choice.currentText() == kind.value
        frame = frame_of(window.area.views[Plane.SAGITTAL], verbs.state, verbs.fusion)
        pictures.append(frame.buffer.copy())
        QTest.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert verbs.state.overlays.map_kind is MapKind.ATTENTION
    assert all((a != b).any() for k, a in enumerate(pictures) for b in pictures[k + 1 :])


def test_the_maps_show_what_their_names_say(window):
    fusion, tuning = window.verbs.fusion, Tuning(0.4, 6.0, 0.5)
    attention, bone = (
        fusion.extended.plane(2, 36, 6.0),
        fusion.map_plane(MapKind.PROBABILITY, 2, 36, tuning),
    )
    uncertainty = fusion.map_plane(MapKind.UNCERTAINTY, 2, 36, tuning)
    split = fusion.map_plane(MapKind.DISAGREEMENT, 2, 36, tuning)
    assert np.allclose(uncertainty, np.where(attention > 0.4, 1 - abs(2 * bone - 1), 0))
    assert (split[attention > 0.4] == 0).all()
    assert np.allclose(split[attention < 0.3], bone[attention < 0.3])


def test_a_key_steps_through_uncertain_regions_and_the_list_follows(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: window.verbs.checklist is not None)
    uncertain_regions = [region.uncertain_region for region in window.verbs.checklist.regions]
    assert uncertain_regions
    assert window.panel.uncertain_region_box.isVisible()
    assert window.verbs.state.crosshair_zyx == uncertain_regions[0].index_zyx
    QTest.keyClick(window, Qt.Key.Key_F3)
    assert (
        window.verbs.state.crosshair_zyx == uncertain_regions[1 % len(uncertain_regions)].index_zyx
    )
    QTest.keyClick(window, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert window.panel.uncertain_region_box.list.currentRow() == 0
    window.panel.uncertain_region_box.chosen.emit(len(uncertain_regions) - 1)
    assert window.verbs.state.crosshair_zyx == uncertain_regions[-1].index_zyx
    window.panel.uncertain_region_box.end_requested.emit()
    assert not window.panel.uncertain_region_box.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F3)  # when opened again, the ticks are still there
    assert window.panel.uncertain_region_box.isVisible()
    assert window.panel.uncertain_region_box.list.item(0).checkState() is Qt.CheckState.Checked


def test_one_key_switches_between_previous_and_current_thresholds(window):
    assert not window.actions_by_name["previous_thresholds"].isEnabled()
    for threshold in (0.3, 0.4, 0.5):  # one drag of the slider
        window.verbs.set_tuning(Tuning(threshold, 6.0, 0.5))
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window, Qt.Key.Key_T, control)
    assert window.verbs.state.tuning == TUNING
    QTest.keyClick(window, Qt.Key.Key_T, control)
    assert window.verbs.state.tuning == Tuning(0.5, 6.0, 0.5)


def test_threshold_presets_persist_after_the_program_ends(window):
    from spineviewer.app.settings import load_settings

    window.verbs.set_tuning(Tuning(0.33, 4.0, 0.6))
    window.verbs.save_tuning(" Osteoporotic ")
    window.verbs.restore_defaults()
    texts = [action.text() for action in window.panel.tuning_box.presets_menu.actions()]
    assert texts[0] == "Osteoporotic"
    window.panel.tuning_box.presets_menu.actions()[0].trigger()
    assert window.verbs.state.tuning == Tuning(0.33, 4.0, 0.6)
    assert window.verbs.runner.wait_for_writes(60.0)
    assert load_settings(window.workspace.settings._path).tunings == {
        "Osteoporotic": Tuning(0.33, 4.0, 0.6)
    }
    window.workspace.settings.delete_tuning("Osteoporotic")
    assert window.verbs.runner.wait_for_writes(60.0)
    assert load_settings(window.workspace.settings._path).tunings == {}


def test_the_uncertainty_is_exported_as_it_is_shown(qtbot, window, tmp_path):
    target = tmp_path / "uncertainty.nii.gz"
    with emitted(qtbot, window.workspace.front.exports.written):
        window.verbs.export({ExportKind.UNCERTAINTY: target}, may_overwrite=False)
    written = np.asarray(nibabel.load(target).dataobj).transpose(2, 1, 0)
    shown = window.verbs.fusion.map_plane(MapKind.UNCERTAINTY, 2, 36, TUNING)
    assert shown.max() > 0.5
    step = 2.0**-14  # of a map in a file
    assert np.allclose(written[:, ::-1, ::-1][:, :, 36], shown, rtol=0, atol=step) or np.allclose(
        written[:, :, 36], shown, rtol=0, atol=step
    )


def test_the_list_of_uncertain_regions_is_ticked_by_key_and_mouse_and_signed(qtbot, window):
    box = window.panel.uncertain_region_box
    QTest.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: window.verbs.checklist is not None)
    count = len(window.verbs.checklist.regions)
    assert box.list.item(0).checkState() is Qt.CheckState.Unchecked
    QTest.keyClick(window, Qt.Key.Key_F3)
    assert box.list.item(0).checkState() is Qt.CheckState.Checked
    assert box.hint.text() == f"1 of {count} seen"
    assert box.signature.whole_text == ""
    places = box.sizeHint().height(), box.list.height()
    for row in range(1, count):
        box.list.item(row).setCheckState(Qt.CheckState.Checked)
    assert box.signature.whole_text.startswith("All seen")
    corrections = window.workspace.front.corrections
    corrections.begin_stroke(Plane.AXIAL, (50.0, 3.0, 3.0), is_adding=True)
    corrections.end_stroke()
    qtbot.waitUntil(lambda: "mask has changed since" in box.signature.whole_text)
    assert box.signature.property("role") == "warn"
    window.workspace.front.steps.undo()
    qtbot.waitUntil(lambda: "mask has changed since" not in box.signature.whole_text)
    box.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert box.signature.whole_text == ""
    checklist = window.verbs.checklist
    for count in (0, 1, 20):  # the sliders below keep their place
        regions = (checklist.regions * 20)[:count]
        box.show_checklist(replace(checklist, regions=regions, current=-1))
        assert box.list.count() == count
        assert (box.sizeHint().height(), box.list.height()) == places


def test_a_region_that_is_gone_is_struck_out_and_not_ticked(qtbot, window):
    box = window.panel.uncertain_region_box
    QTest.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: window.verbs.checklist is not None)
    checklist = window.verbs.checklist
    region = checklist.regions[0]
    regions = replace(region, is_seen=True), replace(region, is_gone=True)
    box.show_checklist(replace(checklist, regions=regions, current=1))
    assert box.hint.text() == "1 of 1 seen, 1 no longer uncertain"
    states = [box.list.item(row).checkState() is Qt.CheckState.Checked for row in range(2)]
    assert states == [True, False]
    assert box.list.item(1).font().strikeOut()


def test_holding_the_key_down_ticks_nothing_more(window):
    assert not window.actions_by_name["next_uncertain_region"].autoRepeat()
    assert window.actions_by_name["undo"].autoRepeat()
