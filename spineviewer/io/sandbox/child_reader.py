"""The child process in which untrusted files are examined and decoded. Started by `scan.py`.

It answers one request and exits. Until the request arrives, it imports modules that may be needed.
"""

from __future__ import annotations

import gc
import importlib
import logging
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from numpy.typing import NDArray

from spineviewer.child import ParentLink, open_mapped
from spineviewer.errors import GeometryError, ImageReadError, SpineViewerError, empty_file
from spineviewer.io.choices import UndecidedError
from spineviewer.io.dicom.slices import direction_letters
from spineviewer.io.hounsfield import value_warnings, write_hu
from spineviewer.io.images.lengths import size_warnings
from spineviewer.io.images.loading import image_format, load_image, source_of
from spineviewer.io.images.stored import StoredImage
from spineviewer.io.sandbox.crash_log import CrashLog
from spineviewer.io.sandbox.reader_messages import (
    CONVERSATION,
    ArrayMade,
    Done,
    Failed,
    FromParent,
    Listed,
    ListSeries,
    ListStudies,
    MakeThumbnails,
    NeedArray,
    ReadSeries,
    Request,
    ScanRead,
    Task,
    ThumbnailsMade,
    Undecided,
)
from spineviewer.io.series_listing import SeriesListing, SeriesSummary
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.orientation import canonical_order
from spineviewer.volume.scan_name import scan_name
from spineviewer.volume.volume import ScanFormat, ScanSource, SourceSlices, WindowLevel
from spineviewer.wording import Wording, enumerated, is_critical, worded

if TYPE_CHECKING:
    from spineviewer.io.dicom.series import Plan
    from spineviewer.io.dicom.series_search import ExaminedFiles, SliceGroup

#: Unreadable files beyond this number are not listed.
MAX_UNREADABLE = 100
#: How long the child waits for a request before it imports the next module.
POLL_S = 0.01
#: Modules that some files need, the fastest imports first.
OFTEN_NEEDED = (
    "spineviewer.io.sandbox.unpacking",
    "spineviewer.io.dicom.series_voxels",
    "spineviewer.io.dicom.patient",
    "spineviewer.io.dicom.thumbnails",
    "isal.igzip",
    "spineviewer.io.quiet_nibabel",
    "pydicom",
)


