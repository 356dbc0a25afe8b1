"""Saved work is restored exactly and contains no more than needed; damage is reported."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spineviewer.app.hand_naming import Name
from spineviewer.app.landmarks import Kind, MovedPoint
from spineviewer.app.session import (
    ScanReference,
    apply_session,
    find_scan_path,
    make_reference,
    make_session,
    pack_session,
    read_session,
    scan_fingerprint,
    unpack_session,
)
from spineviewer.app.state import (
    MaskStyle,
    Overlays,
    SegmentationStage,
    Slab,
    SlabKind,
    first_state,
)
from spineviewer.app.view_state import Camera, ViewState, Zoom
from spineviewer.editing.correction import ADDED, REMOVED, Correction
from spineviewer.errors import ImageReadError
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import WindowLevel

VIEWS = ViewState(
    layout="spine",
    active="axial",
    maximised="curved sagittal",
    zooms={"axial": Zoom(12.5, -3.0, 0.31)},
    depths_mm={"curved sagittal": -7.5},
    camera=Camera(33.0, -12.0, 640.0, (1.0, 2.0, 3.0), False),
)


@pytest.fixture
def correction(small_scan):
    correction = Correction(small_scan.geometry.shape_zyx)
    correction.begin("Brush")
    correction.paint((3, 30, 30), np.ones((4, 5, 6), bool), ADDED)
    correction.paint((40, 60, 50), np.ones((2, 3, 4), bool), REMOVED)
    correction.end()
    return correction


@pytest.fixture
def state(small_scan):
    return replace(
        first_state(small_scan, Tuning(), Overlays()),
        tuning=Tuning(0.37, 4.25, 0.61, leaves_out_islands=True),
        overlays=Overlays(is_map_shown=False, mask_style=MaskStyle.TINT, map_opacity=0.123),
        window=WindowLevel(777, -33),
        crosshair_zyx=(5, 6, 7),
        slab=Slab(SlabKind.MIP, 14.0),
        rotation=Rotation().in_picture(Plane.AXIAL, 12.5),
        exact_crosshair_zyx=(5.25, 6.0, 7.0),
        measurements=(Measurement(Distance(), Plane.AXIAL, ((3.0, 1.5, 2.25), (3.0, 9.0, 8.0))),),
        stage=SegmentationStage.DONE,
        run_record={"weights": "0123abcd"},
    )


@pytest.fixture
def session(state, correction):
    session = make_session(state, correction, make_reference(state.scan, "1.2.3@run-1-9"), VIEWS)
    return replace(session, results=b"packed answers")


def test_everything_comes_back_exactly(session, state, small_scan):
    again = unpack_session(pack_session(session, has_path=True), Path("x.spineview"))
    assert again.scan == session.scan
    assert (again.is_segmented, again.weights) == (True, "0123abcd")
    fresh = apply_session(again, first_state(small_scan, Tuning(), Overlays()))
    assert (again.views, again.results, again.is_stopped) == (VIEWS, b"packed answers", False)
    for name in (
        "tuning",
        "overlays",
        "window",
        "crosshair_zyx",
        "slab",
        "measurements",
        "rotation",
        "exact_crosshair_zyx",
    ):
        assert getattr(fresh, name) == getattr(state, name), name
    nothing = np.zeros(small_scan.geometry.shape_zyx, bool)
    assert np.array_equal(
        again.correction.corrected_mask(nothing), session.correction.corrected_mask(nothing)
    )
    assert np.array_equal(
        again.correction.corrected_mask(~nothing), session.correction.corrected_mask(~nothing)
    )


def test_keys_that_were_renamed_are_read_from_older_files(session, state, small_scan):
    new = pack_session(session, has_path=True)
    old = new
    for now, before in (
        (b'"rotation"', b'"turn"'),
        (b'"crosshair_zyx"', b'"cursor_zyx"'),
        (b'"exact_crosshair_zyx"', b'"place_zyx"'),
        (b'"is_map_shown"', b'"is_heat_shown"'),
        (b'"is_attention_projected"', b'"is_heat_aggregated"'),
        (b'"map_opacity"', b'"heat_opacity"'),
    ):
        assert now in old
        old = old.replace(now, before)
    assert unpack_session(old, Path("x.spineview")).rotation == session.rotation
    assert unpack_session(old, Path("x.spineview")).crosshair_zyx == session.crosshair_zyx
    assert unpack_session(old, Path("x.spineview")).overlays == session.overlays


def test_a_file_of_an_earlier_version_opens_without_newer_fields(session, state, small_scan):
    stored = header_of(pack_session(session, has_path=True))
    for key in ("rotation", "exact_crosshair_zyx", "views", "is_stopped"):
        del stored[key]
    del stored["tuning"]["leaves_out_islands"]
    again = unpack_session(json.dumps(stored).encode(), Path("x.spineview"))
    assert (again.views, again.results, again.rotation.is_straight) == (ViewState(), b"", True)
    fresh = apply_session(again, first_state(small_scan, Tuning(), Overlays()))
    assert (fresh.crosshair_zyx, fresh.exact_crosshair_zyx, fresh.tuning) == (
        state.crosshair_zyx,
        None,
        replace(state.tuning, leaves_out_islands=False),  # as when the mask was saved
    )


def test_a_file_with_results_in_its_json_object_opens(session):
    stored = header_of(pack_session(session, has_path=True)) | {
        "results": base64.b64encode(b"packed answers").decode()
    }
    assert (
        unpack_session(json.dumps(stored, indent=1).encode(), Path("x.spineview")).results
        == b"packed answers"
    )


def test_results_with_any_bytes_are_restored(session):
    answers = bytes(range(256)) * 3
    content = pack_session(replace(session, results=answers), has_path=True)
    assert unpack_session(content, Path("x.spineview")).results == answers


def test_the_journal_contains_neither_path_nor_series(session):
    content = pack_session(session, has_path=False)
    assert b"small.nii.gz" not in content
    assert b"1.2.3" not in content


def test_a_scan_is_identified_by_its_values_not_by_its_name(small_scan):
    renamed = replace(small_scan, source=replace(small_scan.source, path=Path("other/name.nrrd")))
    assert scan_fingerprint(renamed) == scan_fingerprint(small_scan)
    other = replace(small_scan, hu=small_scan.hu + np.int16(1))
    assert scan_fingerprint(other) != scan_fingerprint(small_scan)
    assert "small" not in scan_fingerprint(small_scan)


def test_the_scan_is_found_where_it_was_or_beside_the_session(session, tmp_path):
    moved = replace(session, scan=replace(session.scan, path=str(tmp_path / "gone" / "ct.nii.gz")))
    with pytest.raises(ImageReadError, match="was not found"):
        find_scan_path(moved, tmp_path / "work.spineview")
    (tmp_path / "ct.nii.gz").touch()
    assert find_scan_path(moved, tmp_path / "work.spineview") == tmp_path / "ct.nii.gz"


def test_a_missing_scan_that_was_next_to_the_session_is_reported_with_one_path(session, tmp_path):
    beside = replace(session, scan=replace(session.scan, path=str(tmp_path / "ct.nii.gz")))
    with pytest.raises(ImageReadError) as caught:
        find_scan_path(beside, tmp_path / "work.spineview")
    assert str(caught.value).count("ct.nii.gz") == 1


def test_a_session_that_is_gone_is_reported_as_gone(tmp_path):
    with pytest.raises(ImageReadError, match="no longer exists"):
        read_session(tmp_path / "work.spineview")


def header_of(content):
    return json.loads(content.partition(b"\0")[0])


def changed(session, *keys, to):
    stored = header_of(pack_session(session, has_path=True))
    inner = stored
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = to
    return json.dumps(stored).encode()


@pytest.mark.parametrize(
    ("keys", "to", "words"),
    [
        (("format",), "another", "is not a Spineviewer session"),
        (("version",), 99, "another version"),
        (("tuning", "sigma_mm"), float("nan"), "damaged"),
        (("tuning", "attention_threshold"), 7.0, "damaged"),
        (("tuning", "sigma_mm"), True, "damaged"),
        (("overlays", "map_opacity"), "0.4", "damaged"),
        (("overlays", "mask_style"), "glitter", "damaged"),
        (("scan", "shape_zyx"), [47, 71], "damaged"),
        (("scan", "shape_zyx"), [-1, 71, 61], "damaged"),
        (("scan", "shape_zyx"), [1, 1, 1], "corrections"),
        (("scan", "path"), None, "damaged"),
        (("crosshair_zyx",), [1e400, 0, 0], "damaged"),
        (("window", "width_hu"), 0, "damaged"),
        (
            ("measurements",),
            [
                {
                    "kind": "DISTANCE",
                    "plane": "AXIAL",
                    "points_zyx": [[0, 0, float("inf")], [1, 1, 1]],
                }
            ],
            "damaged",
        ),
        (("corrections",), "####", "damaged"),
        (("corrections",), "UEsDBAo=", "corrections"),
        (("slab",), [], "damaged"),
        (("crosshair_zyx",), [1], "damaged"),
        (("extra",), 3, "damaged"),
        (("rotation",), [[1, 0, 0], [1, 0, 0], [0, 0, 1]], "damaged"),
        (("rotation",), [[1, 0], [0, 1]], "damaged"),
        (("exact_crosshair_zyx",), [1, 2], "damaged"),
        (("views",), [], "damaged"),
        (("views", "layout"), 3, "damaged"),
        (("views", "zooms"), {"axial": {"right_mm": 0, "down_mm": 0, "mm_per_px": 0}}, "damaged"),
        (
            ("views", "zooms"),
            {"axial": {"right_mm": 1e300, "down_mm": 0, "mm_per_px": 1}},
            "damaged",
        ),
        (("views", "camera", "distance_mm"), -1, "damaged"),
        (("views", "depths_mm"), {str(n): 0 for n in range(40)}, "damaged"),
        (("results",), "####", "damaged"),
    ],
    ids=str,
)
def test_a_damaged_session_is_reported_in_one_line_with_the_file_name(session, keys, to, words):
    with pytest.raises(ImageReadError, match=words) as told:
        unpack_session(changed(session, *keys, to=to), Path("work.spineview"))
    assert "work.spineview" in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"format": "spineviewer session"}']
)
def test_what_is_not_a_session_is_reported(content, tmp_path):
    path = tmp_path / "work.spineview"
    path.write_bytes(content)
    with pytest.raises(ImageReadError, match=r"work\.spineview"):
        read_session(path)
    assert path.read_bytes() == content


def test_corrections_that_declare_gigabytes_are_rejected(session, tmp_path):
    import io
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("blocks.npy", bytes(50_000_000))
    content = changed(session, "corrections", to=base64.b64encode(stream.getvalue()).decode())
    with pytest.raises(ImageReadError, match="damaged"):
        unpack_session(content, tmp_path / "work.spineview")


def test_a_session_without_corrections_is_small(state, session):
    empty = make_session(
        state, Correction(state.scan.geometry.shape_zyx), ScanReference("", "", (1, 1, 1), "f")
    )
    assert len(pack_session(empty, has_path=True)) < 2000


TWO_POINTS = {"kind": "DISTANCE", "plane": "AXIAL", "points_zyx": [[1, 2, 3], [1, 5, 6]]}
POINT = {"kind": "depth", "name": "end", "body_lps_mm": [0, 0, 0], "at_lps_mm": [1, 0, 0]}
KEY_IMAGE = {
    "view": "axial",
    "place_zyx": [1.0, 2.0, 3.0],
    "window": {"width_hu": 1800, "level_hu": 400},
    "part_mm": [0.0, 0.0, 50.0, 50.0],
    "turn": {"axes": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]},
    "slab": {"kind": "MIP", "thickness_mm": 8.0},
    "overlays": {"is_heat_shown": False},
}
TUNING = {
    "attention_threshold": 0.2,
    "sigma_mm": 6.0,
    "segmentation_threshold": 0.5,
    "leaves_out_islands": True,
}
#: As an earlier version wrote them.
STEPS = [
    {"kind": "correction", "name": "Brush"},
    {"kind": "measurements", "name": "Distance", "before": [], "after": [TWO_POINTS]},
    {
        "kind": "names",
        "name": "Name L1",
        "before": {"names": [], "cuts": []},
        "after": {"names": [{"label": 20, "at_lps_mm": [1.0, 2.0, 3.5]}], "cuts": []},
    },
    {"kind": "landmarks", "name": "Move", "before": [], "after": [{**POINT, "curve": None}]},
    {"kind": "texts", "name": "Write report", "before": ["", ""], "after": ["a", "b"]},
    {"kind": "images", "name": "Key image", "before": [], "after": [KEY_IMAGE]},
    {"kind": "tuning", "name": "Change thresholds", "before": TUNING, "after": TUNING},
]


def with_history(session, done):
    stored = header_of(pack_session(session, has_path=True))
    return json.dumps(stored | {"history": {"done": done, "undone": done[:1]}}).encode()


def test_the_undo_history_of_an_older_file_comes_back_step_by_step(session):
    again = unpack_session(with_history(session, STEPS), Path("x.spineview"))
    _, measured, named, moved, written, pictured, tuned = again.history.done
    assert [step.name for step in again.history.undone] == ["Brush"]
    points = ((1.0, 2.0, 3.0), (1.0, 5.0, 6.0))
    assert measured.after == (Measurement(Distance(), Plane.AXIAL, points),)
    assert named.after.names == (Name(20, (1.0, 2.0, 3.5)),)
    assert moved.after == (MovedPoint(Kind.DEPTH, "end", (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),)
    assert (written.before, written.after) == (("", ""), ("a", "b"))
    assert pictured.after[0].slab == Slab(SlabKind.MIP, 8.0)
    assert not pictured.after[0].overlays.is_map_shown
    assert tuned.before == Tuning(0.2, 6.0, 0.5, leaves_out_islands=True)
    stored = header_of(pack_session(again, has_path=True))["history"]
    assert unpack_session(with_history(session, stored["done"]), Path("x")).history.done[
        1
    ].after == (Measurement(Distance(), Plane.AXIAL, points),)
    assert [step["kind"] for step in stored["done"]] == [step["kind"] for step in STEPS]
    assert stored["done"][2] == STEPS[2]


@pytest.mark.parametrize(
    "step",
    [
        {"kind": "soup", "name": "Brush"},
        {"kind": "correction"},
        {"kind": "measurements", "name": "Distance", "before": []},
        {"kind": "measurements", "name": "Distance", "before": [], "after": [{"kind": "X"}]},
        {"kind": "names", "name": "Name", "before": {}, "after": 3},
        {"kind": "texts", "name": "Write", "before": ["", ""], "after": ["only one"]},
        {"kind": "tuning", "name": "T", "before": TUNING, "after": TUNING | {"sigma_mm": 1e9}},
        {"kind": "tuning", "name": "T", "before": TUNING, "after": TUNING | {"sigma_mm": -1}},
        3,
    ],
    ids=str,
)
def test_a_damaged_step_is_reported(session, step):
    with pytest.raises(ImageReadError, match="damaged"):
        unpack_session(with_history(session, [step]), Path("work.spineview"))


def test_a_history_of_thousands_of_steps_is_refused(session):
    content = with_history(session, [STEPS[0]] * 1001)
    with pytest.raises(ImageReadError, match="damaged"):
        unpack_session(content, Path("work.spineview"))
