"""Packages contain everything that the program needs, and nothing of its tests."""

import shutil
import subprocess
import sys
import zipfile

import pytest


@pytest.fixture(scope="module")
def wheel(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(repository),
    ]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_wheel_contains_every_module_and_the_programs_own_files(wheel, repository):
    names = set(wheel.namelist())
    modules = {
        path.relative_to(repository).as_posix()
        for path in (repository / "spineviewer").rglob("*.py")
    }
    assert modules <= names
    for folder in ("assets", "models"):
        shipped = {
            name.removeprefix(f"spineviewer/_bundled/{folder}/")
            for name in names
            if f"_bundled/{folder}/" in name
        }
        there = {
            p.relative_to(repository / folder).as_posix()
            for p in (repository / folder).rglob("*")
            if p.is_file()
        }
        # the pictures are only for the README
        there = {
            name for name in there if not name.startswith("pictures") and "__pycache__" not in name
        }
        assert shipped == there
        assert there


def test_the_wheel_contains_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"spineviewer", next(top for top in tops if top.endswith(".dist-info"))}
    assert not [name for name in wheel.namelist() if name.endswith((".nbi", ".nbc", ".pyc"))]


def test_the_wheel_names_its_licence_and_its_commands(wheel):
    names = wheel.namelist()
    metadata = wheel.read(
        next(name for name in names if name.endswith(".dist-info/METADATA"))
    ).decode()
    assert "License-Expression: Apache-2.0" in metadata
    for licence in ("LICENSE", "models/LICENSE"):
        assert any(name.endswith(f".dist-info/licenses/{licence}") for name in names), licence
    commands = wheel.read(
        next(name for name in names if name.endswith("entry_points.txt"))
    ).decode()
    assert "spineviewer = spineviewer.cli:main" in commands


@pytest.mark.parametrize("script", ["linux.sh", "macos.sh", "windows.ps1"])
def test_each_system_has_a_script_that_the_workflow_runs_and_tries(repository, script):
    workflow = (repository / ".ci" / "packages.yml").read_text(encoding="utf-8")
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    system = script.partition(".")[0]
    job = workflow[workflow.index(f"\n  {system}:") :].partition("\n\n")[0]
    target = "make deb" if f"packaging/{script}" in makefile else script
    assert target in job
    assert "smoke.py" in job
    assert (repository / "packaging" / script).is_file()


@pytest.mark.parametrize("script", ["linux.sh", "macos.sh", "run.sh", "setup.sh", "peers.sh"])
def test_the_shell_scripts_are_well_formed(repository, script):
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("no sh on this system")
    checked = subprocess.run(
        [shell, "-n", str(repository / "packaging" / script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_standard_package_leaves_out_what_only_training_needs(repository):
    recipe = (repository / "packaging" / "spineviewer.spec").read_text(encoding="utf-8")
    without = recipe[recipe.index("if not with_torch:") :].partition("\n\n")[0]
    for name in ("torch", "SimpleITK", "sympy"):
        assert f'"{name}"' in without
    assert '"openvino_telemetry"' in recipe.partition("if not with_torch:")[0]