class Reader:
    """Answers one request from the parent."""

    def __init__(self, link: ParentLink[FromParent], request: Request) -> None:
        self._link = link
        self._path = request.path
        self._recorder = CrashLog(open_mapped(request.recorder, writable=True))
        self._progress = link.progress()
        self._unpacked = request.scratch / "unpacked"
        self._skip = frozenset(request.skip)

    def answer(self, task: Task) -> Done:
        """Return the answer to a task.

        Raises
        ------
        SpineViewerError
            When the path cannot be read.
        """
        match task:
            case ListSeries():
                return self._list_series()
            case ListStudies():
                return self._list_studies(task.with_names)
            case ReadSeries():
                return self._read(task)
            case MakeThumbnails():
                return self._thumbnails(task)

    def _list_series(self) -> Listed:
        if image_format(self._path) is not None:
            return Listed(self._image_listing())
        return Listed(_listing(self._path, self._examine()))

    def _list_studies(self, with_names: bool) -> Listed:
        from spineviewer.io.dicom.study_info import study_infos

        contents = self._examine()
        infos = study_infos(contents.groups, self._recorder.recording, with_names=with_names)
        return Listed(_listing(self._path, contents), tuple(infos))

    def _read(self, task: ReadSeries) -> ScanRead:
        """Read the chosen series into an array that the parent makes."""
        if image_format(self._path) is not None:
            return self._read_image(task.choice)
        return self._read_dicom(task)

    def _thumbnails(self, task: MakeThumbnails) -> ThumbnailsMade:
        from spineviewer.io.dicom.thumbnails import make_thumbnails, middle_slice
        from spineviewer.io.sandbox.unpacking import is_zip_file

        slices = [(key, Path(path), frame) for key, path, frame in task.wanted]
        if is_zip_file(self._path):  # the files unpacked for the listing are gone
            wanted = {key for key, _, _ in slices}
            middles = {
                group.key: middle_slice(group)
                for group in self._examine().groups
                if group.key in wanted
            }
            slices = [(key, slice_.path, slice_.frame) for key, slice_ in middles.items()]
        return ThumbnailsMade(make_thumbnails(slices, self._skip, self._recorder.recording))

    def _examine(self) -> ExaminedFiles:
        from spineviewer.io.dicom.series_search import find_series, find_series_beside
        from spineviewer.io.sandbox.unpacking import is_zip_file, unpack

        on_progress = partial(self._step, worded("Examining files"))
        if is_zip_file(self._path):
            with self._recorder.recording(self._path):
                self._unpacked.mkdir(exist_ok=True)
                unpack(self._path, self._unpacked, partial(self._step, worded("Unpacking")))
            return find_series(
                self._unpacked, on_progress, self._skip, file_guard=self._recorder.recording
            )
        find = find_series_beside if self._path.is_file() else find_series
        return find(self._path, on_progress, self._skip, file_guard=self._recorder.recording)

    def _step(self, stage: str, done: float, count: float = 1.0) -> None:
        """Report progress to the parent; `done` out of `count`."""
        self._progress.step(stage, done / max(1, count))

    def _read_image(self, choice: str | None) -> ScanRead:
        importlib.import_module("spineviewer.io.quiet_nibabel")  # before anything imports nibabel
        try:
            with self._recorder.recording(self._path):
                image = load_image(
                    self._path,
                    choice=choice,
                    on_progress=lambda part: self._step(worded("Reading"), 0.8 * part),
                )
        except UndecidedError as undecided:
            raise _SeveralSeriesError(
                _image_ways(self._path, undecided), str(undecided)
            ) from undecided
        source = source_of(self._path, image)
        order = source.order
        hu = order.to_source(self._ask_for_array(order.canonical_geometry(image.grid)))
        remarks = write_hu(
            image.values, hu, lambda part: self._step(worded("Reading"), 0.8 + 0.2 * part)
        )
        unusual = value_warnings(image.values)
        warnings = (*image.warnings, *remarks, *unusual)
        are_hu = not any(map(is_critical, unusual))
        return ScanRead(replace(source, warnings=warnings, are_values_hu=are_hu))

    def _read_dicom(self, task: ReadSeries) -> ScanRead:
        from spineviewer.io.dicom.patient import is_named_after_patient, read_identity
        from spineviewer.io.dicom.series import plan_reading
        from spineviewer.io.dicom.series_voxels import decode_series, values_for_checks
        from spineviewer.io.dicom.series_warnings import are_stated_as_hu
        from spineviewer.io.sandbox.unpacking import is_zip_file

        contents = self._examine()
        group = self._choose_group(contents, task.series_uid)
        try:
            plan = plan_reading(group, task.choice)
            unusual = size_warnings(plan.grid.shape_zyx, plan.grid.spacing_zyx_mm)
        except UndecidedError as undecided:
            raise _SeveralSeriesError(
                _ways(self._path, group, undecided),
                enumerated([_title(group), str(undecided)], ": "),
            ) from undecided
        except GeometryError as error:
            raise GeometryError(
                "{group} in {file}: {reason}",
                group=_title(group),
                file=self._path.name,
                reason=error,
            ) from error
        order = canonical_order(plan.grid)
        hu = order.to_source(self._ask_for_array(order.canonical_geometry(plan.grid)))
        decode_series(
            plan,
            hu,
            partial(self._step, worded("Reading slices")),
            file_guard=self._recorder.recording,
        )
        first, unusual_values = plan.slices[0], value_warnings(values_for_checks(plan, hu))
        are_hu = are_stated_as_hu(group.header, plan.slices)
        has_slices = not (is_zip_file(self._path) or plan.is_resampled)
        return ScanRead(
            ScanSource(
                path=self._path,
                format=ScanFormat.DICOM,
                grid=plan.grid,
                order=order,
                series_uid=group.header.series_uid,
                description=group.header.description,
                modality=group.header.modality,
                window=None if first.window is None else WindowLevel(*first.window),
                is_orientation_known=plan.is_position_known,
                is_named_after_patient=is_named_after_patient(scan_name(self._path), first.path),
                are_values_hu=are_hu and not any(map(is_critical, unusual_values)),
                warnings=(*plan.warnings, *unusual, *unusual_values),
                slices=_source_slices(group, plan) if has_slices else None,
                kernel=group.header.kernel,
                identity=read_identity(first.path),
                is_only_series=len(contents.groups) == 1,
                sheared=plan.sheared,
            )
        )

    def _choose_group(self, contents: ExaminedFiles, series_uid: str | None) -> SliceGroup:
        groups = contents.groups
        if series_uid is not None:
            groups = [g for g in groups if g.key == series_uid] or [
                g for g in groups if g.header.series_uid == series_uid
            ]
            if not groups:
                raise ImageReadError(
                    "{file} does not contain the series {uid}. Choose one of its series.",
                    file=self._path,
                    uid=series_uid,
                )
        if not groups:
            raise ImageReadError(_nothing_found(self._path, contents))
        if len(groups) > 1:
            raise _SeveralSeriesError(_listing(self._path, contents))
        return groups[0]

    def _ask_for_array(self, geometry: Geometry) -> NDArray[Any]:
        self._link.send(NeedArray(geometry.shape_zyx))
        made = cast(ArrayMade, self._link.receive())  # the only answer
        return open_mapped(made.place, writable=True)

    def _image_listing(self) -> SeriesListing:
        try:
            image, problems = load_image(self._path), []
        except UndecidedError as undecided:
            image, problems = load_image(self._path, choice=undecided.ways[0].key), [str(undecided)]
        summary = replace(_image_summary(self._path, image), problems=(*problems, *image.warnings))
        return SeriesListing(self._path, image.format, (summary,), (), ())


