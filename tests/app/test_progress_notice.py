"""Notices about running work."""

from spineviewer.app.notices import ProgressNotice
from spineviewer.progress import ProgressUpdate


def test_each_tenth_is_reported_once_and_the_result_announces_the_end():
    told = []
    notice = ProgressNotice(told.append, "Writing copies…", "anonymised")
    for fraction in (0.0, 0.05, 0.11, 0.19, 0.5, 0.55, 1.0):
        notice.show(ProgressUpdate("", fraction, None))
    assert [one.text for one in told] == [
        "Writing copies…",
        "Writing copies… 10%",
        "Writing copies… 50%",
    ]
    assert {one.topic for one in told} == {"anonymised"}
