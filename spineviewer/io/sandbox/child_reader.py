"""The child process in which untrusted files are examined and decoded. Started by `scan.py`.

It answers one request and exits. Until the request arrives, it imports what reading may need.
Messages to the parent: ``step`` (stage, fraction), ``need`` (shape of the array to allocate),
finally ``done`` or ``error``.
"""

from __future__ import annotations

import importlib
import logging
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from spineviewer.child import ArrayPlace, Fields, ParentLink, open_mapped, untyped
from spineviewer.errors import GeometryError, ImageReadError, SpineViewerError
from spineviewer.io.choices import UndecidedError
from spineviewer.io.dicom.slices import direction_letters
from spineviewer.io.hounsfield import doubts_about, fill_hu
from spineviewer.io.images.lengths import size_doubts
from spineviewer.io.images.loading import image_format, load_image
from spineviewer.io.images.stored import StoredImage
from spineviewer.io.sandbox.crash_log import CrashLog
from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.orientation import axis_order_of
from spineviewer.volume.volume import ScanFormat
from spineviewer.wording import Wording, enumerated, worded

if TYPE_CHECKING:
    from spineviewer.io.dicom.findings import Findings, Group

#: More files that cannot be read are not listed.
MOST_UNREADABLE = 100
#: So long a child looks whether it has been asked before it loads one more module.
LOOK_S = 0.01
#: Modules that some files need, the fastest imports first.
OFTEN_NEEDED = (
    "spineviewer.io.sandbox.unpacking",
    "spineviewer.io.dicom.series",
    "spineviewer.io.dicom.patient",
    "spineviewer.io.dicom.thumbnails",
    "isal.igzip",
    "pydicom",
    "nibabel",
)


