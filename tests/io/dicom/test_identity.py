"""What SEG and SR copy from their slices: malformed values are left empty and reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from spineviewer.errors import ExportError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.dicom_seg import seg_notes
from spineviewer.io.write.dicom_sr import sr_obstacle, write_sr
from spineviewer.io.write.export import check_output, write_mask
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume, SpineMask

#: Each needs several child processes: a few of each kind always run, the others with the slow
#: tests.
QUICK = 2
Change = Callable[[int, Any], None]


def written_report(measurements, volume, path, **choices):
    """Write a structured report; return its path."""
    write_sr(measurements, volume, path, **choices)
    return path


@pytest.fixture(autouse=True)
def _pydicom_writes_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "writing_validation_mode", config.IGNORE)
    seg_notes.cache_clear()


def some_slow(names: Any) -> list[Any]:
    """Return names as parameters; all but the first ones are marked as slow."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] if number >= QUICK else [])
        for number, name in enumerate(names)
    ]


def setting(keyword: str, value: Any, vr: str = "") -> Change:
    """Return a change of all slices: an attribute is set to a value that may not conform."""
    tag = tag_for_keyword(keyword)
    assert tag is not None

    raw = value if isinstance(value, bytes) else value.encode()
    raw += b" " * (len(raw) % 2)

    def change(_: int, data: Any) -> None:
        data[tag] = RawDataElement(
            Tag(tag), vr or dictionary_VR(tag), len(raw), raw, 0, False, True
        )

    return change


def without(*keywords: str) -> Change:
    return lambda _, data: [data.pop(tag_for_keyword(keyword), None) for keyword in keywords]


def made(
    scanner: Any, hu: NDArray[np.int16], change: Change | None, folder: Path
) -> tuple[CtVolume, tuple[str, ...], Any]:
    """Return the scan, the notes before the work, and the SEG as read by another library."""
    volume = read_scan(scanner.write(hu, change=change))
    target = folder / "mask.dcm"
    notes = check_output(target, overwrite=False, source=volume.source)
    assert not target.exists()
    write_mask(SpineMask(volume.hu > 300, volume.geometry), volume.source, target, {})
    return volume, notes, hd.seg.segread(target)


def require_frames_in_place(seg: Any, volume: CtVolume) -> None:
    """Check that the SEG as a volume, made by highdicom, equals the mask and its position."""
    back = seg.get_volume(combine_segments=True)
    mask = volume.hu > 300
    assert back.array.astype(bool).sum() == mask.sum()
    middle = np.argwhere(mask).mean(axis=0)
    theirs = (back.affine @ [*np.argwhere(back.array).mean(axis=0), 1])[:3]
    assert theirs == pytest.approx(volume.geometry.point_lps_mm(middle), abs=1e-3)
    assert sorted(back.spacing) == pytest.approx(sorted(volume.geometry.spacing_zyx_mm), abs=1e-5)


CONTRADICTORY: dict[str, Change] = {
    "spacing between slices negative": setting("SpacingBetweenSlices", "-2.5"),
    "spacing between slices twice the step": setting("SpacingBetweenSlices", "5.0"),
    "spacing between slices zero": setting("SpacingBetweenSlices", "0"),
    "spacing between slices empty": setting("SpacingBetweenSlices", ""),
    "spacing between slices no number": setting("SpacingBetweenSlices", "2,5"),
    "thickness empty": setting("SliceThickness", ""),
    "thickness absent": without("SliceThickness"),
    "thickness zero": setting("SliceThickness", "0"),
    "thickness negative": setting("SliceThickness", "-1"),
    "thickness no number": setting("SliceThickness", "thin"),
    "thickness of several values": setting("SliceThickness", "1\\2"),
    "cosines that differ in the last digit": lambda n, data: setattr(
        data, "ImageOrientationPatient", ["1", "0", f"{n}e-7", "0", "1", "0"]
    ),
}


