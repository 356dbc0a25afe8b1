"""The repository contains no traces of the machine it was written on, and nothing unused."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: Optional parts: the extra, and the only folder of the package that may import its packages.
EXTRAS = {"cluster": "app", "pacs": "archive", "train": "training"}
#: Absolute paths on a particular machine. Paths that exist on any Linux (/etc, /usr, /proc, /dev,
#: /tmp) are allowed.
MACHINE_PATH = re.compile(
    r"(?<![\w.~*<>)\]}$])/(?:root|home|work|opt|mnt|srv|Users|data|media)/[\w.-]+|[A-Z]:\\Users\\"
)
#: Packages that are imported under a different name.
INSTALLED_AS = {
    "PIL": "pillow",
    "dicomanonymizer": "dicom-anonymizer",
    "gdcm": "python-gdcm",
    "PySide6": "pyside6-essentials",
    "openjpeg": "pylibjpeg-openjpeg",
    "shiboken6": "pyside6-essentials",
}
#: Declared but never imported by name: pydicom finds its decoders itself, and pyqtgraph finds
#: PyOpenGL.
FOUND_BY_OTHERS = {"pyopengl", "pylibjpeg-openjpeg", "pyjpegls"}
#: Fixed waits, limits on the time that something takes, and patience too short for busy machines.
TIMED = re.compile(
    r"qtbot\.wait\(|qWait\(|Timer\(\d|singleShot\([1-9]"
    r"|(?:monotonic|perf_counter)\(\) - [\w.\[\]]+ *<"
    r"|wait(?:Until|Signal|Active)\(.*timeout=\d{1,4}\)"
)
#: Drive a real window at a person's pace; only slow tests run them.
AT_A_PERSONS_PACE = {"test_two_monitors.py", "by_hand.py", "on_screen.py"}


@pytest.fixture(scope="module")
def tracked(repository):
    if not (repository / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=True
    ).stdout.decode()
    return [
        repository / name for name in listed.split("\0") if name and (repository / name).is_file()
    ]


@pytest.fixture(scope="module")
def declared(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return names_in(project["dependencies"])


@pytest.fixture(scope="module")
def optional(repository):
    """Return the packages that each extra for users adds, by the extra's name."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return {name: names_in(extras[name]) for name in EXTRAS}


def names_in(requirements):
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def imported_names(folder):
    """Return the top-level names imported anywhere in a folder."""
    return set().union(*map(names_imported_by, folder.rglob("*.py")))


def names_imported_by(path):
    """Return the top-level names that a file imports, except those of Python and the program."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    # `_typeshed` exists only for type checkers
    foreign = names - set(sys.stdlib_module_names) - {"spineviewer", "_typeshed"}
    return {canonicalize_name(INSTALLED_AS.get(name, name)) for name in foreign}


def test_no_file_names_a_path_of_a_machine(tracked):
    found = []
    for path in tracked:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{path.name}:{number}: {line.strip()[:100]}")
    assert not found


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("open('/ho" + "me/anna/x')", True),
        ("C:\\Us" + "ers\\anna", True),
        ("a/b/home/c", False),
        ("/usr/share/doc", False),
    ],
)
def test_the_search_for_machine_paths_can_find_one(line, is_found):
    assert bool(MACHINE_PATH.search(line)) is is_found


def test_everything_imported_is_declared(repository, declared, optional):
    own = repository / "spineviewer"
    for path in own.iterdir():
        extras = [optional[name] for name, folder in EXTRAS.items() if folder == path.name]
        if path.is_dir():
            assert imported_names(path) <= declared.union(*extras), path.name
        elif path.suffix == ".py":
            assert names_imported_by(path) <= declared, path.name


def test_everything_declared_is_imported(repository, declared, optional):
    imported = imported_names(repository / "spineviewer")
    assert declared.union(*optional.values()) - FOUND_BY_OTHERS <= imported


def test_every_dependency_has_an_exact_version_in_the_constraints(repository, declared, optional):
    lines = [
        line
        for line in (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    pinned = {
        canonicalize_name(line.split("==")[0])
        for line in lines
        if re.fullmatch(r"[\w.-]+==[\w.]+", line)
    }
    assert len(pinned) == len(lines), "a line is no exact version, or names a local build"
    assert declared.union(*optional.values()) <= pinned


def test_the_top_level_contains_only_the_agreed_files(repository, tracked):
    top = {path.relative_to(repository).parts[0] for path in tracked}
    assert top <= {
        "spineviewer", "assets", "models", "tests", "packaging", "pyproject.toml", "README.md",
        "LICENSE", "CHANGELOG.md",
        "CONTRIBUTING.md", "Makefile", "constraints.txt", ".gitignore", ".gitattributes", ".ci",
    }  # fmt: skip


def test_no_file_is_too_big_for_a_repository(tracked):
    assert [path.name for path in tracked if path.stat().st_size > 40_000_000] == []


def test_no_test_depends_on_the_speed_of_the_machine(repository, tracked):
    """Tests wait for conditions; only benchmarks measure time."""
    tests = repository / "tests"
    timed = [
        f"{path.relative_to(repository)}:{number}: {line.strip()}"
        for path in tracked
        if path.suffix == ".py" and path.is_relative_to(tests)
        if not path.is_relative_to(tests / "benchmarks") and path.name not in AT_A_PERSONS_PACE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if TIMED.search(line)
    ]
    assert not timed, "\n".join(timed)
