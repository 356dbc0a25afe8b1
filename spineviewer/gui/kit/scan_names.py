"""Names of open scans for dialogs: the title of the tab, and the patient if shown."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_titles import describe_patient, tab_titles
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import without_margins


def scan_title(workspace: Workspace, scan: OpenScan) -> str:
    """Return the title of an open scan, which differs from those of all others."""
    titles = tab_titles(
        [one.volume.source for one in workspace.scans],
        is_patient_shown=workspace.settings.current.is_patient_shown,
    )
    return tr(titles[workspace.scans.index(scan)])


def about_scan(subject: str, workspace: Workspace, scan: OpenScan) -> str:
    """Return the title of a dialog about an open scan."""
    return tr("{subject}: {scan}", subject=subject, scan=scan_title(workspace, scan))


class ScanLines(QWidget):
    """Two lines of a dialog about one scan: its title, and patient and study if shown.

    Thread ownership: GUI thread.
    """

    def __init__(self, dialog: QDialog) -> None:
        super().__init__()
        self._dialog, self._subject = dialog, dialog.windowTitle()
        self.title = ElidedLabel()
        self.patient = ElidedLabel("quiet")
        layout = without_margins(QVBoxLayout(self), 0)
        layout.addWidget(self.title)
        layout.addWidget(self.patient)
        self.hide()

    def show_scan(self, workspace: Workspace, scan: OpenScan) -> None:
        """Show which scan and patient the dialog is about, also in its title."""
        is_shown = workspace.settings.current.is_patient_shown
        whose = tr(describe_patient(scan.volume.source)) if is_shown else ""
        self._dialog.setWindowTitle(about_scan(self._subject, workspace, scan))
        self.title.show_text(scan_title(workspace, scan))
        self.patient.show_text(whose)
        self.patient.setVisible(bool(whose))
        self.show()
