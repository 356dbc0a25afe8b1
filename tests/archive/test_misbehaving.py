"""If archives refuse, stall, answer wrongly or die, nothing is lost, and a cancel works."""

from __future__ import annotations

import http.server
import threading
import time
from contextlib import contextmanager

import psutil
import pytest
from archive_peers import OWN_TITLE, free_port, slices_in, small_study
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from spineviewer.archive.client import Archive
from spineviewer.archive.dimse import send
from spineviewer.archive.node import DimseAddress, LoginKind, Node, Retrieval, Transport, WebAddress
from spineviewer.archive.query import Query
from spineviewer.archive.store import LocalStore
from spineviewer.archive.web import WebArchive
from spineviewer.errors import ArchiveError, Cancelled

ONLY_GET = {"retrieval": Retrieval.GET}
UNCOMPRESSED = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
MODELS = (
    Verification,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("study"))


#: For how long a stalled archive stays silent; longer than any program waits for it.
PATIENCE_S = 150.0


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@contextmanager
def peer(
    *handlers,
    models=MODELS,
    storage=(CTImageStorage,),
    silence_s=10.0,
    retrieval=Retrieval.GET_OR_MOVE,
    **refusals,
):
    """An archive with these handlers; yields the node that describes it."""
    port, own_port = free_port(), free_port()
    application = AE(ae_title="PEER")
    for name, value in refusals.items():
        setattr(application, name, value)
    for model in models:
        application.add_supported_context(model)
    for sop_class in storage:
        application.add_supported_context(
            sop_class,
            [ExplicitVRLittleEndian, ImplicitVRLittleEndian],
            scu_role=True,
            scp_role=True,
        )
    server = application.start_server(("127.0.0.1", port), block=False, evt_handlers=list(handlers))
    try:
        yield Node(
            "peer",
            dimse=DimseAddress("127.0.0.1", port, "PEER", OWN_TITLE, own_port),
            retrieval=retrieval,
            silence_s=silence_s,
        )
    finally:
        server.shutdown()


def refusing(sentence):
    return pytest.raises(ArchiveError, match=sentence)


def listing(study):
    """Answers searches for the study's series and images."""

    def on_find(event):
        wanted = event.identifier
        seen = set()
        for path in study.files:
            data = dcmread(path, stop_before_pixels=True)
            answer = Dataset()
            answer.QueryRetrieveLevel = wanted.QueryRetrieveLevel
            answer.StudyInstanceUID, answer.SeriesInstanceUID = (
                data.StudyInstanceUID,
                data.SeriesInstanceUID,
            )
            if wanted.QueryRetrieveLevel == "IMAGE":
                answer.SOPInstanceUID, answer.SOPClassUID = data.SOPInstanceUID, data.SOPClassUID
            key = answer.get("SOPInstanceUID", data.SeriesInstanceUID)
            if key not in seen and wanted.get("SeriesInstanceUID") in (
                None,
                "",
                data.SeriesInstanceUID,
            ):
                seen.add(key)
                yield 0xFF00, answer
        yield 0x0000, None

    return evt.EVT_C_FIND, on_find


def giving(study, most=None, spoil=None, requested=None):
    """Sends the study's images; the connection is cut after a given number."""

    def on_get(event):
        wanted = event.identifier.get("SOPInstanceUID", None)
        wanted = {wanted} if isinstance(wanted, str) else set(wanted or ())
        images = [dcmread(path) for path in study.files]
        images = [image for image in images if not wanted or image.SOPInstanceUID in wanted]
        if requested is not None:
            requested.append(len(images))
        yield len(images)
        for number, image in enumerate(images):
            if number == most:
                event.assoc.abort()
                return
            yield 0xFF00, spoil(image) if spoil else image

    return evt.EVT_C_GET, on_get


def cancel_once_stalled(call, is_stalled):
    """Cancel a call while the archive keeps it waiting."""

    class Canceller:
        def step(self, stage, fraction):
            if is_stalled():
                raise Cancelled

    with pytest.raises(Cancelled):
        call(Canceller())


