"""Nodes, passwords, queries and the local store, tested without an archive."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import keyring
import keyring.backend
import pytest

from spineviewer.app.archives import archived_scan, find_node, nodes, with_node, without_node
from spineviewer.app.settings import RecentScan, Settings, load_settings, save_settings
from spineviewer.archive.credentials import delete_secret, save_secret, secret_for
from spineviewer.archive.node import (
    Certificates,
    DimseAddress,
    LoginKind,
    Node,
    Retrieval,
    Transport,
    WebAddress,
    node_from_address,
    node_from_fields,
)
from spineviewer.archive.query import Query, dates_from_text, result_from_rows
from spineviewer.archive.store import LocalStore
from spineviewer.errors import ArchiveError, UsageError

WEB = WebAddress("https://pacs.test/dicom-web", LoginKind.BASIC, "anna")
NODE = Node(
    "clinic (north)",
    dimse=DimseAddress("10.0.0.5", 104, "PACS", "READER", 11113, True, Certificates()),
    web=WEB,
    query=Transport.DIMSE,
    retrieval=Retrieval.WEB,
    sending=Transport.DIMSE,
    silence_s=12.5,
)


class CredentialStore(keyring.backend.KeyringBackend):
    """A credential store that exists only during the test."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.held = {}

    def get_password(self, service, username):
        return self.held.get((service, username))

    def set_password(self, service, username, password):
        self.held[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.held:
            raise keyring.errors.PasswordDeleteError("not found")
        del self.held[service, username]


@pytest.fixture
def credential_store(monkeypatch):
    monkeypatch.delenv("SPINEVIEWER_PACS_SECRET")
    before = keyring.get_keyring()
    keyring.set_keyring(store := CredentialStore())
    yield store
    keyring.set_keyring(before)


def test_a_node_survives_the_settings_file_and_its_password_is_not_in_it(
    tmp_path, credential_store
):
    path = tmp_path / "settings.json"
    save_settings(with_node(Settings(), NODE), path)
    save_secret(NODE.name, "Geheim-4711")
    assert nodes(load_settings(path)) == (NODE,)
    assert secret_for(NODE) == "Geheim-4711"
    assert all(b"Geheim" not in found.read_bytes() for found in tmp_path.rglob("*"))
    assert path.stat().st_mode & 0o077 == 0
    assert nodes(without_node(load_settings(path), NODE.name)) == ()
    assert credential_store.held == {}


def test_without_a_password_the_instructions_to_store_one_are_shown(credential_store):
    with pytest.raises(ArchiveError, match="pacs nodes --secret"):
        secret_for(NODE)
    delete_secret("nobody")


@pytest.mark.parametrize(
    "backend", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"]
)
def test_without_a_secure_credential_store_instructions_are_shown(backend, tmp_path):
    code = (
        "from spineviewer.archive.credentials import save_secret\nfrom spineviewer.errors import "
        "ArchiveError\n"
        "try:\n    save_secret('clinic', 'Geheim')\nexcept ArchiveError as error:\n    print(error)"
    )
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": backend, "HOME": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "no secure credential store" in told
    assert "SPINEVIEWER_PACS_SECRET" in told
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_the_extra_the_instructions_to_install_it_are_shown():
    code = (
        "import sys\nsys.modules['pynetdicom'] = None\nfrom spineviewer.cli import main\n"
        "sys.exit(main(['pacs', 'echo', 'dicom://A@127.0.0.1:1']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 8
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith("Install it with: pip install 'spineviewer[pacs]'")
    )


def test_the_window_and_the_command_line_start_without_the_network_libraries():
    code = (
        "import sys, spineviewer.cli, spineviewer.app.archives, "
        "spineviewer.app.archive_command; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"pynetdicom", "dicomweb_client", "requests", "keyring", "pydicom"} & set(loaded)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dicom://PACS@10.0.0.5:104", DimseAddress("10.0.0.5", 104, "PACS")),
        ("dicoms://MY%20PACS@[::1]:2762", DimseAddress("::1", 2762, "MY PACS", is_encrypted=True)),
        ("https://pacs.test/dicom-web/", WebAddress("https://pacs.test/dicom-web")),
        (
            "https://anna@pacs.test:8443/x",
            WebAddress("https://pacs.test:8443/x", LoginKind.BASIC, "anna"),
        ),
    ],
)
def test_an_address_describes_an_archive(text, expected):
    node = node_from_address(text)
    assert expected in (node.dimse, node.web)
    assert node_from_fields(node.as_fields()) == node


def paths_of(fields):
    """Paths to all values in a nested object."""
    for name, value in fields.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *rest) for rest in paths_of(value))


