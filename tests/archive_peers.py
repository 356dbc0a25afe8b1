"""Shared code of tests with archives: synthetic studies, and archives that run on this computer."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from spineviewer.archive.node import DimseAddress, LoginKind, Node, Retrieval, Transport, WebAddress

#: Seconds allowed for an archive to start or to end.
PATIENCE_S = 15.0
ORTHANC = shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")
WEB_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
OWN_TITLE = "SPINETEST"
PATIENT, PATIENT_ID = "Müstermann^Erika", "4711"
USER, PASSWORD = "reader", "right"


def free_port() -> int:
    """Return an odd port that is not in use."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port % 2:
            return port


def wait_for_port(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    patience_ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < patience_ends:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        assert process is None or process.poll() is None, "the peer ended before it listened"
        time.sleep(0.05)
    raise AssertionError(f"nothing listens at port {port}")


@contextlib.contextmanager
def running(command: list[str], port: int, **choices: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run an archive for as long as the context lasts."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **choices
    )
    try:
        wait_for_port(port, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ct_slice(
    folder: Path,
    number: int,
    *,
    study_uid: str,
    series_uid: str,
    patient_id: str = PATIENT_ID,
    **changed: Any,
) -> Path:
    """One small CT slice as a file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    data.PatientName, data.PatientID, data.PatientBirthDate, data.PatientSex = (
        PATIENT,
        patient_id,
        "19640812",
        "F",
    )
    data.StudyDate, data.StudyTime, data.StudyID, data.AccessionNumber = (
        "20240315",
        "120000",
        "1",
        "A77",
    )
    data.StudyDescription, data.SeriesDescription = "Wirbelsäule", "Spine 2.5 B60"
    data.ReferringPhysicianName, data.Manufacturer = "", "none"
    data.StudyInstanceUID, data.SeriesInstanceUID = study_uid, series_uid
    data.FrameOfReferenceUID, data.PositionReferenceIndicator = (
        f"1.2.{series_uid[-20:].lstrip('.0')}",
        "",
    )
    data.Modality, data.SeriesNumber, data.InstanceNumber = "CT", 3, number + 1
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.ImagePositionPatient, data.ImageOrientationPatient = (
        [-30, -40, 100 + 2.5 * number],
        [1, 0, 0, 0, 1, 0],
    )
    data.PixelSpacing, data.SliceThickness = [0.8, 0.8], 2.5
    data.RescaleSlope, data.RescaleIntercept, data.RescaleType = 1, -1024, "HU"
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns, data.BitsAllocated, data.BitsStored, data.HighBit = 32, 32, 16, 16, 15
    data.PixelRepresentation = 1
    data.PixelData = np.full((32, 32), 1000 + number, np.int16).tobytes()
    for name, value in changed.items():
        setattr(data, name, value)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{series_uid}-{number}.dcm"
    data.save_as(path, enforce_file_format=True)
    return path


@dataclass(frozen=True)
class SmallStudy:
    """A study of two series, of ten and three slices."""

    uid: str
    series: tuple[str, str]
    files: tuple[Path, ...]


def small_study(folder: Path, **changed: Any) -> SmallStudy:
    uid, series = generate_uid(), (generate_uid(), generate_uid())
    files = [
        ct_slice(folder, n, study_uid=uid, series_uid=one, SeriesNumber=3 + which, **changed)
        for which, (one, count) in enumerate(zip(series, (10, 3), strict=True))
        for n in range(count)
    ]
    return SmallStudy(uid, series, tuple(files))


@dataclass(frozen=True)
class OrthancPeer:
    """A running Orthanc."""

    dicom_port: int
    web_port: int
    own_port: int

    def requested(self, path: str) -> Any:
        """Return the answer of Orthanc's REST interface to a GET request."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.web_port}{path}")
        token = __import__("base64").b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def put(self, path: Path) -> None:
        """Store a file through Orthanc's REST interface."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.web_port}/instances", data=path.read_bytes()
        )
        token = __import__("base64").b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        urllib.request.urlopen(request, timeout=10).close()

    def node(self, **choices: Any) -> Node:
        """Return the node of this archive with both protocols; by default, it uses DIMSE."""
        dimse = DimseAddress("127.0.0.1", self.dicom_port, "ORTHANC", OWN_TITLE, self.own_port)
        web = WebAddress(f"http://127.0.0.1:{self.web_port}/dicom-web", LoginKind.BASIC, USER)
        return Node(**{"name": "orthanc", "dimse": dimse, "web": web, "silence_s": 10.0, **choices})

    @property
    def web_node(self) -> Node:
        return self.node(query=Transport.WEB, retrieval=Retrieval.WEB, sending=Transport.WEB)


def slices_in(folder: Path) -> set[str]:
    return {
        pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID
        for path in folder.rglob("*.dcm")
    }


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancPeer]:
    if ORTHANC is None or not WEB_PLUGIN.exists():
        pytest.skip("no Orthanc here: apt-get install orthanc orthanc-dicomweb")
    folder = tmp_path_factory.mktemp("orthanc")
    peer = OrthancPeer(free_port(), free_port(), free_port())
    configuration = {
        "Name": "test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(WEB_PLUGIN)],
        "DicomAet": "ORTHANC",
        "DicomPort": peer.dicom_port,
        "HttpPort": peer.web_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomCheckCalledAet": True,
        "DicomModalities": {"us": [OWN_TITLE, "127.0.0.1", peer.own_port]},
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowFind": True,
        "DefaultEncoding": "Utf8",
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    with running([ORTHANC, str(folder / "orthanc.json")], peer.web_port):
        wait_for_port(peer.dicom_port)
        yield peer


@pytest.fixture(scope="session")
def stored(orthanc: OrthancPeer, tmp_path_factory: pytest.TempPathFactory) -> SmallStudy:
    """A study in Orthanc."""
    study = small_study(tmp_path_factory.mktemp("study"))
    for path in study.files:
        orthanc.put(path)
    return study
