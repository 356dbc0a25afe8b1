"""What is written of a reading, frozen at the click, and the job that writes it. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np

from spineviewer import __version__
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.state import FusedMask
from spineviewer.editing.correction import Correction
from spineviewer.progress import Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import CtVolume, ScanSource, SpineMask
from spineviewer.wording import worded


class ExportKind(Enum):
    """What can be exported; the value is the BIDS-like ending of its name."""

    MASK = "seg-spine_msk"
    HEATMAP = "desc-attention_probseg"
    PROBABILITY = "desc-bone_probseg"
    SURFACE = "desc-spine_surface"
    DOUBT = "desc-doubt_probseg"


@dataclass(frozen=True)
class ExportOrder:
    """Everything an export needs, frozen at the click: later slider moves change nothing.

    Attributes
    ----------
    fused
        A mask that was already made; one made with other numbers than `tuning` is not used.
    correction
        A snapshot of what was corrected by hand.
    """

    scan: CtVolume
    fusion: FusionOverlay
    fused: FusedMask | None
    correction: Correction
    tuning: Tuning
    report: Mapping[str, object]
    targets: Mapping[ExportKind, Path]
    may_overwrite: bool = False

    @property
    def needed(self) -> Tuning | None:
        """What must have been computed: all that a mask of these numbers can hold, or (None) every voxel."""
        return None if ExportKind.PROBABILITY in self.targets else self.tuning

    @property
    def is_computed(self) -> bool:
        """Whether it has been."""
        return self.fusion.is_complete or (self.needed is not None and self.fusion.is_complete_for(self.needed))


def export(order: ExportOrder, progress: Progress) -> tuple[Path, ...]:
    """Write what was ordered onto the scan's own grid; a mask that is not ready is fused first.

    Raises
    ------
    ExportError
        When a target cannot be written, or exists and may not be overwritten.
    """
    from spineviewer.io.export import check_output, write_map, write_mask
    from spineviewer.io.surface import check_surface, write_surface

    needed = int(np.prod(order.scan.geometry.shape_zyx))
    for kind, path in order.targets.items():
        if kind is ExportKind.SURFACE:
            check_surface(path, order.may_overwrite)
            continue
        is_mask = kind is ExportKind.MASK
        check_output(path, order.may_overwrite, needed * (1 if is_mask else 4), source=order.scan.source, is_mask=is_mask)
    source, geometry = order.scan.source, order.scan.geometry
    facts = provenance(order)
    for done, (kind, path) in enumerate(order.targets.items()):
        progress.step(worded("Writing {file}", file=path.name), done / len(order.targets))
        if kind is ExportKind.MASK:
            write_mask(corrected_mask(order, progress), source, path, facts, progress)
        elif kind is ExportKind.SURFACE:
            write_surface(corrected_mask(order, progress), path, facts, overwrite=order.may_overwrite, progress=progress)
        elif kind is ExportKind.DOUBT:
            write_map(order.fusion.doubt_volume(order.tuning), geometry, source, path, facts)
        elif kind is ExportKind.HEATMAP:
            heatmap = order.fusion.attention_volume(order.tuning.sigma_mm)
            write_map(heatmap, geometry, source, path, facts, threshold=order.tuning.attention_threshold)
        else:
            probability = order.fusion.probability_volume()
            write_map(probability, geometry, source, path, facts, threshold=order.tuning.segmentation_threshold)
    return tuple(order.targets.values())


def corrected_mask(order: ExportOrder, progress: Progress) -> SpineMask:
    """The mask of an order as corrected by hand; fused first if it is not ready."""
    fused = order.fused
    if fused is None or fused.tuning != order.tuning:
        fused = order.fusion.mask(order.tuning, progress)
    return SpineMask(order.correction.on_mask(fused.mask.voxels), fused.mask.geometry)


def provenance(order: ExportOrder) -> dict[str, object]:
    """`provenance_of` an order."""
    return provenance_of(order.scan.source, order.tuning, order.report, is_corrected=not order.correction.is_empty)


def provenance_of(source: ScanSource, tuning: Tuning, report: Mapping[str, object], *, is_corrected: bool) -> dict[str, object]:
    """What a file must say about how it was made. The scan's name is left out: it is often the patient's."""
    from spineviewer.io.export import source_facts

    return {
        "program": f"Spineviewer {__version__}",
        "status": "Research use, not a medical device",
        "attention_threshold": tuning.attention_threshold,
        "sigma_mm": tuning.sigma_mm,
        "segmentation_threshold": tuning.segmentation_threshold,
        "corrected_by_hand": is_corrected,
        "source": source_facts(source),
        **{name: report[name] for name in ("device", "backend", "precision", "weights") if name in report},
    }


def export_stem(path: Path) -> str:
    """The part of a scan's file name that its results share: `sub-01_ct.nii.gz` gives `sub-01`."""
    stem = path.name
    for ending in (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img", ".dcm", ".zip"):
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
            break
    return stem[: -len("_ct")] if stem.lower().endswith("_ct") else stem


def results_stem(source: ScanSource) -> str:
    """What the names of a scan's results are proposed to begin with: never with the patient's name."""
    return "ct" if source.is_named_after_patient else export_stem(source.path)