def test_an_archive_that_does_not_know_our_name_is_reported():
    with (
        peer(require_calling_aet=["OTHER"]) as node,
        refusing("does not know the local AE title SPINETEST"),
    ):
        Archive(node).echo()


def test_an_archive_with_a_different_name_is_reported():
    with peer() as node:
        wrong = Node("x", dimse=DimseAddress("127.0.0.1", node.dimse.port, "WRONG", OWN_TITLE))
        with peer(require_called_aet=True) as strict:
            wrong = Node(
                "x", dimse=DimseAddress("127.0.0.1", strict.dimse.port, "WRONG", OWN_TITLE)
            )
            with refusing("is not WRONG"):
                Archive(wrong).echo()


def test_an_unknown_destination_is_reported_with_our_title_and_port(study, store):
    def on_move(event):
        yield None, None

    with peer(listing(study), (evt.EVT_C_MOVE, on_move), retrieval=Retrieval.MOVE) as node:
        with pytest.raises(ArchiveError) as told:
            Archive(node).retrieve(study.uid, store=store)
        assert f"does not know the local AE title SPINETEST on port {node.dimse.own_port}" in str(
            told.value
        )
    assert store.studies() == ()


def test_without_c_get_images_arrive_by_c_move(study, store):
    def on_move(event):
        yield "127.0.0.1", node.dimse.own_port, {"contexts": [_ct_context()]}
        yield len(study.files)
        for path in study.files:
            yield 0xFF00, dcmread(path)

    models = [model for model in MODELS if model != StudyRootQueryRetrieveInformationModelGet]
    with peer(listing(study), (evt.EVT_C_MOVE, on_move), models=models) as node:
        folder = Archive(node).retrieve(study.uid, store=store)
    assert len(slices_in(folder)) == 13


def test_a_class_that_c_get_does_not_deliver_arrives_by_c_move(study, store):
    def on_move(event):
        yield "127.0.0.1", node.dimse.own_port, {"contexts": [_ct_context()]}
        yield len(study.files)
        for path in study.files:
            yield 0xFF00, dcmread(path)

    requested = []
    with peer(
        listing(study), giving(study, requested=requested), (evt.EVT_C_MOVE, on_move), storage=()
    ) as node:
        folder = Archive(node).retrieve(study.uid, store=store)
    assert requested == [13]
    assert len(slices_in(folder)) == 13


def _ct_context():
    from pynetdicom.presentation import build_context

    return build_context(CTImageStorage)


def test_a_class_that_the_archive_refuses_is_reported_and_the_rest_is_accepted(study, tmp_path):
    other = dcmread(study.files[0])
    other.SOPClassUID = other.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    other.save_as(tmp_path / "seg.dcm", enforce_file_format=True)
    with peer((evt.EVT_C_STORE, lambda _: 0x0000)) as node:
        told = Archive(node).send([study.files[0], tmp_path / "seg.dcm", study.files[1]])
    assert [one.is_accepted for one in told] == [True, False, True]
    assert told[1].reason == "it does not accept objects of the class Segmentation Storage"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0xA700, "short of memory or disk space"),
        (0xA900, "does not match its SOP class"),
        (0xC123, "did not understand"),
        (0x0124, "permit"),
    ],
)
def test_each_refusal_of_an_object_has_its_reason(study, status, reason):
    told = {}
    with peer((evt.EVT_C_STORE, lambda _: status)) as node:
        send(node.dimse, study.files[:1], 10.0, told.__setitem__)
    assert reason in told[0]


def test_if_the_connection_breaks_while_sending_the_rest_is_reported_as_not_sent(study):
    count = []

    def on_store(event):
        count.append(1)
        if len(count) == 3:
            event.assoc.abort()
        return 0x0000

    with peer((evt.EVT_C_STORE, on_store)) as node:
        told = Archive(node).send(study.files[:5])
    assert [one.is_accepted for one in told[:2]] == [True, True]
    assert not any(one.is_accepted for one in told[3:])
    assert "closed the connection" in told[4].reason


