"""Sessions: the user's work on one scan as a file, saved automatically (`journal.py`) or manually.

A session identifies its scan and contains the user's settings and edits, such as thresholds, views,
corrections and measurements. A session saved by the user also contains the networks' results
(`stored_results.py`), but no voxels of the scan. Earlier versions ignore fields that later versions
added, and missing fields of older files get defaults.

A file is a JSON object. If there are results, they follow in binary form after a zero byte. The
first versions stored them as JSON text, which blocked the window while it was read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta

from spineviewer import __version__
from spineviewer.app.checklist import Checklist, StoredChecklist
from spineviewer.app.hand_naming import HandNaming
from spineviewer.app.history import MAX_SIGMA_MM, History, StoredHistory
from spineviewer.app.landmarks import MovedPoints
from spineviewer.app.region_search import UncertainRegion
from spineviewer.app.report_draft import PlacedLevels, ReportDraft
from spineviewer.app.report_record import MAX_RECORDS, ReportRecord
from spineviewer.app.state import PRESETS, Overlays, ScanState, SegmentationStage, Slab, SlabKind
from spineviewer.app.view_state import ViewState
from spineviewer.editing.correction import Correction
from spineviewer.editing.stored_correction import pack_correction, unpack_correction
from spineviewer.errors import DAMAGE, ImageReadError, UsageError, reason_of
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.measurement_tables import StoredMeasurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation, stored_rotation
from spineviewer.volume.volume import CtVolume, WindowLevel

SESSION_EXTENSION = ".spineview"
FORMAT, VERSION = "spineviewer session", 1
#: Exceptions that a damaged session raises.
_DAMAGE = (*DAMAGE, UsageError, binascii.Error)
#: Separates the JSON object from the results, because JSON text contains no zero byte.
_END_OF_OBJECT = b"\0"
#: Number of base64 characters that are decoded at once; a multiple of 4.
_CHUNK_CHARACTERS = 2**18
#: Maximum size of a session file. Choice: far more than manual corrections take.
MAX_BYTES = 256 * 2**20
#: Number of planes in the fingerprint.
FINGERPRINT_PLANES = 16
#: Step between the rows and columns in the fingerprint, in voxels.
PIXEL_STEP = 8

Finite = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
LevelName = Annotated[str, Meta(max_length=20)]
ThreeFinite = tuple[Finite, Finite, Finite]
Extent = Annotated[int, Meta(ge=1, lt=2**31)]
Index = Annotated[int, Meta(ge=-(2**31), lt=2**31)]
Packed = bytes | memoryview


@dataclass(frozen=True)
class ScanReference:
    """Identifies a scan: its former path, and a fingerprint that is the same in any folder.

    Attributes
    ----------
    path
        Absolute path; empty in the journal, whose sessions are found by fingerprint.
    fingerprint
        Hash of grid and values, independent of the names of the file and the patient.
    path_hash
        Hash of the path, by which the file of a session in the journal is recognised among copies
        of the same scan; empty if the path itself is stored.
    """

    path: str
    series_uid: str
    shape_zyx: tuple[Extent, Extent, Extent]
    fingerprint: str
    path_hash: Annotated[str, Meta(max_length=64)] = ""

    def has_path(self, path: str) -> bool:
        """Return whether an absolute path is that of the scan."""
        return path == self.path or self.path_hash == self._hash_of(path)

    @property
    def without_path(self) -> ScanReference:
        """The reference without path and series, as the journal stores it."""
        return replace(self, path="", series_uid="", path_hash=self._hash_of(self.path))

    def _hash_of(self, path: str) -> str:
        return hashlib.sha256(f"{self.fingerprint} {path}".encode()).hexdigest()[:32]


@dataclass(frozen=True, eq=False)
class Session:
    """The work on one scan, as a file stores it; some fields are also in `ScanState`.

    Attributes
    ----------
    weights
        Identifies the networks that segmented the scan; empty if it was not segmented.
    is_stopped
        Whether the networks were stopped before they finished.
    results
        The networks' results, from `stored_results.pack_results`; only in sessions that the user
        saved, empty if there are none.
    checklist
        The uncertain regions and which of them were seen; None if they were not requested.
    comparison
        Path of the mask that the result was compared with; empty for none, and in the journal.
    history
        Steps that can be undone and redone; empty in the journal.
    """

    scan: ScanReference
    tuning: Tuning
    overlays: Overlays
    window: WindowLevel
    crosshair_zyx: tuple[Index, Index, Index]
    slab: Slab
    measurements: tuple[Measurement, ...]
    correction: Correction
    is_segmented: bool = False
    weights: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    rotation: Rotation = field(default_factory=Rotation)
    exact_crosshair_zyx: ThreeFinite | None = None
    views: ViewState = field(default_factory=ViewState)
    is_stopped: bool = False
    results: Packed = b""
    naming: HandNaming = field(default_factory=HandNaming)
    moved_points: MovedPoints = ()
    draft: ReportDraft = field(default_factory=ReportDraft)
    second_window: WindowLevel = PRESETS[2].window
    checklist: Checklist | None = None
    comparison: str = ""
    history: History = field(default_factory=History)
    placed_levels: Annotated[tuple[tuple[LevelName, ThreeFinite], ...], Meta(max_length=100)] = ()
    reports: Annotated[tuple[ReportRecord, ...], Meta(max_length=MAX_RECORDS)] = ()

    @property
    def has_edits(self) -> bool:
        return (
            bool(self.measurements)
            or bool(self.moved_points)
            or not self.correction.is_empty
            or not self.naming.is_empty
            or not self.draft.is_empty
            or bool(self.ticked_regions)
            or bool(self.reports)
        )

    @property
    def ticked_regions(self) -> tuple[UncertainRegion, ...]:
        """The uncertain regions that the user has ticked."""
        return () if self.checklist is None else self.checklist.seen_regions

    def has_same_work_as(self, other: Session) -> bool:
        """Return whether another session contains the same edits."""
        own_work, other_work = (
            (item.measurements, item.moved_points, item.naming, item.draft, item.ticked_regions)
            for item in (self, other)
        )
        return own_work == other_work and self.correction.has_same_voxels_as(other.correction)


def scan_fingerprint(scan: CtVolume) -> str:
    """Return an identifier of a scan that depends neither on its file name nor on its folder."""
    step = max(1, scan.hu.shape[0] // FINGERPRINT_PLANES)
    digest = hashlib.sha256(
        repr(
            (scan.geometry.shape_zyx, [round(s, 4) for s in scan.geometry.spacing_zyx_mm])
        ).encode()
    )
    digest.update(scan.hu[::step, ::PIXEL_STEP, ::PIXEL_STEP].tobytes())
    return digest.hexdigest()[:32]


def make_reference(scan: CtVolume, series_uid: str) -> ScanReference:
    """Return a reference to the open scan for a session.

    `series_uid` is the UID with which the scan was opened.
    """
    return ScanReference(
        str(scan.source.path.absolute()),
        series_uid,
        scan.geometry.shape_zyx,
        scan_fingerprint(scan),
    )


def make_session(
    state: ScanState,
    correction: Correction,
    scan: ScanReference,
    views: ViewState | None = None,
    draft: ReportDraft | None = None,
    checklist: Checklist | None = None,
    placed_levels: PlacedLevels = (),
    reports: tuple[ReportRecord, ...] = (),
) -> Session:
    """Return a frozen copy of the work on a scan, including corrections.

    The caller adds the networks' results when it saves the session to a file.
    """
    return Session(
        scan=scan,
        correction=correction.snapshot(),
        is_segmented=state.stage in {SegmentationStage.RUNNING, SegmentationStage.DONE},
        weights=str(state.run_record.get("weights", "")),
        views=views or ViewState(),
        is_stopped=state.stage is SegmentationStage.STOPPED,
        draft=draft or ReportDraft(),
        checklist=checklist,
        placed_levels=placed_levels,
        reports=reports,
        **{name: getattr(state, name) for name in _STATE_FIELDS},
    )


def pack_session(session: Session, *, has_path: bool) -> bytes:
    """Return the content of a session file.

    Parameters
    ----------
    has_path
        Whether to include the scan's path and series; a path often contains the patient's name.
    """
    if not has_path:
        session = replace(
            session,
            scan=session.scan.without_path,
            comparison="",
            history=session.history.without_paths,
        )
    correction = session.correction
    content = {
        "format": FORMAT,
        "version": VERSION,
        "program": f"Spineviewer {__version__}",
        "corrections": ""
        if correction.is_empty
        else base64.b64encode(pack_correction(correction)).decode(),
    }
    for name, form in _FORMS.items():
        content[name] = msgspec.to_builtins(form.pack(getattr(session, name)))
    head = json.dumps(content, indent=1).encode()
    return b"".join([head, _END_OF_OBJECT, session.results]) if session.results else head


def unpack_session(content: bytes, path: Path) -> Session:
    """Return the session from the bytes of `pack_session`.

    The file is not trusted: types, ranges and sizes are checked.

    Raises
    ------
    ImageReadError
        When the content is not a session, is damaged, or is from another version; the message
        names `path`.
    """
    try:
        end = content.find(_END_OF_OBJECT)
        head, results = (
            (content, None) if end < 0 else (content[:end], memoryview(content)[end + 1 :])
        )
        stored = json.loads(head)
        if not isinstance(stored, dict) or stored.get("format") != FORMAT:
            raise ImageReadError(
                "{file} is not a Spineviewer session. Choose another file.", file=path.name
            )
        if stored.get("version") != VERSION:
            raise ImageReadError(
                "{file} was saved by another version ({program}) and cannot be opened. Open it "
                "with that version.",
                file=path.name,
                program=str(stored.get("program"))[:60],
            )
        return _session(stored, results, path)
    except _DAMAGE as error:
        raise ImageReadError(
            "The session {file} is damaged ({kind}) and cannot be opened. Open the scan instead.",
            file=path.name,
            kind=type(error).__name__,
        ) from error


def read_session(path: Path) -> Session:
    """Read a session file.

    Raises
    ------
    ImageReadError
        When the file cannot be read.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImageReadError(
                "{file} is too large for a Spineviewer session. Choose another file.",
                file=path.name,
            )
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ImageReadError(
            "The session {path} no longer exists. If it was moved, open it at its new location; "
            "otherwise, open the scan instead.",
            path=path,
        ) from error
    except OSError as error:
        raise ImageReadError(
            "The session {file} cannot be read: {reason}. Check its permissions, or open the scan "
            "instead.",
            file=path.name,
            reason=reason_of(error),
        ) from error
    return unpack_session(content, path)


