"""A simulated archive that a test controls, and a real one."""

import threading
from itertools import count

import pytest
from archive_peers import PASSWORD, orthanc, stored
from archive_stand_in import StandInArchive

from spineviewer.app.archiving.access import ArchiveAccess
from spineviewer.app.job_runner import PROGRAM

__all__ = ["orthanc", "stored"]


@pytest.fixture
def archive():
    return StandInArchive()


@pytest.fixture
def gate():
    return threading.Event()


@pytest.fixture(autouse=True)
def _own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("SPINEVIEWER_PACS_SECRET", PASSWORD)


@pytest.fixture
def access_to(headless):
    """The archives of a workspace, connected to an archive that the test chooses."""

    def make(connect, services=None):
        one, owners = headless(services), count(PROGRAM + 1000)
        workspace = one.workspace
        access = ArchiveAccess(
            workspace.runner.jobs_for(PROGRAM),
            lambda: workspace.runner.jobs_for(next(owners)),
            workspace.settings,
            workspace.shared_journal.journal,
            workspace.tell,
            connect,
        )
        return one, access

    return make
