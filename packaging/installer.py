"""Build dist/spineviewer/, a self-contained folder that needs no Python; on any system.

    .venv/bin/python packaging/installer.py [--with-torch]

Without --with-torch everything runs on the CPU with OpenVINO. PyInstaller is installed outside the
environment: it is a GPL tool that no part of the program needs.
"""

import argparse
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
TOOLS = TOP / "build" / "pyinstaller"
PYINSTALLER = "pyinstaller==6.22.3"
PROGRAM = TOP / "dist" / "spineviewer"


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Build a self-contained folder that needs no Python installation."
    )
    parser.add_argument(
        "--with-torch", action="store_true", help="include PyTorch, to compute on a GPU"
    )
    options = parser.parse_args()
    if not (TOOLS / "PyInstaller").is_dir():
        command = ["-m", "pip", "install", "--quiet", "--target", str(TOOLS), PYINSTALLER]
        subprocess.run([sys.executable, *command], check=True)
    command = [
        "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--workpath",
        str(TOP / "build" / "installer"), "--distpath", str(TOP / "dist"),
        str(TOP / "packaging" / "spineviewer.spec"),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(TOOLS), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "SPINEVIEWER_WITH_TORCH": "1" if options.with_torch else "",
    }
    subprocess.run([sys.executable, *command], check=True, env=environment)
    inside = PROGRAM / "_internal"
    if options.with_torch:
        _add_shared_memory_manager(inside)
    _strip(inside / "llvmlite" / "binding" / "libllvmlite.so")
    # Bytecode that stays valid whatever modification times an installer gives the modules.
    compileall.compile_dir(
        inside / "spineviewer",
        quiet=1,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if any("openvino_telemetry" in path.name for path in PROGRAM.rglob("*")):
        sys.exit("The build contains OpenVINO's telemetry, which must not be shipped.")
    name = "spineviewer.exe" if sys.platform == "win32" else "spineviewer"
    subprocess.run([str(PROGRAM / name), "--version"], check=True)
    size = sum(path.stat().st_size for path in PROGRAM.rglob("*") if not path.is_symlink())
    print(f"{PROGRAM}: {size / 1e6:.0f} MB")


def _strip(library: Path) -> None:
    """Remove the symbols of the largest library; only Linux has it under this name."""
    if library.is_file() and shutil.which("strip"):
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def _add_shared_memory_manager(inside: Path) -> None:
    """Add the program that PyTorch starts when it shares memory between processes."""
    import torch

    manager = Path(torch.__file__).parent / "bin" / "torch_shm_manager"
    if manager.is_file():
        (inside / "torch" / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy2(manager, inside / "torch" / "bin")


if __name__ == "__main__":
    main()
