"""Find, get, move and send with dcmtk's archive; receive from dcmtk's sender."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import threading
import time
from contextlib import contextmanager

import psutil
import pytest
from archive_peers import OWN_TITLE, free_port, running, slices_in, small_study
from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage

from spineviewer.archive.client import Archive, receive
from spineviewer.archive.node import DimseAddress, Node, Retrieval
from spineviewer.archive.query import Query
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.archive.store import LocalStore
from spineviewer.errors import ArchiveError, Cancelled
from spineviewer.progress import JobProgress

pytestmark = pytest.mark.skipif(
    shutil.which("dcmqrscp") is None, reason="no dcmtk here: apt-get install dcmtk"
)

CONFIGURATION = """
NetworkTCPPort  = {port}
MaxPDUSize      = 16384
MaxAssociations = 16
HostTable BEGIN
us = ({title}, 127.0.0.1, {own_port})
HostTable END
AETable BEGIN
DCMTK {storage} RW (200, 4096mb) ANY
AETable END
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def dcmtk(tmp_path_factory, study):
    folder = tmp_path_factory.mktemp("dcmtk")
    (folder / "storage").mkdir()
    port, own_port = free_port(), free_port()
    text = CONFIGURATION.format(
        port=port, own_port=own_port, title=OWN_TITLE, storage=folder / "storage"
    )
    (folder / "dcmqrscp.cfg").write_text(text)
    with running(["dcmqrscp", "-c", str(folder / "dcmqrscp.cfg")], port):
        node = Node(
            "dcmtk",
            dimse=DimseAddress("127.0.0.1", port, "DCMTK", OWN_TITLE, own_port),
            silence_s=10.0,
        )
        assert all(one.is_accepted for one in Archive(node).send(study.files))
        yield node


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


def test_what_was_sent_is_found_with_its_series(dcmtk, study):
    found = Archive(dcmtk).find(Query(study_uid=study.uid))
    (patient,) = found.patients
    assert {series.uid for series in patient.studies[0].series} == set(study.series)


@pytest.mark.parametrize("way", [Retrieval.GET, Retrieval.MOVE])
def test_a_study_arrives_completely(dcmtk, study, store, way):
    node = Node("dcmtk", dimse=dcmtk.dimse, retrieval=way, silence_s=10.0)
    folder = Archive(node).retrieve(study.uid, store=store)
    assert slices_in(folder) == {str(dcmread(path).SOPInstanceUID) for path in study.files}


def test_a_destination_that_dcmtk_does_not_know_is_reported_in_one_sentence(dcmtk, study, store):
    address = DimseAddress("127.0.0.1", dcmtk.dimse.port, "DCMTK", "STRANGER", free_port())
    node = Node("dcmtk", dimse=address, retrieval=Retrieval.MOVE, silence_s=10.0)
    with pytest.raises(
        ArchiveError, match=f"does not know the local AE title STRANGER on port {address.own_port}"
    ):
        Archive(node).retrieve(study.uid, store=store)


# the receiver


@contextmanager
def listening(store, **choices):
    """A receiver; yields its port and the studies that it has reported so far."""
    settings = ReceiverSettings(
        **{"title": "OURS", "port": free_port(), "settle_s": 0.3, "silence_s": 10.0, **choices}
    )
    is_ready, is_over = threading.Event(), threading.Event()
    told = []

    class Listener:
        def step(self, stage, fraction):
            if is_over.is_set():
                raise Cancelled

    def run():
        try:
            told.extend(receive(settings, store, Listener(), on_ready=is_ready.set))
        except Cancelled:
            pass

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert is_ready.wait(15)
        yield settings.port, told
    finally:
        is_over.set()
        thread.join()


def storescu(port, files, title="SCANNER"):
    command = ["storescu", "-aet", title, "-aec", "OURS", "127.0.0.1", str(port), *map(str, files)]
    return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode


def wait_until(condition, seconds=60.0):
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.05)
    assert condition()


