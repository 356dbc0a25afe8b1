"""The user's work on one scan as a file, saved automatically or manually.

`journal.py` saves automatically. A session identifies its scan and contains all settings for it:
thresholds, overlays, grey scale, planes, views, corrections and measurements. A session saved by
the user also holds the networks' answers (`stored_results.py`), but no voxel of the scan. Earlier
versions ignore what later ones added, and files of earlier versions open with defaults.

A file is a JSON object. If there are answers, they follow in binary form after a zero byte. The
first versions stored them as JSON text, which blocks the window while it is read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from spineviewer import __version__
from spineviewer.app import landmarks
from spineviewer.app.checklist import Checklist, checklist_from, stored_checklist
from spineviewer.app.hand_naming import HandNaming, from_stored, stored
from spineviewer.app.history import History, history_from, stored_history
from spineviewer.app.report_draft import ReportDraft
from spineviewer.app.state import PRESETS, Overlays, ScanState, SegmentationStage, Slab, SlabKind
from spineviewer.app.view_state import ViewState, stored_views
from spineviewer.editing.correction import Correction
from spineviewer.errors import ImageReadError, UsageError
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.measurement_tables import as_json, from_json
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import CtVolume, WindowLevel

SESSION_ENDING = ".spineview"
FORMAT, VERSION = "spineviewer session", 1
#: Maximum sigma; a session with a larger one is damaged.
MOST_SIGMA_MM = 100.0
#: Exceptions that a damaged session raises.
_DAMAGE = (
    LookupError,
    AttributeError,
    TypeError,
    ValueError,
    RecursionError,
    OverflowError,
    UsageError,
    binascii.Error,
)
#: Separates the JSON object from the answers, because JSON text contains no zero byte.
_END_OF_OBJECT = b"\0"
#: How many characters of base64 are decoded at once; a multiple of 4.
_PIECE_CHARACTERS = 2**18
#: Maximum size of a session file. Choice: a year of brushing takes less.
MOST_BYTES = 256 * 2**20
#: Number of planes in the fingerprint, and step between their rows and columns.
PLANES_LOOKED_AT, PIXEL_STEP = 16, 8

Finite = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]
ThreeFinite = tuple[Finite, Finite, Finite]
Extent = Annotated[int, Meta(ge=1, lt=2**31)]
Index = Annotated[int, Meta(ge=-(2**31), lt=2**31)]
Packed = bytes | memoryview


@dataclass(frozen=True)
class ScanReference:
    """Identifies a scan: its former path, and a fingerprint that finds it anywhere.

    Attributes
    ----------
    path
        Absolute path; empty in the journal, whose sessions are found by fingerprint.
    fingerprint
        Hash of grid and values, independent of the names of the file and the patient.
    """

    path: str
    series_uid: str
    shape_zyx: IndexTriple
    fingerprint: str


@dataclass(frozen=True, eq=False)
class Session:
    """The work on one scan.

    Attributes
    ----------
    weights
        Identifies the networks that segmented the scan; empty if it was not segmented.
    is_stopped
        Whether the networks were stopped before they finished.
    results
        The networks' packed answers (`results.packed_results`), only in sessions that the user
        saved; empty if there are none.
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
    cursor_zyx: IndexTriple
    slab: Slab
    measurements: tuple[Measurement, ...]
    correction: Correction
    is_segmented: bool = False
    weights: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    rotation: Rotation = field(default_factory=Rotation)
    place_zyx: Triple | None = None
    views: ViewState = field(default_factory=ViewState)
    is_stopped: bool = False
    results: Packed = b""
    naming: HandNaming = field(default_factory=HandNaming)
    moved_points: landmarks.MovedPoints = ()
    draft: ReportDraft = field(default_factory=ReportDraft)
    second_window: WindowLevel = PRESETS[2].window
    checklist: Checklist | None = None
    comparison: str = ""
    history: History = field(default_factory=History)

    @property
    def is_work(self) -> bool:
        """Whether it contains manual work that the user would miss."""
        return (
            bool(self.measurements)
            or bool(self.moved_points)
            or not self.correction.is_empty
            or not self.naming.is_empty
            or not self.draft.is_empty
        )