@pytest.mark.parametrize("name", some_slow(CONTRADICTORY))
def test_the_spacing_of_the_frames_follows_the_positions(
    name: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume, notes, seg = made(scanner, hu, CONTRADICTORY[name], tmp_path)
    measures = seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert float(measures.SpacingBetweenSlices) == pytest.approx(2.5)
    assert float(measures.SliceThickness) == pytest.approx(2.5)
    assert [float(v) for v in measures.PixelSpacing] == pytest.approx([0.7, 0.8])
    require_frames_in_place(seg, volume)
    assert notes == ()


SECRET = "Q7X9"
MALFORMED: dict[str, tuple[Change, str]] = {
    "time with colons": (setting("StudyTime", "12:00:00"), "Study Time"),
    "birth date with dashes": (setting("PatientBirthDate", "1970-01-01"), "Patient's Birth Date"),
    "birth date that does not exist": (
        setting("PatientBirthDate", "19700231"),
        "Patient's Birth Date",
    ),
    "study date as a range": (setting("StudyDate", "20200101-20200102"), "Study Date"),
    "two birth dates": (setting("PatientBirthDate", "19700101\\19700102"), "Patient's Birth Date"),
    "time of 25 hours": (setting("StudyTime", "250000"), "Study Time"),
    "sex in a word": (setting("PatientSex", "female"), "Patient's Sex"),
    "age without its unit": (setting("PatientAge", "34"), "Patient's Age"),
    "weight in words": (setting("PatientWeight", "70 kg"), "Patient's Weight"),
    "size that is infinite": (setting("PatientSize", "inf"), "Patient's Size"),
    "birth date in words": (
        setting("PatientBirthDate", f"{SECRET} 1970", "LO"),
        "Patient's Birth Date",
    ),
    "study date as bytes": (setting("StudyDate", b"\xff\xfe12", "OB"), "Study Date"),
    "state with a small letter": (setting("SmokingStatus", "Yes"), "Smoking Status"),
}


def test_frames_of_rounded_positions_are_regular_for_other_readers(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    def rounded(_: int, data: Any) -> None:
        data.ImagePositionPatient = [round(float(v), 1) for v in data.ImagePositionPatient]

    scanner.spacing_mm = (0.75, 0.7, 0.8)
    volume, _, seg = made(scanner, np.repeat(hu, 2, axis=0), rounded, tmp_path)
    require_frames_in_place(seg, volume)


@pytest.mark.parametrize("name", some_slow(MALFORMED))
def test_invalid_attributes_are_left_empty_and_reported_in_advance_without_their_values(
    name: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    change, attribute = MALFORMED[name]
    volume, notes, seg = made(scanner, hu, change, tmp_path)
    (note,) = notes
    assert f"contain {attribute} in a form" in note
    assert not any(
        value in note for value in ("12:00", "1970", "2020", "female", "34", "70", SECRET, "2500")
    )
    keyword = attribute.replace("'s", "").replace(" ", "")
    assert not seg.get(keyword)
    require_frames_in_place(seg, volume)
    report = written_report([LENGTH], volume, tmp_path / "report.dcm")
    assert not hd.sr.srread(report).get(keyword)


CONFORMING: dict[str, tuple[Change, dict[str, str]]] = {
    "date with dots": (setting("StudyDate", "2026.01.01"), {"StudyDate": "20260101"}),
    "long accession number": (setting("AccessionNumber", "N" * 30), {"AccessionNumber": "N" * 30}),
    "long name": (
        setting("PatientName", "L" * 90 + "^Erika"),
        {"PatientName": "L" * 90 + "^Erika"},
    ),
    "long number": (setting("PatientID", "4" * 90), {"PatientID": "4" * 90}),
    "number of two parts": (setting("PatientID", "4711\\0815"), {"PatientID": "['4711', '0815']"}),
    "frame of reference too long": (
        setting("FrameOfReferenceUID", "1.2." + "7" * 72),
        {"FrameOfReferenceUID": "1.2." + "7" * 72},
    ),
    "frame of reference malformed": (
        setting("FrameOfReferenceUID", "1.02.a"),
        {"FrameOfReferenceUID": "1.02.a"},
    ),
    "study malformed": (setting("StudyInstanceUID", "study-7"), {"StudyInstanceUID": "study-7"}),
    "no study, no name": (
        without(
            "StudyID",
            "StudyDate",
            "StudyTime",
            "PatientName",
            "PatientID",
            "PatientSex",
            "PatientBirthDate",
        ),
        {"PatientName": "", "PatientID": "", "StudyDate": "", "StudyTime": ""},
    ),
    "sex with a blank": (setting("PatientSex", "F "), {"PatientSex": "F"}),
    "birth date as another kind of text": (
        setting("PatientBirthDate", "19640812", "LO"),
        {"PatientBirthDate": "19640812"},
    ),
    "series number no number": (setting("SeriesNumber", "three"), {"SeriesNumber": "1000"}),
    "series number negative": (setting("SeriesNumber", "-4"), {"SeriesNumber": "1000"}),
}


@pytest.mark.parametrize("name", some_slow(CONFORMING))
def test_valid_attributes_are_copied_silently(
    name: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    change, expected = CONFORMING[name]
    volume, notes, seg = made(scanner, hu, change, tmp_path)
    assert notes == ()
    assert {keyword: str(seg.get(keyword) or "") for keyword in expected} == expected
    require_frames_in_place(seg, volume)


def test_a_report_that_no_other_program_could_read_is_rejected_in_advance(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu, change=setting("FrameOfReferenceUID", "1.2." + "7" * 72)))
    assert "longer than DICOM allows" in sr_obstacle(volume.source)
    with pytest.raises(ExportError, match="Save the table instead"):
        written_report([LENGTH], volume, tmp_path / "report.dcm")
    assert not (tmp_path / "report.dcm").exists()


@pytest.mark.parametrize(
    "keyword",
    some_slow(["SOPInstanceUID", "FrameOfReferenceUID", "StudyInstanceUID", "SeriesInstanceUID"]),
)
def test_obstacles_to_a_seg_are_known_in_advance(
    keyword: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu, change=setting(keyword, "")))
    with pytest.raises(ExportError, match=r"mask\.dcm: "):
        check_output(tmp_path / "mask.dcm", overwrite=False, source=volume.source)


def test_no_message_of_an_obstacle_quotes_the_patient(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(
        scanner.write(
            hu, change=lambda n, data: n == 3 and setattr(data, "StudyInstanceUID", "1.2.3")
        )
    )
    with pytest.raises(ExportError) as told:
        check_output(tmp_path / "mask.dcm", overwrite=False, source=volume.source)
    assert "same series" in str(told.value)
    assert not any(
        word in str(told.value)
        for word in ("Mustermann", "Erika", "4711", "1964", scanner.study_uid)
    )


def test_frames_of_an_enhanced_scan_may_state_their_orientation_one_by_one(
    enhanced: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    folder = enhanced(hu, False)
    data = pydicom.dcmread(folder / "enhanced.dcm")
    orientation = data.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence
    for frame in data.PerFrameFunctionalGroupsSequence:
        frame.PlaneOrientationSequence = orientation
    del data.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence
    data.save_as(folder / "enhanced.dcm")
    volume = read_scan(folder)
    write_mask(
        SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
    )
    require_frames_in_place(hd.seg.segread(tmp_path / "mask.dcm"), volume)


@pytest.mark.parametrize(("is_corrected", "word"), [(False, "AUTOMATIC"), (True, "SEMIAUTOMATIC")])
def test_a_mask_that_was_corrected_by_hand_is_semiautomatic(
    is_corrected: bool, word: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    volume = read_scan(scanner.write(hu))
    facts = {"corrected_by_hand": is_corrected}
    write_mask(
        SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", facts
    )
    assert hd.seg.segread(tmp_path / "mask.dcm").SegmentSequence[0].SegmentAlgorithmType == word


# characters

LENGTH = Measurement(Distance(), Plane.AXIAL, ((2.0, 3.0, 2.0), (2.0, 8.0, 6.0)), "L1")
NAMES: dict[str, tuple[str | list[str] | None, str]] = {
    "Japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "nothing declared": (None, "Mustermann^Erika"),
    "ISO_IR 6": ("ISO_IR 6", "Mustermann^Erika"),
    "Latin 1": ("ISO_IR 100", "Buc^Jérôme"),
    "Latin 2": ("ISO_IR 101", "Dvořák^Žofie"),
    "Latin 5": ("ISO_IR 148", "Çavuşoğlu^Gül"),
    "Cyrillic": ("ISO_IR 144", "Люкceмбypг"),
    "Greek": ("ISO_IR 126", "Διονυσιος"),
    "Arabic": ("ISO_IR 127", "قباني^لنزار"),
    "Hebrew": ("ISO_IR 138", "שרון^דבורה"),
    "Thai": ("ISO_IR 166", "นามสกุล^ชื่อ"),
    "Japanese half width": (
        ["ISO 2022 IR 13", "ISO 2022 IR 87"],
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    ),
    "Korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    "Chinese 58": (["", "ISO 2022 IR 58"], "Zhang^XiaoDong=\x1b$)A张^\x1b$)A小东"),
    "GB18030": ("GB18030", "Wang^XiaoDong=王^小东"),
    "GBK": ("GBK", "Wang^XiaoDong=王^小东"),
    "Unicode": ("ISO_IR 192", "Wang^XiaoDong=王^小东"),
}
LABELS = ["L1 depth", "Höhe", "Ž L1", "椎体 L1", "홍 L2", "🦴 L3", "שרון", "a\\b", "x" * 200]


@pytest.mark.parametrize("name", some_slow(NAMES))
def test_a_name_is_unchanged_and_every_label_survives(
    name: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    declared, patient = NAMES[name]

    def change(_: int, data: Any) -> None:
        if declared is not None:
            data.SpecificCharacterSet = declared
        data.PatientName = patient
        data.StudyDescription = patient.split("^")[0]

    volume, notes, seg = made(scanner, hu, change, tmp_path)
    assert notes == ()
    assert str(seg.PatientName) == patient
    assert seg.StudyDescription == patient.split("^")[0]
    assert seg.get("SpecificCharacterSet") == declared
    for labels in (LABELS, [label for label in LABELS if label.isascii()]):
        measurements = [
            Measurement(LENGTH.tool, LENGTH.plane, LENGTH.points_zyx, label) for label in labels
        ]
        report = pydicom.dcmread(
            written_report(measurements, volume, tmp_path / "report.dcm", may_overwrite=True)
        )
        is_unicode = report.get("SpecificCharacterSet") == "ISO_IR 192"
        assert str(report.PatientName) == (
            patient.replace("\x1b$)A", "") if is_unicode else patient
        )
        assert set(labels) <= set(texts_of(report))
    assert report.get("SpecificCharacterSet") == declared


def texts_of(item: Any) -> list[str]:
    found = [item.TextValue] if item.get("ValueType") == "TEXT" else []
    return found + [text for child in item.get("ContentSequence", ()) for text in texts_of(child)]


@pytest.mark.filterwarnings(
    "ignore:Unknown encoding", "ignore:Incorrect value for Specific Character Set"
)
@pytest.mark.parametrize("declared", some_slow([None, "ISO_IR 999", "utf8"]))
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_bytes_in_undeclared_characters_are_changed_only_if_necessary_and_with_a_report(
    declared: str | None, encoding: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    if (declared, encoding) == ("utf8", "latin-1"):
        pytest.skip("cannot be decoded: the next test")
    bytes_of_name = "Buc^Jérôme".encode(encoding)
    if len(bytes_of_name) % 2:
        bytes_of_name += b" "
    changes = [setting("PatientName", bytes_of_name)]
    if declared:
        changes.append(setting("SpecificCharacterSet", declared))
    folder = scanner.write(hu, change=lambda n, data: [change(n, data) for change in changes])
    volume = read_scan(folder)
    assert check_output(tmp_path / "mask.dcm", overwrite=False, source=volume.source) == ()
    write_mask(
        SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
    )
    assert bytes_of_name.strip() in (tmp_path / "mask.dcm").read_bytes()
    declaration = re.search(
        rb"\x08\x00\x05\x00CS(..)([A-Za-z0-9_ ]*)", (tmp_path / "mask.dcm").read_bytes(), re.DOTALL
    )
    assert (
        declaration[2][: declaration[1][0]].decode().strip() if declaration else None
    ) == declared

    report = written_report(
        [Measurement(LENGTH.tool, LENGTH.plane, LENGTH.points_zyx, "Höhe 椎体")],
        volume,
        tmp_path / "report.dcm",
    )
    written = pydicom.dcmread(report)
    assert written.SpecificCharacterSet == "ISO_IR 192"
    assert str(written.PatientName) == "Buc^Jérôme"
    assert "Höhe 椎体" in texts_of(written)


@pytest.mark.filterwarnings(
    "ignore:Unknown encoding", "ignore:Incorrect value for Specific Character Set"
)
@pytest.mark.filterwarnings("ignore:Failed to decode byte string")
@pytest.mark.parametrize("declared", ["ISO_IR 192", "utf8"])
def test_a_name_that_its_character_set_cannot_decode_is_left_empty_and_reported(
    declared: str, scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    changes = [
        setting("SpecificCharacterSet", declared),
        setting("PatientName", "Buc^Jérôme".encode("latin-1")),
    ]
    folder = scanner.write(hu, change=lambda n, data: [change(n, data) for change in changes])
    volume = read_scan(folder)
    (note,) = check_output(tmp_path / "mask.dcm", overwrite=False, source=volume.source)
    assert "Patient's Name" in note and "Buc" not in note
    write_mask(
        SpineMask(volume.hu > 300, volume.geometry), volume.source, tmp_path / "mask.dcm", {}
    )
    assert str(pydicom.dcmread(tmp_path / "mask.dcm").PatientName) == ""
