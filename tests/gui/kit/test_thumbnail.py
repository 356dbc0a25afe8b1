import base64

import numpy as np
from fakes import FakeBackend, spine_volume
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel

from spineviewer.app.settings import load_settings
from spineviewer.gui.kit.thumbnail import EDGE_PX, make_thumbnail, thumbnail_pixmap


def test_the_thumbnail_has_the_proportions_of_the_slice_and_shows_bone(qapp):
    scan = spine_volume(shape=(96, 80, 72), spacing=(2.0, 1.0, 1.0))
    image = QImage.fromData(base64.b64decode(make_thumbnail(scan)))
    assert (image.width(), image.height()) == (round(EDGE_PX * 80 / 192), EDGE_PX)
    column = [image.pixelColor(round(image.width() * 0.6), y).lightness() for y in range(EDGE_PX)]
    assert max(column) > image.pixelColor(1, EDGE_PX // 2).lightness() + 30
    assert np.ptp(column) > 30


def test_a_damaged_thumbnail_is_not_shown(qapp):
    assert thumbnail_pixmap("no base64 !", 38) is None
    assert thumbnail_pixmap(base64.b64encode(b"no picture").decode(), 38) is None


def test_recent_scans_show_thumbnails_unless_remembering_them_is_off(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]))
    window.opener.open_path(scan.source.path)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    window.verbs.close_scan()
    row = window.start_page.recent_list.itemWidget(window.start_page.recent_list.item(0))
    assert row.findChildren(QLabel)[0].pixmap().width() == 38
    assert window.verbs.runner.wait_for_writes(60.0)
    assert load_settings(window.workspace.settings._path).recent[0].picture
    window.verbs.settings = window.verbs.settings.remembering(False)
    window.opener.open_path(scan.source.path)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.runner.wait_for_writes(60.0)
    assert "iVBOR" not in window.workspace.settings._path.read_text(encoding="utf-8")