def fingerprint_of(scan: CtVolume) -> str:
    """Return an identifier of a scan that does not depend on its file name and folder."""
    step = max(1, scan.hu.shape[0] // PLANES_LOOKED_AT)
    digest = hashlib.sha256(
        repr(
            (scan.geometry.shape_zyx, [round(s, 4) for s in scan.geometry.spacing_zyx_mm])
        ).encode()
    )
    digest.update(scan.hu[::step, ::PIXEL_STEP, ::PIXEL_STEP].tobytes())
    return digest.hexdigest()[:32]


def reference_of(scan: CtVolume, series_uid: str) -> ScanReference:
    """Return a reference to the open scan for a session.

    `series_uid` is the UID with which the scan was opened.
    """
    return ScanReference(
        str(scan.source.path.absolute()), series_uid, scan.geometry.shape_zyx, fingerprint_of(scan)
    )


def session_of(
    state: ScanState,
    correction: Correction,
    scan: ScanReference,
    views: ViewState | None = None,
    draft: ReportDraft | None = None,
    checklist: Checklist | None = None,
) -> Session:
    """Return a frozen copy of the work, including corrections.

    The caller adds the networks' answers when it saves the session.
    """
    return Session(
        scan=scan,
        tuning=state.tuning,
        overlays=state.overlays,
        window=state.window,
        cursor_zyx=state.cursor_zyx,
        slab=state.slab,
        measurements=state.measurements,
        correction=correction.snapshot(),
        is_segmented=state.stage in {SegmentationStage.RUNNING, SegmentationStage.DONE},
        weights=str(state.report.get("weights", "")),
        rotation=state.rotation,
        place_zyx=state.place_zyx,
        views=views or ViewState(),
        is_stopped=state.stage is SegmentationStage.STOPPED,
        naming=state.naming,
        moved_points=state.moved_points,
        draft=draft or ReportDraft(),
        second_window=state.second_window,
        checklist=checklist,
    )


def packed_session(session: Session, *, is_path_told: bool) -> bytes:
    """Return the file's content.

    Parameters
    ----------
    is_path_told
        Whether to include the scan's path and series; a path often contains the patient's name.
    """
    scan = asdict(session.scan)
    if not is_path_told:
        scan |= {"path": "", "series_uid": ""}
    shown = session.overlays
    overlays = {
        **asdict(shown),
        "mask_style": shown.mask_style.value,
        "map_kind": shown.map_kind.value,
    }
    corrections = (
        ""
        if session.correction.is_empty
        else base64.b64encode(session.correction.packed()).decode()
    )
    content = {
        "format": FORMAT,
        "version": VERSION,
        "program": f"Spineviewer {__version__}",
        "scan": scan,
        "tuning": asdict(session.tuning),
        "overlays": overlays,
        "window": asdict(session.window),
        "cursor_zyx": session.cursor_zyx,
        "slab": {"kind": session.slab.kind.name, "thickness_mm": session.slab.thickness_mm},
        "is_segmented": session.is_segmented,
        "weights": session.weights,
        "measurements": json.loads(as_json(session.measurements)),
        "corrections": corrections,
        "extra": dict(session.extra),
        "rotation": session.rotation.axes,
        "place_zyx": session.place_zyx,
        "views": stored_views(session.views),
        "is_stopped": session.is_stopped,
        "naming": stored(session.naming),
        "moved_points": landmarks.stored(session.moved_points),
        "draft": msgspec.to_builtins(session.draft),
        "second_window": asdict(session.second_window),
        "checklist": None if session.checklist is None else stored_checklist(session.checklist),
        "comparison": session.comparison if is_path_told else "",
        "history": stored_history(session.history),
    }
    head = json.dumps(content, indent=1).encode()
    return b"".join([head, _END_OF_OBJECT, session.results]) if session.results else head


def unpacked_session(content: bytes, path: Path) -> Session:
    """Return the session from the result of `packed_session`.

    The file is not trusted: types, ranges and sizes are checked.

    Raises
    ------
    ImageReadError
        When it is not a session, is damaged, or is from a newer version; the message names `path`.
    """
    try:
        end = content.find(_END_OF_OBJECT)
        head, results = (
            (content, None) if end < 0 else (content[:end], memoryview(content)[end + 1 :])
        )
        stored = json.loads(head)
        if not isinstance(stored, dict) or stored.get("format") != FORMAT:
            raise ImageReadError("{file} is not a Spineviewer session.", file=path.name)
        if stored.get("version") != VERSION:
            raise ImageReadError(
                "{file} was saved by another version of Spineviewer ({program}).",
                file=path.name,
                program=str(stored.get("program"))[:60],
            )
        return _session(stored, results, path)
    except _DAMAGE as error:
        raise ImageReadError(
            "The session {file} is damaged ({kind}). It was not changed.",
            file=path.name,
            kind=type(error).__name__,
        ) from error


def read_session(path: Path) -> Session:
    """Read a session file.

    Raises
    ------
    ImageReadError
        When it cannot be read.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImageReadError("{file} is too large for a Spineviewer session.", file=path.name)
        content = path.read_bytes()
    except OSError as error:
        raise ImageReadError(
            "The session {file} cannot be read: {reason}.",
            file=path.name,
            reason=error.strerror or error,
        ) from error
    return unpacked_session(content, path)


def scan_path_of(session: Session, session_path: Path) -> Path:
    """Return the path of a saved session's scan: its former path, or next to the session file.

    Raises
    ------
    ImageReadError
        When the scan is in neither place.
    """
    there = Path(session.scan.path)
    beside = session_path.parent / there.name
    for path in (there, beside):
        if session.scan.path and path.exists():
            return path
    raise ImageReadError(
        "The scan of the session {file} was not found at {there} or {beside}. Copy it next to "
        "the session file.",
        file=session_path.name,
        there=there,
        beside=beside,
    )


def applied(session: Session, state: ScanState) -> ScanState:
    """Return the scan's state with the session applied; the caller applies the corrections."""
    return ScanState(
        scan=state.scan,
        cursor_zyx=state.cursor_zyx,
        window=session.window,
        tuning=session.tuning,
        overlays=session.overlays,
        slab=session.slab,
        measurements=session.measurements,
        rotation=session.rotation,
        naming=session.naming,
        moved_points=session.moved_points,
        second_window=session.second_window,
    ).moved_to(session.place_zyx or session.cursor_zyx)


class _StoredScan(msgspec.Struct):
    path: str
    series_uid: str
    shape_zyx: tuple[Extent, Extent, Extent]
    fingerprint: str


class _StoredTuning(msgspec.Struct):
    attention_threshold: float
    sigma_mm: Annotated[float, Meta(ge=0.0, le=MOST_SIGMA_MM)]
    segmentation_threshold: float
    leaves_out_islands: bool = False  # older files lack it


class _StoredWindow(msgspec.Struct):
    width_hu: Annotated[float, Meta(ge=1.0, le=1e5)]
    level_hu: Annotated[float, Meta(ge=-1e5, le=1e5)]


class _StoredSlab(msgspec.Struct):
    kind: str
    thickness_mm: Finite


class _Stored(msgspec.Struct):
    """A session's JSON object; fields with defaults are missing in older files."""

    scan: _StoredScan
    tuning: _StoredTuning
    overlays: Overlays
    window: _StoredWindow
    cursor_zyx: tuple[Index, Index, Index]
    slab: _StoredSlab
    is_segmented: bool
    weights: str
    measurements: list[Any]
    corrections: str
    extra: dict[str, str]
    rotation: tuple[ThreeFinite, ThreeFinite, ThreeFinite] | None = None
    place_zyx: ThreeFinite | None = None
    views: ViewState | None = None
    is_stopped: bool = False
    naming: dict[str, Any] | None = None
    moved_points: list[dict[str, Any]] | None = None
    draft: ReportDraft = msgspec.field(default_factory=ReportDraft)
    second_window: _StoredWindow | None = None
    results: str = ""
    checklist: dict[str, Any] | None = None
    comparison: str = ""
    history: dict[str, Any] | None = None


#: Keys of older sessions and their current names.
_OLD_KEYS = {
    "turn": "rotation",
    "is_heat_shown": "is_map_shown",
    "is_heat_aggregated": "is_attention_projected",
    "heat_opacity": "map_opacity",
}


def _with_new_keys(stored: object) -> object:
    if isinstance(stored, dict):
        return {_OLD_KEYS.get(key, key): _with_new_keys(value) for key, value in stored.items()}
    if isinstance(stored, list):
        return [_with_new_keys(value) for value in stored]
    return stored


def _session(content: dict[str, Any], results: memoryview | None, path: Path) -> Session:
    found = msgspec.convert(_with_new_keys(content), _Stored)
    scan, tuning, window = found.scan, found.tuning, found.window
    measurements = from_json(json.dumps(found.measurements))
    if not all(
        math.isfinite(v) and abs(v) < 2**31
        for m in measurements
        for point in m.points_zyx
        for v in point
    ):
        raise ValueError("a measurement has no position")
    packed = _bytes_of(found.corrections)
    correction = (
        Correction.unpacked(packed, path, scan.shape_zyx) if packed else Correction(scan.shape_zyx)
    )
    return Session(
        scan=ScanReference(scan.path, scan.series_uid, scan.shape_zyx, scan.fingerprint),
        tuning=Tuning(
            tuning.attention_threshold,
            tuning.sigma_mm,
            tuning.segmentation_threshold,
            tuning.leaves_out_islands,
        ),
        overlays=found.overlays,
        window=WindowLevel(window.width_hu, window.level_hu),
        cursor_zyx=found.cursor_zyx,
        slab=Slab(SlabKind[found.slab.kind], min(max(found.slab.thickness_mm, 2.0), 60.0)),
        measurements=measurements,
        correction=correction,
        is_segmented=found.is_segmented,
        weights=found.weights,
        extra=found.extra,
        rotation=Rotation() if found.rotation is None else _orthonormal(found.rotation),
        place_zyx=found.place_zyx,
        views=found.views or ViewState(),
        is_stopped=found.is_stopped,
        naming=from_stored(found.naming),
        moved_points=landmarks.from_stored(found.moved_points),
        draft=found.draft,
        second_window=PRESETS[2].window
        if found.second_window is None
        else WindowLevel(found.second_window.width_hu, found.second_window.level_hu),
        checklist=None if found.checklist is None else checklist_from(found.checklist),
        comparison=found.comparison,
        history=history_from(found.history),
        results=_bytes_of(found.results) if results is None else results,
    )


def _orthonormal(axes: tuple[Triple, Triple, Triple]) -> Rotation:
    """Return a rotation from three orthonormal vectors.

    Vectors computed from cosines are orthonormal to twelve digits.
    """
    if np.abs(np.array(axes) @ np.array(axes).T - np.eye(3)).max() > 1e-6:
        raise ValueError("no rotation")
    return Rotation(axes)


def _bytes_of(text: str) -> bytes:
    """Return base64 text decoded piece by piece, so that the window stays responsive.

    Raises
    ------
    binascii.Error
        When the text is not base64.
    """
    pieces = (
        text[place : place + _PIECE_CHARACTERS] for place in range(0, len(text), _PIECE_CHARACTERS)
    )
    return b"".join(base64.b64decode(piece, validate=True) for piece in pieces)
