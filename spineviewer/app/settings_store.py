"""The settings of the program; every change is saved automatically."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from psygnal import Signal

from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import JobKind
from spineviewer.app.settings import Settings, save_settings
from spineviewer.app.state import Preset
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import WindowLevel


class SettingsStore:
    """The settings; changes are written in the background and announced by `changed`."""

    changed = Signal()

    def __init__(self, settings: Settings, path: Path, jobs: Jobs) -> None:
        self._settings = settings
        self._path = path
        self._jobs = jobs

    @property
    def current(self) -> Settings:
        """The current settings."""
        return self._settings

    def update(self, **changes: Any) -> None:
        """Change the named settings."""
        self.put(replace(self._settings, **changes))

    def put(self, settings: Settings) -> None:
        """Replace all settings."""
        if settings == self._settings:
            return
        self._settings, path = settings, self._path
        self._jobs.write(JobKind.SETTINGS, lambda: save_settings(settings, path))
        self.changed.emit()

    @property
    def anonymising_key(self) -> str:
        """The secret key for anonymised copies, created when it is first needed."""
        if not self._settings.anonymising_key:
            self.update(anonymising_key=secrets.token_hex(16))
        return self._settings.anonymising_key

    # templates of reports, by language and name

    def templates(self, language: str) -> dict[str, tuple[str, str]]:
        """Return the findings and impression of the user's templates in a language, by name."""
        stored = self._settings.report_templates.get(language, {})
        return {name: (findings, impression) for name, (findings, impression) in stored.items()}

    def save_template(self, language: str, name: str, findings: str, impression: str) -> None:
        """Save a template, replacing one with the same name."""
        if name.strip():
            stored = self._settings.report_templates
            templates = {**stored.get(language, {}), name.strip(): [findings, impression]}
            self.update(report_templates={**stored, language: templates})

    def delete_template(self, language: str, name: str) -> None:
        """Delete a template."""
        stored = self._settings.report_templates
        templates = {n: texts for n, texts in stored.get(language, {}).items() if n != name}
        self.update(report_templates={**stored, language: templates})

    # grey-scale windows by name

    def save_window(self, name: str, window: WindowLevel) -> None:
        """Save a grey-scale window as a preset, replacing one with the same name."""
        if name.strip():
            numbers = [float(window.width_hu), float(window.level_hu)]
            self.update(windows={**self._settings.windows, name.strip(): numbers})

    def delete_window(self, name: str) -> None:
        """Delete the window preset with this name."""
        windows = {other: w for other, w in self._settings.windows.items() if other != name}
        self.update(windows=windows)

    @property
    def own_windows(self) -> tuple[Preset, ...]:
        """The user's window presets, in the order in which they were saved."""
        return tuple(
            Preset(name, WindowLevel(max(width, 1.0), level))
            for name, (width, level) in self._settings.windows.items()
        )

    # thresholds by name

    def save_tuning(self, name: str, tuning: Tuning) -> None:
        """Save thresholds as a preset, replacing one with the same name."""
        if name.strip():
            self.update(tunings={**self._settings.tunings, name.strip(): tuning})

    def delete_tuning(self, name: str) -> None:
        """Delete the threshold preset with this name."""
        self.update(
            tunings={
                other: tuning for other, tuning in self._settings.tunings.items() if other != name
            }
        )

    def tuning(self, name: str, like: Tuning) -> Tuning | None:
        """Return `like` with the thresholds of a preset; None if there is no such preset."""
        preset = self._settings.tunings.get(name)
        return (
            None if preset is None else replace(preset, leaves_out_islands=like.leaves_out_islands)
        )
