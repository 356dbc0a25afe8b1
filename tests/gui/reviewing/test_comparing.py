import nibabel
import numpy as np
import pytest
from conftest import segment, segments_of
from fakes import TUNING, FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.comparing import largest_difference
from spineviewer.gui.viewing.contour import outline
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    segment(qtbot, window)
    yield window
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


def write(voxels, geometry, path):
    """Write a file with the RAS affine of the scan's LPS grid, in nibabel's order x, y, z."""
    matrix = geometry.world_from_index
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix[:, [2, 1, 0, 3]]
    nibabel.save(nibabel.Nifti1Image(voxels.transpose(2, 1, 0).astype(np.uint8), affine), path)
    return path


def test_a_second_mask_is_outlined_and_scored_and_the_largest_difference_found(
    qtbot, window, scan, tmp_path
):
    mask = window.verbs.fusion.mask(TUNING, JobProgress()).mask.voxels
    second = mask.copy()
    second[60:72] = False
    window.verbs.compare_with(write(second, scan.geometry, tmp_path / "ref.nii.gz"))
    qtbot.waitUntil(lambda: window.verbs.comparison is not None)
    dice = 2 * (mask & second).sum() / (mask.sum() + second.sum())
    assert f"Dice {dice:.3f}" in window.panel.comparison_box.text.text()
    ml = (mask.sum() - second.sum()) * scan.geometry.voxel_volume_ml
    assert f"Mask minus second mask: {ml:+.1f} ml" in window.panel.comparison_box.text.text()
    QTest.keyClick(window, Qt.Key.Key_Y)
    assert 60 <= window.verbs.state.crosshair_zyx[0] < 72
    view = window.area.views[Plane.CORONAL]
    view.grab()
    y = window.verbs.state.crosshair_zyx[1]
    assert len(segments_of(view.picture.screen._frame, "second mask")) == len(
        outline(second[::-1, y])
    )


def test_a_new_comparison_is_scrolled_into_view(qtbot, qapp, make_window, scan, tmp_path):
    window = make_window(FakeBackend([scan]), scan=scan, size=(1366, 738))
    segment(qtbot, window)
    mask = window.verbs.fusion.mask(TUNING, JobProgress()).mask.voxels
    box, bar = window.panel.comparison_box, window.panel._scroll.verticalScrollBar()
    window.panel.tuning_box.show_numbers(True)
    bar.setValue(bar.maximum())
    window.verbs.compare_with(write(mask, scan.geometry, tmp_path / "ref.nii.gz"))
    qtbot.waitUntil(lambda: "Dice 1.000" in box.text.text())
    qapp.processEvents()  # it is scrolled once its new text has its size
    assert box.visibleRegion().boundingRect().height() == box.height()
    bar.setValue(bar.maximum())
    position = bar.value()
    window.verbs.set_tuning(Tuning(0.6, 6.0, 0.5))
    qtbot.waitUntil(lambda: "Dice 1.000" not in box.text.text())
    assert bar.value() == position


def test_the_numbers_follow_sliders(qtbot, window, scan, tmp_path):
    mask = window.verbs.fusion.mask(TUNING, JobProgress()).mask.voxels
    window.verbs.compare_with(write(mask, scan.geometry, tmp_path / "ref.nii.gz"))
    qtbot.waitUntil(lambda: window.verbs.comparison is not None)
    assert "Dice 1.000" in window.panel.comparison_box.text.text()
    window.verbs.set_tuning(Tuning(0.6, 6.0, 0.5))
    qtbot.waitUntil(lambda: "Dice 1.000" not in window.panel.comparison_box.text.text())
    window.panel.comparison_box.end_requested.emit()
    assert not window.panel.comparison_box.isVisible()


def test_a_mask_on_another_grid_is_rejected(qtbot, window, scan, tmp_path):
    path = tmp_path / "ref.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.zeros((5, 5, 5), np.uint8), np.eye(4)), path)
    window.verbs.compare_with(path)
    qtbot.waitUntil(
        lambda: any("5 × 5 × 5 voxels" in notice.text for notice in window.banners.notices())
    )
    assert window.verbs.comparison is None


def test_a_mask_of_the_same_size_at_another_position_is_rejected(qtbot, window, scan, tmp_path):
    path = tmp_path / "ref.nii.gz"
    voxels = np.zeros(scan.hu.shape[::-1], np.uint8)
    nibabel.save(nibabel.Nifti1Image(voxels, np.diag([9.0, 9.0, 9.0, 1.0])), path)
    window.verbs.compare_with(path)
    qtbot.waitUntil(
        lambda: any("in different positions" in notice.text for notice in window.banners.notices())
    )


def test_the_largest_difference_is_where_most_voxels_differ():
    one = np.zeros((40, 40, 40), bool)
    other = one.copy()
    other[3, 3, 3] = True
    other[24:30, 16:22, 32:38] = True
    z, y, x = largest_difference(one, other, (1.0, 1.0, 1.0))
    assert other[z, y, x]
    assert z > 20
    assert largest_difference(one, one, (1.0, 1.0, 1.0)) is None
