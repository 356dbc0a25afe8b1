"""What the program remembers between runs: recent scans, preferences, the window's place. A small JSON file, no Qt."""

from __future__ import annotations

import base64
import json
import logging
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from spineviewer.errors import ExportError
from spineviewer.io.whole_file import write_bytes

_log = logging.getLogger(__name__)

#: Choice: as many as fit the start page without scrolling.
MAX_RECENT = 8


@dataclass(frozen=True)
class RecentScan:
    """A scan that was opened before; `picture` is a small one of it, base64 of a PNG."""

    path: str
    series_uid: str = ""
    summary: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that is remembered. All fields have defaults, so that an older or damaged file still opens.

    Attributes
    ----------
    is_recent_kept
        Whether it is remembered which scans and folders were opened.
    is_patient_named
        Whether the study browser shows patients' names.
    language
        Code of the window's language; empty for the system's.
    interface_percent
        How large everything is drawn; 0 for automatic.
    unscaled_lines
        Height in pixels of the screen on which the window was last; 0 where the system scales what is drawn on it.
    tunings
        Attention threshold, sigma in mm and segmentation threshold by the name that the reader gave them.
    keys
        Of the commands whose keys are not the usual ones, by the command's name.
    damaged_file
        Name under which a damaged settings file was set aside at this start; never stored.
    """

    recent: tuple[RecentScan, ...] = ()
    is_recent_kept: bool = True
    is_patient_named: bool = False
    heat_opacity: float = 0.4
    mask_opacity: float = 0.45
    mask_style: str = "contour"
    layout: str = "sagittal"
    theme: str = "dark"
    language: str = ""
    interface_percent: int = 0
    unscaled_lines: int = 0
    last_folder: str = ""
    export_format: str = ".nii.gz"
    window_geometry: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    tunings: dict[str, list[float]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    damaged_file: str = ""

    def with_recent(self, scan: RecentScan) -> Settings:
        """`scan` first, no scan twice, at most `MAX_RECENT`; unchanged where nothing is to be remembered."""
        if not self.is_recent_kept:
            return self
        others = [r for r in self.recent if (r.path, r.series_uid) != (scan.path, scan.series_uid)]
        return replace(self, recent=(scan, *others)[:MAX_RECENT])

    def remembering(self, is_kept: bool) -> Settings:
        """Remember opened scans from now on, or forget those that are known and remember no more."""
        return (
            replace(self, is_recent_kept=is_kept) if is_kept else replace(self, is_recent_kept=False, recent=(), last_folder="")
        )

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
    """The stored settings; the defaults where there are none. A damaged file is set aside and named in `damaged_file`."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise TypeError("no object")
        return _settings_from(stored)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        _log.warning("The settings could not be read: %s", type(error).__name__)
        return Settings()
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        _log.warning("The settings file is damaged and starts anew: %s", type(error).__name__)
        return Settings(damaged_file=set_aside(path))


def save_settings(settings: Settings, path: Path) -> None:
    """Write beside the target and rename, so that a crash leaves the old file. A full or read-only disk is logged, not raised."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, json.dumps(asdict(replace(settings, damaged_file="")), indent=1).encode(), is_private=True)
    except (OSError, ExportError) as error:
        _log.warning("The settings could not be saved: %s", type(error).__name__)


def set_aside(path: Path) -> str:
    """Rename a damaged file so that nothing writes over it; its new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        path.replace(aside)
    except OSError as error:
        _log.warning("A damaged file could not be set aside: %s", type(error).__name__)
        return path.name
    return aside.name


def _settings_from(stored: dict[str, Any]) -> Settings:
    defaults = Settings()
    known: dict[str, Any] = {}
    for name, default in asdict(defaults).items():
        value = stored.get(name, default)
        if name not in {"recent", "damaged_file"} and type(value) is type(default) and _is_sound(name, value):
            known[name] = value
    recent = tuple(
        RecentScan(
            *(str(r[key]) if key == "path" else str(r.get(key, "")) for key in ("path", "series_uid", "summary", "picture"))
        )
        for r in stored.get("recent", [])
    )
    return Settings(recent=recent[:MAX_RECENT], **known)


def _is_sound(name: str, value: object) -> bool:
    """Whether a value of the right type also makes sense; one that does not is passed over."""
    if name.endswith("_opacity"):
        return isinstance(value, float) and 0 <= value <= 1
    if name in ("interface_percent", "unscaled_lines"):
        return isinstance(value, int) and 0 <= value < 2**15
    if name == "window_geometry":
        try:
            base64.b64decode(str(value), validate=True)
        except ValueError:
            return False
    if name in ("keys", "tunings"):
        kinds: tuple[type, ...] = (str,) if name == "keys" else (int, float)
        lists = value.values() if isinstance(value, dict) else ()
        return all(isinstance(v, list) and all(isinstance(x, kinds) for x in v) for v in lists)
    if name == "extra":
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    return not isinstance(value, str) or "\0" not in value
