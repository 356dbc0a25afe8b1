import pytest

from spineviewer.io.dicom.patient import iso_date, read_identity
from spineviewer.io.scan import read_scan
from spineviewer.volume.volume import ScanIdentity


def person(name, born="19500304", characters="ISO_IR 192"):
    def change(_, data):
        data.SpecificCharacterSet, data.PatientName = characters, name
        data.PatientID, data.PatientBirthDate, data.StudyDate = "12345", born, "20240506"
        data.ConvolutionKernel = "B60f"

    return change


def test_a_scan_contains_its_patient_study_and_kernel(scanner, hu):
    source = read_scan(scanner.write(hu, change=person("Doe^Jane^^Dr"))).source
    assert source.identity == ScanIdentity("Doe, Jane Dr", "12345", "1950-03-04", "2024-05-06")
    assert source.kernel == "B60f"


@pytest.mark.parametrize(
    ("stated", "readable"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe", "Doe"),
        ("^Jane", "Jane"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou"),
        ("=山田^太郎", "山田, 太郎"),
        ("Wang^XiaoDong\x00", "Wang, XiaoDong"),
        ("", ""),
    ],
)
def test_a_name_is_readable(scanner, hu, stated, readable):
    path = next(scanner.write(hu[:1], change=person(stated)).iterdir())
    assert read_identity(path).patient_name == readable


@pytest.mark.parametrize(
    ("stated", "iso"),
    [
        ("20240506", "2024-05-06"),
        ("2024.05.06", "2024-05-06"),
        ("20241345", ""),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_only_a_valid_date_is_shown(stated, iso):
    assert iso_date(stated) == iso


def test_a_slice_without_patient_has_an_empty_identity(scanner, hu):
    def change(_, data):
        for name in ("PatientName", "PatientID", "PatientBirthDate", "StudyDate"):
            if name in data:
                delattr(data, name)

    assert read_scan(scanner.write(hu, change=change)).source.identity == ScanIdentity()
