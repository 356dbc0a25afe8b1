"""Network results are restored exactly, and never for another scan or other weights."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from spineviewer.app import stored_results as results
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.pipeline import Segmenter
from spineviewer.app.session import ScanReference, Session, pack_session, scan_fingerprint
from spineviewer.app.state import Overlays, Slab
from spineviewer.app.stored_results import pack_results, unpack_results
from spineviewer.editing.correction import Correction
from spineviewer.errors import ImageReadError
from spineviewer.fusion import Fusion, attention_shape
from spineviewer.io.scan import read_scan
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import AttentionMap, ProbabilityMap, WindowLevel
from spineviewer.volume.working_grid import working_geometry

REPORT = {
    "weights": "0123abcd",
    "device": "cpu",
    "warnings": ["The mask touches the edge."],
    "seconds": {"attention": 0.5},
}


@pytest.fixture
def maps(small_scan):
    random = np.random.default_rng(3)
    working = working_geometry(small_scan.geometry)
    cells = random.random(attention_shape(small_scan.geometry), np.float32)
    is_computed = np.zeros(working.shape_zyx[2], bool)
    is_computed[3:20] = is_computed[25:26] = True
    values = np.zeros(working.shape_zyx, np.uint16)
    values[:, :, is_computed] = random.integers(
        0, 65536, (*working.shape_zyx[:2], int(is_computed.sum()))
    )
    probability = ProbabilityMap(values, is_computed, working, small_scan.geometry)
    return AttentionMap(cells, small_scan.geometry), probability


@pytest.fixture
def packed(maps, small_scan):
    return pack_results(FusionOverlay(Fusion(*maps)), REPORT, scan_fingerprint(small_scan))


def unpacked(content, scan, weights="0123abcd"):
    return unpack_results(content, scan, scan_fingerprint(scan), weights)


def test_every_bit_is_restored(packed, maps, small_scan):
    found = unpacked(packed, small_scan)
    assert np.array_equal(found.attention.cells, maps[0].cells)
    assert np.array_equal(found.probability.values, maps[1].values)
    assert np.array_equal(found.probability.is_computed, maps[1].is_computed)
    assert found.run_record == REPORT


def test_attention_alone_is_restored_as_such(maps, small_scan):
    content = pack_results(
        FusionOverlay(Fusion(maps[0], None)), REPORT, scan_fingerprint(small_scan)
    )
    found = unpacked(content, small_scan)
    assert np.array_equal(found.attention.cells, maps[0].cells)
    assert found.probability is None


def test_results_of_another_scan_or_other_weights_are_not_used(packed, small_scan):
    assert unpacked(packed, replace(small_scan, hu=small_scan.hu + np.int16(1))) is None
    assert unpacked(packed, small_scan, weights="another") is None
    assert unpacked(packed, small_scan, weights="") is None


def changed(content, **to):
    line, _, rest = content.partition(b"\n")
    return json.dumps({**json.loads(line), **to}).encode() + b"\n" + rest


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-7],
        lambda content: content[:-7] + bytes(7),
        lambda _: b"",
        lambda content: b"[]\n" + content,
        lambda content: changed(content, computed=[[0, 10**9]]),
        lambda content: changed(content, computed=[[0, 5]]),
        lambda content: changed(content, computed="all"),
        lambda content: changed(content, is_segmented=False),
        lambda content: changed(content, report=3),
        lambda content: changed(content, version=2),
        lambda content: b"{" * 10**5 + content,
    ],
    ids=[
        "cut",
        "changed",
        "nothing",
        "another head",
        "beyond",
        "fewer",
        "no list",
        "attention alone",
        "report",
        "newer",
        "deep",
    ],
)
def test_damaged_results_are_reported(packed, damage, small_scan):
    with pytest.raises(ImageReadError, match=r"damaged .*cannot be used"):
        unpacked(damage(packed), small_scan)


def test_attention_above_one_is_rejected(maps, small_scan):
    cells = maps[0].cells.copy()
    cells[0, 0, 0] = np.nan
    content = pack_results(
        FusionOverlay(Fusion(AttentionMap(cells, small_scan.geometry), None)),
        REPORT,
        scan_fingerprint(small_scan),
    )
    with pytest.raises(ImageReadError, match="damaged"):
        unpacked(content, small_scan)


def test_results_that_are_too_large_are_not_stored(maps, small_scan, monkeypatch):
    monkeypatch.setattr(results, "MAX_BYTES", 10_000)
    assert pack_results(FusionOverlay(Fusion(*maps)), REPORT, scan_fingerprint(small_scan)) == b""


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("case", ["train/cort-liver", "validation/ircad-01"])
def test_the_results_of_a_whole_real_scan_are_stored(case, real_data):
    """With every voxel computed, they are as large as possible.

    The figures are printed: `pytest -s`.
    """
    scan = read_scan(real_data / case / "ct.nii.gz")
    result = Segmenter().segment(scan)
    begun = time.perf_counter()
    content = pack_results(
        FusionOverlay(Fusion(result.attention, result.probability)),
        {"weights": "0123abcd"},
        scan_fingerprint(scan),
    )
    seconds = time.perf_counter() - begun
    assert np.array_equal(unpacked(content, scan).probability.values, result.probability.values)
    reference = ScanReference("", "", scan.geometry.shape_zyx, scan_fingerprint(scan))
    session = Session(
        scan=reference,
        tuning=Tuning(0.1, 16.0, 0.45),
        overlays=Overlays(),
        window=WindowLevel(1800.0, 400.0),
        crosshair_zyx=(0, 0, 0),
        slab=Slab(),
        measurements=(),
        correction=Correction(scan.geometry.shape_zyx),
        results=content,
    )
    file = pack_session(session, has_path=False)
    print(  # noqa: T201
        f"\n{case}: {scan.hu.nbytes / 1e6:.0f} MB of voxels, "
        f"{result.probability.values.nbytes / 1e6:.0f} MB of answers, "
        f"packed {len(content) / 1e6:.1f} MB in {seconds:.1f} s, session {len(file) / 1e6:.1f} MB"
    )