class Reader:
    """Answers one request of the parent."""

    def __init__(self, link: ParentLink[Fields], request: Fields) -> None:
        self._link = link
        self._path = Path(request["path"])
        self._series_uid: str | None = request.get("series_uid")
        self._recorder = CrashLog(open_mapped(ArrayPlace(**request["recorder"]), writable=True))
        self._progress = JobProgress(
            lambda update: link.send({"step": [update.stage, update.fraction]})
        )
        self._unpacked = Path(request["scratch"], "unpacked")
        self._choice: str | None = request.get("choice")
        self._skip = frozenset(request.get("skip", []))
        self._wanted: list[tuple[str, str, int]] = request.get("wanted", [])
        self._is_named = request.get("is_named") is True

    def list_series(self) -> Fields:
        """Return the contents of a file or folder in the form of the parent's `SeriesListing`."""
        if image_format(self._path) is not None:
            return self._image_listing()
        return _listing(self._findings())

    def list_studies(self) -> Fields:
        """Return the contents of a folder, with the patient and study of each series."""
        from spineviewer.io.dicom.study_heads import study_heads

        findings = self._findings()
        heads = study_heads(findings.groups, self._recorder.touching, is_named=self._is_named)
        return {**_listing(findings), "studies": heads}

    def read(self) -> Fields:
        """Read the chosen series into an array that the parent makes; returns its head."""
        if image_format(self._path) is not None:
            return self._read_image()
        return self._read_dicom()

    def thumbnails(self) -> Fields:
        """Return a thumbnail of each requested series."""
        from spineviewer.io.dicom.thumbnails import middle_of, thumbnails_of
        from spineviewer.io.sandbox.unpacking import is_archive

        places = [(key, Path(path), frame) for key, path, frame in self._wanted]
        if is_archive(self._path):  # the files unpacked for the listing are gone
            wanted = {key for key, _, _ in places}
            middles = {
                group.key: middle_of(group)
                for group in self._findings().groups
                if group.key in wanted
            }
            places = [(key, one.path, one.frame) for key, one in middles.items()]
        return {"pictures": thumbnails_of(places, self._skip, self._recorder.touching)}

    def _findings(self) -> Findings:
        from spineviewer.io.dicom.findings import find_beside, find_series
        from spineviewer.io.sandbox.unpacking import is_archive, unpack

        watch = partial(self._watch, worded("Examining files"))
        if is_archive(self._path):
            with self._recorder.touching(self._path):
                self._unpacked.mkdir(exist_ok=True)
                unpack(self._path, self._unpacked, partial(self._watch, worded("Unpacking")))
            return find_series(self._unpacked, watch, self._skip, touching=self._recorder.touching)
        find = find_beside if self._path.is_file() else find_series
        return find(self._path, watch, self._skip, touching=self._recorder.touching)

    def _watch(self, stage: str, done: float, count: float = 1.0) -> None:
        """Report progress to the parent, at a limited rate."""
        self._progress.step(stage, done / max(1, count))

    def _read_image(self) -> Fields:
        try:
            with self._recorder.touching(self._path):
                image = load_image(
                    self._path,
                    choice=self._choice,
                    watch=lambda part: self._watch(worded("Reading"), 0.8 * part),
                )
        except UndecidedError as undecided:
            raise _SeveralSeriesError(
                _image_ways(self._path, undecided), str(undecided)
            ) from undecided
        order = axis_order_of(image.grid)
        hu = order.to_source(self._ask_for_array(order.canonical_geometry(image.grid)))
        told = fill_hu(
            image.values, hu, lambda part: self._watch(worded("Reading"), 0.8 + 0.2 * part)
        )
        return {
            "format": image.format.name,
            "grid": asdict(image.grid),
            "series_uid": "",
            "description": "",
            "modality": "",
            "window": None,
            "is_orientation_known": image.is_orientation_known,
            "is_named_after_patient": False,
            "warnings": [*image.warnings, *told, *doubts_about(image.values)],
            "nifti_forms": None if image.nifti_forms is None else asdict(image.nifti_forms),
            "slices": None,
            "sheared": None if image.sheared is None else asdict(image.sheared),
            "kernel": "",
            "identity": {},
        }

    def _read_dicom(self) -> Fields:
        from spineviewer.io.dicom.patient import identity_of, is_named_after_patient
        from spineviewer.io.dicom.series import (
            fill,
            missing_references,
            plan_reading,
            values_to_judge,
        )
        from spineviewer.io.sandbox.unpacking import is_archive

        findings = self._findings()
        group = self._chosen(findings)
        try:
            plan = plan_reading(group, self._choice)
        except UndecidedError as undecided:
            raise _SeveralSeriesError(
                _ways(group, undecided), enumerated([_title(group), str(undecided)], ": ")
            ) from undecided
        except GeometryError as error:
            raise GeometryError(
                worded(
                    "{group} in {file}: {reason}",
                    group=_title(group),
                    file=self._path.name,
                    reason=error,
                )
            ) from error
        try:
            unusual = size_doubts(plan.grid.shape_zyx, plan.grid.spacing_zyx_mm)
        except GeometryError as error:
            raise GeometryError(
                worded(
                    "{group} in {file}: {reason}",
                    group=_title(group),
                    file=self._path.name,
                    reason=error,
                )
            ) from error
        array = self._ask_for_array(axis_order_of(plan.grid).canonical_geometry(plan.grid))
        hu = axis_order_of(plan.grid).to_source(array)
        fill(
            plan,
            hu,
            partial(self._watch, worded("Reading slices")),
            touching=self._recorder.touching,
        )
        first = plan.slices[0]
        return {
            "format": ScanFormat.DICOM.name,
            "grid": asdict(plan.grid),
            "series_uid": group.head.series_uid,
            "description": group.head.description,
            "modality": group.head.modality,
            "window": first.window,
            "is_orientation_known": plan.is_position_known,
            "is_named_after_patient": is_named_after_patient(self._path.name, first.path),
            "warnings": [*plan.warnings, *unusual, *doubts_about(values_to_judge(plan, hu))],
            "nifti_forms": None,
            "slices": None
            if is_archive(self._path) or plan.is_resampled
            else {
                "files": [str(s.path) for s in plan.slices],
                "frames": [s.frame for s in plan.slices],
                "origins_lps_mm": [s.position_lps_mm for s in plan.slices],
                "frames_of_reference": sorted({s.frame_of_reference for s in plan.slices}),
                "missing": missing_references(group.head, plan.slices),
            },
            "sheared": None if plan.sheared is None else asdict(plan.sheared),
            "kernel": group.head.kernel,
            "identity": identity_of(first.path),
        }

    def _chosen(self, findings: Findings) -> Group:
        groups = findings.groups
        if self._series_uid is not None:
            groups = [g for g in groups if g.key == self._series_uid] or [
                g for g in groups if g.head.series_uid == self._series_uid
            ]
            if not groups:
                raise ImageReadError(
                    worded(
                        "{file} does not contain the series {uid}.",
                        file=self._path,
                        uid=self._series_uid,
                    )
                )
        if not groups:
            raise ImageReadError(_nothing_found(self._path, findings))
        if len(groups) > 1:
            raise _SeveralSeriesError(_listing(findings))
        return groups[0]

    def _ask_for_array(self, geometry: Geometry) -> NDArray[Any]:
        self._link.send({"need": list(geometry.shape_zyx)})
        answer = self._link.receive()
        assert answer is not None
        return open_mapped(ArrayPlace(**answer["array"]), writable=True)

    def _image_listing(self) -> Fields:
        try:
            image, problems = load_image(self._path), []
        except UndecidedError as undecided:
            image, problems = load_image(self._path, choice=undecided.ways[0].key), [str(undecided)]
        summary = _image_summary(self._path, image)
        return {
            "format": image.format.name,
            "series": [{**summary, "problems": [*problems, *image.warnings]}],
            "others": [],
            "unreadable": [],
        }


