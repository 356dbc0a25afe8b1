"""The compiled loops: where they are stored, and whether all of them exist.

numba compiles each loop for the processor when it is first used, and stores the result. The
installation compiles all loops except those of training and benchmarks (`spineviewer prepare`), and
stores them next to the modules. For users without write access to that folder, the compiled loops
are copied to the user's cache folder.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from spineviewer import __version__
from spineviewer.scratch import ScratchFolder
from spineviewer.wording import mark

#: Message shown while loops that the installation did not compile are being compiled.
PREPARING = mark("One-time preparation for this computer")
#: Links are not resolved, because numba names folders after the unresolved paths of modules.
_PACKAGE = Path(__file__).absolute().parent
_STORE = "__pycache__"
_VARIABLE = "NUMBA_CACHE_DIR"
#: All modules with compiled loops, and those from which the loops take types or constants.
LOOP_MODULES = (
    "bench/itk_diffusion",
    "fusion/islands",
    "fusion/kernels",
    "fusion/operators",
    "inference/segment",
    "labelling/axis",
    "labelling/chain",
    "labelling/disc_evidence",
    "labelling/disc_planes",
    "labelling/partition",
    "labelling/separation",
    "labelling/straightened",
    "measurements/surfaces",
    "preprocess",
    "training/fit/augment",
    "training/fit/cases",
    "training/synthetic/anatomy",
    "training/synthetic/deformation",
    "training/synthetic/rendering",
    "volume/metal",
    "volume/outline",
    "volume/pixels",
    "volume/resample",
    "volume/ruled_kernels",
    "volume/volume",
)
#: Name of the file that states for which program and processor everything was compiled.
_NOTE = "spineviewer-compiled.txt"
#: Holds the folder of a process that cannot write anywhere else; deleted after the process has
#: ended.
_scratch_folders: list[ScratchFolder] = []


def choose_folder_for_compiled_code(package: Path = _PACKAGE) -> None:
    """Choose the folder for compiled loops: the user's if the program's is read-only.

    `$NUMBA_CACHE_DIR` is used if it is set. Child processes inherit the choice. Must be called
    before numba is imported.
    """
    if os.environ.get(_VARIABLE) or _is_writable(package):
        delete_outdated(package)
        return
    folder = _user_folder()
    os.environ[_VARIABLE] = str(folder)
    delete_outdated(package)
    copy_compiled(package, folder)


def delete_outdated(package: Path = _PACKAGE) -> None:
    """Delete compiled loops if a module that they depend on has changed since they were compiled.

    numba notices a change in a loop's own module, but not in a module whose functions or types the
    loop uses.
    """
    note = _note(package).with_suffix(".loops")
    identity = hashlib.sha256("\n".join(_loop_modules(package)).encode()).hexdigest()
    with suppress(OSError, UnicodeDecodeError):
        if note.read_text(encoding="utf-8") == identity:
            return
    with suppress(OSError):
        for folder in _loop_stores(package):
            for file in (
                *folder.glob("*.nbi"),
                *folder.glob("*.nbc"),
            ):  # first the index, then the data
                file.unlink(missing_ok=True)
        _note(package).unlink(missing_ok=True)
        _write(note, identity)


def is_prepared(package: Path = _PACKAGE) -> bool:
    """Return whether `prepare` has run for this version on this processor."""
    try:
        return _note(package).read_text(encoding="utf-8") == _identity(package)
    except (OSError, UnicodeDecodeError):
        return False


def note_prepared(package: Path = _PACKAGE) -> None:
    """Record that `prepare` has run; if this fails, it will run again."""
    with suppress(OSError):
        _write(_note(package), _identity(package))


def copy_compiled(package: Path, folder: Path) -> None:
    """Copy what the installation compiled for this processor to a user's folder, once."""
    installed, own = package / _STORE / _NOTE, folder / f"{_folder_name(package)}.txt"
    with suppress(OSError):
        identity = _identity(package)
        if own.exists() or installed.read_text(encoding="utf-8") != identity:
            return
        for store in _filled_stores(package):
            target = folder / _folder_name(store.parent)
            target.mkdir(parents=True, exist_ok=True)
            for file in (
                *store.glob("*.nbc"),
                *store.glob("*.nbi"),
            ):  # first the data, then the index
                shutil.copyfile(file, target / file.name)
        own.write_text(identity, encoding="utf-8")


def _note(package: Path) -> Path:
    folder = os.environ.get(_VARIABLE)
    if folder:
        return Path(folder) / f"{_folder_name(package)}.txt"
    return package / _STORE / _NOTE


def _write(note: Path, identity: str) -> None:
    """Write a note, atomically."""
    note.parent.mkdir(parents=True, exist_ok=True)
    part = note.with_suffix(f".{os.getpid()}")
    part.write_text(identity, encoding="utf-8")
    part.replace(note)


def _loop_modules(package: Path) -> Iterator[str]:
    """Yield path, size and modification time of each module that compiled loops depend on."""
    for name in LOOP_MODULES:
        with suppress(FileNotFoundError):
            yield _state_of(package / f"{name}.py")


def _loop_stores(package: Path) -> Iterator[Path]:
    """Yield the folders in which numba stores the program's loops."""
    chosen = os.environ.get(_VARIABLE)
    for folder in dict.fromkeys((package / name).parent for name in LOOP_MODULES):
        yield Path(chosen) / _folder_name(folder) if chosen else folder / _STORE


def _user_folder() -> Path:
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("spineviewer", appauthor=False)) / "compiled"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if _is_writable(folder):
        return folder
    # only for this process, because the home folder is read-only, too
    _scratch_folders.append(ScratchFolder())
    return _scratch_folders[-1].path


def _is_writable(folder: Path) -> bool:
    """Return whether files can be created in a folder; on Windows, only trying shows this."""
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _filled_stores(package: Path) -> Iterator[Path]:
    return (store for store in package.rglob(_STORE) if any(store.glob("*.nbi")))


def _folder_name(folder: Path) -> str:
    """Return the name of the cache folder that numba uses for the modules in a folder."""
    return f"{folder.name}_{hashlib.sha1(str(folder).encode()).hexdigest()}"


def _identity(package: Path) -> str:
    """Return a hash of what compiled loops depend on: the modules, Python and the processor."""
    parts = (__version__, sys.version, _processor(), *sorted(_modules(str(package))))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _modules(folder: str) -> Iterator[str]:
    """Yield the path, size and modification time of each module below a folder."""
    for entry in os.scandir(folder):
        if entry.name.endswith(".py"):
            yield _state_of(entry)
        elif entry.name != _STORE and entry.is_dir():
            yield from _modules(entry.path)


def _state_of(module: os.DirEntry[str] | Path) -> str:
    status = module.stat()
    return f"{os.fspath(module)} {status.st_size} {status.st_mtime_ns}"


def _processor() -> str:
    """Return a string that is different for processors with different instruction sets."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        features = [line for line in lines if line.startswith(("model name", "flags", "Features"))]
        return "\n".join(dict.fromkeys(features))
    return f"{platform.machine()} {platform.processor()}"
