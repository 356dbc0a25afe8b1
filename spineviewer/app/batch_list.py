"""The scans of a batch, from a list or a folder, and the names of their results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from os.path import commonpath
from pathlib import Path

from spineviewer.app.exporting import ExportKind, export_stem
from spineviewer.app.session import SESSION_EXTENSION
from spineviewer.errors import UsageError, reason_of
from spineviewer.volume.scan_name import distinctive_path

#: Proposed name of the folder of a batch.
RESULTS = "masks"
#: Subfolder for sessions in the folder of a batch.
SESSIONS = "sessions"
#: Parts of a file name that show that it is a result. Choice: the BIDS-like suffixes of this
#: program and of VerSe.
_RESULT_MARKS = ("_msk", "_seg", "seg-", "mask", "label", "probseg", "ignore", "heatmap")


@dataclass(frozen=True)
class Entry:
    """One scan in the list.

    Attributes
    ----------
    path
        File or folder; for a scan in an archive, its folder after retrieval.
    series_uid
        UID of the series if the folder contains several.
    archive
        Address of a scan in an archive; empty for a local scan.
    """

    path: Path
    series_uid: str = ""
    archive: str = ""


def read_entries(list_path: Path) -> tuple[Entry, ...]:
    """Return the scans in a list or in a folder.

    A list is a text file with one path (relative to the list's folder) or archive address per line,
    followed by a tab and the series' UID if a folder contains several. Empty lines and lines that
    begin with '#' are skipped. In a folder, every image is a scan, unless its name shows that it is
    a mask or map; a folder with DICOM slices is one scan.

    Raises
    ------
    UsageError
        When there is no such list or folder, the list is not text, or no scan is found.
    """
    if list_path.is_dir():
        found = tuple(_scans_below(list_path))
    elif list_path.is_file():
        found = _entries_in_file(list_path)
    else:
        raise UsageError(
            f"{list_path} does not exist. Specify a text file with one scan per line, or a folder "
            f"of scans."
        )
    if not found:
        raise UsageError(
            f"{list_path.name} does not list any scan. Add one path per line, or choose another "
            "folder."
        )
    return found


def _entries_in_file(list_path: Path) -> tuple[Entry, ...]:
    try:
        lines = list_path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{list_path.name} is not a text file with a list of scans. To segment one scan, use: "
            f"spineviewer segment."
        ) from error
    entries = []
    for line in lines:
        path, _, uid = line.strip().partition("\t")
        if path.startswith("#"):
            continue
        if "://" in path:
            entries.append(_archived_entry(path, uid.strip()))
        elif path:
            entries.append(
                Entry((list_path.parent / Path(path).expanduser()).resolve(), uid.strip())
            )
    return tuple(dict.fromkeys(entries))


def _archived_entry(address: str, series_uid: str) -> Entry:
    from spineviewer.app.archives import archived_scan, local_store
    from spineviewer.app.settings import load_settings, settings_file

    settings = load_settings(settings_file())
    scan = archived_scan(address, settings)
    if scan is None:
        raise UsageError(
            f"{address} is not a scan in an archive. Use the format pacs://NAME/STUDY/SERIES, "
            "or a path."
        )
    return Entry(scan.folder_in(local_store(settings)), series_uid, archive=address)


def image_files_below(folder: Path) -> tuple[Path, ...]:
    """Return the images in formats other than DICOM in a folder and its subfolders.

    Masks and maps, recognised by their names, are left out.
    """
    return tuple(entry.path for entry in _scans_below(folder) if entry.path.is_file())


def _scans_below(folder: Path) -> Iterable[Entry]:
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be read: {reason_of(error)}. Check its permissions."
        ) from error
    images = [p for p in inside if p.is_file() and _is_scan_name(p.name)]
    if images:
        yield from (Entry(p.resolve()) for p in images)
    elif any(p.is_file() and _is_dicom(p) for p in inside):
        yield Entry(folder.resolve())
        return
    for inner in inside:
        if inner.is_dir() and not inner.name.startswith("."):
            yield from _scans_below(inner)


def _is_scan_name(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(_scan_extensions()) and not any(mark in lower for mark in _RESULT_MARKS)


@cache
def _scan_extensions() -> tuple[str, ...]:
    """Return the extensions of files that contain a whole scan, not just a slice or a header."""
    from spineviewer.io.formats import SCAN_FORMATS, extensions

    whole = extensions([entry for entry in SCAN_FORMATS if entry.load or not entry.writes])
    return tuple(extension for extension in whole if not extension.startswith(".img"))


def _is_dicom(path: Path) -> bool:
    """Return whether a file starts with DICOM's preamble; nothing else is read."""
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


def mask_names(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return a file name for each entry's mask.

    A name contains the stem of the scan's name. If two stems are equal, the name of the scan's
    folder is put in front of each; if they are still equal, a number is added.
    """
    stems = [export_stem(entry.path) for entry in entries]
    repeated = {stem for stem, count in Counter(stems).items() if count > 1}
    stems_with_folder = [
        f"{distinctive_path(e.path).parent.name}_{s}" if s in repeated else s
        for e, s in zip(entries, stems, strict=True)
    ]
    names, seen = [], dict[str, int]()
    for stem in stems_with_folder:
        seen[stem] = seen.get(stem, 0) + 1
        number = f"-{seen[stem]}" if seen[stem] > 1 else ""
        names.append(f"{stem}{number}_{ExportKind.MASK.value}.nii.gz")
    return tuple(names)


def proposed_folder(entries: Sequence[Entry]) -> Path | None:
    """Return a folder for the results of a batch, in the folder that all scans have in common.

    None if there is no such folder, only a drive or the root of the file system.
    """
    try:
        common = Path(commonpath([entry.path.absolute().parent for entry in entries]))
    except ValueError:  # no scans, or on different drives
        return None
    return None if common == Path(common.anchor) else common / RESULTS


def session_name(mask: str) -> str:
    """Return the path of a mask's session, relative to the batch's folder."""
    return f"{SESSIONS}/{mask.split(f'_{ExportKind.MASK.value}')[0]}{SESSION_EXTENSION}"
