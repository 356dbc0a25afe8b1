"""The quick reader of headers returns exactly what the general one returns, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from spineviewer.io.dicom import slice_headers as dicom
from spineviewer.io.dicom.patient import is_named_after_patient
from spineviewer.io.dicom.quick_header import HEAD_BYTES, quick_header
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, bool]:
    """Return the results of the quick and the general reader, and whether the quick one had any."""
    quick = dicom.examine(path)
    is_quick = quick_header(path.read_bytes()[:HEAD_BYTES]) is not None
    with monkeypatch.context() as patch:
        patch.setattr(dicom, "quick_header", lambda _: None)
        return quick, dicom.examine(path), is_quick


def nested(_: int, data: Any) -> None:
    """Add nested sequences of known and unknown length, with private elements between them."""
    inner, outer = Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "1", "inner"
    outer.PurposeOfReferenceCodeSequence = Sequence([inner, inner])
    outer["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    data.SourceImageSequence = Sequence([outer, outer])
    data["SourceImageSequence"].is_undefined_length = True
    outer.is_undefined_length_sequence_item = True
    data.RequestAttributesSequence = Sequence([inner])
    data.private_block(0x0011, "someone", create=True).add_new(0x01, "UN", b"1234")
    data.WindowCenter, data.WindowWidth = [400, 40], [1800, 300]


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian])
def test_both_readers_agree_on_plain_slices(
    scanner: Any, hu: NDArray[np.int16], syntax: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(n: int, data: Any) -> None:
        nested(n, data)
        if syntax is not None:
            data.file_meta.TransferSyntaxUID = syntax

    for path in scanner.write(hu, change=change).iterdir():
        quick, general, is_quick = both(path, monkeypatch)
        assert quick == general
        assert is_quick


@pytest.mark.parametrize(
    ("characters", "text"),
    [
        ("ISO_IR 100", "Wirbelsäule"),
        ("ISO_IR 192", "Wirbelsäule, rachis lombaire à 90°"),
        ("ISO_IR 101", "kręgosłup"),
        ("ISO_IR 109", "Ħsara"),
        ("ISO_IR 110", "mugurkauls ā"),
        ("ISO_IR 126", "σπονδυλική"),
        ("ISO_IR 144", "позвоночник"),
        ("ISO_IR 148", "omurga ışın"),
    ],
)
def test_both_readers_agree_on_descriptions_in_other_scripts(
    characters: str, text: str, scanner: Any, hu: NDArray[np.int16], monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(_: int, data: Any) -> None:
        data.SpecificCharacterSet, data.SeriesDescription, data.PatientName = characters, text, text

    path = next(scanner.write(hu[:1], change=change).iterdir())
    quick, general, is_quick = both(path, monkeypatch)
    assert is_quick
    assert quick == general
    assert quick[0].description == text
    assert is_named_after_patient(f"CT {text.upper()}", path)


def unusual(name: str) -> Any:
    def change(_: int, data: Any) -> None:
        if name == "several character sets":
            data.SpecificCharacterSet, data.SeriesDescription = ["", "ISO 2022 IR 87"], "脊椎"
        elif name == "long header":
            data.private_block(0x0011, "someone", create=True).add_new(
                0x01, "UN", b"1" * HEAD_BYTES
            )
        elif name == "deflated":
            data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        elif name == "no class":
            del data.SOPClassUID

    return change


@pytest.mark.parametrize("name", ["several character sets", "long header", "deflated", "no class"])
def test_unusual_files_are_left_to_the_general_reader(
    name: str, scanner: Any, hu: NDArray[np.int16], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = next(scanner.write(hu[:1], change=unusual(name)).iterdir())
    quick, general, is_quick = both(path, monkeypatch)
    assert not is_quick
    assert quick == general
    assert general[0].modality == "CT"


def test_a_header_truncated_anywhere_gives_nothing_and_no_error(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    whole = next(scanner.write(hu[:1], change=nested).iterdir()).read_bytes()
    header = quick_header(whole)
    assert header is not None
    for length in range(0, header.pixels.begin - 9, 7):
        assert quick_header(whole[:length]) is None


@pytest.mark.realdata
def test_both_readers_agree_on_every_real_file(
    real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outcome(path: Path) -> Any:
        try:
            return dicom.examine(path)
        except LIBRARY_ERRORS as error:
            return type(error)

    files = [path for path in (real_data / "dicom").rglob("*") if path.is_file()]
    quick = [outcome(path) for path in files]
    monkeypatch.setattr(dicom, "quick_header", lambda _: None)
    assert quick == [outcome(path) for path in files]
