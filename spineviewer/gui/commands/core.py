"""What all commands share: the window, the desk, the views and the panel that they speak to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from spineviewer.gui.desk import ReadingDesk
from spineviewer.gui.dialogs.files import FileAsker
from spineviewer.gui.panels.spine_panel import SpinePanel
from spineviewer.gui.views.cine import Cine
from spineviewer.gui.views.view_area import ViewArea
from spineviewer.wording import mark

Slots = dict[str, Callable[..., object]]
#: What can be opened, for dialogs.
SCAN_FILES = mark("Scans (*.nii *.nii.gz *.nrrd *.nhdr *.mha *.mhd *.hdr *.dcm *.zip *.spineview);;All files (*)")


class CommandsCore(QObject):
    """The parts of the window that commands need. Each kind of command is a class of its own on it.

    All signals stand here: of several bases Qt knows those of the first alone.

    Thread ownership: GUI thread.
    """

    batch_asked = Signal()
    palette_asked = Signal()
    tour_asked = Signal()
    beside_asked = Signal(bool)
    keys_changed = Signal()
    theme_changed = Signal()
    language_changed = Signal()
    window_control_asked = Signal()

    def __init__(
        self, window: QWidget, desk: ReadingDesk, area: ViewArea, panel: SpinePanel, sample: Callable[[], Path | None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self.desk = desk
        self.area = area
        self.panel = panel
        self._sample = sample
        self.cine = Cine(area, self)
        self.files = FileAsker(window)

    def slots(self) -> Slots:
        """What each command does, by its name."""
        return {}

    def _show_dialog(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
