from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest

from spineviewer.io.scan import read_scan
from spineviewer.io.write.dicom_seg import LEVEL_CODES
from spineviewer.io.write.export import write_labels
from spineviewer.io.write.label_table import LabelEntry
from spineviewer.volume.levels import LEVEL_NAMES, level_name


def test_every_vertebra_except_t13_and_l6_has_its_own_snomed_code() -> None:
    assert set(LEVEL_NAMES) - set(LEVEL_CODES) == {"T13", "L6"}
    assert len({code for code, _, _ in LEVEL_CODES.values()}) == len(LEVEL_CODES)


def test_codes_are_known_to_pydicom() -> None:
    from pydicom.sr.codedict import codes

    assert LEVEL_CODES["L1"][0] == codes.SCT.L1Vertebra.value
    assert LEVEL_CODES["C2"][0] == codes.SCT.C2Vertebra.value
    assert LEVEL_CODES["T12"][0] == codes.SCT.T12Vertebra.value


@pytest.mark.parametrize("as_label_map", [False, True])
def test_many_frames_with_columns_that_do_not_fill_whole_bytes_are_read_back_exactly(
    scanner: Any, tmp_path: Path, as_label_map: bool
) -> None:
    # 411 slices of 11 x 13 voxels: as bits, frames neither begin nor end at whole bytes.
    rng = np.random.default_rng(5)
    folder = scanner.write(np.full((411, 11, 13), 30, np.int16))
    volume = read_scan(folder)
    numbers = np.array([0, 0, 8, 19, 20, 28], np.uint8)
    labels = numbers[rng.integers(0, len(numbers), volume.hu.shape)]
    entries = [
        LabelEntry(value, level_name(value), (255, 0, 0), (0.0, 0.0, 0.0))
        for value in (8, 19, 28, 20)
    ]
    path = tmp_path / "vertebrae.dcm"
    write_labels(
        labels, volume.geometry, volume.source, path, {}, entries=entries, as_label_map=as_label_map
    )
    seg = hd.seg.segread(path)
    assert seg.SegmentationType == ("LABELMAP" if as_label_map else "BINARY")
    described = [seg.get_segment_description(number) for number in seg.segment_numbers]
    assert [one.segment_label for one in described] == ["T1", "T12", "T13", "L1"]
    slices = {
        float(data.ImagePositionPatient[2]): data.SOPInstanceUID
        for data in map(pydicom.dcmread, folder.iterdir())
    }
    uids = [slices[z] for z in sorted(slices)]
    found = seg.get_pixels_by_source_instance(
        uids, combine_segments=True, assert_missing_frames_are_empty=True
    )
    wanted = np.zeros(labels.shape, np.uint8)
    for number, entry in enumerate(entries, 1):
        wanted[labels == entry.value] = number
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("naming", "content"),
    [
        ({"probability": 0.834}, "Vertebra names 83% sure"),
        ({"probability": 0.97}, "Named vertebrae"),
        ({"probability": 1.0, "unaided": {"probability": 0.15}}, "Names by hand, 15% sure"),
    ],
)
def test_the_object_states_how_sure_the_names_are_and_cuts_off_no_parameter(
    scanner: Any, tmp_path: Path, naming: dict[str, Any], content: str
) -> None:
    volume = read_scan(scanner.write(np.full((4, 8, 8), 30, np.int16)))
    labels = np.full(volume.hu.shape, 20, np.uint8)
    path = tmp_path / "vertebrae.dcm"
    warnings = ["The names are uncertain. " * 8, "Check them."]
    facts = {
        "labels": {str(number): f"T{number}" for number in range(1, 13)},
        "naming": {**naming, "warnings": warnings},
        "notes": "x" * 20_000,
        "threshold": 0.5,
    }
    entries = [LabelEntry(20, "L1", (255, 0, 0), (0.0, 0.0, 0.0))]
    write_labels(labels, volume.geometry, volume.source, path, facts, entries=entries)
    seg = hd.seg.segread(path)
    assert seg.ContentDescription == f"{content}. Research use only; not a medical device"
    assert len(seg.ContentDescription) <= 64
    described = seg.get_segment_description(1)
    (algorithm,) = described.SegmentationAlgorithmIdentificationSequence
    assert algorithm.AlgorithmParameters == f"naming={facts['naming']},threshold=0.5"
