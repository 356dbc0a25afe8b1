"""The name by which the user recognises a scan."""

from __future__ import annotations

import re
from pathlib import Path

#: Words that say nothing about which scan a file is.
_GENERIC_WORDS = frozenset(
    {"anat", "ct", "ctscan", "data", "dcm", "dicom", "dicomdir", "dicoms", "file", "files", "im"}
    | {"image", "images", "img", "imgs", "input", "mr", "mri", "nifti", "nii", "nrrd", "orig"}
    | {"original", "raw", "scan", "scans", "series", "slices", "study", "vol", "volume"}
)
#: Standard folders of a computer or a user, which do not belong to a scan.
_PLACES = frozenset(
    {"desktop", "documents", "dokumente", "download", "downloads", "home", "media", "mnt"}
    | {"schreibtisch", "temp", "tmp", "users"}
)
#: Choice: shorter words occur in any name by chance.
MIN_WORD_LENGTH = 3
#: Maximum number of folders around a scan that may give it a name.
_MAX_FOLDERS = 2
_EXTENSION = re.compile(r"\.(nii|nrrd|nhdr|mha|mhd|hdr|img|dcm|ima|zip)(\.gz)?$", re.IGNORECASE)


def distinctive_path(path: Path) -> Path:
    """Return a scan's file or folder, or the first folder around it whose name is not generic.

    Many data sets name every scan `ct.nii.gz`; only their folders differ.
    """
    for candidate in (path, *list(path.parents)[:_MAX_FOLDERS]):
        if candidate.name.lower() in _PLACES or candidate == Path.home():
            break
        if candidate.name and not _is_generic(candidate.name):
            return candidate
    return path


def scan_name(path: Path) -> str:
    """Return the name of a scan: that of its file or folder, or of the folder around it."""
    return distinctive_path(path).name


def name_with_folder(path: Path) -> str:
    """Return a file's name with its folder, because other files may have the same name."""
    return str(Path(*path.parts[-2:])) if path.parts else ""


def has_distinctive_name(path: Path) -> bool:
    """Return whether a scan's file or folder, or a folder around it, has a distinctive name."""
    return not _is_generic(scan_name(path))


def contains_word_from(name: str, text: str) -> bool:
    """Return whether a name contains a word from a string, ignoring case.

    Words of fewer than `MIN_WORD_LENGTH` characters do not count.
    """
    words = [word for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= MIN_WORD_LENGTH]
    plain = name.casefold()
    return any(word in plain for word in words)


def _is_generic(name: str) -> bool:
    """Return whether the name of a file or folder does not distinguish scans."""
    words = re.findall(r"[^\W_]+", _EXTENSION.sub("", name).lower())
    return _GENERIC_WORDS.issuperset(words)
