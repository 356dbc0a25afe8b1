"""Encrypted connections: which certificates are trusted, and who must present one."""

from __future__ import annotations

import http.server
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from archive_peers import OWN_TITLE, free_port, small_study
from pydicom import dcmread
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove, Verification

from spineviewer.app.archives import nodes
from spineviewer.app.settings import load_settings
from spineviewer.archive.client import Archive, receive
from spineviewer.archive.dimse import FetchRequest, move
from spineviewer.archive.node import (
    Certificates,
    DimseAddress,
    Node,
    Retrieval,
    Transport,
    WebAddress,
)
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.archive.store import LocalStore
from spineviewer.cli import main
from spineviewer.errors import ArchiveError, UsageError

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no openssl here to make certificates"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two self-signed certificates of this computer, and one with another name.

    Each as (certificate, key).
    """
    folder = tmp_path_factory.mktemp("certificates")

    def made(name, subject):
        certificate, key = folder / f"{name}.pem", folder / f"{name}-key.pem"
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=test",
        ]
        command += [
            "-addext",
            f"subjectAltName={subject}",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ]
        subprocess.run(command, check=True, capture_output=True)
        return str(certificate), str(key)

    return {
        "archive": made("a", "IP:127.0.0.1"),
        "ours": made("b", "IP:127.0.0.1"),
        "other": made("c", "DNS:other.test"),
    }


def security(files, name, asks_for=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files[name])
    if asks_for:
        context.load_verify_locations(files[asks_for][0])
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def dicom_archive(context):
    application = AE(ae_title="PEER")
    application.add_supported_context(Verification)
    port = free_port()
    server = application.start_server(("127.0.0.1", port), block=False, ssl_context=context)
    try:
        address = DimseAddress("127.0.0.1", port, "PEER", OWN_TITLE, free_port(), is_encrypted=True)
        yield Node("peer", dimse=address, silence_s=5.0)
    finally:
        server.shutdown()


@contextmanager
def moving_archive(files, study):
    """An encrypted archive that sends a study by C-MOVE, also encrypted."""
    own_port = free_port()
    showing = ssl.create_default_context(cafile=files["ours"][0])
    showing.load_cert_chain(*files["archive"])

    def on_move(event):
        yield "127.0.0.1", own_port, {"tls_args": (showing, "127.0.0.1")}
        yield len(study.files)
        for path in study.files:
            yield 0xFF00, dcmread(path)

    application = AE(ae_title="PEER")
    application.add_supported_context(StudyRootQueryRetrieveInformationModelMove)
    application.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    port = free_port()
    server = application.start_server(
        ("127.0.0.1", port),
        block=False,
        ssl_context=security(files, "archive", asks_for="other"),
        evt_handlers=[(evt.EVT_C_MOVE, on_move)],
    )
    try:
        certificates = Certificates(files["archive"][0], *files["ours"], *files["other"])
        address = DimseAddress("127.0.0.1", port, "PEER", OWN_TITLE, own_port, True, certificates)
        yield Node("peer", dimse=address, silence_s=5.0)
    finally:
        server.shutdown()


@contextmanager
def web_archive(context):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # the library's name
            self.send_response(200)
            self.send_header("Content-Type", "application/dicom+json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        web = WebAddress(f"https://127.0.0.1:{server.server_address[1]}/dicom-web")
        yield Node(
            "web",
            web=web,
            query=Transport.WEB,
            retrieval=Retrieval.WEB,
            sending=Transport.WEB,
            silence_s=5.0,
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def knowing(node, certificates):
    if node.dimse is not None:
        return replace(node, dimse=replace(node.dimse, certificates=certificates))
    return replace(node, web=replace(node.web, certificates=certificates))


BOTH = pytest.mark.parametrize("served", [dicom_archive, web_archive])


@BOTH
def test_an_archive_whose_certificate_is_trusted_answers(files, served):
    with served(security(files, "archive")) as node:
        assert Archive(knowing(node, Certificates(files["archive"][0]))).echo()


@BOTH
def test_an_unknown_certificate_is_refused_with_the_reason(files, served):
    with (
        served(security(files, "archive")) as node,
        pytest.raises(ArchiveError, match="is not trusted: self-signed certificate"),
    ):
        Archive(node).echo()


@BOTH
def test_a_certificate_of_another_computer_is_refused_with_the_reason(files, served):
    with (
        served(security(files, "other")) as node,
        pytest.raises(ArchiveError, match="is not trusted: IP address mismatch"),
    ):
        Archive(knowing(node, Certificates(files["other"][0]))).echo()


@BOTH
def test_an_archive_that_asks_for_our_certificate_gets_it(files, served):
    with served(security(files, "archive", asks_for="ours")) as node:
        assert Archive(knowing(node, Certificates(files["archive"][0], *files["ours"]))).echo()
        with pytest.raises(ArchiveError, match=r"certificate|broke off"):
            Archive(knowing(node, Certificates(files["archive"][0]))).echo()


@BOTH
def test_a_client_certificate_is_presented_instead_of_the_programs_own(files, served):
    with served(security(files, "archive", asks_for="ours")) as node:
        trusted = files["archive"][0]
        assert Archive(knowing(node, Certificates(trusted, *files["other"], *files["ours"]))).echo()
        with pytest.raises(ArchiveError, match=r"certificate|closed the connection"):
            Archive(knowing(node, Certificates(trusted, *files["ours"], *files["other"]))).echo()


def test_each_transport_of_an_archive_has_certificates_of_its_own(files, tmp_path, monkeypatch):
    monkeypatch.setenv("SPINEVIEWER_SETTINGS", str(tmp_path / "settings.json"))
    (archive, _), (ours, our_key), (other, other_key) = (
        files[name] for name in ("archive", "ours", "other")
    )
    words = ["--trust", archive, "--certificate", ours, "--key", our_key]
    words += ["--web-trust", other, "--web-certificate", other, "--web-key", other_key]
    addresses = ["dicoms://PACS@10.0.0.5:2762", "https://pacs.test/dicom-web"]
    assert main(["pacs", "nodes", "--add", "clinic", *addresses, *words]) == 0
    (node,) = nodes(load_settings(tmp_path / "settings.json"))
    assert node.dimse.certificates == Certificates(archive, ours, our_key)
    assert node.web.certificates == Certificates(other, "", "", other, other_key)
    # without its own options, DICOMweb presents the common certificate
    assert main(["pacs", "nodes", "--add", "clinic", *addresses, *words[:6]]) == 0
    (node,) = nodes(load_settings(tmp_path / "settings.json"))
    assert node.web.certificates == Certificates(archive, "", "", ours, our_key)


def test_an_encrypted_archive_accepts_our_certificate_for_c_move(files, tmp_path):
    study = small_study(tmp_path / "study")
    with (
        moving_archive(files, study) as node,
        LocalStore(tmp_path / "store").incoming(study.uid) as incoming,
    ):
        arrived = []
        wanted = FetchRequest(study.uid, "", None, is_all=True)
        move(node.dimse, wanted, incoming, 10.0, lambda: arrived.append(1))
        assert (len(arrived), len(incoming.present)) == (13, 13)


def test_an_archive_without_tls_is_reported(files):
    def answer_plainly(listener):
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 welcome\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        plain = threading.Thread(target=answer_plainly, args=(listener,))
        plain.start()
        address = DimseAddress("127.0.0.1", listener.getsockname()[1], "PEER", is_encrypted=True)
        with pytest.raises(ArchiveError, match="may not use TLS"):
            Archive(
                Node(
                    "plain", dimse=replace(address, certificates=Certificates(files["archive"][0]))
                )
            ).echo()
        plain.join()


def test_a_file_that_is_not_a_certificate_is_named(tmp_path):
    (tmp_path / "noise.pem").write_text("no certificate")
    with dicom_archive(None) as node, pytest.raises(ArchiveError, match=r"noise\.pem"):
        Archive(knowing(node, Certificates(str(tmp_path / "noise.pem")))).echo()
    with pytest.raises(UsageError, match=r"missing\.pem does not exist"):
        Certificates(str(tmp_path / "missing.pem"))


def test_an_encrypted_receiver_takes_a_study_and_asks_for_a_certificate(files, tmp_path):
    study = small_study(tmp_path / "study")
    ours = Certificates(files["archive"][0], *files["ours"])
    settings = ReceiverSettings(
        "OURS", free_port(), settle_s=0.5, is_encrypted=True, certificates=ours
    )
    told = []

    def send():
        address = DimseAddress("127.0.0.1", settings.port, "OURS", is_encrypted=True)
        known = Certificates(files["ours"][0], *files["archive"])
        told.extend(
            Archive(Node("us", dimse=replace(address, certificates=known))).send(study.files)
        )

    sender = threading.Thread(target=send)

    class Silent:
        def step(self, stage, fraction):
            pass

    store = LocalStore(tmp_path / "store")
    received = next(iter(receive(settings, store, Silent(), on_ready=sender.start)))
    sender.join()
    assert (received.study_uid, received.count) == (study.uid, 13)
    assert all(one.is_accepted for one in told)