def _source_slices(group: SliceGroup, plan: Plan) -> SourceSlices:
    from spineviewer.io.dicom.series import missing_references

    return SourceSlices(
        files=tuple(s.path for s in plan.slices),
        frames=tuple(s.frame for s in plan.slices),
        # all slices of a plan have a position
        origins_lps_mm=tuple(cast(Triple, s.position_lps_mm) for s in plan.slices),
        frames_of_reference=tuple(sorted({s.frame_of_reference for s in plan.slices})),
        missing=tuple(missing_references(group.header, plan.slices)),
    )


class _SeveralSeriesError(ImageReadError):
    """Raised when the user must choose a series or, if there is a `reason`, a way of reading it."""

    def __init__(self, listing: SeriesListing, reason: str = "") -> None:
        super().__init__(worded("Several series were found."))
        self.listing = listing
        self.reason = reason


def _summary(group: SliceGroup) -> SeriesSummary:
    from spineviewer.io.dicom.patient import read_identity
    from spineviewer.io.dicom.series import orientation_of, spacing_of
    from spineviewer.io.dicom.series_faults import find_faults
    from spineviewer.io.dicom.thumbnails import middle_slice

    middle, spacing = middle_slice(group), spacing_of(group)
    file_name = group.first.path.name if group.first.frame_count > 1 else ""
    return SeriesSummary(
        uid=group.key,
        description=group.header.description or file_name,
        modality=group.header.modality,
        slice_count=len(group.slices),
        rows=group.first.rows,
        columns=group.first.columns,
        spacing_zyx_mm=spacing,
        kernel=group.header.kernel,
        problems=tuple(find_faults(group) or _unusual_size(group, spacing)),
        orientation=orientation_of(group),
        middle=(str(middle.path), middle.frame),
        identity=read_identity(group.first.path),
    )


def _unusual_size(group: SliceGroup, spacing_zyx_mm: Triple | None) -> list[str]:
    """Return warnings if the size of a group of slices is unusual for a CT scan."""
    if spacing_zyx_mm is None:
        return []
    try:
        return size_warnings(
            (len(group.slices), group.first.rows, group.first.columns), spacing_zyx_mm
        )
    except GeometryError as error:
        return [str(error)]


def _ways(path: Path, group: SliceGroup, undecided: UndecidedError) -> SeriesListing:
    """Return the ways of reading one group as if each were a series."""
    whole = _summary(group)
    series = []
    for way in undecided.ways:
        spacing = whole.spacing_zyx_mm
        if way.step_mm is not None and group.first.spacing_mm is not None:
            spacing = (way.step_mm, *group.first.spacing_mm)
        series.append(
            replace(
                whole,
                uid=f"{group.key}@{way.key}",
                description=way.text,
                slice_count=way.slice_count,
                spacing_zyx_mm=spacing,
                problems=(str(undecided),),
            )
        )
    return SeriesListing(path, ScanFormat.DICOM, tuple(series), (), ())


