"""A real archive for the window."""

import pytest
from archive_peers import PASSWORD, orthanc, stored

__all__ = ["orthanc", "stored"]


@pytest.fixture(autouse=True)
def _own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("SPINEVIEWER_PACS_SECRET", PASSWORD)
