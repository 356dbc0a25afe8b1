"""How a file was made, beside it, for formats whose headers hold no text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spineviewer.io.whole_file import write_bytes


def sidecar_of(path: Path) -> Path:
    """Where it lies: `spine.stl` has `spine.stl.json`."""
    return path.with_name(f"{path.name}.json")


def write_sidecar(path: Path, provenance: Mapping[str, Any]) -> None:
    """Write it for a file that is there; it names the file's hash, so that nobody takes it for that of another one.

    Raises
    ------
    ExportError
        When it cannot be written.
    """
    facts = {**provenance, "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    write_bytes(sidecar_of(path), json.dumps(facts, indent=1, sort_keys=True, default=str).encode())
