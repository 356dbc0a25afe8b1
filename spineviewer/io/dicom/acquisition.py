"""How a DICOM scan was acquired: tube voltage, contrast agent, position of the patient."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from spineviewer.io.dicom.series_search import LIBRARY_ERRORS
from spineviewer.io.sandbox.bounded import BoundedReader
from spineviewer.measurements.results import Acquisition
from spineviewer.volume.volume import ScanSource

_TAGS = [
    "KVP", "ContrastBolusAgent", "ContrastBolusAgentSequence", "PatientPosition",
    "ConvolutionKernel", "SOPClassUID", "SharedFunctionalGroupsSequence",
]  # fmt: skip


def read_acquisition(source: ScanSource) -> Acquisition:
    """Read the acquisition from the first slice; empty for other formats and damaged headers."""
    if source.slices is None or not source.slices.files:
        return Acquisition()
    from pydicom import dcmread
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        with BoundedReader(source.slices.files[0]) as stream:
            data: Any = dcmread(stream, stop_before_pixels=True, force=True, specific_tags=_TAGS)
        return acquisition_from_header(data)
    except (*LIBRARY_ERRORS, BytesLengthException, InvalidDicomError):
        return Acquisition()


def acquisition_from_header(data: Any) -> Acquisition:
    """Return the acquisition described by a header (a pydicom data set)."""
    agents = data.get("ContrastBolusAgentSequence") or []
    named = [str(agent.get("CodeMeaning", "") or "") for agent in agents]
    agent = str(data.get("ContrastBolusAgent", "") or "").strip()
    return Acquisition(
        kvp=_number(data.get("KVP")) or _number(_enhanced_kvp(data)),
        contrast_agent=agent or ", ".join(filter(None, named)) or ("unnamed" if agents else ""),
        is_dicom="SOPClassUID" in data,
        position=str(data.get("PatientPosition", "") or ""),
        kernel=_first_text(data.get("ConvolutionKernel")),
    )


def _enhanced_kvp(data: Any) -> Any:
    for group in data.get("SharedFunctionalGroupsSequence") or []:
        for beam in group.get("CTXRayDetailsSequence") or []:
            return beam.get("KVP")
    return None


def _number(value: Any) -> float | None:
    with suppress(TypeError, ValueError):
        number = float(value)
        return number if number > 0 else None
    return None


def _first_text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return str(value[0]) if len(value) else ""
