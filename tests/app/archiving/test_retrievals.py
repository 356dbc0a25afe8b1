import time

import pytest
from archive_peers import slices_in
from archive_stand_in import NODE

from spineviewer.app.archiving.retrievals import RetrievalState, WantedStudy
from spineviewer.archive.client import Archive

WANTED = WantedStudy(NODE, "1.2.1", "", "Doe Jane", "4711", "2024-03-15")
OTHER = WantedStudy(NODE, "1.2.2", "", "Doe Jane", "4711", "2023-01-01")


def states(access):
    return [one.state for one in access.retrievals.retrievals]


def test_studies_are_retrieved_one_after_the_other_and_earlier_ones_are_offered(
    access_to, archive, gate
):
    one, access = access_to(archive)
    archive.gate = gate
    arrived = []
    access.retrievals.arrived.connect(arrived.append)
    first, second = access.retrievals.retrieve(WANTED), access.retrievals.retrieve(OTHER)
    assert access.retrievals.retrieve(WANTED).number == first.number
    assert states(access) == [RetrievalState.RUNNING, RetrievalState.WAITING]
    gate.set()
    one.loop.until(lambda: states(access) == [RetrievalState.DONE] * 2)
    one.loop.rest()
    assert [retrieval.number for retrieval in arrived] == [first.number, second.number]
    assert arrived[0].folder.is_dir()
    last = access.retrievals.retrievals[-1]
    assert last.priors == ()  # nothing is older than the older study


def test_a_cancelled_retrieval_stops_within_a_second_and_its_retry_completes(
    access_to, archive, gate
):
    one, access = access_to(archive)
    archive.gate = gate
    number = access.retrievals.retrieve(WANTED).number
    began = time.monotonic()
    access.retrievals.cancel(number)
    one.loop.until(lambda: states(access) == [RetrievalState.STOPPED])
    assert time.monotonic() - began < 1.0
    gate.set()
    access.retrievals.retry(number)
    one.loop.until(lambda: states(access) == [RetrievalState.DONE])
    one.loop.rest()
    assert [study.uid for study in access.retrievals.retrievals[0].priors] == ["1.2.2"]


def test_a_waiting_retrieval_is_cancelled_without_a_word_to_the_archive(access_to, archive, gate):
    one, access = access_to(archive)
    archive.gate = gate
    access.retrievals.retrieve(WANTED)
    access.retrievals.cancel(access.retrievals.retrieve(OTHER).number)
    asked = len(archive.asked)
    gate.set()
    one.loop.until(lambda: states(access) == [RetrievalState.DONE, RetrievalState.STOPPED])
    one.loop.rest()
    assert len(archive.asked) == asked + 1  # for the priors of the first
    access.retrievals.clear_ended()
    assert access.retrievals.retrievals == ()


def test_a_retrieval_that_fails_says_why(access_to, archive):
    one, access = access_to(archive)
    archive.fault = "2 of 13 images did not arrive."
    access.retrievals.retrieve(WANTED)
    one.loop.until(lambda: states(access) == [RetrievalState.FAILED])
    assert access.retrievals.retrievals[0].reason == archive.fault


@pytest.mark.timeout(120)
def test_a_study_of_a_real_archive_arrives_in_the_local_store(access_to, orthanc, stored):
    one, access = access_to(Archive)
    wanted = WantedStudy(orthanc.node(), stored.uid, stored.series[0], "", "4711", "2024-03-15")
    access.retrievals.retrieve(wanted)
    one.loop.until(lambda: states(access) == [RetrievalState.DONE])
    one.loop.rest()
    assert len(slices_in(access.retrievals.retrievals[0].folder)) == 10
    assert [study.uid for study in access.kept.studies] == [stored.uid]
