"""Tube voltage, contrast medium and patient position from a DICOM header."""

import pytest
from pydicom.dataset import Dataset

from spineviewer.io.dicom.acquisition import acquisition_from_header
from spineviewer.measurements.results import Acquisition


def header(**values):
    data = Dataset()
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    for name, value in values.items():
        setattr(data, name, value)
    return data


def item(**values):
    data = Dataset()
    for name, value in values.items():
        setattr(data, name, value)
    return data


def test_tube_voltage_contrast_agent_position_and_kernel_are_read():
    data = header(
        KVP="120", ContrastBolusAgent="Iomeprol", PatientPosition="HFS", ConvolutionKernel="B30f"
    )
    assert acquisition_from_header(data) == Acquisition(120.0, "Iomeprol", True, "HFS", "B30f")


def test_an_enhanced_scan_has_its_tube_voltage_in_a_functional_group():
    details = item(KVP=100.0)
    data = header(
        SharedFunctionalGroupsSequence=[item(CTXRayDetailsSequence=[details])],
        ContrastBolusAgentSequence=[item(CodeMeaning="Iodine")],
    )
    found = acquisition_from_header(data)
    assert (found.kvp, found.contrast_agent) == (100.0, "Iodine")


@pytest.mark.parametrize("values", [{}, {"KVP": None}, {"KVP": "0"}])
def test_a_missing_tube_voltage_is_unknown(values):
    assert acquisition_from_header(header(**values)).kvp is None
