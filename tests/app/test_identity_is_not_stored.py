"""Patient and study of a scan are shown, but not written to any file or log of the program."""

import logging

import pydicom
from fakes import on_dicom_slices, spine_volume

from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.report import ReportFormat
from spineviewer.app.services import LocalServices
from spineviewer.app.settings import load_settings
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane

HEADER = {"PatientName": "Muster^Erika", "PatientID": "PID4711", "PatientBirthDate": "19500304"}
SECRETS = ("Muster", "Erika", "PID4711", "19500304", "1950-03-04")
LENGTH = Measurement(Distance(), Plane.AXIAL, ((6.0, 20.0, 20.0), (6.0, 40.0, 20.0)), "a")


def write_series(folder):
    """Slices with pixels and a patient."""
    scan = spine_volume(shape=(10, 40, 40))
    for path, plane in zip(
        on_dicom_slices(scan, folder, **HEADER).source.slices.files, scan.hu, strict=True
    ):
        data = pydicom.dcmread(path)
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
        data.RescaleSlope, data.RescaleIntercept = 1, 0
        data.add_new("PixelData", "OW", plane.tobytes())
        data.save_as(path)


def test_no_file_that_the_program_writes_holds_the_patient(headless, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    source = tmp_path / "series"
    write_series(source)
    services = LocalServices()
    one = headless(services)
    one.workspace.opening.open(source)
    one.loop.until(lambda: one.workspace.front is not None)
    scan = one.workspace.front
    assert scan.volume.source.identity.patient_name == "Muster, Erika"
    scan.measurements.add(LENGTH)
    scan.drafts.write("Findings", "")
    scan.autosave.save(tmp_path / "work.spineview")
    targets = {kind: tmp_path / f"page{kind.value}" for kind in ReportFormat}
    scan.reports.write(ReportOrder(targets=targets))
    scan.exports.save_table(tmp_path / "table.csv")
    one.delays.end_all()
    one.loop.rest()
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    assert str(source) in [recent.path for recent in load_settings(one.path).recent]
    files = [p for p in tmp_path.rglob("*") if p.is_file() and source not in p.parents]
    assert {"work.spineview", "page.html", "page.json", "table.csv", "settings.json"} <= {
        path.name for path in files
    }
    assert any("sessions" in path.parts for path in files)
    for path in files:
        content = path.read_bytes()
        for secret in SECRETS:
            assert secret not in path.name
            assert secret.encode() not in content, path.name
    assert not [secret for secret in SECRETS if secret in caplog.text]
