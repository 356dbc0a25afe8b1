"""Names of open scans in the titles of dialogs: the tab's title, and the patient if shown."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_titles import describe_patient, tab_titles
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import without_margins


def scan_title(workspace: Workspace, scan: OpenScan) -> str:
    """Return the title of an open scan, which is unique among all open scans."""
    titles = tab_titles(
        [other.volume.source for other in workspace.scans],
        is_patient_shown=workspace.settings.current.is_patient_shown,
    )
    return tr(titles[workspace.scans.index(scan)])


def dialog_title(subject: str, workspace: Workspace, scan: OpenScan) -> str:
    """Return the title of a dialog about an open scan."""
    return tr("{subject}: {scan}", subject=subject, scan=scan_title(workspace, scan))


class ScanHeading(QWidget):
    """The first two lines of a dialog about one scan: its title, and its patient if shown.

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
        """Show which scan and patient the dialog is about; its title also names the scan."""
        is_shown = workspace.settings.current.is_patient_shown
        patient = tr(describe_patient(scan.volume.source)) if is_shown else ""
        self._dialog.setWindowTitle(dialog_title(self._subject, workspace, scan))
        self.title.show_text(scan_title(workspace, scan))
        self.patient.show_text(patient)
        self.patient.setVisible(bool(patient))
        self.show()
