"""The stage of the pipeline that names the vertebrae of a fused mask."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from spineviewer.app.mask_facts import CUT_BY_SCAN, is_incomplete
from spineviewer.app.run_record import RunRecord
from spineviewer.labelling.name_corrections import segment_at, shifted, with_manual_name
from spineviewer.labelling.naming import Labelling, label_vertebrae
from spineviewer.labelling.row_names import NameCorrections
from spineviewer.volume.geometry import Triple
from spineviewer.volume.volume import CtVolume, ProbabilityMap, SpineMask

STAGE = "labelling"


@dataclass(frozen=True)
class NameRequest:
    """Instructions for naming, which the user gives before the vertebrae are found.

    Attributes
    ----------
    names
        VerSe number of each vertebra that the user named, and a point in it in LPS mm.
    shift
        Number of levels by which all names are shifted; with 1, L1 becomes L2.
    has_anomalies
        Whether T13, L6 and a missing T12 are considered.
    """

    names: Sequence[tuple[int, Triple]] = ()
    shift: int = 0
    has_anomalies: bool = True


@dataclass(frozen=True, eq=False)
class NamingResult:
    """Named vertebrae, and the record of the run with this stage added."""

    labelling: Labelling
    run_record: RunRecord


def name_vertebrae(
    mask: SpineMask,
    probability: ProbabilityMap,
    scan: CtVolume,
    run_record: RunRecord,
    request: NameRequest | None = None,
) -> NamingResult:
    """Return the vertebrae of a mask with their names.

    Raises
    ------
    UsageError
        When the request names a point outside all vertebrae, or cannot be fulfilled.
    """
    request = request or NameRequest()
    started = time.perf_counter()
    labelling = label_vertebrae(
        mask, probability, scan, corrections=NameCorrections(has_anomalies=request.has_anomalies)
    )
    named_segments = [(segment_at(labelling, point), label) for label, point in request.names]
    for segment, label in named_segments:
        labelling = with_manual_name(labelling, segment, label)
    labelling = shifted(labelling, request.shift) if request.shift else labelling
    vertebrae = labelling.vertebrae
    warnings = list(vertebrae.naming.warnings)
    if CUT_BY_SCAN not in run_record.warnings and is_incomplete(mask.is_cut_by_scan, vertebrae):
        warnings.append(CUT_BY_SCAN)
    return NamingResult(
        labelling, run_record.with_stage(STAGE, time.perf_counter() - started, warnings)
    )
