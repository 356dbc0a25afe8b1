"""Writing of results on the scan's own grid, completely or not at all (`whole_file.py`).

The voxels are at exactly the same positions as in the scan's file. Results of a NIfTI scan repeat
all its orientation fields, because programs use different ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io.formats import (
    FORMATS,
    STRUCTURES_EXTENSION,
    Content,
    extensions,
    format_of,
    writable,
)
from spineviewer.io.write.encoding import Voxels
from spineviewer.io.write.label_table import LabelEntry
from spineviewer.io.write.map_meaning import MapMeaning
from spineviewer.io.write.whole_file import check_target, write_atomically
from spineviewer.progress import Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Box, Geometry, IndexTriple, require_same_geometry
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource, SpineMask
from spineviewer.wording import without_file_names, worded

Provenance = Mapping[str, Any]

#: Number of steps between 0 and 1 in a written map; a power of 2, so that the last bits of each
#: value are 0 and compress well.
_MAP_STEPS = np.float32(2**14)
#: Extensions of DICOM objects.
DICOM_EXTENSIONS = extensions(
    [file_format for file_format in writable(Content.MASK) if file_format.encode is None]
)


def check_output(
    path: Path,
    overwrite: bool,
    needed_bytes: int = 0,
    *,
    source: ScanSource | None = None,
    content: Content = Content.MASK,
) -> tuple[str, ...]:
    """Check whether a result can be written to `path`, before it is computed.

    Parameters
    ----------
    source
        The scan if it has been read: some formats cannot represent every scan's grid.

    Returns
    -------
    Sentences about what the file will leave out.

    Raises
    ------
    ExportError
        When the extension is unknown or unsuitable, the folder is missing, read-only or full, or
        the file exists and `overwrite` is False.
    """
    file_format = format_of(
        path, [f for f in FORMATS if f.encode is not None or Content.MASK in f.writes]
    )
    if file_format is None:
        expected = ", ".join(extensions(writable(content)))
        raise ExportError(
            "{file} has an unknown extension. Choose one of these: {endings}.",
            file=path.name,
            endings=expected,
        )
    if content not in file_format.writes:
        raise ExportError(
            "{file}: files of this format cannot contain this result. Choose another "
            "extension: {endings}.",
            file=path.name,
            endings=", ".join(extensions(writable(content))),
        )
    if source is not None and (obstacle := file_format.obstacle(source)):
        raise ExportError(
            "{file}: {obstacle} Choose another extension.", file=path.name, obstacle=obstacle
        )
    check_target(path, overwrite, needed_bytes)
    if source is None or source.slices is None or file_format.kind is not ScanFormat.DICOM:
        return ()
    from spineviewer.io.write.dicom_seg import seg_notes

    try:
        return seg_notes(source.slices, source.grid, _stored_shape(source))
    except ExportError as error:
        raise ExportError("{file}: {obstacle}", file=path.name, obstacle=error) from error


def _stored_shape(source: ScanSource) -> IndexTriple:
    return source.grid.shape_zyx if source.sheared is None else source.sheared.shape_zyx


def write_mask(
    mask: SpineMask,
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    progress: Progress | None = None,
) -> None:
    """Write a mask, 1 in the spine and 0 elsewhere (uint8), on the grid of its scan.

    The extension of the file name selects the format; '.rtstruct.dcm' is a DICOM structure
    set, and any other '.dcm' a DICOM SEG.

    Parameters
    ----------
    provenance
        How it was made; stored in the file's header with the scan's format and grid. No patient
        data.
    progress
        Used for DICOM objects, which take seconds.

    Raises
    ------
    GeometryError
        When the mask and the scan have different grids.
    ExportError
        When it cannot be written; an existing file at `path` is left untouched.
    Cancelled
        When `progress` raises it; an existing file is left untouched.
    """
    if path.name.lower().endswith(DICOM_EXTENSIONS):
        _check_geometry(mask.geometry, source)
        stored = source_voxels(mask.voxels.view(np.uint8), source)
        _write_dicom(stored, source, path, provenance, progress)
    else:
        _write_on_source_grid(
            mask.voxels.view(np.uint8),
            mask.geometry,
            source,
            path,
            provenance,
            nonzero_box=mask.box,
        )


def write_labels(
    labels: NDArray[np.uint8] | NDArray[np.uint16],
    geometry: Geometry,
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    *,
    entries: Sequence[LabelEntry] = (),
    as_label_map: bool = False,
) -> None:
    """Write one whole number per voxel; otherwise like `write_mask`.

    Parameters
    ----------
    entries
        Names and colours of the numbers. An NRRD file contains them for 3D Slicer; a DICOM SEG or
        structure set has one segment or structure for each.
    as_label_map
        Whether a DICOM SEG is of type LABELMAP; otherwise BINARY.
    """
    if not path.name.lower().endswith(DICOM_EXTENSIONS):
        _write_on_source_grid(labels, geometry, source, path, provenance, entries=entries)
        return
    if not entries:
        raise ExportError(
            "{file} cannot be written, because no vertebra was found. Export the mask instead.",
            file=path.name,
        )
    _check_geometry(geometry, source)
    stored = source_voxels(labels.astype(np.uint8), source)
    _write_dicom(stored, source, path, provenance, entries=entries, as_label_map=as_label_map)


def _write_dicom(
    stored: NDArray[np.uint8],
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    progress: Progress | None = None,
    *,
    entries: Sequence[LabelEntry] = (),
    as_label_map: bool = False,
) -> None:
    """Write voxels of the file's own grid as a DICOM structure set or SEG.

    Their modules are imported here because other formats do not need them.
    """
    if path.name.lower().endswith(STRUCTURES_EXTENSION):
        from spineviewer.io.write.dicom_structures import structures_writer

        write = structures_writer(stored, source, provenance, progress, entries)
    else:
        from spineviewer.io.write.dicom_seg import seg_writer

        write = seg_writer(stored, source, provenance, progress, entries, as_label_map=as_label_map)
    write_atomically(path, write)


def write_map(
    values: NDArray[np.float32],
    geometry: Geometry,
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    *,
    threshold: float | None = None,
    meaning: MapMeaning = MapMeaning.BONE_PROBABILITY,
) -> None:
    """Write a map between 0 and 1, such as bone probability; otherwise like `write_mask`.

    `values` is float32, shape (z, y, x) of the scan's canonical grid, and is rounded in place.

    Choice: values are rounded to steps of 2^-14. Finer digits are noise, which would make the file
    four times as large. A voxel that would cross the mask's `threshold` by rounding keeps its
    value, so that thresholding the written maps reproduces the written mask exactly (not in a DICOM
    Parametric Map, which stores the steps).

    Parameters
    ----------
    meaning
        What the map shows, for a DICOM Parametric Map.
    """
    in_parallel(lambda z: _round_to_steps(values[z], threshold), range(len(values)))
    if path.name.lower().endswith(DICOM_EXTENSIONS):
        check_output(path, overwrite=True, source=source, content=Content.MAP)
        _check_geometry(geometry, source)
        stored = source_voxels(values, source)
        from spineviewer.io.write.dicom_map import map_writer

        write_atomically(path, map_writer(stored, source, provenance, meaning))
        return
    _write_on_source_grid(values, geometry, source, path, provenance)


def _round_to_steps(values: NDArray[np.float32], threshold: float | None) -> None:
    rounded = np.rint(values * _MAP_STEPS) / _MAP_STEPS
    if threshold is not None:
        level = np.float32(threshold)
        np.copyto(rounded, values, where=(rounded > level) != (values > level))
    values[...] = rounded


def write_scan(volume: CtVolume, path: Path, provenance: Provenance) -> None:
    """Write a scan's HU (int16) on its own grid; otherwise like `write_mask`."""
    _write_on_source_grid(volume.hu, volume.geometry, volume.source, path, provenance)