@pytest.mark.parametrize("path", [*paths_of(NODE.as_fields())], ids=".".join)
def test_a_stored_archive_that_lacks_a_field_does_not_open_with_a_default(path):
    stored = holder = NODE.as_fields()
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    if path[-1] in ("client_file", "client_key_file"):  # which the first versions did not store
        assert node_from_fields(stored) == NODE
        return
    with pytest.raises(UsageError):
        node_from_fields(stored)
    settings = Settings(archives=[stored])
    assert nodes(settings) == ()
    if path != ("name",):  # it can be added again
        assert nodes(with_node(settings, NODE)) == (NODE,)


@pytest.mark.parametrize(
    ("text", "node", "study", "series"),
    [
        ("pacs://clinic (north)/1.2.3/4.5", NODE, "1.2.3", "4.5"),
        ("pacs://clinic%20(north)/1.2.3", NODE, "1.2.3", ""),
        (
            "dicom://PACS@10.0.0.5:104/1.2.3/4.5",
            node_from_address("dicom://PACS@10.0.0.5:104"),
            "1.2.3",
            "4.5",
        ),
        (
            "https://p.test/a/studies/1.2/series/3.4",
            node_from_address("https://p.test/a"),
            "1.2",
            "3.4",
        ),
    ],
)
def test_a_scan_is_identified_by_its_address_in_an_archive(text, node, study, series):
    found = archived_scan(text, with_node(Settings(), NODE))
    assert (found.node, found.study_uid, found.series_uid) == (node, study, series)


@pytest.mark.parametrize(
    "text",
    [
        "pacs://clinic",
        "pacs://nobody/1.2",
        "dicom://A@h:1/../x",
        "https://h/x",
        "pacs://clinic/1/2/3",
    ],
)
def test_an_incomplete_address_in_an_archive_is_rejected(text):
    with pytest.raises(UsageError):
        archived_scan(text, Settings())


def test_a_path_is_not_an_address_in_an_archive():
    assert archived_scan("folder/ct.nii.gz", Settings()) is None


def test_settings_of_another_version_keep_all_other_archives():
    settings = with_node(Settings(archives=[{"name": "strange", "dimse": 7}]), NODE)
    assert nodes(settings) == (NODE,)
    with pytest.raises(UsageError, match=r"Use one of these: clinic \(north\)"):
        find_node("stranger", settings)
    with pytest.raises(UsageError, match="The archive strange cannot be used"):
        find_node("strange", settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a/b", "dimse": DimseAddress("h", 1, "A")},
        {"name": "a"},
        {"name": "a", "dimse": DimseAddress("h", 1, "A"), "query": Transport.WEB},
        {"name": "a", "dimse": DimseAddress("h", 1, "A"), "retrieval": Retrieval.WEB},
    ],
)
def test_an_invalid_node_is_rejected(wrong):
    with pytest.raises(UsageError):
        Node(**wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01", ("20240301", "20240301")),
        ("20240301-20240331", ("20240301", "20240331")),
        ("2024-03-01..2024-03-31", ("20240301", "20240331")),
        ("2024-03-01..", ("20240301", "")),
        ("..2024-03-31", ("", "20240331")),
    ],
)
def test_dates_are_parsed_in_each_usual_form(text, expected):
    assert dates_from_text(text) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13-01", "2024-03", "2024-03-31..2024-03-01"]
)
def test_what_is_not_a_date_is_refused(text):
    with pytest.raises(UsageError):
        dates_from_text(text)


@pytest.mark.parametrize(
    ("typed", "pattern", "fits", "fits_not"),
    [
        ("Müller", "M*ller*", "MULLER Anna", None),
        ("müller", "m*ller*", "Müller Anna", "Möller Anna"),
        ("Müller, Anna", "M*ller*Anna*", "Müller Anna", "Müller Berta"),
        ("M?ller", "M?ller", "anything", None),
        ("", "", "anything", None),
    ],
)
def test_names_are_matched_whatever_letters_the_archive_supports(typed, pattern, fits, fits_not):
    query = Query(patient_name=typed)
    assert query.name_pattern == pattern
    if typed != "Müller":
        assert query.matches_name(fits)
    if fits_not:
        assert not query.matches_name(fits_not)


def test_found_studies_are_ordered_by_patient_and_date_and_cut_at_the_limit():
    def row(patient, date, uid, modalities=("CT",)):
        return {
            "patient_id": patient, "name": patient, "birth_date": "", "uid": uid, "date": date,
            "description": "",
            "accession": "", "modalities": modalities, "series_count": 1, "image_count": 2,
        }  # fmt: skip

    rows = [
        row("b", "2024-01-01", "1"),
        row("a", "2023-01-01", "2"),
        row("b", "2024-05-01", "3"),
        row("b", "2024-05-01", "3"),
    ]
    found = result_from_rows(rows)
    assert [[study.uid for study in patient.studies] for patient in found.patients] == [
        ["2"],
        ["3", "1"],
    ]
    assert not found.is_cut
    assert result_from_rows(rows, limit=2).is_cut
    assert result_from_rows([row("a", "", "9", ("MR",))], Query(modality="ct")).study_count == 0
    assert result_from_rows([row("a", "", "9", ())], Query(modality="ct")).study_count == 1


