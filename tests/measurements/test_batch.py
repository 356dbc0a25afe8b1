"""Measurements of a list of scans."""

import csv
import json

import numpy as np
import pytest
from spines import solid_spine

from spineviewer.app.batch import MEASUREMENTS_CSV, Batch
from spineviewer.app.batch_list import Entry
from spineviewer.app.fused_mask import fused_mask
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.pipeline import FusedResult
from spineviewer.app.run_record import RunRecord
from spineviewer.errors import ImageReadError
from spineviewer.fusion import Fusion
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import ATTENTION_CELL_MM, AttentionMap

TUNING = Tuning(0.3, 5.0, 0.5)


@pytest.fixture(scope="module")
def spine():
    return solid_spine(["T11", "T12", "L1", "L2", "L3"])


def attention_of(grid):
    """An attention map that marks everything."""
    cells = [
        -(-int(extent) // mm)
        for extent, mm in zip(grid.extent_zyx_mm, ATTENTION_CELL_MM, strict=True)
    ]
    return AttentionMap(np.ones(cells, np.float32), grid)


class Maker:
    """Scans of a spine of solids; `broken` cannot be read."""

    def __init__(self, spine):
        self.spine = spine

    def read_scan(self, path, series_uid, progress):
        if "broken" in path.name:
            raise ImageReadError(f"{path.name} is no image.")
        return self.spine.scan

    def mask(self, scan, tuning, progress):
        fusion = FusionOverlay(Fusion(attention_of(scan.geometry), self.spine.probability))
        run_record = RunRecord("cpu", "torch", "f32", "", "abc", "1")
        return FusedResult(fusion, fused_mask(self.spine.mask, tuning), run_record)


def test_a_batch_writes_one_table_of_all_vertebrae(tmp_path, spine):
    listed = [Entry(tmp_path / name) for name in ("one.nii.gz", "broken.nii.gz", "two.nii.gz")]
    batch = Batch(listed, tmp_path / "masks", TUNING, with_measurements=True)
    batch.run(Maker(spine), JobProgress())
    table = batch.write_measurements()
    assert table == tmp_path / "masks" / MEASUREMENTS_CSV
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    count = len(rows) // 2
    assert [row["scan"] for row in rows] == [str(listed[0].path)] * count + [
        str(listed[2].path)
    ] * count
    assert any(row["anterior_mm"] for row in rows)
    file = tmp_path / "masks" / batch.rows[0].measurements
    record = json.loads(file.read_text(encoding="utf-8"))
    assert [row["name"] for row in record["measurements"]] == [r["name"] for r in rows[:count]]


def test_masks_without_measurements_are_measured_on_a_later_request(tmp_path, spine):
    listed = [Entry(tmp_path / "one.nii.gz")]
    Batch(listed, tmp_path / "masks", TUNING).run(Maker(spine), JobProgress())
    batch = Batch(listed, tmp_path / "masks", TUNING, with_measurements=True)
    assert batch.done_count == 0
    batch.run(Maker(spine), JobProgress())
    assert batch.write_measurements() is not None
    assert Batch(listed, tmp_path / "masks", TUNING).done_count == 1


def test_a_batch_without_measurements_has_no_table_of_them(tmp_path, spine):
    batch = Batch([Entry(tmp_path / "one.nii.gz")], tmp_path / "masks", TUNING)
    batch.run(Maker(spine), JobProgress())
    assert batch.write_measurements() is None
    assert batch.rows[0].measurements == ""
