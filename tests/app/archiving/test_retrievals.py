from dataclasses import replace

import pytest
from archive_peers import slices_in, small_study
from archive_stand_in import NODE

from spineviewer.app.archiving.retrievals import RequestedStudy, RetrievalState
from spineviewer.archive.client import Archive
from spineviewer.archive.node import Retrieval as TransferWay

WANTED = RequestedStudy(NODE, "1.2.1", "", "Doe Jane", "4711", "2024-03-15")
OTHER = RequestedStudy(NODE, "1.2.2", "", "Doe Jane", "4711", "2023-01-01")
THIRD = RequestedStudy(NODE, "1.2.3", "", "Doe Jane", "4711", "2025-01-01")
WAITING, RUNNING, DONE, FAILED, STOPPED = RetrievalState


def states(access):
    return [one.state for one in access.retrievals.retrievals]


def test_two_studies_are_retrieved_at_once_and_earlier_ones_are_offered(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    arrived = []
    access.retrievals.arrived.connect(arrived.append)
    numbers = [access.retrievals.retrieve(w).number for w in (WANTED, OTHER, THIRD)]
    assert access.retrievals.retrieve(WANTED).number == numbers[0]
    assert states(access) == [RUNNING, RUNNING, WAITING]
    gate.set()
    one.loop.until(lambda: states(access) == [DONE] * 3)
    one.loop.rest()
    assert sorted(retrieval.number for retrieval in arrived) == numbers
    assert all(retrieval.folder.is_dir() for retrieval in arrived)
    priors = [[study.uid for study in one.priors] for one in access.retrievals.retrievals]
    assert priors == [["1.2.2"], [], ["1.2.1", "1.2.2"]]  # older studies only


def test_a_cancel_stops_one_of_two_and_the_next_one_starts(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    numbers = [access.retrievals.retrieve(w).number for w in (WANTED, OTHER, THIRD)]
    access.retrievals.cancel(numbers[0])
    one.loop.until(lambda: states(access) == [STOPPED, RUNNING, RUNNING])
    access.retrievals.retry(numbers[0])
    assert states(access) == [WAITING, RUNNING, RUNNING]
    gate.set()
    one.loop.until(lambda: states(access) == [DONE] * 3)
    one.loop.rest()


def test_each_retrieval_reports_its_progress(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    archive.shares = {"1.2.1": 0.25, "1.2.2": 0.75}
    for wanted in (WANTED, OTHER):
        access.retrievals.retrieve(wanted)
    one.loop.until(lambda: [r.fraction for r in access.retrievals.retrievals] == [0.25, 0.75])
    gate.set()
    one.loop.rest()


def test_the_settings_limit_how_many_are_retrieved_at_once(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    settings = one.workspace.settings
    settings.update(retrievals_at_once=1)
    for wanted in (WANTED, OTHER, THIRD):
        access.retrievals.retrieve(wanted)
    assert states(access) == [RUNNING, WAITING, WAITING]
    settings.update(retrievals_at_once=3)
    assert states(access) == [RUNNING] * 3
    gate.set()
    one.loop.rest()


def test_two_series_of_one_study_are_retrieved_one_after_the_other(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    for wanted in (WANTED, replace(WANTED, series_uid="1.2.1.1"), OTHER):
        access.retrievals.retrieve(wanted)
    assert states(access) == [RUNNING, WAITING, RUNNING]
    gate.set()
    one.loop.until(lambda: states(access) == [DONE] * 3)
    one.loop.rest()


def test_a_cancel_does_not_wait_for_the_archive_and_a_retry_completes(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    number = access.retrievals.retrieve(WANTED).number
    access.retrievals.cancel(number)
    one.loop.until(lambda: states(access) == [STOPPED])
    gate.set()
    access.retrievals.retry(number)
    one.loop.until(lambda: states(access) == [DONE])
    one.loop.rest()
    assert [study.uid for study in access.retrievals.retrievals[0].priors] == ["1.2.2"]


def test_a_waiting_retrieval_is_cancelled_without_contacting_the_archive(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    one.workspace.settings.update(retrievals_at_once=1)
    access.retrievals.retrieve(WANTED)
    access.retrievals.cancel(access.retrievals.retrieve(OTHER).number)
    requested = len(archive.requested)
    gate.set()
    one.loop.until(lambda: states(access) == [DONE, STOPPED])
    one.loop.rest()
    assert len(archive.requested) == requested + 1  # for the priors of the first
    access.retrievals.clear_ended()
    assert access.retrievals.retrievals == ()


def test_a_failed_retrieval_reports_the_reason(access_to, archive):
    one, access = access_to(archive)
    archive.fault = "2 of 13 images did not arrive."
    access.retrievals.retrieve(WANTED)
    one.loop.until(lambda: states(access) == [FAILED])
    assert access.retrievals.retrievals[0].reason == archive.fault


@pytest.mark.timeout(120)
def test_a_study_of_a_real_archive_arrives_in_the_local_store(access_to, orthanc, stored):
    one, access = access_to(Archive)
    wanted = RequestedStudy(orthanc.node(), stored.uid, stored.series[0], "", "4711", "2024-03-15")
    access.retrievals.retrieve(wanted)
    one.loop.until(lambda: states(access) == [DONE])
    one.loop.rest()
    assert len(slices_in(access.retrievals.retrievals[0].folder)) == 10
    assert [study.uid for study in access.store.studies] == [stored.uid]


@pytest.mark.timeout(120)
def test_two_retrievals_by_c_move_share_the_port_one_after_the_other(
    access_to, orthanc, stored, tmp_path
):
    other = small_study(tmp_path / "other")
    for path in other.files:
        orthanc.put(path)
    one, access = access_to(Archive)
    node = orthanc.node(retrieval=TransferWay.MOVE)
    for study in (stored, other):
        access.retrievals.retrieve(RequestedStudy(node, study.uid, "", ""))
    assert states(access) == [RUNNING, RUNNING]
    one.loop.until(lambda: states(access) == [DONE, DONE])
    one.loop.rest()
    assert [len(slices_in(one.folder)) for one in access.retrievals.retrievals] == [13, 13]
