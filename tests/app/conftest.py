"""Fixtures for tests of open scans: a workspace without a window, and small scans."""

from pathlib import Path

import pytest
from fakes import spine_volume
from headless import Headless


@pytest.fixture
def headless(tmp_path):
    """Makes workspaces without a window; all their jobs have ended when the test ends."""
    made = []

    def make(services=None, settings=None):
        made.append(Headless(tmp_path, services, settings))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def named(headless):
    """A workspace with a scan of eight named blocks."""
    one = headless()
    scan = one.segmented(spine_volume())
    one.name(scan)
    return one, scan


@pytest.fixture
def measured(headless):
    """A workspace with a scan of eight named and measured blocks."""
    one = headless()
    return one, one.measured(spine_volume())


@pytest.fixture
def volumes():
    """Three small scans of different sizes, from different files."""
    return [spine_volume(path=Path(f"sub-{k}_ct.nii.gz"), shape=(60 + k, 60, 60)) for k in range(3)]
