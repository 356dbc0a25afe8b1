import os
import time
from dataclasses import asdict

import pytest
from archive_peers import small_study
from archive_stand_in import NODE
from fakes import spine_volume
from pydicom import dcmread

from spineviewer.app.archiving.retrievals import RequestedStudy, RetrievalState
from spineviewer.app.session import scan_fingerprint
from spineviewer.app.settings import RecentScan
from spineviewer.archive.client import Archive
from spineviewer.archive.node import DimseAddress, Node
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.io.scan import read_scan


def keep(access, uid, days_ago=0.0):
    folder = access.store.folder / uid / f"{uid}.1"
    folder.mkdir(parents=True)
    (folder / "1.dcm").write_bytes(b"0" * 1000)
    when = time.time() - days_ago * 86_400
    os.utime(folder.parent, (when, when))
    return folder.parent


def keep_real(access, made, days_ago):
    """Store a readable study of 650 kB; return its folder."""
    study = small_study(made, Rows=160, Columns=160, PixelData=bytes(160 * 160 * 2))
    for path in study.files:
        place = access.store.folder / study.uid / dcmread(path).SeriesInstanceUID
        place.mkdir(parents=True, exist_ok=True)
        path.rename(place / path.name)
    when = time.time() - days_ago * 86_400
    os.utime(access.store.folder / study.uid, (when, when))
    return access.store.folder / study.uid


def keep_work(one, folder):
    """Save work on a study's first series, and its thumbnail; return the files in the journal."""
    scan = read_scan(next(folder.iterdir()))
    sessions = one.workspace.settings._path.parent / "sessions"
    sessions.mkdir(exist_ok=True)
    for ending in ("session", "results"):
        (sessions / f"{scan_fingerprint(scan)}.{ending}").write_bytes(b"work")
    settings = one.workspace.settings
    settings.put(settings.current.with_recent(RecentScan(str(scan.source.path), picture="iVBO")))
    return sessions


@pytest.mark.timeout(120)
def test_a_full_store_keeps_open_studies_and_deletes_the_work_on_deleted_ones(
    access_to, orthanc, stored, tmp_path
):
    one, access = access_to(Archive)
    opened, old, new = (keep_real(access, tmp_path / str(n), days_ago=9 - n) for n in range(3))
    sessions = keep_work(one, old)
    one.open(spine_volume(path=next(opened.iterdir())))
    one.workspace.settings.update(store_megabytes=2)
    wanted = RequestedStudy(orthanc.node(), stored.uid, stored.series[0], "")
    access.retrievals.retrieve(wanted)
    one.loop.until(lambda: not access.retrievals.retrievals[0].is_open)
    one.loop.rest()
    assert access.retrievals.retrievals[0].state is RetrievalState.DONE
    assert [folder.exists() for folder in (opened, old, new)] == [True, False, True]
    assert list(sessions.iterdir()) == []
    assert one.workspace.settings.current.recent == ()


@pytest.mark.timeout(120)
def test_a_store_full_of_open_studies_rejects_another_one_with_the_reason(
    access_to, orthanc, stored, tmp_path
):
    one, access = access_to(Archive)
    opened = [keep_real(access, tmp_path / str(n), days_ago=n) for n in range(2)]
    for folder in opened:
        one.open(spine_volume(path=next(folder.iterdir())))
    one.workspace.settings.update(store_megabytes=1)
    access.retrievals.retrieve(RequestedStudy(orthanc.node(), stored.uid, "", ""))
    one.loop.until(lambda: not access.retrievals.retrievals[0].is_open)
    one.loop.rest()
    assert "1 MB of it is in use. Close scans" in access.retrievals.retrievals[0].reason
    assert all(folder.is_dir() for folder in opened)
    one.workspace.close(one.workspace.scans[0])
    access.retrievals.retry(1)
    one.loop.until(lambda: access.retrievals.retrievals[0].state is RetrievalState.DONE)
    one.loop.rest()
    assert [folder.exists() for folder in opened].count(True) == 1


