"""Settings that persist between runs: recent scans, preferences, the window's position.

A small JSON file, no Qt.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from spineviewer.app.hanging_protocols import HangingProtocol
from spineviewer.errors import ExportError, UsageError
from spineviewer.io.write.whole_file import write_bytes
from spineviewer.tuning import Tuning
from spineviewer.wording import enumerated, mark, worded

_log = logging.getLogger(__name__)

#: Names, as the user sees them, of the settings that contain the user's work.
_DISPLAY_NAMES = {
    "recent": mark("recent scans"),
    "hanging_protocols": mark("layouts by kind of scan"),
    "report_templates": mark("report templates"),
    "tunings": mark("threshold presets"),
    "windows": mark("window presets"),
    "keys": mark("keyboard shortcuts"),
    "archives": mark("archives"),
    "receiver": mark("receiver"),
}

#: Choice: as many as fit on the start page without scrolling.
MAX_RECENT = 8
#: Choice: more kinds of scan than any department has.
MAX_HANGING_PROTOCOLS = 100


Text = Annotated[str, Meta(pattern="^[^\0]*$")]
Base64 = Annotated[str, Meta(pattern="^[A-Za-z0-9+/]*=*$")]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Pixels = Annotated[int, Meta(ge=0, lt=2**15)]
Percent = Annotated[int, Meta(ge=0, lt=2**15)]
Count = Annotated[int, Meta(ge=0)]
#: Findings and impression.
TwoTexts = Annotated[list[str], Meta(min_length=2, max_length=2)]
WidthAndLevel = Annotated[list[float], Meta(min_length=2, max_length=2)]
ThreeNumbers = Annotated[list[float], Meta(min_length=3, max_length=3)]


@dataclass(frozen=True)
class RecentScan:
    """A scan or session that the user opened.

    Attributes
    ----------
    picture
        Thumbnail as a base64 PNG.
    fingerprint
        Identifies autosaved work on the scan.
    title
        Shown in place of the path while patients are hidden; empty if the path names no patient.
    results_folder
        Folder to which results of the scan were last written; empty if there are none.
    """

    path: str
    series_uid: str = ""
    summary: str = ""
    picture: str = ""
    fingerprint: str = ""
    title: str = ""
    results_folder: str = ""


@dataclass(frozen=True)
class Settings:
    """All settings. All fields have defaults, so that an older or damaged file still opens.

    Attributes
    ----------
    is_recent_kept
        Whether opened scans and folders are remembered.
    is_patient_named
        Whether the study browser shows patients' names.
    is_patient_shown
        Whether the window shows patient and study of the open scans.
    is_patient_in_pictures
        Whether patient and study are written below saved and copied screenshots.
    language
        Code of the window's language; empty for the system's.
    interface_percent
        Interface size; 0 for automatic.
    unscaled_lines
        Height in pixels of the screen that last showed the window; 0 if the system scales the
        window.
    tunings
        The user's presets by name, three numbers each. The setting for far pieces is not part of a
        preset.
    windows
        The user's grey-scale windows by name: width and level in HU.
    keys
        Changed shortcuts by the name of the command.
    folded
        Collapsed sections of the side panel.
    is_folding_chosen
        Whether the user has collapsed or expanded sections; until then, the screen's size decides.
    panel_width
        Width of the side panel; 0 for the minimum width.
    archives
        Image archives as `archive.node.Node.as_fields` returns them; passwords are in the system's
        credential store.
    store_megabytes, store_days
        Limits on the size of the local store and the age of its studies; 0 for no limit.
    retrievals_at_once
        Studies that are retrieved from archives at the same time.
    receiver
        Fields of `archive.receiver_settings.ReceiverSettings`; empty for the defaults.
    is_patient_in_reports
        Whether reports contain patient and study.
    is_file_named_in_reports
        Whether reports on scans without patient data contain the name of the scan's file.
    report_formats
        Extensions of the formats in which reports are written.
    report_templates
        Findings and impression, by language and by the name of the user's template.
    anonymising_key
        Secret key for anonymised copies, created with the first copy; empty until then.
    hanging_protocols
        Layout and windows by kind of scan (`hanging_protocols.kind_of`); the most recently used is
        last.
    damaged_file, damaged_settings
        New name of a settings file found damaged at this start, and the fields whose damaged
        values were left out (none if the whole file was unreadable). Never stored.
    """

    recent: tuple[RecentScan, ...] = ()
    is_recent_kept: bool = True
    is_patient_named: bool = False
    is_patient_shown: bool = True
    is_patient_in_pictures: bool = False
    is_patient_in_reports: bool = False
    is_file_named_in_reports: bool = True
    report_formats: list[str] = field(default_factory=lambda: [".pdf", ".html"])
    anonymising_key: Text = ""
    hanging_protocols: dict[str, HangingProtocol] = field(default_factory=dict)
    report_templates: dict[str, dict[str, TwoTexts]] = field(default_factory=dict)
    map_opacity: Fraction = 0.2
    mask_opacity: Fraction = 0.25
    mask_style: Text = "contour"
    layout: Text = "sagittal"
    theme: Text = "dark"
    language: Text = ""
    interface_percent: Percent = 0
    unscaled_lines: Pixels = 0
    last_folder: Text = ""
    export_format: Text = ".nii.gz"
    window_geometry: Base64 = ""
    extra: dict[str, str] = field(default_factory=dict)
    tunings: dict[str, Tuning] = field(default_factory=dict)
    windows: dict[str, WidthAndLevel] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    folded: list[str] = field(default_factory=list)
    is_folding_chosen: bool = False
    panel_width: Pixels = 0
    archives: list[dict[str, Any]] = field(default_factory=list)
    store_megabytes: Count = 20_000
    store_days: Count = 30
    retrievals_at_once: Annotated[int, Meta(ge=1, le=16)] = 2
    receiver: dict[str, Any] = field(default_factory=dict)
    damaged_file: str = ""
    damaged_settings: tuple[str, ...] = ()

    @property
    def damage(self) -> str:
        """The damage to the settings file that was found at this start; empty if there was none."""
        if not self.damaged_file:
            return ""
        if not self.damaged_settings:
            return worded(
                "The settings file was damaged. It was moved to {damaged}, and the default "
                "settings are used.",
                damaged=self.damaged_file,
            )
        names = [_DISPLAY_NAMES.get(name, mark("other settings")) for name in self.damaged_settings]
        return worded(
            "Some settings were invalid and have been reset: {settings}. The previous settings "
            "file was moved to {damaged}.",
            settings=enumerated([worded(name) for name in dict.fromkeys(names)]),
            damaged=self.damaged_file,
        )

    def with_hanging_protocol(self, kind: str, protocol: HangingProtocol) -> Settings:
        """Return settings with the protocol of a kind of scan.

        At most `MAX_HANGING_PROTOCOLS` protocols are stored.
        """
        others = {other: kept for other, kept in self.hanging_protocols.items() if other != kind}
        kept = [*others.items(), (kind, protocol)][-MAX_HANGING_PROTOCOLS:]
        return replace(self, hanging_protocols=dict(kept))

    def with_recent(self, scan: RecentScan) -> Settings:
        """Return settings with `scan` first among at most `MAX_RECENT` scans, without duplicates.

        Unchanged if recent scans are not remembered.
        """
        if not self.is_recent_kept:
            return self
        others = [r for r in self.recent if (r.path, r.series_uid) != (scan.path, scan.series_uid)]
        folder = scan.results_folder or self.results_folder(scan.fingerprint)
        scan = replace(scan, results_folder=folder)
        return replace(self, recent=(scan, *others)[:MAX_RECENT])

    def results_folder(self, fingerprint: str) -> str:
        """Return the folder to which results of a scan were last written; empty if unknown."""
        if not fingerprint:
            return ""
        same = (recent for recent in self.recent if recent.fingerprint == fingerprint)
        return next((recent.results_folder for recent in same if recent.results_folder), "")

    def with_results_folder(self, fingerprint: str, folder: str) -> Settings:
        """Return settings that remember where results of a recent scan were last written."""
        recent = tuple(
            replace(one, results_folder=folder) if one.fingerprint == fingerprint else one
            for one in self.recent
        )
        return replace(self, recent=recent)

    def remembering(self, is_kept: bool) -> Settings:
        """Return settings that remember opened scans, or that neither remember nor contain any."""
        return (
            replace(self, is_recent_kept=is_kept)
            if is_kept
            else replace(self, is_recent_kept=False, recent=(), last_folder="")
        )

    def title_of_recent(self, path: str) -> str:
        """Return the title that hides the patient in a recent path; empty if there is none."""
        return next((recent.title for recent in self.recent if recent.path == path), "")

    def without_recent(self, path: str) -> Settings:
        """Return settings without a recent scan that no longer exists."""
        return replace(self, recent=tuple(r for r in self.recent if r.path != path))


def settings_file() -> Path:
    """Return the path of the settings file; `$SPINEVIEWER_SETTINGS` overrides it."""
    chosen = os.environ.get("SPINEVIEWER_SETTINGS")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_config_dir("spineviewer", appauthor=False)) / "settings.json"


def load_settings(path: Path) -> Settings:
    """Load the settings, with defaults for damaged values; rename a damaged file.

    Damage is logged as a warning, which the command line writes to stderr.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise TypeError("not a JSON object")
        settings = _settings_from(stored)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        _log.warning("The settings could not be read: %s", type(error).__name__)
        return Settings()
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        _log.info("The settings file is damaged: %s", type(error).__name__)
        settings = Settings(damaged_file=rename_damaged_file(path))
    if settings.damaged_settings:
        settings = replace(settings, damaged_file=rename_damaged_file(path))
        save_settings(settings, path)
    if settings.damage:
        _log.warning("%s", settings.damage)
    return settings


