"""What the program remembers between runs: recent scans, preferences, the window's place. A small JSON file, no Qt."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)

#: Choice: as many as fit the start page without scrolling.
MAX_RECENT = 8


@dataclass(frozen=True)
class RecentScan:
    """A scan that was opened before."""

    path: str
    series_uid: str = ""
    summary: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that is remembered. All fields have defaults, so that an older or damaged file still opens."""

    recent: tuple[RecentScan, ...] = ()
    heat_opacity: float = 0.4
    mask_opacity: float = 0.45
    mask_style: str = "contour"
    layout: str = "sagittal"
    theme: str = "dark"
    last_folder: str = ""
    export_format: str = ".nii.gz"
    window_geometry: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def with_recent(self, scan: RecentScan) -> Settings:
        """`scan` first, no scan twice, at most `MAX_RECENT`."""
        others = [r for r in self.recent if (r.path, r.series_uid) != (scan.path, scan.series_uid)]
        return replace(self, recent=(scan, *others)[:MAX_RECENT])

    def without_recent(self, path: str) -> Settings:
        """The list without a scan that is gone."""
        return replace(self, recent=tuple(r for r in self.recent if r.path != path))


def settings_file() -> Path:
    """Where the settings lie; `$SPINEVIEWER_SETTINGS` overrides it."""
    chosen = os.environ.get("SPINEVIEWER_SETTINGS")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_config_dir("spineviewer", appauthor=False)) / "settings.json"


def load_settings(path: Path) -> Settings:
    """The stored settings; the defaults where there are none or the file is damaged (said in the log, never an error)."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise TypeError("no object")
        return _settings_from(stored)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("The settings file is damaged and starts anew: %s", type(error).__name__)
        return Settings()


def save_settings(settings: Settings, path: Path) -> None:
    """Write beside the target and rename, so that a crash leaves the old file. A full or read-only disk is logged, not raised."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as file:
            json.dump(asdict(settings), file, indent=1)
        Path(file.name).replace(path)
    except OSError as error:
        _log.warning("The settings could not be saved: %s", type(error).__name__)


def _settings_from(stored: dict[str, Any]) -> Settings:
    defaults = Settings()
    known: dict[str, Any] = {}
    for name, default in asdict(defaults).items():
        value = stored.get(name, default)
        if name != "recent" and isinstance(value, type(default)):
            known[name] = value
    recent = tuple(
        RecentScan(str(r["path"]), str(r.get("series_uid", "")), str(r.get("summary", ""))) for r in stored.get("recent", [])
    )
    return Settings(recent=recent[:MAX_RECENT], **known)
