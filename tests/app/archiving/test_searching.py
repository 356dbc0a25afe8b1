from archive_stand_in import FOUND, NODE, SERIES

from spineviewer.app.archiving.searching import prior_studies
from spineviewer.archive.query import Query


def test_a_search_returns_studies_and_the_series_of_a_study_when_it_is_expanded(access_to, archive):
    one, access = access_to(archive)
    search = access.search
    search.search(NODE, Query(patient_id="4711"))
    assert search.is_running
    one.loop.until(lambda: not search.is_running)
    assert search.found == FOUND
    assert search.series_of("1.2.1") is None
    search.request_series("1.2.1")
    search.request_series("1.2.2")
    one.loop.until(lambda: search.series_of("1.2.2") is not None)
    assert search.series_of("1.2.1") == SERIES
    assert search.series_of("1.2.2") == ()


def test_a_failed_search_reports_the_reason_and_can_be_repeated(access_to, archive):
    one, access = access_to(archive)
    archive.fault = "The archive does not know the local AE title SPINEVIEWER."
    access.search.search(NODE, Query(patient_id="4711"))
    one.loop.until(lambda: not access.search.is_running)
    assert access.search.found is None
    assert access.search.error == archive.fault
    archive.fault = ""
    access.search.repeat()
    one.loop.until(lambda: not access.search.is_running)
    assert (access.search.error, access.search.found.study_count) == ("", 4)


def test_priors_are_other_studies_of_the_same_patient_that_are_not_newer(archive):
    def uids(patient_id, study_date):
        found = prior_studies(archive, patient_id, study_uid="1.2.1", study_date=study_date)
        return [study.uid for study in found]

    assert uids("4711", "2024-03-15") == ["1.2.2"]
    assert uids("4711", "") == ["1.2.3", "1.2.2"]
    assert uids("47110", "2024-03-15") == ["1.2.9"]
    assert uids("  ", "2024-03-15") == []


def test_a_real_archive_is_searched_without_a_window(access_to, orthanc, stored):
    from spineviewer.archive.client import Archive

    one, access = access_to(Archive)
    access.search.search(orthanc.node(), Query(patient_id="4711"))
    one.loop.until(lambda: not access.search.is_running)
    patient, study = access.search.study(stored.uid)
    assert (patient.name, study.image_count) == ("Müstermann Erika", 13)
    access.search.request_series(stored.uid)
    one.loop.until(lambda: access.search.series_of(stored.uid) is not None)
    assert [series.image_count for series in access.search.series_of(stored.uid)] == [10, 3]
