"""A JSON file that states how a result was computed, for formats without text headers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spineviewer.io.write.whole_file import write_bytes


def sidecar_path(path: Path) -> Path:
    """Return the path of the sidecar: `spine.stl` has `spine.stl.json`."""
    return path.with_name(f"{path.name}.json")


def write_sidecar(path: Path, provenance: Mapping[str, Any]) -> None:
    """Write the sidecar of an existing file, with a hash that identifies the file.

    Raises
    ------
    ExportError
        When it cannot be written.
    """
    facts = {**provenance, "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    write_bytes(
        sidecar_path(path), json.dumps(facts, indent=1, sort_keys=True, default=str).encode()
    )