# the local store


def arrived(store, study_uid, count=2, size=1000):
    with store.incoming(study_uid) as incoming:
        for number in range(count):
            part = incoming.parts / "part"
            part.write_bytes(bytes(size))
            incoming.ensure_room(size)
            incoming.accept(part, "1.1", f"{study_uid}.{number}")
        return incoming.commit()


def test_the_oldest_studies_make_room_for_a_new_one(tmp_path):
    store = LocalStore(tmp_path, max_bytes=5000)
    for number, uid in enumerate(("1.1", "1.2", "1.3")):
        folder = arrived(store, uid)
        os.utime(folder, (1000 + number, 1000 + number))
    assert [study.uid for study in store.studies()] == ["1.2", "1.3"]


def test_a_study_that_is_larger_than_the_store_is_refused_and_nothing_is_deleted_for_it(tmp_path):
    store = LocalStore(tmp_path, max_bytes=5000)
    arrived(store, "1.1")
    with pytest.raises(ArchiveError, match="limited to 0 MB"):
        arrived(store, "1.9", count=6)
    assert [study.uid for study in store.studies()] == ["1.1"]


def test_open_and_arriving_studies_are_not_deleted(tmp_path):
    store = LocalStore(tmp_path, max_bytes=7000)
    for number, uid in enumerate(("1.1", "1.2", "1.3")):
        os.utime(arrived(store, uid), (1000 + number, 1000 + number))
    store.mark_in_use(["1.1"])
    for process in (f"{2**22 + 1}-1", f"{os.getpid()}-1"):  # the second started at another time
        (tmp_path / ".in-use" / f"1.3-{process}").touch()
    assert store.in_use() == {"1.1"}
    with store.incoming("1.2"):
        arrived(store, "1.4")
    assert {study.uid for study in store.studies()} == {"1.1", "1.2", "1.4"}
    with pytest.raises(ArchiveError, match="Close scans"):
        arrived(store, "1.5", count=6)
    store.mark_in_use([])
    arrived(store, "1.5")
    assert "1.1" not in {study.uid for study in store.studies()}


def test_only_one_retrieval_at_a_time_is_in_an_exclusive_section(tmp_path):
    store = LocalStore(tmp_path)
    with (
        store.exclusive("port-1", 0.0),
        store.exclusive("port-2", 0.0),
        pytest.raises(ArchiveError, match="did not finish in time"),
        store.exclusive("port-1", 0.1),
    ):
        pass
    with store.exclusive("port-1", 0.0):
        pass


def test_studies_that_are_too_old_are_named_and_remains_are_cleared(tmp_path):
    store = LocalStore(tmp_path, keep_days=10)
    old = arrived(store, "1.1")
    os.utime(old, (time.time() - 11 * 86400,) * 2)
    arrived(store, "1.2")
    assert [study.uid for study in store.old_studies()] == ["1.1"]
    (tmp_path / ".deleted-1.7-3").mkdir()
    left = tmp_path / ".incoming" / "1.8" / "objects"
    left.mkdir(parents=True)
    for path in (left, left.parent):
        os.utime(path, (time.time() - 8 * 86400,) * 2)
    store.delete_leftovers()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".incoming", "1.1", "1.2"]
    assert list((tmp_path / ".incoming").iterdir()) == []


def test_two_programs_do_not_retrieve_the_same_study_at_the_same_time(tmp_path):
    store = LocalStore(tmp_path)
    with store.incoming("1.1"):
        with pytest.raises(ArchiveError, match="Another Spineviewer"), store.incoming("1.1"):
            pass
        with store.incoming("1.2"):
            pass


def test_a_retrieval_that_waited_for_another_one_uses_its_images(tmp_path):
    store = LocalStore(tmp_path)
    found, has_begun = [], threading.Event()

    def second():
        has_begun.set()
        with store.incoming("1.1", timeout_s=60) as incoming:
            found.append(incoming.present)
            incoming.commit()

    with store.incoming("1.1") as incoming:
        waiting = threading.Thread(target=second)
        waiting.start()
        (incoming.parts / "part").write_bytes(b"x")
        incoming.accept(incoming.parts / "part", "1.1.1", "1.1.1.1")
        assert has_begun.wait(60)
        incoming.commit()
    waiting.join()
    assert found == [{"1.1.1.1"}]
    assert [study.uid for study in store.studies()] == ["1.1"]
    assert list((tmp_path / ".incoming").iterdir()) == []


def test_scans_of_a_deleted_study_are_not_remembered(tmp_path):
    from spineviewer.app.archives import without_scans_below

    kept = RecentScan(str(tmp_path / "b" / "ct.nii.gz"), picture="x")
    settings = Settings(recent=(RecentScan(str(tmp_path / "a" / "1.1"), picture="y"), kept))
    assert without_scans_below(settings, [tmp_path / "a"]).recent == (kept,)
