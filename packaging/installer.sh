#!/bin/sh
# Build dist/spineviewer/, a folder that runs without Python. Called by `make installer`.
# PyInstaller is installed outside the environment: it is a GPL tool that no part of the program needs.
set -eu
cd "$(dirname "$0")/.."
tools=build/pyinstaller
if [ ! -d "$tools/PyInstaller" ]; then
    .venv/bin/python -m pip install --quiet --target "$tools" "pyinstaller==6.22.3" </dev/null
fi
PYTHONPATH="$tools" .venv/bin/python -m PyInstaller --noconfirm --log-level WARN \
    --workpath build/installer --distpath dist packaging/spineviewer.spec
# torch asks for this program when it shares memory between processes.
manager=$(.venv/bin/python -c 'import pathlib, torch; print(pathlib.Path(torch.__file__).parent / "bin/torch_shm_manager")')
if [ -f "$manager" ]; then
    mkdir -p dist/spineviewer/_internal/torch/bin
    cp "$manager" dist/spineviewer/_internal/torch/bin/
fi
if find dist/spineviewer -iname '*openvino_telemetry*' | grep -q .; then
    echo "OpenVINO's telemetry got into the installer." >&2
    exit 1
fi
dist/spineviewer/spineviewer --version
du -sh dist/spineviewer
