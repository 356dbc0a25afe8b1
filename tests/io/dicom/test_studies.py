from dataclasses import replace

from pydicom.uid import generate_uid

from spineviewer.io.scan import list_studies


def person(name, number, date="20240131", text="CT Spine"):
    def change(_, data):
        data.PatientName, data.PatientID, data.StudyDate, data.StudyDescription = (
            name,
            number,
            date,
            text,
        )

    return change


def two_patients(scanner, root, hu):
    replace(scanner, folder=root / "a" / "one").write(hu, change=person("Roe^Jane", "1"))
    replace(scanner, folder=root / "a" / "two", series_uid=generate_uid()).write(
        hu, change=person("Roe^Jane", "1")
    )
    other = replace(scanner, folder=root / "b", series_uid=generate_uid(), study_uid=generate_uid())
    other.write(hu, change=person("Doe^John", "2", "", ""))


def test_series_are_distinguished_by_patient_and_no_name_leaves_the_child_without_a_request(
    scanner, tmp_path, hu
):
    two_patients(scanner, tmp_path, hu)
    listing, heads = list_studies(tmp_path)
    by_folder = {head.folder.name: head for head in heads}
    assert len(listing.series) == 3
    assert by_folder["one"].patient == by_folder["two"].patient != by_folder["b"].patient
    assert by_folder["one"].study == by_folder["two"].study != by_folder["b"].study
    assert (by_folder["one"].date, by_folder["one"].description) == ("2024-01-31", "CT Spine")
    assert by_folder["b"].date == ""
    assert not any(head.name for head in heads)


def test_names_are_reported_on_request(scanner, tmp_path, hu):
    two_patients(scanner, tmp_path, hu)
    _, heads = list_studies(tmp_path, with_names=True)
    assert {head.name for head in heads} == {"Roe Jane", "Doe John"}


def test_a_series_in_several_folders_is_opened_from_the_one_that_holds_all_of_it(
    scanner, tmp_path, hu
):
    scanner.folder = tmp_path / "s" / "first"
    scanner.write(hu[:3], prefix="a")
    scanner.folder = tmp_path / "s" / "second"
    scanner.write(hu[3:], numbers=[3.0, 4.0, 5.0, 6.0], prefix="b")
    _, (head,) = list_studies(tmp_path)
    assert head.folder == tmp_path / "s"


def test_a_folder_of_other_images_has_no_studies(tmp_path):
    (tmp_path / "a_ct.nii.gz").write_bytes(b"")
    listing, heads = list_studies(tmp_path)
    assert (listing.series, heads) == ((), ())
