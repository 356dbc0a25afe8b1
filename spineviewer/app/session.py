"""The user's work on one scan as a file, saved automatically or by hand.

`journal.py` saves automatically. A session identifies its scan and contains all settings for it:
thresholds, overlays, grey scale, planes, views, corrections and measurements. A saved one also
holds the networks' answers (`results.py`), but no voxel of the scan. Earlier versions ignore what
later ones added, and files of earlier versions open with defaults.

A file is a JSON object. If there are answers, a zero byte follows it and then the answers in binary
form. As JSON text, as in the first sessions, they block the window while they are read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from spineviewer import __version__
from spineviewer.app.hand_naming import HandNaming, from_stored, stored
from spineviewer.app.state import (
    MapKind,
    MaskStyle,
    Overlays,
    ScanState,
    SegmentationStage,
    Slab,
    SlabKind,
)
from spineviewer.app.view_state import ViewState, stored_views, views_from
from spineviewer.editing.correction import Correction
from spineviewer.errors import ImageReadError, UsageError
from spineviewer.measuring_tools.files import as_json, from_json
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.volume.turning import Turn
from spineviewer.volume.volume import CtVolume, WindowLevel
from spineviewer.wording import worded

SESSION_ENDING = ".spineview"
FORMAT, VERSION = "spineviewer session", 1
#: A session with a wider sigma is damaged.
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
#: No JSON holds it.
_END_OF_OBJECT = b"\0"
#: Of base 64 that are turned into bytes at once; a multiple of 4.
_PIECE_CHARACTERS = 2**18
#: Choice: a year of brushing takes less.
MOST_BYTES = 256 * 2**20
#: Number of planes, and step of rows and columns, that enter the fingerprint.
PLANES_LOOKED_AT, PIXEL_STEP = 16, 8

_T = TypeVar("_T")
Packed = bytes | memoryview


@dataclass(frozen=True)
class ScanReference:
    """Identifies a scan: its former path, and a fingerprint that finds it anywhere.

    Attributes
    ----------
    path
        Absolute; empty in the journal, which is found by the scan and need not contain its path.
    fingerprint
        Of grid and values; independent of the file's and the patient's name.
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
        Of the networks that segmented it; empty where it was not segmented.
    is_stopped
        Whether the networks were stopped before their end.
    results
        Their packed answers (`results.packed_results`), in saved sessions only; empty where there
        are none.
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
    turn: Turn = field(default_factory=Turn)
    place_zyx: Triple | None = None
    views: ViewState = field(default_factory=ViewState)
    is_stopped: bool = False
    results: Packed = b""
    naming: HandNaming = field(default_factory=HandNaming)

    @property
    def is_work(self) -> bool:
        """Whether it contains manual work that the user would miss."""
        return bool(self.measurements) or not self.correction.is_empty or not self.naming.is_empty


