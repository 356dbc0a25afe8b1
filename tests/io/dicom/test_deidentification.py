"""Anonymised data sets, compared with the standard's rules and read back with pydicom."""

from datetime import date

import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from spineviewer.io.dicom.deidentification import Dates, Profile, deidentify, shift_date

CT, SR = CTImageStorage, "1.2.840.10008.5.1.4.1.1.88.33"
#: What no anonymised object may contain anywhere.
SECRETS = ("Doe", "Jane", "PID-4711", "ACC-99", "Hospital", "Roe", "Elm Street", "Smith")


def item(**values):
    data = Dataset()
    for keyword, value in values.items():
        setattr(data, keyword, value)
    return data


def scan(sop_class=CT, **values):
    """A data set with identifying values in the groups that scanners fill."""
    data = item(
        SOPClassUID=sop_class, SOPInstanceUID="1.2.3.1", StudyInstanceUID="1.2.3.2",
        SeriesInstanceUID="1.2.3.3", FrameOfReferenceUID="1.2.3.4", Modality="CT",
        PatientName="Doe^Jane", PatientID="PID-4711", PatientBirthDate="19500304", PatientSex="F",
        PatientAge="074Y", PatientWeight="61.5", PatientAddress="Elm Street 1",
        OtherPatientIDs=["PID-4711", "B"], AccessionNumber="ACC-99", InstitutionName="Hospital",
        ReferringPhysicianName="Roe^Max", StudyDate="20240506", StudyTime="101500",
        SeriesDate="20240506", AcquisitionDateTime="20240506101500.25+0100",
        SeriesDescription="Spine of Doe", KVP="120", ConvolutionKernel="B60f",
        Manufacturer="ACME", SliceThickness="1.5",
    )  # fmt: skip
    for keyword, value in values.items():
        setattr(data, keyword, value)
    return data


def cleaned(data, **options):
    deidentify(data, Profile("a key", **options))
    return data


def everything_in(data):
    return data.to_json() + str(data)


def test_identifying_attributes_are_removed_and_image_attributes_stay():
    data = cleaned(scan())
    assert not [secret for secret in SECRETS if secret in everything_in(data)]
    for keyword in ("PatientBirthDate", "StudyDate", "StudyTime", "AccessionNumber", "PatientSex"):
        assert data[keyword].value in ("", None)  # type 2: must be there, may be empty
    for keyword in ("PatientAge", "PatientAddress", "SeriesDescription", "SeriesDate"):
        assert keyword not in data
    assert (data.KVP, data.ConvolutionKernel, data.SliceThickness) == (120, "B60f", 1.5)
    assert data.PatientIdentityRemoved == "YES"
    assert data.LongitudinalTemporalInformationModified == "REMOVED"
    assert data.DeidentificationMethod[0] == "PS3.15 Basic Profile"
    assert [code.CodeValue for code in data.DeidentificationMethodCodeSequence] == ["113100"]


def test_uids_are_replaced_consistently_in_every_file_with_the_same_key():
    reference = item(
        ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.2.3.1", ReferencedFrameNumber="1"
    )
    first = cleaned(scan())
    other = cleaned(
        scan(
            sop_class=SR,
            SOPInstanceUID="1.2.3.9",
            CurrentRequestedProcedureEvidenceSequence=Sequence(
                [
                    item(
                        StudyInstanceUID="1.2.3.2",
                        ReferencedSeriesSequence=Sequence(
                            [
                                item(
                                    SeriesInstanceUID="1.2.3.3",
                                    ReferencedSOPSequence=Sequence([reference]),
                                )
                            ]
                        ),
                    )
                ]
            ),
        )
    )
    evidence = other.CurrentRequestedProcedureEvidenceSequence[0]
    series = evidence.ReferencedSeriesSequence[0]
    assert evidence.StudyInstanceUID == first.StudyInstanceUID == other.StudyInstanceUID
    assert series.SeriesInstanceUID == first.SeriesInstanceUID
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
    assert series.ReferencedSOPSequence[0].ReferencedSOPClassUID == CT
    assert "1.2.3." not in everything_in(first) + everything_in(other)
    assert all(len(uid) <= 64 and uid.is_valid for uid in (first.SOPInstanceUID,))


def test_uids_that_define_something_stay_and_those_of_devices_are_replaced():
    code = item(
        CodeValue="1", CodingSchemeDesignator="SCT", CodingSchemeUID="2.16.840.1.113883.6.96"
    )
    data = cleaned(
        scan(
            sop_class="1.2.840.113619.4.27",
            AnatomicRegionSequence=Sequence([code]),
            DeviceUID="1.2.3.77",
            ManufacturerDeviceClassUID="1.2.3.78",
        )
    )
    assert data.SOPClassUID == "1.2.840.113619.4.27"
    assert data.AnatomicRegionSequence[0].CodingSchemeUID == "2.16.840.1.113883.6.96"
    assert data.DeviceUID.startswith("2.25.")
    assert data.get("ManufacturerDeviceClassUID", "") != "1.2.3.78"