def test_a_study_sent_over_two_connections_arrives_completely_and_is_private(store, study):
    with listening(store) as (port, told):
        with sender(port) as link:  # stays open, so that the study is not complete before
            assert sent(link, study.files[:3])
            assert storescu(port, study.files[3:9]) == 0
            assert sent(link, study.files[9:])
        wait_until(lambda: told)
    assert [(one.study_uid, one.count) for one in told] == [(study.uid, 13)]
    assert len(slices_in(store.folder_for(study.uid))) == 13
    for path in (store.folder, *store.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_the_receiver_listens_to_this_computer_only(store):
    with listening(store) as (port, _):
        helpers = [
            child
            for child in psutil.Process().children()
            if "archive_worker" in " ".join(child.cmdline())
        ]
        found = [
            c.laddr for helper in helpers for c in helper.net_connections() if c.laddr.port == port
        ]
    assert [address.ip for address in found] == ["127.0.0.1"]


@pytest.mark.slow
def test_names_and_addresses_that_are_not_allowed_are_refused(store, study):
    with listening(store, titles=("SCANNER",), settle_s=600.0) as (port, _):
        assert storescu(port, study.files[:1], "STRANGER") != 0
        assert storescu(port, study.files[:1], "SCANNER") == 0
    with listening(store, addresses=("192.0.2.1",)) as (port, _):
        assert storescu(port, study.files[:1]) != 0
    assert not store.folder_for(study.uid).exists()


@pytest.mark.slow
def test_objects_beyond_the_limits_are_refused(store, study):
    with listening(store, max_object_bytes=1000) as (port, _):
        storescu(port, study.files[:1])
    assert slices_in(store.folder) == set()
    with listening(store, max_study_bytes=7000) as (port, told):
        storescu(port, study.files[:4])
        wait_until(lambda: told)
    assert told[0].count == 2


@contextmanager
def sender(port):
    """An open connection of a scanner."""
    application = AE(ae_title="SCANNER")
    application.add_requested_context(CTImageStorage)
    link = application.associate("127.0.0.1", port, ae_title="OURS")
    assert link.is_established
    yield link
    link.release()


def sent(link, files):
    return all(link.send_c_store(dcmread(path)).Status == 0 for path in files)


def half_sent(port, study):
    """Send six images over a connection that is then cut."""
    with sender(port) as link:
        assert sent(link, study.files[:6])
        link.abort()


def is_let_go(store, study):
    """Return whether the receiver has stopped waiting for more of a study."""
    try:
        with store.incoming(study.uid):
            return True
    except ArchiveError:
        return False


def test_an_incomplete_study_stays_hidden_until_it_is_sent_again(store, study):
    with listening(store) as (port, told):
        half_sent(port, study)
        wait_until(lambda: is_let_go(store, study))
        assert not told
        assert not store.folder_for(study.uid).exists()
        assert storescu(port, study.files) == 0
        wait_until(lambda: told)
    assert len(slices_in(store.folder_for(study.uid))) == 13


@pytest.mark.slow
def test_a_receiver_that_is_killed_loses_nothing_that_it_confirmed(store, study):
    settings = ReceiverSettings(title="OURS", port=free_port(), settle_s=0.5)

    def half_sent_and_killed():
        half_sent(settings.port, study)
        for child in psutil.Process().children():
            if "archive_worker" in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)

    killer = threading.Thread(target=half_sent_and_killed)
    with pytest.raises(ArchiveError, match="helper process"):
        list(receive(settings, store, JobProgress(), on_ready=killer.start))
    killer.join()
    assert not store.folder_for(study.uid).exists()
    assert len(slices_in(store.folder)) == 6
    with listening(store) as (port, told):
        assert storescu(port, study.files[6:]) == 0
        wait_until(lambda: told)
    assert len(slices_in(store.folder_for(study.uid))) == 13


@pytest.mark.slow
def test_an_object_of_a_gigabyte_arrives_without_using_a_gigabyte_of_memory(
    store, study, tmp_path, dcmtk
):
    big = dcmread(study.files[0])
    big.Rows = big.Columns = 16_000
    big.NumberOfFrames = 2
    big.PixelData = bytes(2 * 2 * 16_000 * 16_000)
    big.SOPInstanceUID = big.file_meta.MediaStorageSOPInstanceUID = "1.2.3.1000"
    big.save_as(tmp_path / "big.dcm", enforce_file_format=True)
    del big
    highest = [0]
    with listening(store) as (port, told):
        (helper,) = [
            child
            for child in psutil.Process().children()
            if "archive_worker" in " ".join(child.cmdline())
        ]
        sender = subprocess.Popen(
            ["storescu", "-aec", "OURS", "127.0.0.1", str(port), str(tmp_path / "big.dcm")]
        )
        while sender.poll() is None:
            highest[0] = max(highest[0], helper.memory_info().rss)
            time.sleep(0.02)
        assert sender.returncode == 0
        wait_until(lambda: told, 60)
    assert store.studies()[0].size_bytes > 1_000_000_000
    assert highest[0] < 600_000_000
