"""Loops are compiled once at installation, and every user of the computer can use them."""

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from numba.core.caching import UserProvidedCacheLocator

from spineviewer import compiled
from spineviewer.compiled import (
    LOOP_MODULES,
    choose_folder_for_compiled_code,
    copy_compiled,
    delete_outdated,
    is_prepared,
    note_prepared,
)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small program with one module and its own home folder."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "program"
    (folder / "inner" / "__pycache__").mkdir(parents=True)
    (folder / "inner" / "loops.py").write_text("pass\n", encoding="utf-8")
    for name in ("loops.f-1.py311.nbi", "loops.f-1.py311.1.nbc", "loops.cpython-311.pyc"):
        (folder / "inner" / "__pycache__" / name).write_text(name, encoding="utf-8")
    return folder


@pytest.fixture
def read_only(package, monkeypatch):
    """Make a folder read-only, even for root, who may write everywhere."""
    make = tempfile.TemporaryFile

    def refuse(*, dir):  # noqa: A002  # tempfile's own name
        if dir == package:
            raise PermissionError
        return make(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)


def test_compiled_code_is_stored_next_to_a_writable_program(package):
    choose_folder_for_compiled_code(package)
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_compiled_code_of_a_read_only_program_goes_into_its_own_cache(package, read_only):
    choose_folder_for_compiled_code(package)
    assert os.environ["NUMBA_CACHE_DIR"].endswith("compiled")
    assert "spineviewer" in os.environ["NUMBA_CACHE_DIR"]


def test_a_folder_that_the_user_chose_stays(package, read_only, monkeypatch, tmp_path):
    chosen = str(tmp_path / "elsewhere")
    monkeypatch.setenv("NUMBA_CACHE_DIR", chosen)
    choose_folder_for_compiled_code(package)
    assert os.environ["NUMBA_CACHE_DIR"] == chosen


def test_a_program_is_prepared_once_for_one_version_of_its_modules(package):
    assert not is_prepared(package)
    note_prepared(package)
    assert is_prepared(package)
    (package / "inner" / "loops.py").write_text("pass  # new\n", encoding="utf-8")
    assert not is_prepared(package)


def loops_of(package):
    return [file.name for file in package.rglob("*") if file.suffix in {".nbi", ".nbc"}]


@pytest.fixture
def volume(package):
    """A folder with loops that were compiled for the present modules."""
    (package / "inner").rename(package / "volume")
    (package / "volume" / "loops.py").rename(package / "volume" / "metal.py")
    store = package / "volume" / "__pycache__"
    stored = {file: file.read_bytes() for file in store.iterdir()}
    delete_outdated(package)
    for file, content in stored.items():
        file.write_bytes(content)
    note_prepared(package)
    return package / "volume"


def test_loops_stay_while_no_module_changes(package, volume):
    choose_folder_for_compiled_code(package)
    assert len(loops_of(package)) == 2
    assert is_prepared(package)


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_all_loops_are_deleted_when_a_module_that_they_use_changes(package, volume, change):
    """numba would load a loop that uses an earlier version of a function or a type."""
    other = volume / ("volume.py" if change == "added" else "metal.py")
    if change == "removed":
        other.unlink()
    else:
        other.write_text("SIDE = 3  # new\n", encoding="utf-8")
    choose_folder_for_compiled_code(package)
    assert loops_of(package) == []
    assert (volume / "__pycache__" / "loops.cpython-311.pyc").is_file()


def test_loops_stay_when_a_module_changes_that_they_do_not_use(package, volume):
    (volume / "planes.py").write_text("SIDE = 3\n", encoding="utf-8")
    delete_outdated(package)
    assert len(loops_of(package)) == 2


def test_loops_of_a_version_without_a_note_are_deleted_once(package):
    (package / "inner").rename(package / "volume")
    delete_outdated(package)
    assert loops_of(package) == []


def test_a_user_s_copy_is_renewed_after_an_update(package, volume, read_only):
    choose_folder_for_compiled_code(package)
    own = Path(os.environ.pop("NUMBA_CACHE_DIR"))
    assert len(loops_of(own)) == 2
    (volume / "metal.py").write_text("SIDE = 3\n", encoding="utf-8")
    new = volume / "__pycache__" / "loops.f-3.py311.nbi"
    new.write_text("compiled by the new installation", encoding="utf-8")
    note_prepared(package)
    choose_folder_for_compiled_code(package)
    assert new.name in loops_of(own)


def test_every_module_that_a_loop_uses_is_watched():
    """`test_preparing_compiles_every_loop_of_the_program` checks the types of arguments."""
    package = Path(compiled.__file__).parent
    needed = set()
    for path in package.rglob("*.py"):
        text = path.read_text("utf-8")
        if "\nimport numba" in text:
            used = used_by_loops(ast.parse(text))
            needed |= {path.relative_to(package).with_suffix("").as_posix(), *used}
    assert needed | {"fusion/operators"} == set(LOOP_MODULES)
    assert all((package / f"{name}.py").is_file() for name in LOOP_MODULES)