def test_another_key_gives_different_uids_and_patients():
    one, other = scan(), scan()
    deidentify(one, Profile("a"))
    deidentify(other, Profile("b"))
    assert one.StudyInstanceUID != other.StudyInstanceUID
    assert one.PatientID != other.PatientID


def test_private_tags_curves_overlays_and_unknown_tags_are_removed_at_every_depth():
    data = scan()
    for place in (data, item()):
        place.private_block(0x0009, "ACME", create=True).add_new(1, "LO", "Jane")
        place.add_new(0x60000010, "US", 512)
        place.add_new(0x60003000, "OW", b"\1\2")
        place.add_new(0x50000005, "US", 1)
        place.add_new(0x00180FFF, "UN", b"Jane")
        place.SliceThickness = "2"
        if place is not data:
            data.SharedFunctionalGroupsSequence = Sequence([place])
    cleaned(data)
    inside = data.SharedFunctionalGroupsSequence[0]
    assert [element.keyword for element in inside] == ["SliceThickness"]
    assert not [e.tag for e in data if e.tag.is_private or e.tag.group >> 8 in (0x50, 0x60)]
    assert 0x00180FFF not in data


#: A value of every representation that the standard knows.
VALUES = {
    "AE": "JANE", "AS": "074Y", "AT": 0x00100010, "CS": "JANE", "DA": "19500304", "DS": "61.5",
    "DT": "19500304", "FD": 4711.0, "FL": 4711.0, "IS": "4711", "LO": "Jane", "LT": "Jane",
    "OB": b"Jane", "OD": b"JaneJane", "OF": b"Jane", "OL": b"Jane", "OV": b"JaneJane",
    "OW": b"Jane", "PN": "Doe^Jane", "SH": "Jane", "SL": 4711, "SQ": [], "SS": 4711, "ST": "Jane",
    "SV": 4711, "TM": "1015", "UC": "Jane", "UI": "1.2.3.4711", "UL": 4711, "UN": b"Jane",
    "UR": "https://jane.example", "US": 4711, "UT": "Jane", "UV": 4711,
}  # fmt: skip


def test_the_list_of_representations_is_complete():
    assert set(VALUES) == {vr.value for vr in pydicom.valuerep.VR if " " not in vr.value}


@pytest.mark.parametrize("vr", sorted(VALUES))
@pytest.mark.parametrize("is_nested", [False, True])
def test_a_private_element_of_any_representation_is_removed(vr, is_nested):
    data, inside = scan(), item(SliceThickness="1")
    place = inside if is_nested else data
    place.private_block(0x0011, "JANE'S", create=True).add_new(1, vr, VALUES[vr])
    data.SharedFunctionalGroupsSequence = Sequence([inside])
    cleaned(data)
    assert not [element for element in data.iterall() if element.tag.is_private]
    assert data.SharedFunctionalGroupsSequence[0].SliceThickness == 1


#: A keyword of each value representation that the profile treats, and what must not be left.
BY_VR = {
    "AE": ("StationAETitle", "JANE"), "AS": ("PatientAge", "074Y"), "AT": None,
    "CS": ("PatientSex", "F"), "DA": ("StudyDate", "20240506"), "DS": ("PatientWeight", "61.5"),
    "DT": ("AcquisitionDateTime", "20240506101500"), "IS": ("AcquisitionNumber", None),
    "LO": ("InstitutionName", "Hospital"), "LT": ("AdditionalPatientHistory", "Jane fell"),
    "OB": ("CertificateOfSigner", b"Jane"), "PN": ("OperatorsName", "Roe^Max"),
    "SH": ("StationName", "Hospital 1"), "ST": ("InstitutionAddress", "Elm Street 1"),
    "TM": ("StudyTime", "101500"), "UC": ("DeviceAlternateIdentifier", "Jane-7"),
    "UI": ("StudyInstanceUID", "1.2.3.2"), "UR": ("RetrieveURI", "https://hospital.example/Jane"),
    "UT": ("TextValue", "Jane Doe"), "SQ": ("RequestAttributesSequence", None),
}  # fmt: skip


@pytest.mark.parametrize("vr", [vr for vr, found in BY_VR.items() if found and found[1]])
@pytest.mark.parametrize("is_nested", [False, True])
def test_no_value_of_any_representation_survives(vr, is_nested, tmp_path):
    keyword, secret = BY_VR[vr]
    assert pydicom.datadict.dictionary_VR(keyword) == vr
    data = scan(sop_class=SR if is_nested else CT)
    place = item() if is_nested else data
    setattr(place, keyword, secret)
    if is_nested:
        data.ContentSequence = Sequence([place])
    cleaned(data)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = tmp_path / "x.dcm"
    data.save_as(path, enforce_file_format=True)
    written = pydicom.dcmread(path)
    place = written.ContentSequence[0] if is_nested else written
    text = str(place.get(keyword, ""))
    assert str(secret) not in text
    assert secret if isinstance(secret, bytes) else secret.encode() not in path.read_bytes()