def find_scan_path(session: Session, session_path: Path) -> Path:
    """Return the path of a saved session's scan: the former path, or one next to the session file.

    Raises
    ------
    ImageReadError
        When the scan does not exist at either path.
    """
    there = Path(session.scan.path)
    beside = session_path.parent / there.name
    for path in (there, beside):
        if session.scan.path and path.exists():
            return path
    if there == beside:
        raise ImageReadError(
            "The scan used by session {file} was not found at {there}. Copy the scan next to the "
            "session file.",
            file=session_path.name,
            there=there,
        )
    raise ImageReadError(
        "The scan used by session {file} was not found at {there} or {beside}. "
        "Copy the scan next to the session file.",
        file=session_path.name,
        there=there,
        beside=beside,
    )


def apply_session(session: Session, state: ScanState) -> ScanState:
    """Return a scan's state with the settings of a session; the caller applies the corrections."""
    settings = {name: getattr(session, name) for name in _STATE_FIELDS}
    return ScanState(state.scan, **settings).moved_to(
        session.exact_crosshair_zyx or session.crosshair_zyx
    )


#: Names of the settings of a scan that a session saves and restores.
_STATE_FIELDS = {item.name for item in fields(Session)} & {
    item.name for item in fields(ScanState)
} - {"scan"}


