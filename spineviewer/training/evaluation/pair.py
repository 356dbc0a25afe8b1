"""Comparison of one mask file with one reference file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spineviewer.agreement import Marks, Scores, VertebraScore, score, score_vertebrae
from spineviewer.io.images.loading import read_labels
from spineviewer.training.evaluation.far import far_ml
from spineviewer.training.synthetic.tissues import Bone
from spineviewer.volume.geometry import Geometry, require_same_geometry
from spineviewer.volume.levels import level_name

#: File next to a reference that marks the voxels where the reference is not trustworthy.
IGNORE_FILE = "ignore.nii.gz"
#: File next to the reference of a synthetic scan, with the code of the bone in every voxel.
BONES_FILE = "bones.nii.gz"
#: Other bones that a mask of the spine must leave out.
OTHER_BONES = {"ribs": Bone.RIB, "pelvis": Bone.PELVIS, "sacrum": Bone.SACRUM}


@dataclass(frozen=True)
class PairResult:
    """Agreement of one mask file with one reference file.

    Attributes
    ----------
    ignore
        File of the voxels excluded from both masks; None if there is none.
    far_ml
        Volume of the mask far from the spine (`far.far_ml`).
    vertebrae
        From the head down; empty if the reference has no numbers.
    marked_fraction
        For each of the `OTHER_BONES` in view, the fraction that is wrongly in the mask; empty if
        there is no `bones.nii.gz` next to the reference.
    """

    mask: Path
    reference: Path
    ignore: Path | None
    scores: Scores
    far_ml: float
    vertebrae: tuple[VertebraScore, ...]
    marked_fraction: Mapping[str, float]

    @property
    def record(self) -> dict[str, Any]:
        """The result as a record for JSON: scores on the top level, vertebrae by name."""
        return {
            "mask": str(self.mask),
            "reference": str(self.reference),
            "ignore": str(self.ignore) if self.ignore else None,
            **asdict(self.scores),
            "far_ml": self.far_ml,
            "vertebrae": {
                level_name(v.label): {"dice": v.dice, "recall": v.recall} for v in self.vertebrae
            },
            **{
                f"{name}_marked_fraction": fraction
                for name, fraction in self.marked_fraction.items()
            },
        }


def evaluate_pair(mask: Path, reference: Path, ignore: Path | None = None) -> PairResult:
    """Return the agreement of a mask file with a reference file; values above 0 are spine.

    Parameters
    ----------
    ignore
        File of voxels to exclude from both masks. By default an `ignore.nii.gz` next to the
        reference is used.

    Raises
    ------
    ImageReadError
        When a file cannot be read.
    GeometryError
        When the files have different grids.
    """
    reference_labels, grid, _ = read_labels(reference)
    mask_labels, mask_grid, _ = read_labels(mask)
    require_same_geometry(mask_grid, grid, f"{mask.name} cannot be compared with {reference.name}")
    default_ignore = reference.parent / IGNORE_FILE
    if ignore is None and default_ignore.is_file():
        ignore = default_ignore
    ignored: Marks | None = None
    if ignore is not None:
        ignored, ignored_grid, _ = read_labels(ignore)
        require_same_geometry(
            ignored_grid, grid, f"{ignore.name} cannot be put on the grid of {reference.name}"
        )
    return PairResult(
        mask=mask,
        reference=reference,
        ignore=ignore,
        far_ml=far_ml(
            mask_labels > 0, reference_labels > 0, grid, None if ignored is None else ignored > 0
        ),
        scores=score(mask_labels, reference_labels, grid.spacing_zyx_mm, ignore=ignored),
        vertebrae=score_vertebrae(
            mask_labels, reference_labels, grid.spacing_zyx_mm, ignore=ignored
        ),
        marked_fraction=_marked_fraction(mask_labels, reference.parent / BONES_FILE, grid),
    )


def _marked_fraction(found: Marks, path: Path, grid: Geometry) -> dict[str, float]:
    if not path.is_file():
        return {}
    bones, bones_grid, _ = read_labels(path)
    require_same_geometry(
        bones_grid, grid, f"{path.name} cannot be put on the grid of the reference"
    )
    fractions = {}
    for name, code in OTHER_BONES.items():
        bone = bones == code
        if bone.any():
            fractions[name] = float(np.count_nonzero(bone & (found > 0)) / np.count_nonzero(bone))
    return fractions
