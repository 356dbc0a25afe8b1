import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import emitted, frame_of, hatched_columns, layer_of
from fakes import TUNING, FakeBackend, maps_of, spine_volume
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QScrollArea

from spineviewer.app.exporting import ExportKind
from spineviewer.app.jobs import JobKind
from spineviewer.app.notices import Severity
from spineviewer.app.overlay import make_overlay
from spineviewer.app.services import LocalServices
from spineviewer.app.state import MaskStyle, SegmentationStage
from spineviewer.compiled import PREPARING
from spineviewer.errors import InferenceError
from spineviewer.gui.opening.series_chooser import SeriesChooser
from spineviewer.gui.reporting.export_dialog import ExportDialog
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.window import main_window
from spineviewer.gui.window.sheets import ShortcutsSheet
from spineviewer.progress import JobProgress, ProgressUpdate
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

LEFT = Qt.MouseButton.LeftButton


def click(button: QPushButton):
    QTest.mouseClick(button, LEFT)


def segmented(qtbot, make_window, scan, **backend):
    window = make_window(FakeBackend([scan], **backend), scan=scan)
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    click(window.panel.tuning_box.numbers_button)
    return window


def texts(window):
    return " ".join(notice.text for notice in window.banners.notices())


def test_one_button_segments_and_the_volume_is_that_of_the_mask(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    mask = window.verbs.fusion.mask(TUNING, JobProgress()).mask
    assert mask.volume_ml > 50
    assert window.panel.volume_label.text() == f"{mask.volume_ml:.1f} ml"
    assert bool(window.panel.volume_note.text()) == mask.is_cut_by_scan
    assert window.panel.run_box.segment_button.text() == "Segment again"
    assert window.panel.export_button.isEnabled()


def test_work_runs_in_separate_threads(qtbot, make_window, scan):
    backend = FakeBackend([scan])
    window = make_window(backend, scan=scan)
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)
    assert threading.main_thread() not in backend.threads


def test_while_it_runs_the_rest_is_hatched_and_the_user_keeps_working(qtbot, make_window, scan):
    gate = threading.Event()
    window = make_window(FakeBackend([scan], gate=gate), scan=scan)
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(
        lambda: window.verbs.fusion is not None and window.verbs.fusion.computed_plane(0, 0).any()
    )
    qtbot.waitUntil(lambda: "Segmentation 50%" in window.panel.run_box.stage_label.text())
    state, fusion = window.verbs.state, window.verbs.fusion
    assert state.stage is SegmentationStage.RUNNING
    axial = frame_of(window.area.views[Plane.AXIAL], state, fusion)
    computed = fusion.computed_plane(0, state.crosshair_zyx[0])[0]
    veiled = np.zeros(len(computed), bool)
    for first, end in hatched_columns(axial):
        veiled[first:end] = True
    assert (veiled == ~computed).all()
    assert veiled.any()
    assert not window.panel.export_button.isEnabled()
    window.verbs.scroll(Plane.AXIAL, 3)
    assert window.verbs.state.crosshair_zyx[0] == state.crosshair_zyx[0] + 3
    gate.set()
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)
    assert (
        hatched_columns(
            frame_of(window.area.views[Plane.AXIAL], window.verbs.state, window.verbs.fusion)
        )
        == ()
    )


def test_cancelling_is_shown_at_once_and_computed_parts_are_kept(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan], gate=threading.Event()), scan=scan)
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: "Segmentation 50%" in window.panel.run_box.stage_label.text())
    click(window.panel.run_box.cancel_button)
    assert window.panel.run_box.stage_label.text() == "Stopping…"
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.STOPPED)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    frame = frame_of(
        window.area.views[Plane.SAGITTAL],
        window.verbs.state.moved_to((48, 40, 71)),
        window.verbs.fusion,
    )
    assert hatched_columns(frame) == ((0, 80),)
    assert "Hatched areas were not segmented" in window.panel.run_box.run_note.text()
    assert not window.panel.export_button.isEnabled()


