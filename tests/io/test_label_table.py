from pathlib import Path

from spineviewer.io.write.label_table import (
    LabelEntry,
    centres_record,
    sidecar_paths,
    slicer_fields,
    write_sidecars,
)
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import canonical_order
from spineviewer.volume.volume import ScanFormat, ScanSource

ENTRY = LabelEntry(20, "L1", (255, 0, 51), (-10.0, 20.0, 30.0))


def source() -> ScanSource:
    """A source with slices from head to foot, rows towards the back, columns towards the right."""
    axes = ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0))
    grid = Geometry((5, 6, 7), (2.0, 1.0, 0.5), (0.0, 10.0, 40.0), axes)
    return ScanSource(Path("scan.nii.gz"), ScanFormat.NIFTI, grid, canonical_order(grid))


def test_slicer_finds_name_colour_and_value_in_the_header() -> None:
    assert slicer_fields([ENTRY], (7, 6, 5)).splitlines() == [
        "Segment0_ID:=Segment_20",
        "Segment0_Name:=L1",
        "Segment0_Color:=1.0000 0.0000 0.2000",
        "Segment0_LabelValue:=20",
        "Segment0_Layer:=0",
        "Segment0_Extent:=0 6 0 5 0 4",
    ]


def test_centres_are_in_the_files_voxels_and_name_its_axes() -> None:
    # 10 mm to the right in steps of 0.5, 10 mm to posterior in steps of 1, 10 mm down in steps of
    # 2.
    assert centres_record([ENTRY], source()) == [
        {"direction": ["R", "P", "I"]},
        {"label": 20, "X": 20.0, "Y": 10.0, "Z": 5.0},
    ]


def test_sidecars_are_named_after_the_volume(tmp_path: Path) -> None:
    write_sidecars([ENTRY], source(), tmp_path / "sub-1_seg-vert_msk.nii.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "sub-1_seg-subreg_ctd.json",
        "sub-1_seg-vert_msk_labels.txt",
    ]
    text = (tmp_path / "sub-1_seg-vert_msk_labels.txt").read_text()
    assert text.splitlines()[-1].split() == ["20", "255", "0", "51", "1", "1", "1", '"L1"']
    assert [path.name for path in sidecar_paths(Path("v.nrrd"))] == ["v_labels.txt", "v_ctd.json"]
