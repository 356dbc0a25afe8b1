"""The commands that are enabled in each state of the scan, tested without a window."""

import threading
from dataclasses import replace

import pytest
from fakes import FakeBackend, on_dicom_slices, spine_volume

from spineviewer.app.archives import with_node
from spineviewer.app.state import SegmentationStage
from spineviewer.archive.node import DimseAddress, Node
from spineviewer.bench.verbs import Verbs
from spineviewer.editing.correction import ADDED
from spineviewer.gui.kit.context import Context
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanIdentity, WindowLevel

#: Enabled without a scan.
ALWAYS = {
    "open", "open_folder", "browse", "open_sample", "remember", "batch", "quit", "step_back",
    "archive", "archive_settings", "receiver", "light", "panel", "fullscreen", "help", "tour",
    "palette",
    "edit_keys", "shortcuts", "about", "patient_shown", "patient_in_pictures",
    *(name for name in COMMANDS if name.startswith(("language_", "size_"))),
}  # fmt: skip
OF_OTHER_SCANS = {"next_scan", "side_by_side"}
OF_A_MASK = {"export", "compare", "next_uncertain_region", "previous_uncertain_region"}
OF_ANY_PART_OF_A_MASK = {
    "tool_brush", "tool_eraser", "tool_lasso", "tool_cut_out", "brush_smaller", "brush_larger",
}  # fmt: skip
OF_A_WHOLE_MASK = {
    "tool_keep_piece", "tool_remove_piece", "grow", "shrink", "smooth", "fill_holes",
}  # fmt: skip
OF_A_MEASUREMENT = {"delete_measurement", "name_measurement", "save_table"}
OF_VERTEBRAE = {
    "tool_split_vertebra", "tool_merge_vertebrae", "tool_move_piece",
    "align_to_vertebra", "align_to_disc", "name_vertebra", "vertebra_down", "vertebra_up",
    "go_to_level",
    "names_up", "names_down", "confirm_names",
}  # fmt: skip
OF_SPINE_MEASUREMENTS = {
    "next_fracture", "previous_fracture", "restore_value", "copy_spine_measurements",
    "other_scan_same_vertebra",
}  # fmt: skip
OF_AN_ARCHIVE = {"send", "prior_studies"}
OF_MORE = {
    "compute_rest", "cancel", "straighten", "previous_thresholds", "largest_difference",
    "fill_between", "undo", "redo",
    "discard", "save_sr", "anonymise", "preset_5", "far_pieces", "next_far_piece", "own_window_1",
    "own_window_2", "own_window_3",
}  # fmt: skip
#: Enabled as soon as a scan is open.
OF_A_SCAN = (
    {*COMMANDS}
    - ALWAYS - OF_OTHER_SCANS - OF_A_MASK - OF_ANY_PART_OF_A_MASK - OF_A_WHOLE_MASK
    - OF_A_MEASUREMENT - OF_VERTEBRAE - OF_SPINE_MEASUREMENTS - OF_AN_ARCHIVE - OF_MORE
)  # fmt: skip


@pytest.fixture
def make_verbs(qapp, qtbot, tmp_path):
    all_verbs = []

    def make(**options):
        verbs = Verbs(qt_workspace(FakeBackend(**options), tmp_path / "settings.json"))
        all_verbs.append(verbs)
        return verbs

    yield make
    for verbs in all_verbs:
        verbs.workspace.shut_down()
        qtbot.waitUntil(lambda verbs=verbs: verbs.runner.is_idle)


def enabled(verbs):
    context = Context(verbs.workspace)
    return {command.name for command in COMMANDS.values() if not command.obstacle(context)}


def segment(qtbot, verbs):
    verbs.segment()
    qtbot.waitUntil(lambda: verbs.state.stage is SegmentationStage.DONE)
    qtbot.waitUntil(lambda: verbs.state.is_mask_current)