def _image_summary(path: Path, image: StoredImage) -> SeriesSummary:
    slices, rows, columns = image.grid.shape_zyx
    letters = direction_letters(image.grid.axes_lps[::-1]) if image.is_orientation_known else ""
    return SeriesSummary(
        uid="",
        description=path.name,
        modality="",
        slice_count=slices,
        rows=rows,
        columns=columns,
        spacing_zyx_mm=image.grid.spacing_zyx_mm,
        kernel="",
        problems=(),
        orientation=letters,
    )


def _image_ways(path: Path, undecided: UndecidedError) -> SeriesListing:
    """Return the volumes of one file as if each were a series."""
    image = load_image(path, choice=undecided.ways[0].key)
    whole = _image_summary(path, image)
    series = tuple(
        replace(whole, uid=f"@{way.key}", description=way.text, problems=(str(undecided),))
        for way in undecided.ways
    )
    return SeriesListing(path, image.format, series, (), ())


def _listing(path: Path, contents: ExaminedFiles) -> SeriesListing:
    return SeriesListing(
        path=path,
        format=ScanFormat.DICOM,
        series=tuple(_summary(group) for group in contents.groups),
        others=tuple(_with_count(name, count) for name, count in sorted(contents.others.items())),
        unreadable=tuple(file.reason for file in contents.unreadable[:MAX_UNREADABLE]),
    )


def _nothing_found(path: Path, contents: ExaminedFiles) -> str:
    if contents.others:
        counted = sorted(Counter(contents.others).items())
        names = enumerated([_with_count(name, count) for name, count in counted])
        return worded(
            "{file} contains no CT series, only other DICOM objects: {names}. Choose another file "
            "or folder.",
            file=path,
            names=names,
        )
    if contents.unreadable:
        first, more = contents.unreadable[0].reason, len(contents.unreadable) - 1
        if more:
            return worded(
                "{file} contains no readable CT. {first} %n more file(s) cannot be read either.",
                "",
                more,
                file=path,
                first=first,
            )
        return worded("{file} contains no readable CT. {first}", file=path, first=first)
    if path.is_file() and path.suffix.lower() != ".zip":
        if path.stat().st_size == 0:
            return str(empty_file(path))
        return worded(
            "{file} is not an image that Spineviewer can read. Choose a DICOM, NIfTI, NRRD or "
            "MetaImage file.",
            file=path.name,
        )
    return worded(
        "{file} contains no DICOM files (%n file(s) examined). Choose another file or folder.",
        "",
        contents.file_count,
        file=path,
    )


def _with_count(name: str, count: int) -> str:
    return Wording.of("{name} ({count})", "", None, {"name": name, "count": count})


def _title(group: SliceGroup) -> str:
    return (
        worded("Series '{description}'", description=group.header.description)
        if group.header.description
        else worded("The series")
    )


def _wait_for_request(link: ParentLink[FromParent]) -> Request:
    """Return the parent's request; until it arrives, import modules that may be needed."""
    for module in OFTEN_NEEDED:
        if (early := link.receive(POLL_S)) is not None:
            return cast(Request, early)
        importlib.import_module(module)
    return cast(Request, link.receive())


def main() -> int:
    """Answer the single request from the parent."""
    gc.freeze()  # exclude the imported modules from garbage collection
    link = CONVERSATION.parent()
    request = _wait_for_request(link)
    # the parent deletes this folder, whatever happens to this process
    tempfile.tempdir = str(request.scratch)
    logging.disable()  # pydicom's messages quote odd values, which may identify a patient
    warnings.simplefilter("ignore")
    if image_format(request.path) is not None:
        # nibabel imports pydicom if it can. That takes longer than reading a scan, and this file
        # does not need it.
        sys.modules.setdefault("pydicom", None)  # type: ignore[arg-type]  # makes the import fail
    try:
        link.send(Reader(link, request).answer(request.task))
    except _SeveralSeriesError as error:
        link.send(Undecided(error.listing, error.reason))
    except SpineViewerError as error:
        link.send(Failed(str(error), isinstance(error, GeometryError)))
    except MemoryError:
        message = worded(
            "{file} needs more memory than is available. Close other programs and try again.",
            file=request.path.name,
        )
        link.send(Failed(message))
    return 0


if __name__ == "__main__":
    sys.exit(main())
