"""The user's last layouts, windows and overlays, stored in the settings for the next scans."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from spineviewer.app.hanging_protocols import HangingProtocol, hanging_protocol_of, kind_of
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.opening import summary_of
from spineviewer.app.scan_titles import hidden_title
from spineviewer.app.settings import RecentScan
from spineviewer.app.settings_store import SettingsStore
from spineviewer.app.state import MaskStyle, Overlays
from spineviewer.volume.volume import ScanSource


class Habits:
    """Layouts and windows by kind of scan, overlays, and recent sessions.

    Thread ownership: the workspace's.
    """

    def __init__(self, settings: SettingsStore) -> None:
        self._settings = settings

    @property
    def overlays(self) -> Overlays:
        """The overlays with which a scan opens."""
        settings = self._settings.current
        style = MaskStyle.TINT if settings.mask_style == MaskStyle.TINT.value else MaskStyle.CONTOUR
        return Overlays(
            map_opacity=settings.map_opacity, mask_opacity=settings.mask_opacity, mask_style=style
        )

    def remember_overlays(self, scan: OpenScan) -> None:
        """Store the overlays of a scan for the next one."""
        shown = scan.state.overlays
        self._settings.update(
            map_opacity=shown.map_opacity,
            mask_opacity=shown.mask_opacity,
            mask_style=shown.mask_style.value,
        )

    def hanging_protocol_for(self, source: ScanSource) -> HangingProtocol | None:
        """Return layout and windows of the last scan of this kind; None if there was none."""
        return self._settings.current.hanging_protocols.get(kind_of(source))

    def remember_hanging_protocol(self, scan: OpenScan) -> None:
        """Store layout and windows for the next scan of this kind, unless the kind is unknown."""
        if kind := kind_of(scan.volume.source):
            protocol = hanging_protocol_of(scan.state, scan.view_state)
            self._settings.put(self._settings.current.with_hanging_protocol(kind, protocol))

    def follow(self, scan: OpenScan) -> None:
        """Remember sessions and folders of results of a scan that was opened, until `release`."""
        folder = self._settings.current.results_folder(scan.parts.reference.fingerprint)
        scan.exports.continue_in(folder)
        scan.exports.folder_chosen.connect(partial(self._remember_results_folder, scan))
        scan.autosave.session_saved.connect(partial(self._remember_session, scan))

    def release(self, scan: OpenScan) -> None:
        """End what `follow` began."""
        scan.exports.folder_chosen.disconnect()
        scan.autosave.session_saved.disconnect()

    def _remember_results_folder(self, scan: OpenScan, folder: Path) -> None:
        """Store with the recent items of a scan where its results were last written."""
        fingerprint, settings = scan.parts.reference.fingerprint, self._settings.current
        self._settings.put(settings.with_results_folder(fingerprint, str(folder.absolute())))

    def _remember_session(self, scan: OpenScan, path: Path) -> None:
        """Add a saved session to the recent items, with the thumbnail of its scan."""
        settings, scan_path = self._settings.current, str(scan.volume.source.path.absolute())
        recent = RecentScan(
            str(path.absolute()),
            summary=summary_of(scan.volume),
            picture=next((item.picture for item in settings.recent if item.path == scan_path), ""),
            fingerprint=scan.parts.reference.fingerprint,
            title=hidden_title(scan.volume.source, path),
        )
        self._settings.put(settings.with_recent(recent))