def test_results_are_sent_to_an_archive_from_a_dicom_scan(make_verbs, tmp_path):
    verbs = make_verbs()
    scan = on_dicom_slices(spine_volume(shape=(20, 20, 20)), tmp_path / "series")
    verbs.show_scan(scan)
    assert not enabled(verbs) & OF_AN_ARCHIVE
    node = Node("ward", DimseAddress("127.0.0.1", 104, "PACS"))
    verbs.settings = with_node(verbs.settings, node)
    assert enabled(verbs) & OF_AN_ARCHIVE == {"send"}
    identity = ScanIdentity(patient_id="4711")
    verbs.show_scan(replace(scan, source=replace(scan.source, identity=identity)))
    assert enabled(verbs) >= OF_AN_ARCHIVE
    verbs.show_scan(spine_volume())
    assert not enabled(verbs) & OF_AN_ARCHIVE


def test_commands_are_enabled_without_a_scan(make_verbs):
    assert enabled(make_verbs()) == ALWAYS


def test_commands_are_enabled_with_a_scan(make_verbs):
    verbs = make_verbs()
    verbs.show_scan(spine_volume())
    assert enabled(verbs) == ALWAYS | OF_A_SCAN
    assert {"segment", "report", "tool_cobb", "preset_4", "close_scan"} <= OF_A_SCAN


def test_commands_are_enabled_with_a_scan_that_has_its_own_window(make_verbs):
    verbs = make_verbs()
    verbs.show_scan(spine_volume(window=WindowLevel(400.0, 40.0)))
    assert enabled(verbs) == ALWAYS | OF_A_SCAN | {"preset_5"}


def test_commands_are_enabled_with_two_scans(make_verbs, tmp_path):
    verbs = make_verbs()
    for name in ("a.nii", "b.nii"):
        verbs.show_scan(spine_volume(path=tmp_path / name))
    assert enabled(verbs) == ALWAYS | OF_A_SCAN | OF_OTHER_SCANS


def test_commands_are_enabled_while_the_networks_run(qtbot, make_verbs):
    gate = threading.Event()
    verbs = make_verbs(gate=gate)
    verbs.show_scan(spine_volume())
    verbs.segment()
    qtbot.waitUntil(lambda: verbs.fusion is not None)
    running = enabled(verbs)
    assert "segment" not in running
    assert {"cancel", *OF_ANY_PART_OF_A_MASK} <= running
    gate.set()
    qtbot.waitUntil(lambda: verbs.state.stage is SegmentationStage.DONE)


def test_commands_are_enabled_with_a_mask(qtbot, make_verbs):
    verbs = make_verbs()
    verbs.show_scan(spine_volume())
    segment(qtbot, verbs)
    qtbot.waitUntil(lambda: not verbs.is_cancellable)
    qtbot.waitUntil(lambda: verbs.workspace.front.names.are_current)
    of_a_mask = OF_A_MASK | OF_ANY_PART_OF_A_MASK | OF_A_WHOLE_MASK | OF_VERTEBRAE
    assert enabled(verbs) == ALWAYS | OF_A_SCAN | of_a_mask


def test_commands_are_enabled_for_corrections_and_undo(qtbot, make_verbs):
    verbs = make_verbs()
    verbs.show_scan(spine_volume())
    segment(qtbot, verbs)
    without = enabled(verbs)
    verbs.begin_stroke(Plane.SAGITTAL, (40.0, 40.0, 36.0), is_adding=ADDED > 0)
    verbs.end_stroke()
    assert enabled(verbs) - without == {"undo", "discard"}
    verbs.undo()
    assert enabled(verbs) - without == {"redo"}


def test_commands_are_enabled_by_measurements_rotation_and_other_thresholds(make_verbs, qtbot):
    verbs = make_verbs()
    verbs.show_scan(spine_volume())
    without = enabled(verbs)
    points = ((10.0, 20.0, 9.0), (30.0, 20.0, 9.0))
    verbs.add_measurement(Measurement(Distance(), Plane.SAGITTAL, points))
    assert enabled(verbs) - without == OF_A_MEASUREMENT | {"undo"}  # a report needs DICOM slices
    verbs.delete_measurement(0)
    verbs.rotate(Plane.SAGITTAL, 5.0)
    qtbot.waitUntil(lambda: enabled(verbs) - without == {"straighten", "undo"})


def test_every_reason_is_short(make_verbs):
    context = Context(make_verbs().workspace)
    obstacles = {c.obstacle(context) for c in COMMANDS.values()} - {""}
    assert obstacles == {
        "needs a scan in view",
        "needs another open scan",
        "nothing is running",
    }
