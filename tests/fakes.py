"""A small scan with a spine, and services that behave like the real ones but wait on request."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
from pydicom.config import disable_value_validation
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from scipy.ndimage import gaussian_filter

from spineviewer.app.mask_facts import MaskFacts
from spineviewer.app.overlay import make_overlay
from spineviewer.app.pipeline import FusedResult
from spineviewer.app.run_record import RunRecord
from spineviewer.app.scan_core import ScanParts
from spineviewer.app.services import SeriesLine, SeriesToChoose
from spineviewer.app.session import make_reference
from spineviewer.editing.correction import ADDED, Correction
from spineviewer.errors import ImageReadError, ModelError
from spineviewer.fusion import ExtendedAttention, attention_shape
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import (
    AttentionMap,
    CtVolume,
    ProbabilityMap,
    ScanFormat,
    ScanSource,
    SourceSlices,
)
from spineviewer.volume.working_grid import working_geometry

TUNING = Tuning(attention_threshold=0.2, sigma_mm=6.0, segmentation_threshold=0.5)


def spine_volume(
    shape=(96, 80, 72), spacing=(2.0, 1.5, 1.5), path=Path("sub-01_ct.nii.gz"), axes=None, **source
):
    """A column of bright blocks, and next to it a bright rod that is not spine.

    The HU of each voxel depend on its position.
    """
    z, y, x = np.mgrid[: shape[0], : shape[1], : shape[2]]
    hu = (-200 + z + 2 * y + 3 * x).astype(np.int16)
    bone = _column(shape, z, y, x)
    hu[bone] += 600
    hu[(abs(y - shape[1] * 0.3) < 3) & (abs(x - shape[2] * 0.15) < 3)] += 600
    geometry = Geometry(shape, spacing, (10.0, 20.0, 30.0), **({"axes_lps": axes} if axes else {}))
    return volume_of(hu, geometry, path, **source)


def volume_of(hu, geometry, path=Path("sub-01_ct.nii.gz"), **source):
    """A scan with these values, from a NIfTI file."""
    source = ScanSource(path, ScanFormat.NIFTI, geometry, AxisOrder(), **source)
    return CtVolume(hu, geometry, source)


def _column(shape, z, y, x):
    middle_y, middle_x = shape[1] * 0.6, shape[2] * 0.5
    return (
        (abs(y - middle_y) < shape[1] * 0.12) & (abs(x - middle_x) < shape[2] * 0.14) & (z % 12 < 9)
    )


def on_dicom_slices(scan, folder, **header):
    """Return the scan as if it came from DICOM slices whose headers are in `folder`.

    `header` changes texts in all of them.
    """
    folder.mkdir()
    study, series, frame = (generate_uid() for _ in range(3))
    (rows, columns), (step_mm, row_mm, column_mm) = scan.hu.shape[1:], scan.geometry.spacing_zyx_mm
    files, origins = [], []
    for z in range(scan.hu.shape[0]):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = (
            ExplicitVRLittleEndian,
            CTImageStorage,
        )
        meta.MediaStorageSOPInstanceUID = generate_uid()
        data = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
        data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = (
            study,
            series,
            frame,
        )
        data.Modality, data.Rows, data.Columns, data.SeriesNumber = "CT", rows, columns, 3
        data.PatientName, data.PatientID, data.StudyDate, data.StudyTime = (
            "Doe^Jane",
            "1",
            "20260101",
            "120000",
        )
        origins.append(tuple(float(v) for v in scan.geometry.point_lps_mm((z, 0, 0))))
        data.ImagePositionPatient, data.ImageOrientationPatient = (
            list(origins[-1]),
            [1, 0, 0, 0, 1, 0],
        )
        data.PixelSpacing, data.SliceThickness = [row_mm, column_mm], step_mm
        for name, value in header.items():
            tag, raw = Tag(name), value.encode().ljust(len(value) + len(value) % 2)
            data[tag] = RawDataElement(tag, dictionary_VR(tag), len(raw), raw, 0, False, True)
        files.append(folder / f"{z}.dcm")
        with disable_value_validation():
            pydicom.dcmwrite(files[-1], data, enforce_file_format=True)
    slices = SourceSlices(tuple(files), (0,) * len(files), tuple(origins), (frame,))
    return replace(
        scan, source=replace(scan.source, path=folder, format=ScanFormat.DICOM, slices=slices)
    )


def maps_of(scan, is_empty=False, computed=None):
    """Return an attention and a probability map that show the column."""
    working = working_geometry(scan.geometry)
    wz, wy, wx = np.mgrid[
        : working.shape_zyx[0], : working.shape_zyx[1], : working.shape_zyx[2]
    ].astype(np.float32)
    scale = [w / s for w, s in zip(working.shape_zyx, scan.geometry.shape_zyx, strict=True)]
    column = _column(scan.geometry.shape_zyx, np.floor(wz / scale[0]), wy / scale[1], wx / scale[2])
    probability = gaussian_filter(column.astype(np.float32), 1.0) * (0 if is_empty else 1)
    cells = np.zeros(attention_shape(scan.geometry), np.float32)
    if not is_empty:
        for i, j, k in np.ndindex(cells.shape):
            cells[i, j, k] = column[
                16 * i : 16 * i + 16, 16 * j : 16 * j + 16, 8 * k : 8 * k + 8
            ].mean()
    done = np.ones(working.shape_zyx[2], np.bool_)
    if computed is not None:
        done[:] = False
        done[computed] = True
    values = (probability * 65535).astype(np.uint16)
    values[:, :, ~done] = 0
    return AttentionMap(cells, scan.geometry), ProbabilityMap(values, done, working, scan.geometry)


class FakeBackend:
    """Opens the scan that it was given.

    With `gate`, segmenting waits after half of the slices until the gate is opened or cancelled.
    """

    def __init__(
        self,
        scans=(),
        *,
        is_empty=False,
        gate=None,
        error=None,
        weights=True,
        is_spine_first=False,
        rest_gate=None,
    ):
        self.is_spine_first, self.rest_gate, self.extended = is_spine_first, rest_gate, []
        self.scans = {str(scan.source.path): scan for scan in scans}
        self.is_empty, self.gate, self.error, self.has_weights = is_empty, gate, error, weights
        self.is_closed, self.runs = False, 0
        self.report = {"device": "cpu", "backend": "fake", "precision": "f32", "weights": "0123"}
        self.threads = set()

    def tuning(self):
        if not self.has_weights:
            raise ModelError(
                "Weights are missing: models/model.json does not exist. Install Spineviewer again."
            )
        return TUNING

    def read_scan(self, path, series_uid, progress):
        self.threads.add(threading.current_thread())
        progress.step("Reading", 0.5)
        if path.name == "several" and series_uid is None:
            lines = (
                SeriesLine(
                    "1.2.1",
                    "Lung 1.0",
                    "CT",
                    "512 × 512, 0.70 × 0.70 mm, slices 1.00 mm apart",
                    (),
                    300,
                ),
                SeriesLine(
                    "1.2.2",
                    "Bone 0.6",
                    "CT",
                    "512 × 512, 0.40 × 0.40 mm, slices 0.60 mm apart",
                    (),
                    512,
                    is_best=True,
                ),
                SeriesLine(
                    "1.2.3", "Scout", "CT", "512 × 888, spacing unknown", ("not a volume",), 1
                ),
            )
            raise SeriesToChoose(path, lines, ("RT Structure Set Storage (1)",))
        if str(path) in self.scans:
            return self.scans[str(path)]
        if series_uid is not None:
            return next(iter(self.scans.values()))
        raise ImageReadError(f"{path.name} is no image that this program can read: it holds text.")

    def segment(self, scan, tuning, progress, on_fusion):
        self.threads.add(threading.current_thread())
        if not self.has_weights:
            raise ModelError(
                "Weights are missing: models/model.json does not exist. Install Spineviewer again."
            )
        self.runs += 1
        progress.step("Attention", 0.0)
        attention, probability = maps_of(scan, self.is_empty)
        on_fusion(make_overlay(attention, None, tuning))
        half = slice(0, probability.values.shape[2] // 2)
        on_fusion(make_overlay(attention, maps_of(scan, self.is_empty, half)[1], tuning))
        progress.step("Segmentation", 0.5)
        while self.gate is not None and not self.gate.wait(0.01):
            progress.step("Segmentation", 0.5)
        if self.error is not None:
            raise self.error
        progress.step("Segmentation", 1.0)
        if self.is_spine_first:
            needed = ExtendedAttention(attention).needed_slices(tuning)
            probability = maps_of(scan, self.is_empty, needed)[1]
        return make_overlay(attention, probability, tuning), dict(self.report)

    def mask(self, scan, tuning, progress):
        progress.step("segmentation", 0.5)
        while self.gate is not None and not self.gate.wait(0.01):
            progress.step("segmentation", 0.5)
        attention, probability = maps_of(scan, self.is_empty)
        fusion = make_overlay(attention, probability, tuning)
        run_record = RunRecord("cpu", "torch", "f32", "", self.weights(), "1")
        return FusedResult(fusion, fusion.mask(tuning, progress), run_record)

    def extend(self, scan, fusion, tuning, progress, on_fusion):
        self.threads.add(threading.current_thread())
        self.extended.append(tuning)
        attention, probability = maps_of(scan, self.is_empty)
        progress.step("Segmentation", 0.5)
        while self.rest_gate is not None and not self.rest_gate.wait(0.01):
            progress.step("Segmentation", 0.5)
        return make_overlay(attention, probability, tuning or TUNING), dict(self.report)

    def expect_scan(self):
        pass

    def prepare(self, scan):
        pass

    def call(self, function, *arguments, progress):
        return function(*arguments, progress=progress)

    def weights(self):
        return self.report.get("weights", "")

    def close(self):
        self.is_closed = True


def parts_of(state, volume_ml=None, *, is_cut_by_scan=False, is_corrected=False, **changes):
    """Return the parts of an open scan in this state, with a mask of this volume."""
    shape = state.scan.geometry.shape_zyx
    correction = Correction(shape)
    if is_corrected:
        correction.begin("Brush")
        correction.paint((0, 0, 0), np.ones(shape, np.bool_), ADDED)
        correction.end()
    facts = None if volume_ml is None else MaskFacts(volume_ml, is_cut_by_scan)
    reference = make_reference(state.scan, "")
    return ScanParts(state, reference, Tuning(), correction, facts=facts, **changes)
