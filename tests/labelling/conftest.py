import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from spines import THORACOLUMBAR, SolidSpine, solid_spine


@pytest.fixture(scope="module")
def spine() -> SolidSpine:
    """From T9 to the sacrum."""
    return solid_spine(THORACOLUMBAR, with_sacrum=True)