class _SeveralSeriesError(ImageReadError):
    """`reason` is set when the choice is not between series but between ways of reading one."""

    def __init__(self, listing: Fields, reason: str = "") -> None:
        super().__init__(worded("Several series were found."))
        self.listing = listing
        self.reason = reason


def _summary(group: Group) -> Fields:
    from spineviewer.io.dicom.series import faults_of, orientation_of, spacing_of
    from spineviewer.io.dicom.thumbnails import middle_of

    middle, spacing = middle_of(group), spacing_of(group)
    return {
        "uid": group.key,
        "description": group.head.description
        or (group.first.path.name if group.first.frame_count > 1 else ""),
        "modality": group.head.modality,
        "slice_count": len(group.slices),
        "rows": group.first.rows,
        "columns": group.first.columns,
        "spacing_zyx_mm": spacing,
        "kernel": group.head.kernel,
        "problems": faults_of(group) or _unusual_size(group, spacing),
        "orientation": orientation_of(group),
        "middle": [str(middle.path), middle.frame],
    }


def _unusual_size(group: Group, spacing_zyx_mm: Triple | None) -> list[str]:
    """Return a sentence about a group of slices that does not have the size of a CT scan."""
    if spacing_zyx_mm is None:
        return []
    try:
        return size_doubts(
            (len(group.slices), group.first.rows, group.first.columns), spacing_zyx_mm
        )
    except GeometryError as error:
        return [str(error)]


def _ways(group: Group, undecided: UndecidedError) -> Fields:
    """Return the ways of reading one group as if each were a series."""
    whole = _summary(group)
    series = []
    for way in undecided.ways:
        part = {
            "uid": f"{group.key}@{way.key}",
            "description": way.text,
            "slice_count": way.slice_count,
        }
        if way.step_mm is not None:
            rows_mm, columns_mm = group.first.spacing_mm or (0.0, 0.0)
            part["spacing_zyx_mm"] = (way.step_mm, rows_mm, columns_mm)
        series.append({**whole, **part, "problems": [str(undecided)]})
    return {"format": ScanFormat.DICOM.name, "series": series, "others": [], "unreadable": []}


