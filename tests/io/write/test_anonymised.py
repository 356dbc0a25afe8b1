"""Folders of DICOM files, copied without what identifies the patient."""

import json
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import CTImageStorage, SecondaryCaptureImageStorage, generate_uid

from spineviewer.cli import main
from spineviewer.errors import Cancelled, ExportError
from spineviewer.io.dicom.deidentification import Profile
from spineviewer.io.scan import read_scan
from spineviewer.io.write.anonymised import write_anonymised
from spineviewer.progress import JobProgress

PROFILE = Profile("a key")
NAME = b"Mustermann"


def written(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def study(scanner, hu, tmp_path):
    """A series whose file and folder names are the patient's, and a text file beside it."""
    scanner.folder = tmp_path / "Mustermann_Erika" / "CT"
    scanner.write(hu, prefix="Mustermann")
    (tmp_path / "Mustermann_Erika" / "notes.txt").write_text("Mustermann")
    return tmp_path / "Mustermann_Erika"


def test_a_series_opens_with_the_same_values_and_nothing_names_the_patient(study, tmp_path, hu):
    done = write_anonymised([study], tmp_path / "out", PROFILE, JobProgress())
    files = written(tmp_path / "out")
    assert (done.files, done.series, done.patients, done.others) == (len(hu), 1, 1, 1)
    assert len(files) == len(hu)
    for path in files:
        assert NAME not in path.read_bytes()
        assert "Mustermann" not in str(path.relative_to(tmp_path))
    before, after = read_scan(study / "CT"), read_scan(tmp_path / "out" / "series-001-CT")
    assert (before.hu == after.hu).all()
    assert before.geometry == after.geometry
    assert not any(path.name.startswith(".") for path in tmp_path.iterdir())


def test_two_series_of_a_study_still_match(study, scanner, hu, tmp_path):
    replace(scanner, folder=study / "two", series_uid=generate_uid()).write(hu)
    done = write_anonymised([study], tmp_path / "out", PROFILE, JobProgress())
    heads = [pydicom.dcmread(path, stop_before_pixels=True) for path in written(tmp_path / "out")]
    assert done.series == len({head.SeriesInstanceUID for head in heads}) == 2
    assert len({head.StudyInstanceUID for head in heads}) == 1
    assert len({head.FrameOfReferenceUID for head in heads}) == 1
    assert len({head.SOPInstanceUID for head in heads}) == 2 * len(hu)
    assert all(head.file_meta.MediaStorageSOPInstanceUID == head.SOPInstanceUID for head in heads)


def test_burned_in_text_causes_a_warning_and_screenshots_are_left_out(scanner, hu, tmp_path):
    def change(n, data):
        data.BurnedInAnnotation = "YES" if n == 0 else "NO"
        if n == 1:
            data.SOPClassUID = SecondaryCaptureImageStorage
            data.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage

    scanner.write(hu, change=change)
    done = write_anonymised([scanner.folder], tmp_path / "out", PROFILE, JobProgress())
    assert (done.burned_in, done.captures, done.files) == (1, 1, len(hu) - 1)
    assert "1 image may contain burned-in text" in done.warnings[0]
    assert "1 secondary capture was left out" in done.warnings[1]
    done = write_anonymised(
        [scanner.folder], tmp_path / "all", PROFILE, JobProgress(), with_captures=True
    )
    assert (done.burned_in, done.captures, done.files) == (2, 0, len(hu))


def test_a_damaged_file_that_was_not_written_is_in_no_number_of_the_written_ones(
    study, tmp_path, hu
):
    path = min((study / "CT").iterdir())
    data = pydicom.dcmread(path)
    data.BurnedInAnnotation, data.PatientID = "YES", "other"
    data.SeriesInstanceUID = generate_uid()
    tag = pydicom.tag.Tag("SamplesPerPixel")
    data[tag] = pydicom.dataelem.RawDataElement(tag, "US", 3, b"abc", 0, False, True)
    data.save_as(path)
    done = write_anonymised([study], tmp_path / "out", PROFILE, JobProgress())
    assert (done.files, done.unreadable) == (len(hu) - 1, 1)
    assert (done.series, done.patients, done.burned_in) == (1, 1, 0)


def test_damaged_files_are_counted_and_the_others_are_written(study, tmp_path, hu):
    path = next((study / "CT").iterdir())
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    done = write_anonymised([study], tmp_path / "out", PROFILE, JobProgress())
    assert done.files == len(written(tmp_path / "out"))
    assert done.files + done.unreadable + done.others == len(hu) + 1


def test_a_folder_that_is_not_empty_or_inside_the_originals_is_refused(study, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for target, reason in ((tmp_path / "full", "not an empty folder"), (study / "new", "inside")):
        with pytest.raises(ExportError, match=reason):
            write_anonymised([study], target, PROFILE, JobProgress())
    assert not (study / "new").exists()


def test_nothing_is_left_after_a_cancellation(study, tmp_path):
    class Impatient:
        def step(self, stage, fraction):
            raise Cancelled

    with pytest.raises(Cancelled):
        write_anonymised([study], tmp_path / "out", PROFILE, Impatient())
    assert [path.name for path in tmp_path.iterdir()] == [study.name]


def test_the_command_writes_copies_and_reports_what_it_left_out(study, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["anonymise", str(study), "-o", str(out), "--patient", "Case 7", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["files"] == len(written(out))
    assert record["warnings"] == ["1 file is not DICOM and was left out."]
    head = pydicom.dcmread(written(out)[0])
    assert (head.PatientName, head.PatientID) == ("Case 7", "Case 7")
    assert main(["anonymise", str(study), "-o", str(out)]) == 7
    assert "is not an empty folder" in capsys.readouterr().err
    assert main(["anonymise", str(tmp_path / "missing"), "-o", str(tmp_path / "other")]) == 3
    assert "does not exist" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_one_name_for_several_patients_is_refused(study, scanner, hu, tmp_path, capsys):
    def other(_, data):
        data.PatientID, data.PatientName = "2", "Roe^Max"

    replace(scanner, folder=study / "b", series_uid=generate_uid()).write(hu, change=other)
    out = str(tmp_path / "out")
    assert main(["anonymise", str(study), "-o", out, "--patient", "Case 7"]) == 7
    assert "from 2 patients" in capsys.readouterr().err


def test_a_file_without_a_uid_is_identified_by_its_meta_information(scanner, hu, tmp_path):
    def change(_, data):
        del data.SOPInstanceUID
        del data.SOPClassUID

    scanner.write(hu, change=change)
    done = write_anonymised([scanner.folder], tmp_path / "out", PROFILE, JobProgress())
    heads = [pydicom.dcmread(path) for path in written(tmp_path / "out")]
    assert done.files == len(hu)
    assert len({head.SOPInstanceUID for head in heads}) == len(hu)
    assert {head.SOPClassUID for head in heads} == {CTImageStorage}


def test_a_zip_file_is_unpacked_and_only_the_copies_are_left(study, tmp_path, hu):
    import shutil

    packed = shutil.make_archive(str(tmp_path / "study"), "zip", study)
    done = write_anonymised([Path(packed)], tmp_path / "out", PROFILE, JobProgress())
    assert done.files == len(written(tmp_path / "out")) == len(hu)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["series-001-CT"]


def test_a_damaged_zip_file_is_named_and_nothing_is_written(tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 not a zip file at all")
    with pytest.raises(ExportError, match=r"bad\.zip|no DICOM"):
        write_anonymised([tmp_path / "bad.zip"], tmp_path / "out", PROFILE, JobProgress())
    assert not (tmp_path / "out").exists()