class _StoredSlab(msgspec.Struct):
    kind: str
    thickness_mm: Finite
    plane: str | None = None

    @classmethod
    def of(cls, slab: Slab) -> _StoredSlab:
        return cls(slab.kind.name, slab.thickness_mm, slab.plane and slab.plane.name)

    @property
    def slab(self) -> Slab:
        plane = None if self.plane is None else Plane[self.plane]
        return Slab(SlabKind[self.kind], min(max(self.thickness_mm, 2.0), 60.0), plane)


@dataclass(frozen=True)
class _Form:
    """How a file stores a field: the type that is read, and the conversions to and from it."""

    kind: Any
    pack: Callable[[Any], object] = lambda value: value
    unpack: Callable[[Any], Any] = lambda stored: stored


def _checked_tuning(tuning: Tuning) -> Tuning:
    if tuning.sigma_mm > MAX_SIGMA_MM:
        raise ValueError("sigma is out of range")
    return tuning


def _checked_window(window: WindowLevel) -> WindowLevel:
    if not (1.0 <= window.width_hu <= 1e5 and abs(window.level_hu) <= 1e5):
        raise ValueError("a grey-scale window is out of range")
    return window


def _or_none(function: Callable[[Any], object]) -> Callable[[Any], object]:
    """Return a converter that passes None through."""
    return lambda value: None if value is None else function(value)