def fingerprint_of(scan: CtVolume) -> str:
    """Return an identifier of a scan that is independent of file name and folder."""
    step = max(1, scan.hu.shape[0] // PLANES_LOOKED_AT)
    digest = hashlib.sha256(
        repr(
            (scan.geometry.shape_zyx, [round(s, 4) for s in scan.geometry.spacing_zyx_mm])
        ).encode()
    )
    digest.update(scan.hu[::step, ::PIXEL_STEP, ::PIXEL_STEP].tobytes())
    return digest.hexdigest()[:32]


def reference_of(scan: CtVolume, series_uid: str) -> ScanReference:
    """Return the reference to the open scan, for a session.

    `series_uid` is the one with which it was opened.
    """
    return ScanReference(
        str(scan.source.path.absolute()), series_uid, scan.geometry.shape_zyx, fingerprint_of(scan)
    )


def session_of(
    reading: ScanState, correction: Correction, scan: ScanReference, views: ViewState | None = None
) -> Session:
    """Return a frozen copy of the work, including corrections.

    The networks' answers are added by the caller that saves it.
    """
    return Session(
        scan=scan,
        tuning=reading.tuning,
        overlays=reading.overlays,
        window=reading.window,
        cursor_zyx=reading.cursor_zyx,
        slab=reading.slab,
        measurements=reading.measurements,
        correction=correction.snapshot(),
        is_segmented=reading.stage in {SegmentationStage.RUNNING, SegmentationStage.DONE},
        weights=str(reading.report.get("weights", "")),
        turn=reading.turn,
        place_zyx=reading.place_zyx,
        views=views or ViewState(),
        is_stopped=reading.stage is SegmentationStage.STOPPED,
        naming=reading.naming,
    )


def packed_session(session: Session, *, is_path_told: bool) -> bytes:
    """Return the file's content.

    Parameters
    ----------
    is_path_told
        Whether the scan's path and series are included; a path often names the patient.
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
        "turn": session.turn.axes,
        "place_zyx": session.place_zyx,
        "views": stored_views(session.views),
        "is_stopped": session.is_stopped,
        "naming": stored(session.naming),
    }
    head = json.dumps(content, indent=1).encode()
    return b"".join([head, _END_OF_OBJECT, session.results]) if session.results else head


def unpacked_session(content: bytes, path: Path) -> Session:
    """Return the session of `packed_session`.

    The file is untrusted: types, ranges and sizes are checked.

    Raises
    ------
    ImageReadError
        When it is not a session, damaged, or of a newer program; the message names `path`.
    """
    try:
        end = content.find(_END_OF_OBJECT)
        head, results = (
            (content, None) if end < 0 else (content[:end], memoryview(content)[end + 1 :])
        )
        stored = json.loads(head)
        if not isinstance(stored, dict) or stored.get("format") != FORMAT:
            raise ImageReadError(worded("{file} is not a Spineviewer session.", file=path.name))
        if stored.get("version") != VERSION:
            raise ImageReadError(
                worded(
                    "{file} was saved by another version of Spineviewer ({program}).",
                    file=path.name,
                    program=str(stored.get("program"))[:60],
                )
            )
        return _session(stored, results, path)
    except _DAMAGE as error:
        raise ImageReadError(
            worded(
                "The session {file} is damaged ({kind}). It was not changed.",
                file=path.name,
                kind=type(error).__name__,
            )
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
            raise ImageReadError(
                worded("{file} is too large for a Spineviewer session.", file=path.name)
            )
        content = path.read_bytes()
    except OSError as error:
        raise ImageReadError(
            worded(
                "The session {file} cannot be read: {reason}.",
                file=path.name,
                reason=error.strerror or error,
            )
        ) from error
    return unpacked_session(content, path)


def scan_path_of(session: Session, session_path: Path) -> Path:
    """Return where the scan of a saved session is: its former path, or next to the session.

    Raises
    ------
    ImageReadError
        When it is in neither place.
    """
    there = Path(session.scan.path)
    beside = session_path.parent / there.name
    for path in (there, beside):
        if session.scan.path and path.exists():
            return path
    raise ImageReadError(
        worded(
            "The scan of the session {file} was not found, neither {there} nor {beside}. Copy it "
            "next to the session file.",
            file=session_path.name,
            there=there,
            beside=beside,
        )
    )


def applied(session: Session, reading: ScanState) -> ScanState:
    """Return the scan's state with the session applied; the caller sets the corrections."""
    return ScanState(
        scan=reading.scan,
        cursor_zyx=reading.cursor_zyx,
        window=session.window,
        tuning=session.tuning,
        overlays=session.overlays,
        slab=session.slab,
        measurements=session.measurements,
        turn=session.turn,
        naming=session.naming,
    ).moved_to(session.place_zyx or session.cursor_zyx)


def _session(content: dict[str, Any], results: memoryview | None, path: Path) -> Session:
    scan = content["scan"]
    z, y, x = (_whole(n, 1, 2**31) for n in scan["shape_zyx"])
    shown = content["overlays"]
    kinds = {
        "mask_style": MaskStyle(shown["mask_style"]),
        "map_kind": MapKind(shown.get("map_kind", MapKind.ATTENTION)),
    }
    overlays = _typed(
        Overlays, {"are_vertebrae_shown": True, **shown, **kinds}
    )  # older ones do not name it
    tuning = _typed(
        Tuning, {"leaves_out_islands": False, **content["tuning"]}
    )  # older ones do not name it
    if tuning.sigma_mm > MOST_SIGMA_MM:
        raise ValueError("sigma out of range")
    window = WindowLevel(
        _finite(content["window"]["width_hu"]), _finite(content["window"]["level_hu"])
    )
    if not 1 <= window.width_hu <= 1e5 or abs(window.level_hu) > 1e5:
        raise ValueError("window out of range")
    measurements = from_json(json.dumps(content["measurements"]))
    if not all(
        math.isfinite(v) and abs(v) < 2**31
        for m in measurements
        for point in m.points_zyx
        for v in point
    ):
        raise ValueError("a measurement has no position")
    cursor = [_whole(n, -(2**31), 2**31) for n in content["cursor_zyx"]]
    packed = _bytes_of(_text(content["corrections"]))
    correction = Correction.unpacked(packed, path, (z, y, x)) if packed else Correction((z, y, x))
    return Session(
        scan=ScanReference(
            _text(scan["path"]), _text(scan["series_uid"]), (z, y, x), _text(scan["fingerprint"])
        ),
        tuning=tuning,
        overlays=overlays,
        window=window,
        cursor_zyx=(cursor[0], cursor[1], cursor[2]),
        slab=Slab(
            SlabKind[content["slab"]["kind"]],
            min(max(_finite(content["slab"]["thickness_mm"]), 2.0), 60.0),
        ),
        measurements=measurements,
        correction=correction,
        is_segmented=content["is_segmented"] is True,
        weights=_text(content["weights"]),
        extra={_text(key): _text(value) for key, value in content["extra"].items()},
        turn=_turn(content.get("turn")),
        place_zyx=_place(content.get("place_zyx")),
        views=views_from(content.get("views")),
        is_stopped=content.get("is_stopped") is True,
        naming=from_stored(content.get("naming")),
        results=_bytes_of(_text(content.get("results", ""))) if results is None else results,
    )


def _turn(stored: Any) -> Turn:
    """Return a rotation from three orthonormal vectors.

    Those computed from cosines are orthonormal to twelve digits.
    """
    if stored is None:
        return Turn()
    axes = np.array([[_finite(value) for value in axis] for axis in stored])
    if axes.shape != (3, 3) or np.abs(axes @ axes.T - np.eye(3)).max() > 1e-6:
        raise ValueError("no turn")
    one, two, three = ((float(z), float(y), float(x)) for z, y, x in axes)
    return Turn((one, two, three))


def _place(stored: Any) -> Triple | None:
    if stored is None:
        return None
    z, y, x = (_finite(value) for value in stored)
    return z, y, x


def _typed(kind: type[_T], stored: Mapping[str, Any]) -> _T:
    """Return a flat dataclass whose values have the types of its defaults; numbers are finite."""
    defaults = kind()
    values: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]  # called for dataclasses only
        value, default = stored[one.name], getattr(defaults, one.name)
        if isinstance(default, float):
            value = _finite(value)
        if type(value) is not type(default):
            raise TypeError(one.name)
        values[one.name] = value
    return kind(**values)


def _finite(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no number")
    return float(value)


def _whole(value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < high:
        raise ValueError("no whole number in range")
    return value


def _bytes_of(text: str) -> bytes:
    """Return decoded base 64, piece by piece, so that the window stays responsive.

    Raises
    ------
    binascii.Error
        When it is not base 64.
    """
    pieces = (
        text[place : place + _PIECE_CHARACTERS] for place in range(0, len(text), _PIECE_CHARACTERS)
    )
    return b"".join(base64.b64decode(piece, validate=True) for piece in pieces)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