def used_by_loops(tree):
    """Return the modules from which the compiled functions of a module take anything."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    loops = [function for function in functions if function.decorator_list]
    names = {node.id for loop in loops for node in ast.walk(loop) if isinstance(node, ast.Name)}
    return {
        node.module.removeprefix("spineviewer.").replace(".", "/")
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module.startswith("spineviewer")
        for alias in node.names
        if (alias.asname or alias.name) in names
    }


def test_another_processor_is_not_prepared(package, monkeypatch):
    note_prepared(package)
    monkeypatch.setattr(compiled, "_processor", lambda: "another one")
    assert not is_prepared(package)


def test_a_user_without_write_access_starts_with_the_installed_code(package, read_only, tmp_path):
    note_prepared(package)
    choose_folder_for_compiled_code(package)
    assert is_prepared(package)
    own = Path(os.environ["NUMBA_CACHE_DIR"])
    copied = {path.name for path in own.rglob("*") if path.is_file()}
    assert {"loops.f-1.py311.nbi", "loops.f-1.py311.1.nbc"} <= copied
    assert "loops.cpython-311.pyc" not in copied


def test_the_copy_is_where_numba_looks_for_it(package, tmp_path):
    note_prepared(package)
    copy_compiled(package, tmp_path / "own")
    module = str(package / "inner" / "loops.py")
    expected = UserProvidedCacheLocator.get_suitable_cache_subpath(module)
    assert (tmp_path / "own" / expected / "loops.f-1.py311.nbi").is_file()


def test_nothing_is_copied_for_another_processor(package, tmp_path, monkeypatch):
    note_prepared(package)
    monkeypatch.setattr(compiled, "_processor", lambda: "another one")
    copy_compiled(package, tmp_path / "own")
    assert not (tmp_path / "own").exists()


def test_a_home_that_cannot_be_written_gets_a_folder_for_this_run(
    package, read_only, tmp_path, monkeypatch
):
    (tmp_path / "cache").write_text("a file in the way", encoding="utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    choose_folder_for_compiled_code(package)
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == tmp_path
    assert stat.S_IMODE(Path(os.environ["NUMBA_CACHE_DIR"]).stat().st_mode) == 0o700
    compiled._scratch_folders.pop().close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_preparing_compiles_every_loop_of_the_program(tmp_path):
    """Loops of training and benchmarks are excluded, because no user waits for them.

    The folder is empty, because loops called by others have no signature once those are loaded.
    """
    code = (
        "import importlib, pkgutil, spineviewer\n"
        "from numba.core.registry import CPUDispatcher\n"
        "from spineviewer.app.warm_up import prepare\n"
        "prepare()\n"
        "for found in pkgutil.walk_packages(spineviewer.__path__, 'spineviewer.'):\n"
        "    if found.name.split('.')[1] in ('training', 'bench', 'gui', '__main__'): continue\n"
        "    if found.name == 'spineviewer.labelling.chain': continue  # solved only in training\n"
        "    for name, value in vars(importlib.import_module(found.name)).items():\n"
        "        if isinstance(value, CPUDispatcher) and not value.signatures:\n"
        "            if value.targetoptions.get('inline') != 'always': print(name)\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert told.splitlines() == []
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*.nb[ic]"))
    modules = {name.decode() for name in re.findall(rb"spineviewer(?:\.[a-z_]+)+", stored)}
    assert modules
    assert modules <= {f"spineviewer.{name.replace('/', '.')}" for name in LOOP_MODULES}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("is_read_only", [False, True])
def test_after_preparing_a_first_segmentation_compiles_nothing(
    is_read_only, repository, with_tiny_models, tmp_path
):
    """One user installs, and another one with an empty home folder starts the program."""
    program = tmp_path / "program"
    shutil.copytree(
        repository / "spineviewer",
        program / "spineviewer",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for name in ("assets", "models"):
        shutil.copytree(repository / name, program / name, ignore=lambda *_: ["pictures"])
    environment = {**os.environ, "PYTHONPATH": str(program), "HOME": str(tmp_path / "home")}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "installer"), "NUMBA_CACHE_DIR": ""}
    run = {"env": environment, "capture_output": True, "encoding": "utf-8", "check": True}
    run["cwd"] = tmp_path  # not the checkout, whose modules would come first
    subprocess.run([sys.executable, "-m", "spineviewer", "prepare"], **run)
    if is_read_only:  # root may write everywhere, so a read-only folder is simulated
        block = (
            "import tempfile\n"
            "make = tempfile.TemporaryFile\n"
            "def refuse(*, dir):\n"
            "    if 'program' in str(dir): raise PermissionError\n"
            "    return make(dir=dir)\n"
            "tempfile.TemporaryFile = refuse\n"
        )
        (program / "sitecustomize.py").write_text(block, encoding="utf-8")
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "user"), "NUMBA_DEBUG_CACHE": "1"}
    sample = repository / "assets" / "sample" / "sub-phantom_ct.nii.gz"
    command = ["segment", str(sample), "-o", str(tmp_path / "m.nii.gz"), "--json"]
    told = subprocess.run([sys.executable, "-m", "spineviewer", *command], **run)
    assert "data loaded" in told.stdout + told.stderr
    assert "data saved" not in told.stdout + told.stderr
    assert "Preparing" not in told.stderr
    assert (tmp_path / "user" / "spineviewer" / "compiled").exists() is is_read_only
