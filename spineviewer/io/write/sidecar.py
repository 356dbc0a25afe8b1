"""A JSON file next to a result that states how it was made, for formats without text headers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spineviewer.io.write.whole_file import write_bytes


def sidecar_of(path: Path) -> Path:
    """Return the path of the sidecar: `spine.stl` has `spine.stl.json`."""
    return path.with_name(f"{path.name}.json")


def write_sidecar(path: Path, provenance: Mapping[str, Any]) -> None:
    """Write the sidecar of an existing file, with the hash by which it can be identified.

    Raises
    ------
    ExportError
        When it cannot be written.
    """
    facts = {**provenance, "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    write_bytes(sidecar_of(path), json.dumps(facts, indent=1, sort_keys=True, default=str).encode())
