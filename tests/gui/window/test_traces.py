"""A scan that becomes active shows nothing of the scan before it."""

from pathlib import Path

from conftest import let_qt_work, segment
from fakes import FakeBackend, spine_volume
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QWidget,
)

from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import WindowLevel


def pair():
    return [spine_volume(path=Path(f"{name}.nii.gz")) for name in ("first", "second")]


def shown(part):
    """Return everything that a part of the window shows: widgets with their text and values."""
    found = []
    for widget in part.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel):
            found.append((widget.text(), widget.toolTip()))
        elif isinstance(widget, QAbstractButton):
            found.append((widget.text(), widget.isChecked(), widget.isEnabled()))
        elif isinstance(widget, QLineEdit):
            found.append(widget.text())
        elif isinstance(widget, QSlider):
            found.append((widget.minimum(), widget.value(), widget.maximum()))
        elif isinstance(widget, QComboBox):
            found.append([widget.itemText(k) for k in range(widget.count())])
        elif isinstance(widget, QAbstractItemView) and (model := widget.model()) is not None:
            found.append([model.index(row, 0).data() for row in range(model.rowCount())])
        else:
            found.append(type(widget).__name__)
    return found


def parts_of(window):
    return {
        "panel": window.panel,
        "sheet": window.spine_measurer.sheet,
        "toolbar": window.toolbar,
        "notices": window.banners,
    }


def test_every_part_of_the_window_looks_as_if_the_other_scan_did_not_exist(
    qtbot, make_window, tmp_path
):
    def look(is_touched):
        window = make_window(FakeBackend(pair()))
        first, second = pair()
        window.workspace.show_volume(first)
        window.workspace.show_volume(second)
        window.spine_measurer.toggle_sheet()
        window.workspace.next_scan()
        if is_touched:
            segment(qtbot, window)
            front = window.workspace.front
            qtbot.waitUntil(lambda: front.parts.spine_measurements is not None)
            front.measurements.add(
                Measurement(Distance(), Plane.SAGITTAL, ((10.0, 20.0, 9.0), (30.0, 40.0, 9.0)))
            )
            front.display.set_window(WindowLevel(300, 50))
            front.uncertain_regions.find()
            qtbot.waitUntil(lambda: front.parts.checklist is not None)
            assert window.spine_measurer.sheet.plot.measured
        window.workspace.next_scan()
        qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
        let_qt_work()  # layouts follow
        seen = {name: shown(part) for name, part in parts_of(window).items()}
        window.close()
        return seen

    untouched = look(False)
    touched = look(True)
    for name, part in untouched.items():
        assert touched[name] == part
