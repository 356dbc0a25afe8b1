"""Export orders, which record a scan's state when the user requests an export; their execution."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spineviewer.app.mask_snapshot import MaskSnapshot
from spineviewer.app.measurement_files import check_measurements_file, write_measurements
from spineviewer.app.provenance import Provenance
from spineviewer.app.vertebra_files import (
    check_vertebra_surfaces,
    check_vertebrae_file,
    surface_path,
    vertebrae_files,
    write_vertebra_surfaces,
    write_vertebrae,
)
from spineviewer.editing.correction import Correction
from spineviewer.errors import ExportError
from spineviewer.progress import Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.levels import LEVEL_NAMES
from spineviewer.volume.scan_name import has_distinctive_name, scan_name
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.pipeline import FusedResult
    from spineviewer.app.scan_core import ScanCore
    from spineviewer.labelling.vertebrae import Vertebrae
    from spineviewer.measurements.results import Measurements

#: Words of a series description that may be part of a file name, and that part's maximum length.
_WORD, _MAX_STEM = re.compile(r"[^\W_]+"), 40
#: Length of the code that distinguishes series. Choice: too short to identify a series by its UID.
_CODE_LENGTH = 4


class ExportKind(Enum):
    """Results that can be exported; the value is the BIDS-like suffix of the file name."""

    MASK = "seg-spine_msk"
    ATTENTION = "desc-attention_probseg"
    PROBABILITY = "desc-bone_probseg"
    SURFACE = "desc-spine_surface"
    UNCERTAINTY = "desc-uncertainty_probseg"
    VERTEBRAE = "seg-vert_msk"
    VERTEBRA_SURFACES = "desc-vertebrae_surface"
    MEASUREMENTS = "desc-vertebrae_measurements"


#: Results that are written after all other results, in this order: a structured report refers to
#: the file with the vertebrae, and the mask comes last, so that its existence shows that everything
#: has been written.
_LAST = (ExportKind.MEASUREMENTS, ExportKind.MASK)


@dataclass(frozen=True)
class ExportOrder:
    """Everything that an export needs; later changes to the scan do not affect it.

    Attributes
    ----------
    source
        Source of the scan; its voxels are not needed.
    run_record
        The record of the run that produced the mask (`run_record.RunRecord.fields`).
    vertebrae, measurements
        The vertebrae of the mask and their measurements, for targets that contain them.
    as_label_map
        Whether the vertebrae's DICOM SEG stores one number per voxel (LABELMAP), not one bit per
        vertebra.
    """

    source: ScanSource
    snapshot: MaskSnapshot
    run_record: Mapping[str, object]
    targets: Mapping[ExportKind, Path]
    may_overwrite: bool = False
    vertebrae: Vertebrae | None = None
    measurements: Measurements | None = None
    as_label_map: bool = False

    @property
    def required_tuning(self) -> Tuning | None:
        """The tuning whose mask must be computed; None if every voxel must be computed."""
        return None if ExportKind.PROBABILITY in self.targets else self.snapshot.tuning

    @property
    def is_computed(self) -> bool:
        """Whether the networks have computed everything that the export needs."""
        fusion = self.snapshot.fusion
        if fusion.is_complete:
            return True
        return self.required_tuning is not None and fusion.is_complete_for(self.required_tuning)

    @property
    def provenance(self) -> Provenance:
        """How the results were computed."""
        return Provenance(
            self.source,
            self.snapshot.tuning,
            self.run_record,
            is_corrected_by_hand=self.snapshot.is_corrected,
        )


def order_for(
    scan: ScanCore,
    snapshot: MaskSnapshot,
    vertebrae: Vertebrae | None,
    targets: Mapping[ExportKind, Path],
    *,
    may_overwrite: bool = True,
    as_label_map: bool = False,
) -> ExportOrder:
    """Return the order to export the current results of an open scan."""
    return ExportOrder(
        scan.volume.source,
        snapshot,
        scan.state.run_record,
        targets,
        may_overwrite=may_overwrite,
        vertebrae=vertebrae,
        as_label_map=as_label_map,
    )


def order_for_run(
    run: FusedResult,
    source: ScanSource,
    targets: Mapping[ExportKind, Path],
    *,
    may_overwrite: bool,
    vertebrae: Vertebrae | None,
    measurements: Measurements | None,
    as_label_map: bool = False,
) -> ExportOrder:
    """Return the order to export the results of a run without a window."""
    correction = Correction(run.mask.mask.geometry.shape_zyx)
    return ExportOrder(
        source,
        MaskSnapshot(run.fusion, run.mask, correction, run.mask.tuning),
        run.run_record.fields,
        targets,
        may_overwrite=may_overwrite,
        vertebrae=vertebrae,
        measurements=measurements,
        as_label_map=as_label_map,
    )


def check_targets(
    targets: Mapping[ExportKind, Path],
    *,
    may_overwrite: bool,
    voxels: int = 0,
    source: ScanSource | None = None,
) -> tuple[str, ...]:
    """Check that everything can be written, before it is computed.

    Return sentences about what the files will leave out.

    Parameters
    ----------
    voxels
        Number of voxels of the scan; 0 if unknown.
    source
        The scan if it has been read: some formats cannot represent every scan's grid.

    Raises
    ------
    ExportError
        When a target cannot be written, or exists and may not be overwritten.
    """
    from spineviewer.io.formats import Content
    from spineviewer.io.write.export import check_output
    from spineviewer.io.write.surface import check_surface

    notes: list[str] = []
    for kind, path in targets.items():
        if kind is ExportKind.SURFACE:
            check_surface(path, may_overwrite)
        elif kind is ExportKind.VERTEBRAE:
            check_vertebrae_file(path, may_overwrite=may_overwrite, source=source)
        elif kind is ExportKind.VERTEBRA_SURFACES:
            check_vertebra_surfaces(path, may_overwrite=may_overwrite)
        elif kind is ExportKind.MEASUREMENTS:
            check_measurements_file(path, may_overwrite=may_overwrite, source=source)
        else:
            is_mask = kind is ExportKind.MASK
            needed_bytes = voxels * (1 if is_mask else 4)
            content = Content.MASK if is_mask else Content.MAP
            notes.extend(
                check_output(path, may_overwrite, needed_bytes, source=source, content=content)
            )
    return tuple(notes)


def files_for(kind: ExportKind, path: Path) -> tuple[Path, ...]:
    """Return all files that may be written for a target."""
    from spineviewer.io.write.surface import surface_files

    if kind is ExportKind.VERTEBRAE:
        return vertebrae_files(path)
    if kind is ExportKind.SURFACE:
        return surface_files(path)
    if kind is ExportKind.VERTEBRA_SURFACES:
        surfaces = (surface_path(path, name) for name in LEVEL_NAMES)
        return tuple(file for surface in surfaces for file in surface_files(surface))
    return (path,)


def export(order: ExportOrder, progress: Progress) -> tuple[Path, ...]:
    """Write the requested results on the scan's own grid; return the files in order of the targets.

    If the mask is not ready, it is computed first.

    Raises
    ------
    ExportError
        When a target cannot be written, or exists and may not be overwritten.
    Cancelled
        When `progress` raises it.
    """
    voxels = int(np.prod(order.snapshot.correction.shape_zyx))
    check_targets(
        order.targets, may_overwrite=order.may_overwrite, voxels=voxels, source=order.source
    )
    if not order.snapshot.correction.is_empty:  # the files state whether it changes the mask
        order = replace(order, snapshot=order.snapshot.computed(progress))
    kinds = sorted(order.targets, key=lambda kind: _LAST.index(kind) + 1 if kind in _LAST else 0)
    written: dict[ExportKind, tuple[Path, ...]] = {}
    for done, kind in enumerate(kinds):
        path = order.targets[kind]
        progress.step(worded("Writing {file}", file=path.name), done / len(order.targets))
        written[kind] = _write(order, kind, path, progress)
    return tuple(path for kind in order.targets for path in written[kind])


def _write(
    order: ExportOrder, kind: ExportKind, path: Path, progress: Progress
) -> tuple[Path, ...]:
    from spineviewer.io.write.export import write_map, write_mask
    from spineviewer.io.write.map_meaning import MapMeaning
    from spineviewer.io.write.surface import write_surface

    source, fusion, tuning = order.source, order.snapshot.fusion, order.snapshot.tuning
    geometry = fusion.geometry
    facts = order.provenance.fields
    match kind:
        case ExportKind.MASK:
            write_mask(order.snapshot.mask(progress), source, path, facts, progress)
        case ExportKind.SURFACE:
            mask = order.snapshot.mask(progress)
            write_surface(mask, path, facts, overwrite=order.may_overwrite, progress=progress)
        case ExportKind.VERTEBRAE:
            write_vertebrae(
                _vertebrae(order), order.provenance, path, as_label_map=order.as_label_map
            )
        case ExportKind.VERTEBRA_SURFACES:
            return write_vertebra_surfaces(
                _vertebrae(order),
                order.provenance,
                path,
                may_overwrite=order.may_overwrite,
                progress=progress,
            )
        case ExportKind.MEASUREMENTS:
            from spineviewer.io.formats import is_dicom_seg

            assert order.measurements is not None, "measured before the export"
            labels = order.targets.get(ExportKind.VERTEBRAE)
            segmentation = labels if labels and is_dicom_seg(labels) else None
            write_measurements(
                order.measurements, order.provenance, path, segmentation, order.may_overwrite
            )
        case ExportKind.UNCERTAINTY:
            values, meaning = fusion.uncertainty_volume(tuning), MapMeaning.UNCERTAINTY
            write_map(values, geometry, source, path, facts, meaning=meaning)
        case ExportKind.ATTENTION:
            values = fusion.extended.volume(tuning.sigma_mm)
            threshold, meaning = tuning.attention_threshold, MapMeaning.ATTENTION
            write_map(values, geometry, source, path, facts, threshold=threshold, meaning=meaning)
        case ExportKind.PROBABILITY:
            threshold = tuning.segmentation_threshold
            values = fusion.probability_volume()
            write_map(values, geometry, source, path, facts, threshold=threshold)
    return (path,)


def _vertebrae(order: ExportOrder) -> Vertebrae:
    if order.vertebrae is None:
        raise ExportError(
            "There are no named vertebrae to export. Wait until they are named, or export the mask."
        )
    return order.vertebrae


def export_stem(path: Path) -> str:
    """Return the part of a scan's name that results share: `sub-01` of `sub-01_ct.nii.gz`."""
    from spineviewer.io.formats import SCAN_FORMATS, extensions

    stem = scan_name(path)
    for extension in sorted(extensions(SCAN_FORMATS), key=len, reverse=True):
        if stem.lower().endswith(extension):
            stem = stem[: -len(extension)]
            break
    return stem[: -len("_ct")] if stem.lower().endswith("_ct") else stem


def results_stem(source: ScanSource) -> str:
    """Return the beginning of the file names of a scan's results; it never names the patient.

    If the name of the file or folder is generic, names the patient or is shared by several series,
    a DICOM series is named by its description and a code of its UID, which distinguishes studies
    with equal descriptions.
    """
    is_distinctive = has_distinctive_name(source.path) or not source.series_uid
    may_be_shown = is_distinctive and not source.is_named_after_patient
    first = export_stem(source.path) if may_be_shown else "ct"
    if first != "ct" and source.is_only_series:
        return first
    identity = source.identity
    stated = f"{identity.patient_name} {identity.patient_id} {identity.birth_date}"
    identifying = {word.lower() for word in _WORD.findall(stated)}
    words = [word for word in _WORD.findall(source.description) if word.lower() not in identifying]
    stem = "-".join((first, *words))[: max(_MAX_STEM, len(first))]
    code = sha256(source.series_uid.encode()).hexdigest()[:_CODE_LENGTH]
    return f"{stem}-{code}" if source.series_uid else stem