def source_voxels(values: NDArray[Any], source: ScanSource) -> NDArray[Any]:
    """Return values on the scan's canonical grid at the voxels of its file.

    Both arrays are 3-D and of the same dtype. The result is contiguous, in the file's order with
    the slowest axis first.
    """
    return np.ascontiguousarray(_in_source_order(values, source))


def _in_source_order(values: NDArray[Any], source: ScanSource) -> NDArray[Any]:
    """Return the same values as `source_voxels`, possibly as a view in another memory order."""
    stored = source.order.to_source(values)
    return stored if source.sheared is None else source.sheared.sheared(stored)


def _write_on_source_grid(
    values: NDArray[Any],
    geometry: Geometry,
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    *,
    nonzero_box: Box | None = None,
    entries: Sequence[LabelEntry] = (),
) -> None:
    """Write values that are on the scan's canonical grid and zero outside `nonzero_box`."""
    check_output(path, overwrite=True, source=source, content=Content.MAP)
    _check_geometry(geometry, source)
    stored = _in_source_order(values, source)
    box = (
        source.order.box_to_source(nonzero_box, values.shape)
        if nonzero_box and source.sheared is None
        else None
    )
    text = json.dumps(
        {**provenance, "source": source_facts(source)},
        sort_keys=True,
        ensure_ascii=False,
        default=str,
    )
    file_format = format_of(path, FORMATS)
    assert file_format is not None and file_format.encode is not None, "checked above"
    content = file_format.encode(Voxels(stored, source, text, box, entries))

    def write(stream: IO[bytes]) -> None:
        for part in content:
            stream.write(part)

    write_atomically(path, write)


def _check_geometry(geometry: Geometry, source: ScanSource) -> None:
    require_same_geometry(
        geometry,
        source.order.canonical_geometry(source.grid),
        worded("Result and scan"),
    )


def source_facts(source: ScanSource) -> dict[str, Any]:
    """Return facts about the scan of a result, without file names, which may name the patient."""
    return {
        "format": source.format.value,
        "series_uid": source.series_uid,
        "shape": list(reversed(_stored_shape(source))),
        "spacing_mm": [round(v, 6) for v in reversed(source.grid.spacing_zyx_mm)],
        "is_orientation_known": source.is_orientation_known,
        "warnings": [without_file_names(warning) for warning in source.warnings],
    }
