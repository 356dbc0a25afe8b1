"""Names and colours of the numbers in a label map, for other programs.

3D Slicer reads them from the header of an NRRD file, ITK-SNAP from a label description file, and
VerSe tools read body centres from a JSON file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spineviewer.io.write.whole_file import write_atomically
from spineviewer.volume.geometry import Triple
from spineviewer.volume.volume import ScanSource

#: Suffixes of file names in a BIDS-like data set.
_MASK_SUFFIX, _CENTRES_SUFFIX = "_seg-vert_msk", "_seg-subreg_ctd.json"


@dataclass(frozen=True)
class LabelEntry:
    """One number of a label map.

    Attributes
    ----------
    colour
        Red, green and blue, 0 to 255.
    centre_lps_mm
        Centre of the labelled structure.
    """

    value: int
    name: str
    colour: tuple[int, int, int]
    centre_lps_mm: Triple


def slicer_fields(entries: Sequence[LabelEntry], shape_xyz: Sequence[int]) -> str:
    """Return the NRRD header lines that make 3D Slicer open a label map as a segmentation."""
    extent = " ".join(f"0 {n - 1}" for n in shape_xyz)
    lines = []
    for number, entry in enumerate(entries):
        colour = " ".join(f"{c / 255:.4f}" for c in entry.colour)
        lines += [
            f"Segment{number}_ID:=Segment_{entry.value}",
            f"Segment{number}_Name:={entry.name}",
            f"Segment{number}_Color:={colour}",
            f"Segment{number}_LabelValue:={entry.value}",
            f"Segment{number}_Layer:=0",
            f"Segment{number}_Extent:={extent}",
        ]
    return "".join(f"{line}\n" for line in lines)


def sidecar_paths(path: Path) -> tuple[Path, Path]:
    """Return the paths of a label map's description file and file of centres."""
    stem = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    centres = (
        stem.removesuffix(_MASK_SUFFIX) + _CENTRES_SUFFIX
        if stem.endswith(_MASK_SUFFIX)
        else stem + "_ctd.json"
    )
    return path.with_name(stem + "_labels.txt"), path.with_name(centres)


def write_sidecars(entries: Sequence[LabelEntry], source: ScanSource, path: Path) -> None:
    """Write the description file and the file of centres next to the label map `path`.

    Raises
    ------
    ExportError
        When one cannot be written; an existing file is not changed.
    """
    description, centres = sidecar_paths(path)
    rows = ['    0     0    0    0        0  0  0    "Clear Label"']
    rows += [
        f"{entry.value:5d} {entry.colour[0]:5d} {entry.colour[1]:4d} {entry.colour[2]:4d}        "
        f'1  1  1    "{entry.name}"'
        for entry in entries
    ]
    text = "# ITK-SnAP Label Description File\n" + "\n".join(rows) + "\n"
    write_atomically(description, lambda stream: stream.write(text.encode()))
    content = json.dumps(centres_record(entries, source), indent=1) + "\n"
    write_atomically(centres, lambda stream: stream.write(content.encode()))


def centres_record(entries: Sequence[LabelEntry], source: ScanSource) -> list[dict[str, object]]:
    """Return the centres in VerSe's format, in voxels of the file."""
    letters = []
    for axis in reversed(source.grid.axes_lps):
        strongest = int(np.argmax(np.abs(axis)))
        letters.append(("LR", "PA", "SI")[strongest][0 if axis[strongest] > 0 else 1])
    record: list[dict[str, object]] = [{"direction": letters}]
    for entry in entries:
        z, y, x = source.grid.index_zyx(entry.centre_lps_mm).tolist()
        record.append({"label": entry.value, "X": round(x, 2), "Y": round(y, 2), "Z": round(z, 2)})
    return record