def _image_summary(path: Path, image: StoredImage) -> Fields:
    slices, rows, columns = image.grid.shape_zyx
    return {
        "uid": "",
        "description": path.name,
        "modality": "",
        "slice_count": slices,
        "rows": rows,
        "columns": columns,
        "spacing_zyx_mm": image.grid.spacing_zyx_mm,
        "kernel": "",
        "problems": [],
        "orientation": direction_letters(image.grid.axes_lps[::-1])
        if image.is_orientation_known
        else "",
        "middle": None,
    }


def _image_ways(path: Path, undecided: UndecidedError) -> Fields:
    """Return the volumes of one file as if each were a series."""
    image = load_image(path, choice=undecided.ways[0].key)
    whole = _image_summary(path, image)
    series = [
        {**whole, "uid": f"@{way.key}", "description": way.text, "problems": [str(undecided)]}
        for way in undecided.ways
    ]
    return {"format": image.format.name, "series": series, "others": [], "unreadable": []}


def _listing(findings: Findings) -> Fields:
    series = [_summary(group) for group in findings.groups]
    others = [_numbered(name, count) for name, count in sorted(findings.others.items())]
    return {
        "format": ScanFormat.DICOM.name,
        "series": series,
        "others": others,
        "unreadable": [file.reason for file in findings.unreadable[:MOST_UNREADABLE]],
    }


def _nothing_found(path: Path, findings: Findings) -> str:
    if findings.others:
        counted = sorted(Counter(findings.others).items())
        names = enumerated([_numbered(name, count) for name, count in counted])
        return worded(
            "{file} contains no CT series, but other DICOM objects: {names}.",
            file=path,
            names=names,
        )
    if findings.unreadable:
        first, more = findings.unreadable[0].reason.rstrip("."), len(findings.unreadable) - 1
        if more:
            return worded(
                "{file} contains no readable CT: {first} and %n more.",
                "",
                more,
                file=path,
                first=first,
            )
        return worded("{file} contains no readable CT: {first}.", file=path, first=first)
    return worded(
        "{file} contains no DICOM files (%n file(s) examined).", "", findings.file_count, file=path
    )


def _numbered(name: str, count: int) -> str:
    return Wording.of("{name} ({count})", "", None, {"name": name, "count": count})


def _title(group: Group) -> str:
    return (
        worded("Series '{description}'", description=group.head.description)
        if group.head.description
        else worded("The series")
    )


def _request(link: ParentLink[Fields]) -> Fields:
    """Return the parent's request; until it arrives, import what reading may need."""
    for module in OFTEN_NEEDED:
        if (early := link.receive(LOOK_S)) is not None:
            return early
        importlib.import_module(module)
    request = link.receive()
    assert request is not None
    return request


def main() -> int:
    """Answer the parent's one request."""
    link = ParentLink(untyped)
    request = _request(link)
    tempfile.tempdir = request["scratch"]  # the parent deletes it, whatever happens to this process
    logging.disable()  # pydicom quotes odd values, which may be a patient's
    warnings.simplefilter("ignore")
    reader = Reader(link, request)
    try:
        answers = {
            "list": reader.list_series,
            "studies": reader.list_studies,
            "read": reader.read,
            "thumbnails": reader.thumbnails,
        }
        answer = answers[request["do"]]()
        link.send({"done": answer})
    except _SeveralSeriesError as error:
        link.send({"error": "SeveralSeriesError", "listing": error.listing, "reason": error.reason})
    except SpineViewerError as error:
        link.send({"error": type(error).__name__, "message": str(error)})
    except MemoryError:
        link.send(
            {
                "error": "ImageReadError",
                "message": worded(
                    "{file} needs more memory than is available.", file=Path(request["path"]).name
                ),
            }
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
