"""Files of named vertebrae."""

from __future__ import annotations

from pathlib import Path

from spineviewer.app.provenance import Provenance
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.levels import level_colour
from spineviewer.volume.volume import ScanSource


def check_vertebrae_file(
    path: Path, *, may_overwrite: bool, source: ScanSource | None = None
) -> None:
    """Find out before the work whether the vertebrae can be written.

    Raises
    ------
    ExportError
        When the ending does not suit, or the file exists and may not be overwritten.
    """
    from spineviewer.io.formats import Content
    from spineviewer.io.write.export import check_output
    from spineviewer.io.write.label_table import sidecar_paths
    from spineviewer.io.write.whole_file import check_target

    check_output(path, may_overwrite, source=source, content=Content.LABELS)
    for beside in sidecar_paths(path):
        check_target(beside, may_overwrite)


def write_vertebrae(vertebrae: Vertebrae, provenance: Provenance, path: Path) -> None:
    """Write the label volume in VerSe numbers on the scan's own grid, with names in the header.

    Beside it go a label description for ITK-SNAP and the body centres as VerSe stores them.

    Raises
    ------
    ExportError
        When it cannot be written.
    """
    from spineviewer.io.write.export import write_labels
    from spineviewer.io.write.label_table import LabelEntry, write_sidecars

    facts = {
        **provenance.fields,
        "labels": {str(vertebra.label): vertebra.name for vertebra in vertebrae},
        "naming": vertebrae.naming.record,
    }
    entries = [
        LabelEntry(v.label, v.name, level_colour(v.label), v.body_centre_lps_mm) for v in vertebrae
    ]
    write_sidecars(entries, provenance.source, path)
    write_labels(
        vertebrae.labels, vertebrae.geometry, provenance.source, path, facts, entries=entries
    )