def test_an_incomplete_study_is_not_shown_and_the_next_attempt_fetches_only_the_rest(study, store):
    with (
        peer(listing(study), giving(study, most=0), **ONLY_GET) as node,
        refusing("closed the connection"),
    ):
        Archive(node).retrieve(study.uid, store=store)
    requested = []
    with (
        peer(listing(study), giving(study, most=2, requested=requested), **ONLY_GET) as node,
        pytest.raises(ArchiveError),
    ):
        Archive(node).retrieve(study.uid, store=store)
    assert requested[0] == 13
    assert store.studies() == ()
    assert not store.folder_for(study.uid).exists()
    here = len(slices_in(store.folder))
    assert here == 6
    requested = []
    with peer(listing(study), giving(study, requested=requested)) as node:
        folder = Archive(node).retrieve(study.uid, store=store)
    assert sum(requested) == 13 - here
    assert slices_in(folder) == {dcmread(path).SOPInstanceUID for path in study.files}


@pytest.mark.slow
def test_a_broken_connection_is_retried_automatically(study, store):
    with peer(listing(study), giving(study, most=6), **ONLY_GET) as node:
        folder = Archive(node).retrieve(study.uid, store=store)
    assert len(slices_in(folder)) == 13


@pytest.mark.slow
def test_images_that_the_archive_loses_are_counted_and_the_study_is_not_shown(study, store):
    lost = set(list({dcmread(path).SOPInstanceUID for path in study.files})[:2])

    def on_get(event):
        images = [dcmread(path) for path in study.files]
        yield len(images) - 2
        for image in images:
            if image.SOPInstanceUID not in lost:
                yield 0xFF00, image

    with (
        peer(listing(study), (evt.EVT_C_GET, on_get), **ONLY_GET) as node,
        refusing("2 of 13 images did not arrive"),
    ):
        Archive(node).retrieve(study.uid, store=store)
    assert store.studies() == ()


def test_images_of_another_study_are_rejected(study, store):
    def spoil(image):
        image.StudyInstanceUID = "1.2.3"
        return image

    with (
        peer(listing(study), giving(study, spoil=spoil), **ONLY_GET) as node,
        refusing("13 of 13 images did not arrive"),
    ):
        Archive(node).retrieve(study.uid, store=store)
    assert not list(store.folder.rglob("*.dcm"))


def test_an_object_with_an_encoding_that_was_not_agreed_is_rejected(study, store, monkeypatch):
    from io import BytesIO

    import pynetdicom.service_class as sending

    plain = sending.encode if hasattr(sending, "encode") else None
    assert plain is not None

    def wrong(data, is_implicit, is_little, is_deflated=False):
        if "PixelData" in data:
            return BytesIO(b"\xff" * 2000).getvalue()
        return plain(data, is_implicit, is_little, is_deflated)

    import pynetdicom.association as association

    monkeypatch.setattr(association, "encode", wrong)
    with (
        peer(listing(study), giving(study), **ONLY_GET) as node,
        refusing("13 of 13 images did not arrive"),
    ):
        Archive(node).retrieve(study.uid, store=store)
    assert not list(store.folder.rglob("*.dcm"))


def test_the_program_gives_up_on_an_unresponsive_archive_and_reports_it(study):
    is_over = threading.Event()

    def on_find(event):
        is_over.wait(PATIENCE_S)
        yield 0x0000, None

    with peer((evt.EVT_C_FIND, on_find), silence_s=3.0) as node:
        try:
            with refusing("has not responded for 3 s"):
                Archive(node).find(Query())
        finally:
            is_over.set()