@pytest.mark.parametrize("is_retuned", [False, True])
def test_cancelling_a_second_run_keeps_the_finished_mask(qtbot, make_window, scan, is_retuned):
    backend = FakeBackend([scan])
    window = make_window(backend, scan=scan)
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    finished, volume = window.verbs.state.fused, window.panel.volume_label.text()
    backend.gate = threading.Event()
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: "Segmentation 50%" in window.panel.run_box.stage_label.text())
    if is_retuned:
        window.verbs.set_tuning(Tuning(0.2, 6.0, 0.5))
    click(window.panel.run_box.cancel_button)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.DONE)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    if not is_retuned:
        assert window.verbs.state.fused is finished
        assert window.panel.volume_label.text() == volume
    assert window.verbs.fusion.is_complete
    assert window.panel.export_button.isEnabled()
    assert "The previous result has been kept" in texts(window)


def test_a_missing_spine_is_explained(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan, is_empty=True)
    assert "No spine found" in texts(window)
    assert window.panel.volume_label.text() == "0.0 ml"


def test_lowering_the_threshold_until_there_is_a_spine_removes_the_notice(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    window.verbs.set_tuning(Tuning(0.99, 6.0, 0.5))
    qtbot.waitUntil(lambda: "No spine found" in texts(window))
    window.verbs.set_tuning(TUNING)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert "No spine found" not in texts(window)


def test_a_missing_spine_is_not_reported_while_a_slider_is_dragged(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    tuner = window.workspace.front.tuner
    tuner.hold(True)
    tuner.adjust(Tuning(0.99, 6.0, 0.5))
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert "No spine found" not in texts(window)
    tuner.hold(False)
    assert "No spine found" in texts(window)
    tuner.hold(True)
    tuner.adjust(TUNING)
    assert "No spine found" not in texts(window)  # before there is a new mask
    tuner.hold(False)


def test_compilation_shows_that_it_runs_without_a_percentage(make_window, scan):
    box = make_window(FakeBackend([scan]), scan=scan).panel.run_box
    box.show_progress(ProgressUpdate(PREPARING, 0.0, None), False)
    assert box.stage_label.whole_text == "One-time preparation for this computer"
    assert box.progress_bar.maximum() == 0
    box.show_progress(ProgressUpdate("segmentation", 0.5, None), False)
    assert box.progress_bar.value() == box.progress_bar.maximum() / 2


def test_a_missing_spine_is_not_reported_while_the_networks_run(qtbot, make_window, scan):
    gate = threading.Event()
    window = make_window(FakeBackend([scan], is_empty=True, gate=gate), scan=scan)
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: "Segmentation 50%" in window.panel.run_box.stage_label.text())
    window.verbs.set_tuning(Tuning(0.99, 6.0, 0.5))
    front = window.workspace.front
    qtbot.waitUntil(lambda: not front.segmentation._pause.is_waiting)
    qtbot.waitUntil(lambda: not front.jobs.is_running(JobKind.FUSE))
    assert window.verbs.state.stage is SegmentationStage.RUNNING
    assert "No spine found" not in texts(window)
    gate.set()
    qtbot.waitUntil(lambda: "No spine found" in texts(window))
    gate.clear()
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: window.verbs.state.stage is SegmentationStage.RUNNING)
    assert "No spine found" not in texts(window)
    gate.set()
    qtbot.waitUntil(lambda: "No spine found" in texts(window))


def test_without_weights_viewing_works_and_segmenting_says_what_to_do(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan], weights=False), scan=scan)
    assert window.banners.notices() == []
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: "Weights are missing" in texts(window))
    assert "Install Spineviewer again" in texts(window)
    assert window.verbs.state.stage is SegmentationStage.NONE


def test_an_error_of_the_networks_is_shown_and_the_scan_stays(qtbot, make_window, scan):
    window = make_window(
        FakeBackend([scan], error=InferenceError("4 GB are needed, 1 GB is free.")), scan=scan
    )
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: "1 GB is free" in texts(window))
    assert window.banners.notices()[0].severity is Severity.ERROR
    assert window.verbs.state.scan is scan


def test_another_scan_drops_the_computations_of_the_old_one(qtbot, make_window, scan):
    gate = threading.Event()
    other = spine_volume(path=Path("sub-02_ct.nii.gz"))
    window = make_window(FakeBackend([scan, other], gate=gate), scan=scan)
    click(window.panel.run_box.segment_button)
    qtbot.waitUntil(lambda: window.verbs.fusion is not None)
    window.opener.open_path(other.source.path)
    qtbot.waitUntil(lambda: window.verbs.state.scan is other)
    gate.set()
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    assert window.verbs.fusion is None
    assert window.verbs.state.stage is SegmentationStage.NONE