def save_settings(settings: Settings, path: Path) -> None:
    """Write the settings atomically; errors such as a full disk are logged, not raised."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, json.dumps(_as_stored(settings), indent=1).encode(), is_private=True)
    except (OSError, ExportError) as error:
        _log.warning("The settings could not be saved: %s", type(error).__name__)


def rename_damaged_file(path: Path) -> str:
    """Rename a damaged file so that it is not overwritten; return its new name."""
    number = 1
    while (renamed := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        path.replace(renamed)
    except OSError as error:
        _log.warning("A damaged file could not be set aside: %s", type(error).__name__)
        return path.name
    return renamed.name


def _as_stored(settings: Settings) -> dict[str, Any]:
    numbers = {name: tuning.numbers for name, tuning in settings.tunings.items()}
    stored = {**asdict(settings), "tunings": numbers}
    return {name: value for name, value in stored.items() if name not in _NOT_STORED}


_NOT_STORED = ("damaged_file", "damaged_settings")
#: Keys in older settings files, and their current names.
_OLD_KEYS = {"hangings": "hanging_protocols", "heat_opacity": "map_opacity"}
#: Names of commands in older settings files, and their current names.
OLD_COMMANDS = {
    "aggregate": "attention_projection",
    "before": "previous_thresholds",
    "beside": "side_by_side",
    "heat": "attention_map",
    "islands": "far_pieces",
    "keep_window": "save_window",
    "next_doubt": "next_uncertain_region",
    "next_island": "next_far_piece",
    "previous_doubt": "previous_uncertain_region",
    "tool_outline": "tool_lasso",
    "tool_turn": "tool_rotate",
    "turn_left": "rotate_anticlockwise",
    "turn_right": "rotate_clockwise",
    "worst": "largest_difference",
}


def _settings_from(content: dict[str, Any]) -> Settings:
    """Return the settings in a file, without values of a wrong type or out of range."""
    stored = {_OLD_KEYS.get(key, key): value for key, value in content.items()}
    kinds = get_type_hints(Settings, include_extras=True) | {"tunings": dict[str, ThreeNumbers]}
    values: dict[str, Any] = {}
    damaged = []
    for name in (name for name in kinds if name in stored and name not in _NOT_STORED):
        try:
            values[name] = msgspec.convert(stored[name], kinds[name])
        except msgspec.ValidationError:
            damaged.append(name)
            if (valid := _valid_entries(stored[name], kinds[name])) is not msgspec.UNSET:
                values[name] = valid
    presets = {name: _tuning(numbers) for name, numbers in values.pop("tunings", {}).items()}
    tunings = {name: tuning for name, tuning in presets.items() if tuning is not None}
    if len(tunings) < len(presets):
        damaged.append("tunings")
    if "keys" in values:
        by_command = values["keys"].items()
        values["keys"] = {OLD_COMMANDS.get(name, name): keys for name, keys in by_command}
    values["recent"] = values.get("recent", ())[:MAX_RECENT]
    return Settings(**values, tunings=tunings, damaged_settings=tuple(dict.fromkeys(damaged)))


def _valid_entries(stored: object, kind: Any) -> Any:
    """Return the valid entries of a stored table or list; UNSET for other invalid values."""
    with suppress(msgspec.ValidationError):
        return msgspec.convert(stored, kind)
    container, entry = get_origin(kind), get_args(kind)
    if container is dict and isinstance(stored, dict):
        values = {key: _valid_entries(value, entry[1]) for key, value in stored.items()}
        return {key: value for key, value in values.items() if value is not msgspec.UNSET}
    if container in (list, tuple) and isinstance(stored, list):
        found = (_valid_entries(value, entry[0]) for value in stored)
        return container(value for value in found if value is not msgspec.UNSET)
    return msgspec.UNSET


def _tuning(numbers: list[float]) -> Tuning | None:
    """Return a preset's thresholds; None if they are out of range."""
    attention_threshold, sigma_mm, segmentation_threshold = numbers
    try:
        return Tuning(attention_threshold, sigma_mm, segmentation_threshold)
    except UsageError:
        return None
