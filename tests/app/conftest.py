"""What the tests of the open scans share: a workspace without a window, and two small scans."""

from pathlib import Path

import pytest
from fakes import spine_volume
from headless import Headless


@pytest.fixture
def headless(tmp_path):
    """Makes workspaces without a window; every job of theirs has ended at the end."""
    made = []

    def make(services=None, settings=None):
        made.append(Headless(tmp_path, services, settings))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def named(headless):
    """A workspace, and its scan of eight blocks that are named."""
    one = headless()
    scan = one.segmented(spine_volume())
    one.name(scan)
    return one, scan


@pytest.fixture
def measured(headless):
    """A workspace, and its scan of eight blocks that are named and measured."""
    one = headless()
    return one, one.measured(spine_volume())


@pytest.fixture
def volumes():
    """Three small scans of different sizes, from different files."""
    return [spine_volume(path=Path(f"sub-{k}_ct.nii.gz"), shape=(60 + k, 60, 60)) for k in range(3)]
