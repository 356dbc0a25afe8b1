"""Real archives on this computer: Orthanc and dcmtk, started once for all tests here.

If they are not installed, the tests are skipped with a message. `.ci/run` installs them.
"""

from __future__ import annotations

import pytest

pytest.importorskip("pynetdicom", reason="archives need the extra: pip install 'spineviewer[pacs]'")
pytest.importorskip(
    "dicomweb_client", reason="archives need the extra: pip install 'spineviewer[pacs]'"
)

from archive_peers import PASSWORD, orthanc, stored

__all__ = ["orthanc", "stored"]


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINEVIEWER_PACS_SECRET", PASSWORD)