def test_a_cancel_ends_a_stalled_retrieval(study, store):
    is_over = threading.Event()

    def on_get(event):
        yield 13
        yield 0xFF00, dcmread(study.files[0])
        is_over.wait(PATIENCE_S)

    with peer(listing(study), (evt.EVT_C_GET, on_get), silence_s=90.0, **ONLY_GET) as node:
        try:
            cancel_once_stalled(
                lambda progress: Archive(node).retrieve(study.uid, store=store, progress=progress),
                lambda: any(store.folder.glob(".incoming/*/objects/*/*.dcm")),
            )
        finally:
            is_over.set()
    assert store.studies() == ()
    assert len(slices_in(store.folder)) == 1


def test_a_cancel_ends_a_search_of_a_silent_web_archive():
    is_requested, is_over = threading.Event(), threading.Event()

    def answer(_):
        is_requested.set()
        is_over.wait(PATIENCE_S)

    with web_archive(answer) as node:
        try:
            search = Archive(node).find
            cancel_once_stalled(
                lambda progress: search(Query(), progress=progress), is_requested.is_set
            )
        finally:
            is_over.set()


def test_after_the_helper_is_killed_the_next_attempt_completes_the_study(study, store):
    is_over = threading.Event()

    def on_get(event):
        yield 13
        for path in study.files[:4]:
            yield 0xFF00, dcmread(path)
        is_over.wait(PATIENCE_S)

    def kill_helper():
        while len(list(store.folder.glob(".incoming/*/objects/*/*.dcm"))) < 4:
            time.sleep(0.05)
        for child in psutil.Process().children():
            if "spineviewer.archive.archive_worker" in " ".join(child.cmdline()):
                child.kill()

    with peer(listing(study), (evt.EVT_C_GET, on_get), **ONLY_GET) as node:
        killer = threading.Thread(target=kill_helper)
        killer.start()
        try:
            with refusing("helper process"):
                Archive(node).retrieve(study.uid, store=store)
        finally:
            killer.join()
            is_over.set()
    assert store.studies() == ()
    requested = []
    with peer(listing(study), giving(study, requested=requested)) as node:
        assert len(slices_in(Archive(node).retrieve(study.uid, store=store))) == 13
    assert sum(requested) == 9


@contextmanager
def web_archive(answer, login=LoginKind.NONE):
    """A web server that answers every request in this way; yields the node that describes it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # the library's name
            answer(self)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        web = WebAddress(f"http://127.0.0.1:{server.server_address[1]}/dicom-web", login, "anna")
        yield Node(
            "web",
            web=web,
            query=Transport.WEB,
            retrieval=Retrieval.WEB,
            sending=Transport.WEB,
            silence_s=10.0,
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answering(status, content=b""):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.mark.parametrize(
    ("status", "login", "sentence"),
    [
        (401, LoginKind.BEARER, "token has expired"),
        (401, LoginKind.NONE, "requires a login"),
        (403, LoginKind.BASIC, "does not permit this user to perform the operation"),
        (404, LoginKind.NONE, "Check the address"),
        (503, LoginKind.NONE, "is busy"),
        (500, LoginKind.NONE, "internal error"),
    ],
)
def test_each_refusal_of_a_web_archive_is_reported_in_one_sentence(status, login, sentence):
    with web_archive(answering(status), login) as node, refusing(sentence) as told:
        WebArchive(node.web, "secret", 10.0).find_studies(
            Query(patient_id="Secret-4711"), with_series=False
        )
    assert "4711" not in str(told.value)


def test_what_is_not_a_web_archive_is_reported():
    with (
        web_archive(answering(200, b"<html>Welcome</html>")) as node,
        refusing("is not a DICOMweb"),
    ):
        WebArchive(node.web, "", 10.0).echo()


def test_a_token_goes_with_each_request(monkeypatch):
    seen = []

    def answer(handler):
        seen.append(handler.headers["Authorization"])
        answering(200, b"[]")(handler)

    monkeypatch.setenv("SPINEVIEWER_PACS_SECRET", "fresh")
    with web_archive(answer, LoginKind.BEARER) as node:
        Archive(node).echo()
    assert seen == ["Bearer fresh"]