def test_a_text_that_the_table_keeps_loses_the_patients_name():
    data = cleaned(scan(ScanOptions="HELICAL", FilterType="for Doe", BodyPartExamined="SPINE"))
    assert data.ScanOptions == "HELICAL"
    assert data.BodyPartExamined == "SPINE"
    assert data.get("FilterType", "") in ("", None, "for Doe")
    long = cleaned(scan(ContributionDescription="x", ReconstructionMethod="x"))
    assert "Doe" not in everything_in(long)
    told = cleaned(scan(SegmentationType="BINARY", ContentLabel="DOE", ContentDescription="Doe's"))
    assert "Doe" not in everything_in(told)


def test_dates_are_kept_except_the_birth_date():
    data = cleaned(scan(), dates=Dates.KEPT)
    assert (data.StudyDate, data.SeriesDate, data.StudyTime) == ("20240506", "20240506", "101500")
    assert data.AcquisitionDateTime == "20240506101500.25+0100"
    assert data.PatientBirthDate in ("", None)
    assert data.LongitudinalTemporalInformationModified == "UNMODIFIED"
    assert "113106" in [code.CodeValue for code in data.DeidentificationMethodCodeSequence]


def test_shifted_dates_keep_their_distances_and_move_by_patient():
    first, later = scan(), scan(StudyDate="20240606", SeriesDate="20240606")
    for data in (first, later):
        deidentify(data, Profile("a key", dates=Dates.SHIFTED))
    days = [date(int(d[:4]), int(d[4:6]), int(d[6:])) for d in (first.StudyDate, later.StudyDate)]
    assert (days[1] - days[0]).days == 31
    assert 30 <= (date(2024, 5, 6) - days[0]).days <= 729
    assert first.SeriesDate == first.StudyDate
    assert first.AcquisitionDateTime == first.StudyDate + "101500.25+0100"
    assert first.LongitudinalTemporalInformationModified == "MODIFIED"
    other = scan(PatientID="another")
    deidentify(other, Profile("a key", dates=Dates.SHIFTED))
    assert other.StudyDate != first.StudyDate


@pytest.mark.parametrize(
    ("stated", "moved"),
    [
        ("20240228", "20240301"),
        ("2024.02.28", "20240301"),
        ("20240228235959.5", "20240301235959.5"),
        ("2024", ""),
        ("unknown", ""),
        ("99991231", ""),
    ],
)
def test_a_date_moves_over_the_end_of_a_month_or_becomes_empty(stated, moved):
    assert shift_date(stated, 2) == moved


def test_characteristics_are_kept_on_request_with_ages_capped_at_90():
    data = cleaned(scan(PatientAge="097Y"), keeps_characteristics=True)
    assert (data.PatientSex, data.PatientAge, data.PatientWeight) == ("F", "090Y", 61.5)
    assert "PatientAddress" not in data
    assert "113108" in [code.CodeValue for code in data.DeidentificationMethodCodeSequence]


def test_the_content_of_a_report_keeps_codes_and_numbers_but_neither_names_nor_texts():
    number = item(
        ValueType="NUM",
        ConceptNameCodeSequence=Sequence(
            [item(CodeValue="410668003", CodingSchemeDesignator="SCT", CodeMeaning="Length")]
        ),
        MeasuredValueSequence=Sequence([item(NumericValue="12.5")]),
    )
    text = item(ValueType="TEXT", TextValue="Jane Doe, see Dr Smith")
    name = item(ValueType="PNAME", PersonName="Smith^Ann")
    data = cleaned(
        scan(
            sop_class=SR,
            VerificationFlag="VERIFIED",
            VerifyingObserverSequence=Sequence([item(VerifyingObserverName="Smith^Ann")]),
            ContentSequence=Sequence([number, text, name]),
        )
    )
    assert data.ContentSequence[0].MeasuredValueSequence[0].NumericValue == 12.5
    assert data.ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning == "Length"
    assert data.ContentSequence[1].TextValue == "ANONYMIZED"
    assert not [secret for secret in SECRETS if secret in everything_in(data)]
    assert data.VerificationFlag == "UNVERIFIED"
    assert "113104" in [code.CodeValue for code in data.DeidentificationMethodCodeSequence]


def test_texts_in_other_character_sets_are_still_readable():
    data = FileDataset("", {}, file_meta=FileMetaDataset())
    data.update(scan(SpecificCharacterSet="ISO_IR 144", ProtocolName="x", ImageComments="x"))
    data.ContrastBolusRoute = "внутривенно"
    assert cleaned(data).ContrastBolusRoute == "внутривенно"
    assert data.SpecificCharacterSet == "ISO_IR 192"


def test_identifiers_still_distinguish_the_measurements_of_a_report():
    def tracking(text):
        code = item(
            CodeValue="112039", CodingSchemeDesignator="DCM", CodeMeaning="Tracking Identifier"
        )
        names = Sequence([code])
        return item(ValueType="TEXT", ConceptNameCodeSequence=names, TextValue=text)

    texts = ("Jane Doe 1", "Jane Doe 2", "Jane Doe 1")
    data = cleaned(scan(sop_class=SR, ContentSequence=Sequence([*map(tracking, texts)])))
    one, other, again = (content.TextValue for content in data.ContentSequence)
    assert one == again != other
    assert not [secret for secret in SECRETS if secret in everything_in(data)]
