"""The user's text and pictures for a report: undone step by step, stored in sessions."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from spineviewer.app.report_draft import MAX_IMAGES, KeyImage, ReportDraft
from spineviewer.app.session import make_session, pack_session, unpack_session
from spineviewer.app.state import Overlays, Slab, SlabKind
from spineviewer.errors import ImageReadError
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import WindowLevel

IMAGE = KeyImage(
    "sagittal",
    (30.0, 20.5, 10.0),
    WindowLevel(400, 40),
    (5.0, 6.0, 70.0, 80.0),
    rotation=Rotation().in_picture(Plane.AXIAL, 10.0),
    slab=Slab(SlabKind.MIP, 8.0),
    overlays=Overlays(is_mask_shown=False),
    caption="Fracture of L1",
)


@pytest.fixture
def scan(headless, volumes):
    return headless().open(volumes[0])


def test_undoing_a_key_image_removes_the_notice_that_it_is_in_the_report(scan):
    scan.drafts.add_image(IMAGE)
    assert [notice.topic for notice in scan.parts.notices] == ["key image"]
    scan.steps.undo()
    assert [notice.topic for notice in scan.parts.notices] == ["undo"]


def test_images_are_added_ordered_captioned_and_removed_each_as_one_step(scan):
    second = replace(IMAGE, view="axial", caption="")
    scan.drafts.add_image(IMAGE)
    scan.drafts.add_image(second)
    scan.drafts.move_image(1, 0)
    scan.drafts.set_caption(0, " Canal at L1 ")
    scan.drafts.remove_image(1)
    captioned = replace(second, caption="Canal at L1")
    assert scan.drafts.draft.images == (captioned,)
    seen = []
    for _ in range(5):
        scan.steps.undo()
        seen.append(scan.drafts.draft.images)
    assert seen == [(captioned, IMAGE), (second, IMAGE), (IMAGE, second), (IMAGE,), ()]
    for _ in range(5):
        scan.steps.redo()
    assert scan.drafts.draft.images == (captioned,)


def test_writing_is_one_step_however_often_the_text_changed(scan):
    for length in range(1, 9):
        scan.drafts.write("Fracture"[:length], "")
    scan.drafts.end_writing()
    scan.drafts.write("Fracture", "New")
    scan.drafts.end_writing()
    scan.steps.undo()
    assert scan.drafts.draft == ReportDraft("Fracture", "")
    scan.steps.undo()
    assert scan.drafts.draft.is_empty
    scan.steps.redo()
    assert scan.drafts.draft.findings == "Fracture"


def test_undo_reports_that_it_changed_the_text_of_the_report_and_offers_to_redo(scan):
    scan.drafts.write("No fracture.", "")
    scan.drafts.end_writing()
    scan.steps.undo()
    (notice,) = scan.parts.notices
    assert notice.text == "Your last change to the text of the report was undone."
    ((words, redo),) = notice.buttons
    assert words == "Redo"
    redo()
    assert scan.drafts.draft.findings == "No fracture."
    (notice,) = scan.parts.notices
    assert "redone" in notice.text
    scan.drafts.write("No fracture. Normal alignment.", "")
    scan.drafts.end_writing()  # another step, after which the notice would be wrong
    assert scan.parts.notices == ()


def test_undoing_an_image_leaves_a_text_that_is_being_written(scan):
    scan.drafts.add_image(IMAGE)
    scan.drafts.write("Fracture", "")
    scan.steps.undo()
    assert scan.drafts.draft == ReportDraft("Fracture", "")


def test_nothing_is_a_step_when_nothing_changed(scan):
    scan.drafts.add_image(IMAGE)
    scan.drafts.set_caption(0, IMAGE.caption)
    scan.drafts.move_image(0, 0)
    scan.drafts.write("", "")
    scan.drafts.end_writing()
    assert len(scan.parts.history.done) == 1


def test_a_report_contains_a_limited_number_of_images_and_reports_the_limit(scan):
    for _ in range(MAX_IMAGES + 1):
        scan.drafts.add_image(IMAGE)
    assert len(scan.drafts.draft.images) == MAX_IMAGES
    assert "already has" in scan.parts.notices[-1].text


def test_the_draft_comes_back_with_the_session(scan):
    draft = ReportDraft("Findings\nover lines", "Impression", (IMAGE, replace(IMAGE, depth_mm=3.5)))
    session = make_session(scan.state, scan.correction, scan.parts.reference, None, draft)
    packed = pack_session(session, has_path=True)
    assert unpack_session(packed, Path("x.spineview")).draft == draft
    assert session.has_edits
    stored = json.loads(packed)
    del stored["draft"]
    older = unpack_session(json.dumps(stored).encode(), Path("x.spineview"))
    assert older.draft == ReportDraft()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("part_mm", [0, 0, 0, 5]),
        ("part_mm", [0, 0, 1e9, 5]),
        ("exact_crosshair_zyx", ["a", 0, 0]),
        ("rotation", {"axes": [[2, 0, 0], [0, 1, 0], [0, 0, 1]]}),
        ("window", {"width_hu": 0, "level_hu": 0}),
        ("view", "x" * 101),
        ("depth_mm", float("nan")),
        ("slab", {"kind": "nonsense", "thickness_mm": 10}),
    ],
)
def test_a_damaged_draft_is_rejected_with_its_session(scan, key, value):
    draft = ReportDraft("", "", (IMAGE,))
    session = make_session(scan.state, scan.correction, scan.parts.reference, None, draft)
    stored = json.loads(pack_session(session, has_path=True))
    stored["draft"]["images"][0][key] = value
    with pytest.raises(ImageReadError, match="is damaged"):
        unpack_session(json.dumps(stored).encode(), Path("x.spineview"))


def test_the_draft_is_kept_in_the_journal_and_restored_when_the_scan_is_opened_again(
    headless, volumes
):
    one = headless()
    scan = one.open(volumes[0])
    scan.drafts.add_image(IMAGE)
    scan.drafts.write("Fracture", "New")
    one.delays.end_all()
    one.loop.rest()
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    again = one.open(volumes[0])
    assert again.drafts.draft == ReportDraft("Fracture", "New", (IMAGE,))
    one.loop.rest()