#: The fields that the object in a file stores under their own names. Most have the form that
#: msgspec gives their type. Fields with defaults are missing in older files.
_FORMS = {
    name: _Form(kind)
    for name, kind in get_type_hints(Session, include_extras=True).items()
    if name not in ("correction", "results")
} | {
    "tuning": _Form(Tuning, unpack=_checked_tuning),
    "window": _Form(WindowLevel, unpack=_checked_window),
    "second_window": _Form(WindowLevel, unpack=_checked_window),
    "slab": _Form(_StoredSlab, _StoredSlab.of, attrgetter("slab")),
    "rotation": _Form(
        tuple[ThreeFinite, ThreeFinite, ThreeFinite], attrgetter("axes"), stored_rotation
    ),
    "measurements": _Form(
        tuple[StoredMeasurement, ...],
        lambda measurements: [StoredMeasurement.of(item) for item in measurements],
        lambda stored: tuple(item.measurement for item in stored),
    ),
    "checklist": _Form(
        StoredChecklist | None, _or_none(StoredChecklist.of), _or_none(attrgetter("checklist"))
    ),
    "history": _Form(StoredHistory, StoredHistory.of, attrgetter("history")),
}


#: Keys of older sessions and their current names.
_OLD_KEYS = {
    "cursor_zyx": "crosshair_zyx",
    "place_zyx": "exact_crosshair_zyx",
    "turn": "rotation",
    "is_heat_shown": "is_map_shown",
    "is_heat_aggregated": "is_attention_projected",
    "heat_opacity": "map_opacity",
}


def _with_new_keys(stored: Any) -> Any:
    if isinstance(stored, dict):
        return {_OLD_KEYS.get(key, key): _with_new_keys(value) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_with_new_keys(value) for value in stored]
    return stored


def _session(content: dict[str, Any], results: memoryview | None, path: Path) -> Session:
    stored = _with_new_keys(content)
    values = {
        name: form.unpack(msgspec.convert(stored[name], form.kind))
        for name, form in _FORMS.items()
        if name in stored
    }
    shape, packed = values["scan"].shape_zyx, _decode_base64(stored["corrections"])
    return Session(
        **values,
        correction=unpack_correction(packed, path, shape) if packed else Correction(shape),
        results=_decode_base64(stored.get("results", "")) if results is None else results,
    )


def _decode_base64(text: str) -> bytes:
    """Decode base64 text in chunks, so that the window stays responsive.

    Raises
    ------
    binascii.Error
        When the text is not base64.
    """
    chunks = (
        text[start : start + _CHUNK_CHARACTERS] for start in range(0, len(text), _CHUNK_CHARACTERS)
    )
    return b"".join(base64.b64decode(chunk, validate=True) for chunk in chunks)
