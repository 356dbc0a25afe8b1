"""PySide6 6.12.0 crashes on Python 3.11 after a few hundred frames, so it is never installed."""

import subprocess
import sys

import PySide6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter


class Sender(QObject):
    sent = Signal(object)


def test_painting_and_signals_do_not_change_the_reference_count_of_none():
    image = QImage(32, 32, QImage.Format.Format_RGB32)
    sender = Sender()
    received = []
    sender.sent.connect(received.append)

    def frame():
        painter = QPainter(image)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(10, 20, 30))
        painter.drawRect(0, 0, 10, 10)
        painter.drawImage(0, 0, image)
        painter.end()
        sender.sent.emit(1)

    for _ in range(20):
        frame()
    before = sys.getrefcount(None)
    for _ in range(200):
        frame()
    change = sys.getrefcount(None) - before
    assert len(received) == 220
    assert abs(change) < 20, f"200 frames changed the references of None by {change}"


def test_the_installed_version_counts_references_correctly():
    version = tuple(int(part) for part in PySide6.__version__.split(".")[:2])
    assert (6, 8) <= version < (6, 12)


def test_modules_imported_by_the_window_are_not_searched_for_features_of_pyside():
    code = (
        "import builtins; before = builtins.__import__; import spineviewer.gui.main; "
        "import PySide6.QtWidgets; print(builtins.__import__ is before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
