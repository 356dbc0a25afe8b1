"""Whole files of every format that the program reads, made from one small phantom.

They are damaged later.

A target is a format: a folder of files as a person would have them, which of them may be damaged,
and how it is opened.
"""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

HU: NDArray[np.int16] = ((np.arange(6 * 8 * 10).reshape(6, 8, 10) * 5) % 2400 - 1024).astype(
    np.int16
)
SLICES = 2


@dataclass(frozen=True)
class Target:
    """One format.

    Attributes
    ----------
    files
        Contents of all files in the folder, by name.
    victims
        Those that are damaged.
    opened
        The name of the file that is opened, or '.' for the folder.
    packing
        'gzip' or 'zip': half of the damage is done before packing; 'json': half of it is
        values that are still JSON; 'json head': half of it is such values in the first line.
    reader
        'scan' for images, or the name of a parser of the program's own files (`worker.PARSERS`).
    """

    name: str
    files: dict[str, bytes]
    victims: tuple[str, ...]
    opened: str
    packing: str = ""
    reader: str = "scan"


def nifti(kind: Any = nib.Nifti1Image) -> bytes:
    return bytes(kind(HU.T.copy(), np.diag([-0.5, -0.6, 2.0, 1.0])).to_bytes())


def nifti_pair() -> tuple[bytes, bytes]:
    image = nib.Nifti1Pair(HU.T.copy(), np.diag([-0.5, -0.6, 2.0, 1.0]))
    files = image.make_file_map({"header": io.BytesIO(), "image": io.BytesIO()})
    image.to_file_map(files)
    return files["header"].fileobj.getvalue(), files["image"].fileobj.getvalue()


def nrrd_header(encoding: str, extra: str = "") -> bytes:
    return (
        "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 10 8 6\n"
        f"space directions: (0.5,0,0) (0,0.6,0) (0,0,2)\nspace origin: (0,0,0)\nencoding: "
        f"{encoding}\nendian: little\n{extra}"
    ).encode()


def metaimage(data_file: str, is_packed: bool = False) -> bytes:
    packed = zlib.compress(HU.tobytes())
    head = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        f"CompressedData = {is_packed}\n"
        f"{f'CompressedDataSize = {len(packed)}' if is_packed else 'ElementNumberOfChannels = 1'}\n"
        "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 0.5 0.6 2\nDimSize "
        "= 10 8 6\n"
        f"ElementType = MET_SHORT\nElementDataFile = {data_file}\n"
    ).encode()
    return head if data_file != "LOCAL" else head + (packed if is_packed else HU.tobytes())


def _data_set(sop_class: str, uid: str) -> Any:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID, data.StudyInstanceUID, data.SeriesInstanceUID = (
        sop_class,
        uid,
        "1.2.3",
        "1.2.3.4",
    )
    data.FrameOfReferenceUID, data.Modality, data.PatientName = "1.2.3.5", "CT", "Fuzz"
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = (
        1,
        "MONOCHROME2",
        0,
    )
    data.Rows, data.Columns = HU.shape[1:]
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    return data


def _stored(n: int) -> NDArray[np.uint16]:
    return (HU[n].astype(int) + 1024).astype(np.uint16)


def slice_file(n: int, syntax: str = ExplicitVRLittleEndian) -> bytes:
    data = _data_set(CTImageStorage, f"1.2.3.4.{n + 1}")
    data.InstanceNumber, data.ConvolutionKernel = n + 1, "B60"
    data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, 2.0 * n], [1, 0, 0, 0, 1, 0]
    data.PixelSpacing, data.SliceThickness, data.RescaleSlope, data.RescaleIntercept = (
        [0.5, 0.5],
        2,
        1,
        -1024,
    )
    data.PixelData = _stored(n).tobytes()
    if syntax in {RLELossless, JPEGLSLossless}:
        data.compress(syntax, generate_instance_uid=False)
    elif syntax == ExplicitVRBigEndian:
        data.PixelData = _stored(n).astype(">u2").tobytes()
    data.file_meta.TransferSyntaxUID = syntax
    data["PixelData"].VR = "OB" if pydicom.uid.UID(syntax).is_encapsulated else "OW"
    return _bytes_of(data)


def gdcm_slice_file(n: int, kind: str) -> bytes:
    """Through GDCM's codecs: JPEG lossless, JPEG with 8 and with 12 bits."""
    import tempfile
    from pathlib import Path

    import gdcm

    with tempfile.TemporaryDirectory() as folder:
        plain, packed = Path(folder, "plain"), Path(folder, "packed")
        bits = {"JPEGBaselineProcess1": 8, "JPEGExtendedProcess2_4": 12}.get(kind, 16)
        data = pydicom.dcmread(io.BytesIO(slice_file(n)))
        stored = _stored(n) // (16 if bits == 8 else 1)
        data.BitsAllocated, data.BitsStored, data.HighBit = (8 if bits == 8 else 16), bits, bits - 1
        data.PixelData = stored.astype(np.uint8 if bits == 8 else np.uint16).tobytes()
        plain.write_bytes(_bytes_of(data))
        reader = gdcm.ImageReader()
        reader.SetFileName(str(plain))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, kind)))
        change.SetInput(reader.GetImage())
        assert change.Change(), kind
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(packed))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return packed.read_bytes()