def drag_slider(slider, fraction):
    start = QPoint(round(slider.handle_x()), slider.height() // 2)
    stop = QPoint(round(7 + (slider.width() - 14) * fraction), slider.height() // 2)
    QTest.mousePress(slider, LEFT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(slider, stop)
    QTest.mouseRelease(slider, LEFT, Qt.KeyboardModifier.NoModifier, stop)


def test_planes_follow_a_slider_at_once_and_the_volume_right_after(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    before = window.verbs.state.fused.volume_ml
    drag_slider(window.panel.tuning_box.attention_threshold.slider, 0.6)
    tuning = window.verbs.state.tuning
    assert tuning.attention_threshold == pytest.approx(0.6, abs=0.02)
    for plane, view in window.area.views.items():
        index = window.verbs.state.crosshair_zyx[plane.value]
        scene = Scene(window.verbs.state, window.verbs.fusion)
        shown, _ = layer_of(view, "mask").slice_mask(scene, scene.fusion, scene.state.cut(plane))
        exact = window.verbs.fusion.mask_plane(plane.value, index, tuning)
        assert (shown == (exact[::-1] if plane.is_row_flipped else exact)).all()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert window.verbs.state.fused.volume_ml < before
    assert window.panel.volume_label.text() == f"{window.verbs.state.fused.volume_ml:.1f} ml"


def test_field_slider_and_keys_show_one_value_and_one_click_restores_the_defaults(
    qtbot, make_window, scan
):
    window = segmented(qtbot, make_window, scan)
    panel = window.panel
    panel.tuning_box.sigma.field.setFocus()
    panel.tuning_box.sigma.field.selectAll()
    QTest.keyClicks(panel.tuning_box.sigma.field, "11.5")
    QTest.keyClick(panel.tuning_box.sigma.field, Qt.Key.Key_Return)
    assert window.verbs.state.tuning.sigma_mm == 11.5
    assert panel.tuning_box.sigma.slider.value() == 23
    window.area.set_active(Plane.AXIAL)
    QTest.keyClick(window, Qt.Key.Key_Period)
    assert window.verbs.state.tuning.attention_threshold == pytest.approx(0.21)
    assert panel.tuning_box.attention_threshold.value == pytest.approx(0.21)
    click(panel.tuning_box.defaults_button)
    assert window.verbs.state.tuning == TUNING
    assert not panel.tuning_box.defaults_button.isEnabled()


def test_keys_switch_overlays_and_holding_one_hides_all(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    for key, name in (
        (Qt.Key.Key_H, "is_map_shown"),
        (Qt.Key.Key_J, "is_attention_projected"),
        (Qt.Key.Key_M, "is_mask_shown"),
        (Qt.Key.Key_X, "is_crosshair_shown"),
    ):
        was = getattr(window.verbs.state.overlays, name)
        QTest.keyClick(window, key)
        assert getattr(window.verbs.state.overlays, name) is not was
    QTest.keyClick(window, Qt.Key.Key_T)
    assert window.verbs.state.overlays.mask_style is MaskStyle.TINT
    assert window.panel.overlay_box.tint_button.isChecked()
    view = window.area.views[Plane.AXIAL]
    bare = frame_of(view, window.verbs.state).buffer
    QTest.keyPress(window, Qt.Key.Key_B)
    assert (frame_of(view, window.verbs.state, window.verbs.fusion).buffer == bare).all()
    QTest.keyRelease(window, Qt.Key.Key_B)
    assert (frame_of(view, window.verbs.state, window.verbs.fusion).buffer != bare).any()


def test_the_projected_attention_map_is_that_of_the_fusion(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    QTest.keyClick(window, Qt.Key.Key_J)
    view = window.area.views[Plane.SAGITTAL]
    shown = frame_of(view, window.verbs.state, window.verbs.fusion).parts["map"].tint.indices
    exact = window.verbs.fusion.extended.projected(2, TUNING.sigma_mm)[::-1]
    assert np.abs(shown - exact * 255).max() < 1.01
    assert view.annotations.text.left[1] == "attention projected through all slices"


def test_export_writes_the_state_of_the_panel_at_the_click(qtbot, make_window, scan, tmp_path):
    nibabel = pytest.importorskip("nibabel")
    window = segmented(qtbot, make_window, scan)
    target = tmp_path / "mask.nii.gz"
    with emitted(qtbot, window.workspace.front.exports.written):
        drag_slider(window.panel.tuning_box.attention_threshold.slider, 0.3)
        drag_slider(window.panel.tuning_box.sigma.slider, 0.3)
        clicked = window.verbs.state.tuning
        window.verbs.export({ExportKind.MASK: target}, may_overwrite=False)
        drag_slider(window.panel.tuning_box.attention_threshold.slider, 0.9)
    expected = window.verbs.fusion.mask(clicked, JobProgress()).mask.voxels
    assert clicked != TUNING
    assert 0 < expected.sum() < window.verbs.fusion.mask(TUNING, JobProgress()).mask.voxels.sum()
    written = np.asarray(nibabel.load(target).dataobj)
    assert (written.transpose(2, 1, 0) > 0).astype(int).sum() == expected.sum()
    assert ((written.transpose(2, 1, 0) > 0) == expected).all()
    assert "Exported mask.nii.gz" in texts(window)


def test_the_export_dialog_names_files_and_does_not_overwrite(qtbot, make_window, tmp_path):
    (tmp_path / "sub-01_ct.nii.gz").write_bytes(b"")
    scan = spine_volume(path=tmp_path / "sub-01_ct.nii.gz")
    window = segmented(qtbot, make_window, scan)
    click(window.panel.export_button)
    dialog = window.findChild(ExportDialog)
    assert dialog.targets() == {ExportKind.MASK: tmp_path / "sub-01_seg-spine_msk.nii.gz"}
    (tmp_path / "sub-01_seg-spine_msk.nii.gz").write_bytes(b"old")
    click(dialog.checks[ExportKind.ATTENTION])
    assert not dialog.write_button.isEnabled()
    assert "Already in this folder" in dialog.message.text()
    dialog.format.setCurrentIndex(dialog.format.findData(".nrrd"))
    assert dialog.write_button.isEnabled()
    dialog.folder.setText(str(tmp_path / "sub-01_ct.nii.gz"))
    assert not dialog.write_button.isEnabled()
    dialog.folder.setText(str(tmp_path))
    with emitted(qtbot, window.workspace.front.exports.written):
        click(dialog.write_button)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"sub-01_seg-spine_msk.nrrd", "sub-01_desc-attention_probseg.nrrd"} <= names


def test_a_folder_with_several_series_asks_and_opens_the_chosen_one(
    qtbot, make_window, scan, caplog
):
    window = make_window(FakeBackend([scan]))
    window.opener.open_path(Path("several"))
    qtbot.waitUntil(lambda: window.findChild(SeriesChooser) is not None)
    # a question is not a failure
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    chooser = window.findChild(SeriesChooser)
    assert chooser.series_uid == "1.2.2"
    click(chooser.open_button)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.settings.recent[0].series_uid == "1.2.2"


def test_a_wrong_file_is_reported_and_the_open_scan_stays(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.opener.open_path(Path("notes.txt"))
    qtbot.waitUntil(lambda: "notes.txt is no image" in texts(window))
    assert window.verbs.state.scan is scan


def test_a_dropped_file_is_opened_and_remembered(qtbot, make_window, tmp_path):
    path = tmp_path / "sub-03_ct.nii.gz"
    window = make_window(FakeBackend([spine_volume(path=path)]))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    move, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(50, 50), move, mime, LEFT, none))
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, event)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.settings.recent[0].path == str(path)
    window.verbs.close_scan()
    assert window.start_page.recent_list.count() == 1
    item = window.start_page.recent_list.item(0)
    place = window.start_page.recent_list.visualItemRect(item).center()
    QTest.mouseClick(
        window.start_page.recent_list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place
    )
    qtbot.waitUntil(lambda: window.verbs.state is not None)


def test_f1_shows_every_key(qtbot, make_window):
    window = make_window()
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.findChild(ShortcutsSheet) is not None
    for dialog in window.findChildren(QDialog):
        dialog.close()


def test_the_note_on_research_use_is_always_visible(make_window, scan):
    window = make_window()
    assert window.status.research_label.isVisible()
    window.verbs.show_scan(scan)
    assert window.status.research_label.text() == "Research use only; not a medical device"
    assert window.status.research_label.isVisible()


def test_closing_while_the_networks_run_ends_them(qtbot, make_window, scan, monkeypatch):
    monkeypatch.setattr(main_window, "MAX_CLOSING_MS", 600_000)
    backend = FakeBackend([scan], gate=threading.Event())
    window = make_window(backend, scan=scan)
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.runner.is_running(JobKind.SEGMENT))
    with qtbot.waitSignal(window.finished):
        window.close()
        assert not window.isVisible()
    assert window.verbs.runner.is_idle
    assert backend.is_closed


def test_nothing_in_the_panel_is_cut_off_at_the_sides(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    window.actions_by_name["tool_brush"].trigger()
    body = window.panel.findChild(QScrollArea).widget()
    assert body.minimumSizeHint().width() <= body.width() <= window.panel.width()
    window.panel.run_box.show_progress(ProgressUpdate("segmentation", 0.23, 1000.0), False)
    window.panel.run_box._running.show()
    assert body.minimumSizeHint().width() <= window.panel.width() - 12  # a scroll bar still fits


def test_the_chooser_shows_a_picture_of_each_series(qtbot, make_window, tmp_path):
    sys.path.insert(0, str(Path(__file__).parents[2] / "fuzz"))
    from corpus import slice_file

    for n in range(3, 6):
        content = slice_file(n)
        (tmp_path / f"a{n}").write_bytes(content)
        (tmp_path / f"b{n}").write_bytes(content.replace(b"1.2.3.4\0", b"1.2.3.9\0"))
    window = make_window(LocalServices())
    window.opener.open_path(tmp_path)
    qtbot.waitUntil(lambda: window.findChild(SeriesChooser) is not None)
    tree = window.findChild(SeriesChooser).tree
    assert tree.topLevelItemCount() == 2

    def shown(row):
        image = tree.topLevelItem(row).icon(0).pixmap(72, 72).toImage()
        return max(
            image.pixelColor(x, y).value()
            for x in range(image.width())
            for y in range(image.height())
        )

    qtbot.waitUntil(lambda: shown(0) > 100 and shown(1) > 100)
    window.findChild(SeriesChooser).reject()
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


def scan_with_shoulder():
    """A wide scan whose networks also mark a block 85 mm beside the column."""
    return spine_volume(shape=(96, 80, 160))


class ShoulderBackend(FakeBackend):
    def tuning(self):
        return Tuning(0.05, 6.0, 0.5, leaves_out_islands=True)

    def segment(self, scan, tuning, progress, on_fusion):
        attention, probability = maps_of(scan)
        attention.cells[:] += 0.1
        probability.values[150:170, 60:75, 205:220] = 65535
        return make_overlay(attention, probability, tuning), self.report


def test_a_piece_far_from_the_spine_is_left_out_and_one_key_or_click_includes_it(
    qtbot, make_window
):
    scan = scan_with_shoulder()
    window = make_window(ShoulderBackend([scan]), scan=scan)
    verbs = window.verbs
    verbs.segment()
    qtbot.waitUntil(lambda: verbs.state.is_mask_current)
    without = verbs.state.fused.volume_ml
    assert "Far from the spine and left out: 1 piece, 4.5 ml." in texts(window)
    QTest.keyClick(
        window,
        Qt.Key.Key_I,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    z, y, x = verbs.state.crosshair_zyx
    assert abs(z * 2.0 - 159) < 4 and abs(y * 1.5 - 67) < 3 and abs(x * 1.5 - 212) < 3
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: verbs.state.is_mask_current)
    assert verbs.state.fused.volume_ml == pytest.approx(without + 4.5, abs=0.3)
    assert "in the mask: 1 piece," in texts(window)
    leave_out = next(b for b in window.banners.findChildren(QPushButton) if b.text() == "Leave out")
    click(leave_out)
    qtbot.waitUntil(lambda: verbs.state.is_mask_current)
    assert verbs.state.fused.volume_ml == without


def test_other_thresholds_and_presets_keep_the_choice_about_far_pieces(qtbot, make_window):
    scan = scan_with_shoulder()
    window = make_window(ShoulderBackend([scan]), scan=scan)
    verbs = window.verbs
    verbs.toggle_islands()
    window.workspace.settings.save_tuning("mine", verbs.state.tuning)
    window.panel.tuning_box.attention_threshold.nudge(1)
    assert not verbs.state.tuning.leaves_out_islands
    window.presets.use_tuning("mine")
    assert not verbs.state.tuning.leaves_out_islands
    verbs.restore_defaults()
    assert verbs.state.tuning.leaves_out_islands


def test_a_mask_without_far_pieces_does_not_mention_them(qtbot, make_window, scan):
    window = segmented(qtbot, make_window, scan)
    assert "ar from the spine" not in texts(window)
    assert not window.workspace.front.segmentation.findings.far_pieces
