"""Real archives on this computer alone: Orthanc and dcmtk from Debian, started once for all tests of this folder.

Where they are not installed the tests are skipped, and say so. `.ci/run` installs them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pynetdicom", reason="archives need the extra: pip install 'spineviewer[pacs]'")
pytest.importorskip(
    "dicomweb_client", reason="archives need the extra: pip install 'spineviewer[pacs]'"
)

sys.path.insert(0, str(Path(__file__).parent))

from archive_peers import (
    ORTHANC,
    OWN_TITLE,
    PASSWORD,
    USER,
    WEB_PLUGIN,
    OrthancPeer,
    SmallStudy,
    free_port,
    running,
    small_study,
    wait_for_port,
)


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancPeer]:
    if ORTHANC is None or not WEB_PLUGIN.exists():
        pytest.skip("no Orthanc here: apt-get install orthanc orthanc-dicomweb")
    folder = tmp_path_factory.mktemp("orthanc")
    peer = OrthancPeer(free_port(), free_port(), free_port())
    configuration = {
        "Name": "test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "Plugins": [str(WEB_PLUGIN)],
        "DicomAet": "ORTHANC",
        "DicomPort": peer.dicom_port,
        "HttpPort": peer.web_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomCheckCalledAet": True,
        "DicomModalities": {"us": [OWN_TITLE, "127.0.0.1", peer.own_port]},
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowFind": True,
        "DefaultEncoding": "Utf8",
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    with running([ORTHANC, str(folder / "orthanc.json")], peer.web_port):
        wait_for_port(peer.dicom_port)
        yield peer


@pytest.fixture(scope="session")
def stored(orthanc: OrthancPeer, tmp_path_factory: pytest.TempPathFactory) -> SmallStudy:
    """A study in Orthanc."""
    study = small_study(tmp_path_factory.mktemp("study"))
    for path in study.files:
        orthanc.put(path)
    return study


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINEVIEWER_PACS_SECRET", PASSWORD)