def enhanced_file(syntax: str = ExplicitVRLittleEndian) -> bytes:
    data = _data_set(EnhancedCTImageStorage, "1.2.3.4.9")
    data.NumberOfFrames = SLICES
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.5, 0.5], 2
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = (
        Sequence([measures]),
        Sequence([orientation]),
    )
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for n in range(SLICES):
        frame, position, values = Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = [0, 0, 2.0 * n]
        values.RescaleSlope, values.RescaleIntercept, values.RescaleType = 1, -1024, "HU"
        frame.PlanePositionSequence, frame.PixelValueTransformationSequence = (
            Sequence([position]),
            Sequence([values]),
        )
        frames.append(frame)
    data.PerFrameFunctionalGroupsSequence = Sequence(frames)
    data.PixelData = np.stack([_stored(n) for n in range(SLICES)]).tobytes()
    if syntax != ExplicitVRLittleEndian:
        data.compress(syntax, generate_instance_uid=False)
    return _bytes_of(data)


def _bytes_of(data: Any) -> bytes:
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, enforce_file_format=True)
    return stream.getvalue()


def archive_of(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"study/{name}", content)
    return stream.getvalue()


def _images() -> list[Target]:
    header, pixels = nifti_pair()
    body = HU.tobytes()
    words = " ".join(str(v) for v in HU.ravel()).encode()

    def one(name: str, file: str, content: bytes, packing: str = "") -> Target:
        return Target(name, {file: content}, (file,), file, packing)

    return [
        one("nifti", "scan.nii", nifti()),
        one("nifti-gzip", "scan.nii.gz", gzip.compress(nifti(), 1), "gzip"),
        one("nifti-2", "scan.nii", nifti(nib.Nifti2Image)),
        Target(
            "nifti-pair",
            {"scan.hdr": header, "scan.img": pixels},
            ("scan.hdr", "scan.img"),
            "scan.hdr",
        ),
        one("nrrd-raw", "scan.nrrd", nrrd_header("raw") + b"\n" + body),
        one("nrrd-gzip", "scan.nrrd", nrrd_header("gzip") + b"\n" + gzip.compress(body, 1)),
        one("nrrd-bzip2", "scan.nrrd", nrrd_header("bzip2") + b"\n" + bz2.compress(body)),
        one("nrrd-text", "scan.nrrd", nrrd_header("ascii") + b"\n" + words),
        one("nrrd-hex", "scan.nrrd", nrrd_header("hex") + b"\n" + body.hex().encode()),
        Target(
            "nrrd-detached",
            {
                "scan.nhdr": nrrd_header("raw", "byte skip: 4\ndata file: scan.raw\n"),
                "scan.raw": b"skip" + body,
            },
            ("scan.nhdr", "scan.raw"),
            "scan.nhdr",
        ),
        one("metaimage", "scan.mha", metaimage("LOCAL")),
        one("metaimage-zlib", "scan.mha", metaimage("LOCAL", is_packed=True)),
        Target(
            "metaimage-detached",
            {"scan.mhd": metaimage("scan.raw"), "scan.raw": body},
            ("scan.mhd", "scan.raw"),
            "scan.mhd",
        ),
    ]


def _series(name: str, made: Callable[[int], bytes]) -> Target:
    files = {f"IM{n}": made(n) for n in range(SLICES)}
    return Target(name, files, tuple(files), ".")


def _dicom() -> list[Target]:
    plain = {f"IM{n}": slice_file(n) for n in range(SLICES)}
    series = {
        "dicom-explicit": ExplicitVRLittleEndian, "dicom-implicit": ImplicitVRLittleEndian,
        "dicom-big-endian": ExplicitVRBigEndian, "dicom-deflated": DeflatedExplicitVRLittleEndian,
        "dicom-rle": RLELossless,
        "dicom-jpeg-ls": JPEGLSLossless,
    }  # fmt: skip
    by_gdcm = {
        "dicom-jpeg-lossless": "JPEGLosslessProcess14_1",
        "dicom-jpeg-8-bit": "JPEGBaselineProcess1",
        "dicom-jpeg-12-bit": "JPEGExtendedProcess2_4", "dicom-jpeg-2000": "JPEG2000Lossless",
    }  # fmt: skip
    return [
        *(
            _series(name, lambda n, syntax=syntax: slice_file(n, syntax))
            for name, syntax in series.items()
        ),
        *(
            _series(name, lambda n, kind=kind: gdcm_slice_file(n, kind))
            for name, kind in by_gdcm.items()
        ),
        Target("dicom-enhanced", {"IM": enhanced_file()}, ("IM",), "."),
        Target("dicom-enhanced-rle", {"IM": enhanced_file(RLELossless)}, ("IM",), "."),
        Target("zip", {"study.zip": archive_of(plain)}, ("study.zip",), "study.zip", "zip"),
    ]


