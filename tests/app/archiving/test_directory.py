from dataclasses import asdict, replace

import keyring
import pytest
from archive_stand_in import NODE
from keyring.backend import KeyringBackend

from spineviewer.app.archiving.receiver_switch import default_receiver
from spineviewer.app.jobs import Failed, Succeeded
from spineviewer.archive.node import LoginKind, Node, Retrieval, Transport, WebAddress

WEB = Node(
    "web",
    web=WebAddress("https://pacs.example.org/dicom-web", LoginKind.BASIC, "reader"),
    query=Transport.WEB,
    retrieval=Retrieval.WEB,
    sending=Transport.WEB,
)


class MemoryCredentialStore(KeyringBackend):
    """A credential store in memory in place of the desktop's."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.secrets = {}

    def get_password(self, service, username):
        return self.secrets.get(username)

    def set_password(self, service, username, password):
        self.secrets[username] = password

    def delete_password(self, service, username):
        self.secrets.pop(username, None)


@pytest.fixture
def credential_store(monkeypatch):
    monkeypatch.delenv("SPINEVIEWER_PACS_SECRET")
    before = keyring.get_keyring()
    store = MemoryCredentialStore()
    keyring.set_keyring(store)
    yield store
    keyring.set_keyring(before)


def saved(one, access, node, **choices):
    ends = []
    access.directory.save(node, on_end=ends.append, **choices)
    one.loop.until(lambda: bool(ends))
    return ends[0]


def test_a_password_is_stored_in_the_credential_store_and_never_in_the_settings(
    access_to, archive, credential_store, tmp_path
):
    one, access = access_to(archive)
    assert isinstance(saved(one, access, NODE), Succeeded)
    assert isinstance(saved(one, access, WEB, secret="open sesame"), Succeeded)
    one.loop.rest()
    assert credential_store.secrets == {"web": "open sesame"}
    assert "sesame" not in (tmp_path / "settings.json").read_text()
    assert access.directory.nodes == (NODE, WEB)


def test_a_renamed_archive_keeps_its_position_and_its_password(
    access_to, archive, credential_store
):
    one, access = access_to(archive)
    saved(one, access, WEB, secret="open sesame")
    saved(one, access, NODE)
    saved(one, access, replace(WEB, name="clinic"), former_name="web")
    assert [node.name for node in access.directory.nodes] == ["clinic", "ward"]
    assert credential_store.secrets == {"clinic": "open sesame"}
    access.directory.remove("clinic")
    one.loop.rest()
    assert [node.name for node in access.directory.nodes] == ["ward"]
    assert credential_store.secrets == {}


def test_without_a_credential_store_nothing_is_saved_and_the_reason_is_shown(
    access_to, archive, monkeypatch
):
    monkeypatch.delenv("SPINEVIEWER_PACS_SECRET")
    before = keyring.get_keyring()
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())
    one, access = access_to(archive)
    end = saved(one, access, WEB, secret="open sesame")
    keyring.set_keyring(before)
    assert isinstance(end, Failed)
    assert "no secure credential store" in end.message
    assert access.directory.nodes == ()


def test_an_archive_is_tested_before_it_is_saved_with_the_typed_password(access_to, archive):
    one, access = access_to(archive)
    ends = []
    access.directory.echo(WEB, "typed", ends.append)
    one.loop.until(lambda: bool(ends))
    assert ends[0].result == {"dicom": 0.02}
    assert archive.requested == [("web", "typed")]


def test_an_unusable_archive_is_reported_with_the_reason_and_stays_in_the_settings(
    headless, archive
):
    one = headless()
    gone = {**asdict(NODE), "name": "gone"}
    gone["dimse"] = {**gone["dimse"], "certificates": {"trusted_file": "/no/such.pem"}}
    stored = [{"name": "old"}, asdict(NODE), gone]
    one.workspace.settings.update(archives=stored, receiver={"port": 11113})
    access = one.workspace.archives
    assert access.directory.nodes == (NODE,)
    (text,) = one.texts()
    assert "The archive old cannot be used" in text
    assert "/no/such.pem" in text
    assert "receiver" in text
    assert access.receiver.choice == default_receiver()
    access.directory.save(replace(NODE, name="old"))
    one.loop.rest()
    assert [fields["name"] for fields in one.workspace.settings.current.archives] == [
        "old",
        NODE.name,
        "gone",
    ]
    assert len(access.directory.nodes) == 2
