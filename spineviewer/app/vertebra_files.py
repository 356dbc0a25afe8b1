"""Export of named vertebrae to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.provenance import Provenance
from spineviewer.errors import UsageError
from spineviewer.progress import Progress
from spineviewer.volume.levels import LEVEL_NAMES, level_colour
from spineviewer.volume.volume import ScanSource, SpineMask
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.labelling.vertebrae import Vertebrae

#: Maximum number of triangles per vertebra. Choice: as smooth as the surface of a whole spine.
_MAX_TRIANGLES = 30_000


def check_vertebrae_file(
    path: Path, *, may_overwrite: bool, source: ScanSource | None = None
) -> None:
    """Check in advance whether the vertebrae can be written.

    Raises
    ------
    ExportError
        When the extension is not supported, or the file exists and may not be overwritten.
    """
    from spineviewer.io.formats import Content
    from spineviewer.io.write.export import check_output
    from spineviewer.io.write.whole_file import check_target

    check_output(path, may_overwrite, source=source, content=Content.LABELS)
    for sidecar in vertebrae_files(path)[1:]:
        check_target(sidecar, may_overwrite)


def vertebrae_files(path: Path) -> tuple[Path, ...]:
    """Return all files that `write_vertebrae` writes.

    A DICOM SEG is the only file, because it contains names and colours itself.
    """
    from spineviewer.io.formats import is_dicom_seg
    from spineviewer.io.write.label_table import sidecar_paths

    return (path,) if is_dicom_seg(path) else (path, *sidecar_paths(path))


def require_dicom_seg(path: Path | None) -> None:
    """Check that the vertebrae are written as DICOM SEG, the only format with a type LABELMAP.

    Raises
    ------
    UsageError
        When the vertebrae are not written, or are written in another format.
    """
    from spineviewer.io.formats import is_dicom_seg

    if path is None:
        raise UsageError(
            worded(
                "LABELMAP applies only to the DICOM SEG file of the vertebrae. Specify a .dcm file "
                "for them."
            )
        )
    if not is_dicom_seg(path):
        raise UsageError(
            worded(
                "{file} cannot be of type LABELMAP, because it is not a DICOM SEG. Use "
                "the extension .dcm, or leave out LABELMAP.",
                file=path.name,
            )
        )


def write_vertebrae(
    vertebrae: Vertebrae, provenance: Provenance, path: Path, *, as_label_map: bool = False
) -> None:
    """Write the named vertebrae with VerSe labels on the scan's grid, and the names in the header.

    Unless the file is a DICOM SEG, a label description for ITK-SNAP and the body centres in VerSe
    format are written next to it.

    Parameters
    ----------
    as_label_map
        Whether a DICOM SEG holds one number per voxel (LABELMAP) instead of one bit per vertebra.

    Raises
    ------
    ExportError
        When a file cannot be written.
    """
    from spineviewer.io.write.export import write_labels
    from spineviewer.io.write.label_table import LabelEntry, write_sidecars

    facts = {
        **provenance.fields,
        "labels": {str(vertebra.label): vertebra.name for vertebra in vertebrae},
        "naming": vertebrae.naming.record,
    }
    entries = [
        LabelEntry(v.label, v.name, level_colour(v.label), v.centre_in_view_lps_mm)
        for v in vertebrae
    ]
    if len(vertebrae_files(path)) > 1:
        write_sidecars(entries, provenance.source, path)
    write_labels(
        vertebrae.labels,
        vertebrae.geometry,
        provenance.source,
        path,
        facts,
        entries=entries,
        as_label_map=as_label_map,
    )


def surface_path(path: Path, name: str) -> Path:
    """Return the path of one vertebra's surface, such as `spine_L1.stl` for `spine.stl`."""
    return path.with_name(f"{path.stem}_{name}{path.suffix}")


def check_vertebra_surfaces(path: Path, *, may_overwrite: bool) -> None:
    """Check in advance whether one surface per vertebra can be written.

    Raises
    ------
    ExportError
        When the extension is not supported, or the file of any level exists and may not be
        overwritten.
    """
    from spineviewer.io.write.surface import check_surface

    for name in LEVEL_NAMES:
        check_surface(surface_path(path, name), may_overwrite)


def write_vertebra_surfaces(
    vertebrae: Vertebrae,
    provenance: Provenance,
    path: Path,
    *,
    may_overwrite: bool,
    progress: Progress,
) -> tuple[Path, ...]:
    """Write one surface per vertebra, named by `surface_path`; return the files.

    Raises
    ------
    ExportError
        When a surface cannot be written.
    Cancelled
        When `progress` raises it.
    """
    from spineviewer.io.write.surface import SurfaceMaker, write_surface

    written = []
    with SurfaceMaker() as maker:
        for done, vertebra in enumerate(vertebrae):
            progress.step(
                worded("Writing the surface of {name}", name=vertebra.name), done / len(vertebrae)
            )
            voxels = vertebrae.labels == vertebra.label
            target = surface_path(path, vertebra.name)
            write_surface(
                SpineMask(voxels, vertebrae.geometry, vertebra.box),
                target,
                {**provenance.fields, "vertebra": vertebra.name, "label": vertebra.label},
                overwrite=may_overwrite,
                max_triangles=_MAX_TRIANGLES,
                maker=maker,
            )
            written.append(target)
    return tuple(written)