def _own_files() -> list[Target]:
    """Return files that the program itself writes: sessions, settings, markers of open scans."""
    session, corrections = _session()

    def one(name: str, file: str, content: bytes, reader: str) -> Target:
        packing = {"results": "json head", "corrections": ""}.get(reader, "json")
        return Target(name, {file: content}, (file,), file, packing=packing, reader=reader)

    marker = (
        b'{"process": 1, "started": 1.5, "path": "scan.nii", "series_uid": "", '
        b'"fingerprint": "0123abcd"}'
    )
    settings = (
        b'{"recent": [{"path": "a.nii", "series_uid": "1.2", "summary": "x"}], "is_recent_kept": '
        b'true, "map_opacity": 0.4,'
        b'"mask_opacity": 0.45, "mask_style": "contour", "layout": "sagittal", "theme": "dark", '
        b'"extra": {"a": "b"}}'
    )
    return [
        one("session", "work.spineview", session, "session"),
        one("session-corrections", "kept.npz", corrections, "corrections"),
        one("session-results", "kept.results", _results(), "results"),
        one("settings", "settings.json", settings, "settings"),
        Target(
            "journal",
            {"open-1.json": marker, "0123abcd.session": session},
            ("open-1.json",),
            ".",
            packing="json",
            reader="journal",
        ),
    ]


def _session() -> tuple[bytes, bytes]:
    from pathlib import Path

    from spineviewer.app.session import ScanReference, Session, pack_session
    from spineviewer.app.state import Overlays, Slab
    from spineviewer.app.view_state import Camera, ViewState, Zoom
    from spineviewer.editing.correction import ADDED, Correction
    from spineviewer.editing.stored_correction import pack_correction
    from spineviewer.measuring_tools.lines import Distance
    from spineviewer.measuring_tools.measurement import Measurement
    from spineviewer.tuning import Tuning
    from spineviewer.volume.planes import Plane
    from spineviewer.volume.volume import WindowLevel

    camera = Camera(10.0, 5.0, 400.0, (0.0, 1.0, 2.0), True)
    correction = Correction((40, 40, 40))
    correction.begin("Brush")
    correction.paint((30, 30, 30), np.ones((5, 5, 5), bool), ADDED)
    correction.end()
    session = Session(
        scan=ScanReference(str(Path("scan.nii")), "1.2.3", (40, 40, 40), "0123abcd"),
        tuning=Tuning(),
        overlays=Overlays(),
        window=WindowLevel(1800.0, 400.0),
        crosshair_zyx=(1, 2, 3),
        slab=Slab(),
        measurements=(Measurement(Distance(), Plane.AXIAL, ((1.0, 2.0, 3.0), (1.0, 5.0, 6.0))),),
        correction=correction,
        views=ViewState(
            "spine", "axial", "", {"axial": Zoom(1.0, 2.0, 0.5)}, {"curved coronal": 3.0}, camera
        ),
        is_segmented=True,
        results=b"not looked at here",
    )
    return pack_session(session, has_path=True), pack_correction(correction)


def small_scan() -> Any:
    """Return the scan to which the stored network results belong."""
    from pathlib import Path

    from spineviewer.volume.geometry import Geometry
    from spineviewer.volume.orientation import AxisOrder
    from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

    grid = Geometry(HU.shape, (8.0, 8.0, 8.0), (0.0, 0.0, 0.0))
    return CtVolume(HU, grid, ScanSource(Path("scan.nii"), ScanFormat.NIFTI, grid, AxisOrder()))


def _results() -> bytes:
    from spineviewer.app.overlay import FusionOverlay
    from spineviewer.app.stored_results import pack_results
    from spineviewer.fusion import Fusion, attention_shape
    from spineviewer.volume.volume import AttentionMap, ProbabilityMap
    from spineviewer.volume.working_grid import working_geometry

    grid = small_scan().geometry
    working = working_geometry(grid)
    is_computed = np.arange(working.shape_zyx[2]) % 10 < 6
    cells = np.full(attention_shape(grid), 0.25, np.float32)
    probability = ProbabilityMap(np.zeros(working.shape_zyx, np.uint16), is_computed, working, grid)
    fusion = FusionOverlay(Fusion(AttentionMap(cells, grid), probability))
    return pack_results(fusion, {"weights": "0123", "device": "cpu"}, "0123abcd")


@cache
def targets() -> dict[str, Target]:
    """Return all targets by name."""
    return {target.name: target for target in (*_images(), *_dicom(), *_own_files())}
