"""The names of the open scans and their patients in the window."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from spineviewer.app.scan_titles import describe_patient, tab_titles
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.other_scan_header import OtherScanHeader
from spineviewer.gui.window.bars import ScanTabs, StatusBar
from spineviewer.gui.window.scan_page import ScanPage


class Captions:
    """Names the open scans in title, tabs, status bar and above the views.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        workspace: Workspace,
        window: QWidget,
        tabs: ScanTabs,
        page: ScanPage,
        header: OtherScanHeader,
        status: StatusBar,
    ) -> None:
        self._workspace, self._window = workspace, window
        self._tabs, self._page, self._header, self._status = tabs, page, header, status
        self._are_patients_shown = False

    def show_scans(self) -> None:
        """Name the open scans, everywhere by the titles of their tabs."""
        workspace, scans = self._workspace, self._workspace.scans
        is_shown = self._are_patients_shown = workspace.settings.current.is_patient_shown
        sources = [scan.volume.source for scan in scans]
        names = tab_titles(sources, is_patient_shown=is_shown)
        scan = None if workspace.front is None else workspace.front.volume
        name = "" if scan is None else tr(names[workspace.front_number])
        self._status.show_scans(
            scan, [(one.volume, tr(title)) for one, title in zip(scans, names, strict=True)]
        )
        self._page.show_name(name)
        others = workspace.others
        other_names = [tr(names[scans.index(other)]) for other in others]
        self._header.offer(others, other_names, workspace.other_scan)
        self._window.setWindowTitle("Spineviewer" if scan is None else f"{name} – Spineviewer")
        patient = describe_patient(scan.source) if is_shown and scan is not None else ""
        self._page.show_patient(tr(patient))
        self._header.show_patient(is_shown)
        self._tabs.show_scans(sources, workspace.front_number, is_patient_shown=is_shown)

    def show_patients(self) -> None:
        """Show or hide the patients, if the user has changed the setting."""
        if self._workspace.settings.current.is_patient_shown != self._are_patients_shown:
            self.show_scans()