def test_studies_are_listed_and_deleted_with_their_thumbnails_unless_a_scan_of_them_is_open(
    access_to, archive
):
    one, access = access_to(archive)
    first, second = keep(access, "1.2.1", 2), keep(access, "1.2.2")
    settings = one.workspace.settings
    settings.put(settings.current.with_recent(RecentScan(str(first), "", "", "picture")))
    one.open(spine_volume(path=second))
    access.store.list()
    one.loop.until(lambda: bool(access.store.studies))
    assert [study.uid for study in access.store.studies] == ["1.2.1", "1.2.2"]
    access.store.delete(["1.2.1", "1.2.2"])
    one.loop.until(lambda: settings.current.recent == ())
    assert (first.exists(), second.exists()) == (False, True)
    assert any("are open. Close them" in text for text in one.texts())


def test_studies_older_than_the_limit_are_deleted_when_it_is_set(access_to, archive):
    one, access = access_to(archive)
    old, new = keep(access, "1.2.1", 31), keep(access, "1.2.2", 1)
    access.store.set_limits(megabytes=500, days=30)
    one.loop.rest()
    assert (old.exists(), new.exists()) == (False, True)
    assert one.workspace.settings.current.store_megabytes == 500


def test_a_deletion_completes_even_if_the_list_is_requested_meanwhile(access_to, archive):
    one, access = access_to(archive)
    folders = [keep(access, f"1.2.{number}") for number in range(3)]
    access.store.delete(["1.2.0", "1.2.1"])
    access.store.list()
    access.store.delete(["1.2.2"])
    one.loop.rest()
    assert [folder.exists() for folder in folders] == [False, False, False]
    assert access.store.studies == ()


def test_a_study_that_is_sent_to_the_receiver_arrives_and_the_receiver_stops(
    access_to, archive, tmp_path
):
    from archive_peers import free_port

    one, access = access_to(archive)
    receiver, received = access.receiver, []
    receiver.received.connect(received.append)
    assert not receiver.is_on
    port = free_port()
    receiver.choose(ReceiverSettings("SPINETEST", port, settle_s=0.5))
    receiver.start()
    one.loop.until(lambda: "is listening" in receiver.sentence)
    assert f"port {port}. Only this computer can connect" in receiver.sentence
    study = small_study(tmp_path / "study")
    sender = Archive(Node("self", DimseAddress("127.0.0.1", port, "SPINETEST", "SENDER")))
    assert all(sent.is_accepted for sent in sender.send(study.files))
    one.loop.until(lambda: bool(received))
    assert (received[0].study_uid, received[0].count) == (study.uid, 13)
    receiver.choose(ReceiverSettings("SPINETEST", port, settle_s=0.2))  # starts again
    one.loop.until(lambda: "is listening" not in receiver.sentence)
    one.loop.until(lambda: "is listening" in receiver.sentence)
    receiver.stop()
    one.loop.until(lambda: not receiver.is_on)
    assert [study.uid for study in access.store.studies] == [study.uid]
    assert NODE.name not in receiver.sentence


def test_a_port_in_use_is_reported(access_to, archive):
    import socket

    one, access = access_to(archive)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        access.receiver.choose(ReceiverSettings("SPINETEST", holder.getsockname()[1]))
        access.receiver.start()
        one.loop.until(lambda: not access.receiver.is_on)
    assert any("is used by another program" in text for text in one.texts())


@pytest.mark.parametrize("missing", ["titles", "host", "is_encrypted", "max_object_bytes"])
def test_a_receiver_whose_stored_settings_lack_a_field_is_not_open_to_all(
    access_to, archive, missing
):
    one, access = access_to(archive)
    stored = asdict(ReceiverSettings("SPINETEST", 11200, "0.0.0.0", ("SENDER",)))
    one.workspace.settings.update(receiver=stored)
    assert access.receiver.choice.titles == ("SENDER",)
    one.workspace.settings.update(receiver={k: v for k, v in stored.items() if k != missing})
    assert access.receiver.choice.host == "127.0.0.1"


def test_receiver_settings_of_earlier_versions_are_read(access_to, archive):
    one, access = access_to(archive)
    stored = asdict(ReceiverSettings("SPINETEST", 11200, "0.0.0.0", ("SENDER",)))
    stored["most_object_bytes"] = stored.pop("max_object_bytes") // 2
    stored["most_study_bytes"] = stored.pop("max_study_bytes")
    one.workspace.settings.update(receiver=stored)
    assert access.receiver.choice.max_object_bytes == stored["most_object_bytes"]
    assert access.receiver.choice.titles == ("SENDER",)
