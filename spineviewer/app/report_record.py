"""Records of reports that were written, by which later changes are noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from spineviewer.app.report_draft import ReportDraft
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.report import ReportContent

#: Choice: more reports than anybody writes of one scan; older ones are no longer compared.
MAX_RECORDS = 50
_Short = Annotated[str, Meta(max_length=64)]


@dataclass(frozen=True)
class ReportRecord:
    """A report that was written; it names neither files nor patients.

    Attributes
    ----------
    written_at
        Local time, such as '2026-01-31 12:00'.
    formats
        Such as 'PDF'.
    files
        Hash of each file's path, which tells whether a later report overwrites it.
    has_mask
        Whether there was a mask; its report is then compared only with results of a mask.
    has_measurements
        Whether the report contains the measurements of the vertebrae.
    results
        Hash of the results that it shows, from `hash_of_results`.
    """

    written_at: _Short
    formats: Annotated[tuple[_Short, ...], Meta(max_length=10)]
    files: Annotated[tuple[_Short, ...], Meta(max_length=10)]
    has_mask: bool
    has_measurements: bool
    results: _Short

    @property
    def titles(self) -> tuple[str, ...]:
        """Formats and time, in place of the files' names."""
        formats = ", ".join(self.formats)
        return (worded("{formats} from {time}", formats=formats, time=self.written_at),)


def hash_of_path(path: Path) -> str:
    """Return a hash of the absolute path of a file."""
    return _hash(str(path.absolute()))


def hash_of_results(content: ReportContent, draft: ReportDraft, mask: str) -> str:
    """Return a hash of what a report shows of the scan, equal after a session is restored.

    How the report is made and the agreement with a second mask do not count: they may differ in
    the next session although no result has changed.

    Parameters
    ----------
    content
        Content of the report, without patient, file and agreement with a second mask.
    mask
        Identifies the mask in the pictures (`MaskFacts.content`).
    """
    shown = replace(
        content, title="", made_at="", technical=(), measured=replace(content.measured, record={})
    )
    # numbers become the types that a restored draft has
    stored = msgspec.convert(msgspec.to_builtins(draft), ReportDraft)
    return _hash(f"{shown!r} {stored.images!r} {mask}")


def without_files(
    records: Collection[ReportRecord], files: Collection[str]
) -> tuple[ReportRecord, ...]:
    """Return the records without files that were overwritten, given by hashes of their paths."""
    kept = []
    for record in records:
        pairs = zip(record.formats, record.files, strict=True)
        left = [(kind, file) for kind, file in pairs if file not in files]
        if left:
            formats, hashes = zip(*left, strict=True)
            kept.append(replace(record, formats=formats, files=hashes))
    return tuple(kept)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
