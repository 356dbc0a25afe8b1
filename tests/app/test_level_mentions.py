"""Text that names vertebrae is tracked when the vertebrae get other names."""

from dataclasses import replace

from spineviewer.app.level_mentions import (
    outdated_levels,
    placed_levels,
    with_renamed_levels,
)
from spineviewer.app.report import report_content
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.note import Note
from spineviewer.volume.planes import Plane


def outdated(one, scan):
    """The notice about outdated text; it is also in the report."""
    one.loop.rest()
    notices = [notice for notice in scan.parts.notices if notice.topic == "outdated text"]
    warnings = report_content(scan.parts).warnings
    assert [notice.text for notice in notices] == [w for w in warnings if "renamed" in w]
    return notices[0] if notices else None


def test_texts_under_other_names_bring_one_notice_until_they_are_corrected(named):
    one, scan = named
    level, name_now = scan.parts.vertebrae.all[2].name, scan.parts.vertebrae.all[3].name
    scan.drafts.write(f"Wedging of {level}.", "")
    assert outdated(one, scan) is None
    scan.names.shift(1)
    assert f"{level} is now {name_now}" in outdated(one, scan).text
    scan.drafts.write(f"Old wedging of {level}.", "Impression")
    assert outdated(one, scan) is not None
    scan.drafts.write(f"Wedging of {name_now}.", "Impression")
    assert outdated(one, scan) is None
    scan.names.shift(-1)
    assert f"{name_now} is now {level}" in outdated(one, scan).text
    scan.names.shift(1)
    assert outdated(one, scan) is None


def test_the_user_can_state_that_a_note_is_correct(named):
    one, scan = named
    name, at = scan.parts.vertebrae.all[2].name, (50.0, 20.0, 20.0)
    scan.measurements.add(Measurement(Note(), Plane.AXIAL, (at, at), f"old {name}"))
    scan.names.shift(1)
    ((_, accept),) = outdated(one, scan).buttons
    accept()
    assert outdated(one, scan) is None


def test_other_names_than_in_the_last_session_are_noticed(named):
    _, scan = named
    level = scan.parts.vertebrae.all[2].name
    scan.drafts.write(f"Wedging of {level}.", "")
    stored = scan.autosave.session()
    assert stored.placed_levels == placed_levels(scan.parts.vertebrae)
    other = tuple((f"L{n + 1}", at) for n, (_, at) in enumerate(stored.placed_levels))
    again = replace(scan.parts, labelling=None, placed_levels=other)
    mentioned = other[2][0]
    again = replace(again, draft=replace(stored.draft, findings=f"Wedging of {mentioned}."))
    draft = with_renamed_levels(again, scan.parts.vertebrae)
    assert draft.renamed == ((mentioned, level),)
    assert f"{mentioned} is now {level}" in outdated_levels(replace(again, draft=draft))
