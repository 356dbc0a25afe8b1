"""Thumbnails of series: the middle slice with its true aspect ratio; failures are left out."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from spineviewer.io.dicom.thumbnails import EDGE, thumbnail
from spineviewer.io.scan import list_series, thumbnails
from spineviewer.io.series_listing import SeriesListing, SeriesSummary
from spineviewer.volume.volume import ScanFormat


def test_the_middle_slice_is_shown_in_the_bone_window(scanner: Any) -> None:
    hu = np.full((5, 40, 40), -1000, np.int16)
    hu[2, :20] = 1300  # the middle slice, whose upper half is white
    hu[2, 20:, :20] = 400  # the middle of the window
    (picture,) = thumbnails(list_series(scanner.write(hu))).values()
    assert picture.shape == (EDGE, EDGE)
    shown = picture[:, round(EDGE * 0.2)]
    assert shown[EDGE // 4] == 255
    assert shown[3 * EDGE // 4] in (127, 128)
    assert picture[3 * EDGE // 4, round(EDGE * 0.8)] == 0


@pytest.mark.parametrize(
    ("shape", "spacing", "rows"),
    [((40, 40), (2.0, 1.0), 96), ((40, 40), (1.0, 2.0), 48), ((7, 300), (1, 1), 2)],
)
def test_a_thumbnail_keeps_the_aspect_ratio(
    shape: tuple[int, int], spacing: tuple[float, float], rows: int
) -> None:
    picture = thumbnail(np.full(shape, 1300, np.int16), spacing)
    assert np.count_nonzero(picture.any(axis=1)) == rows
    assert picture.max() == 255


def test_a_thin_line_is_dimmed_not_lost(scanner: Any) -> None:
    hu = np.full((960, 960), -1000, np.int16)
    hu[485] = 1300
    assert 20 <= thumbnail(hu, (1.0, 1.0)).max() <= 30  # a tenth of white


def test_a_listed_series_names_its_patient_and_study_date(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu)
    for path in folder.iterdir():
        dataset = pydicom.dcmread(path)
        dataset.PatientName, dataset.StudyDate = "Doe^Jane", "20240506"
        dataset.save_as(path)
    (series,) = list_series(folder).series
    assert series.identity.patient_name == "Doe, Jane"
    assert series.identity.study_date == "2024-05-06"


def test_a_zipped_study_has_thumbnails_too(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    folder = scanner.write(hu)
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert len(thumbnails(list_series(tmp_path / "study.zip"))) == 1


def test_a_slice_that_cannot_be_decoded_loses_only_its_thumbnail(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu)
    good = scanner.series_uid
    scanner.series_uid = "1.2.3"

    def spoil(n: int, data: Any) -> None:
        del data.PixelData

    scanner.write(hu, change=spoil, prefix="other")
    assert set(thumbnails(list_series(folder))) == {good}


def test_an_image_file_has_no_thumbnail(tmp_path: Path) -> None:
    assert thumbnails(SeriesListing(tmp_path, ScanFormat.NIFTI, (), (), ())) == {}


def summary(
    description: str, slices: int, modality: str = "CT", problems: tuple[str, ...] = ()
) -> SeriesSummary:
    return SeriesSummary(
        "1", description, modality, slices, 512, 512, (1.0, 0.5, 0.5), "", problems
    )


@pytest.mark.parametrize(
    ("series", "best"),
    [
        ([summary("Thorax 5.0 B30", 80), summary("BWS Knochen 2.0", 60)], 1),
        ([summary("C-Spine 1.0", 300), summary("Head 0.6", 500)], 0),
        ([summary("Spine scout", 2), summary("Abdomen", 200)], 1),
        ([summary("LWS", 100, problems=("gap",)), summary("Abdomen", 90)], 1),
        ([summary("Wirbelsäule", 100, "MR"), summary("Abdomen", 90)], 1),
        ([summary("Boneless", 90), summary("Thin", 100)], 1),
    ],
)
def test_the_series_with_a_spine_description_is_preferred(
    series: list[SeriesSummary], best: int
) -> None:
    assert SeriesListing(Path("x"), ScanFormat.DICOM, tuple(series), (), ()).best is series[best]


def test_multi_frame_objects_have_thumbnails(enhanced: Any, hu: NDArray[np.int16]) -> None:
    folder = enhanced(hu, True)
    assert pydicom.dcmread(folder / "enhanced.dcm").NumberOfFrames == len(hu)
    (picture,) = thumbnails(list_series(folder)).values()
    assert picture.any()
