#!/bin/sh
# Install Spineviewer into .venv: called by `make setup`, which skips it once .venv/.setup-done is newer than its inputs.
# Read nothing from the terminal, so that it behaves the same in a script.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null 2>&1 || fail "Python 3.11 or newer is needed, but '$PYTHON' was not found. Specify another one: make setup PYTHON=python3.12"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, but '$PYTHON' is $("$PYTHON" --version 2>&1). Specify another one: make setup PYTHON=python3.12"

free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
need_mb=3000
echo "Setting up Spineviewer in $(pwd)/.venv"
echo "  With a CPU build of PyTorch 2.13.0: 0.7 GB to download, 2.5 GB of disk space."
echo "  On Linux with the build from PyPI, which includes CUDA: 3 GB and 8 GB. Free here: $((free_mb / 1024)) GB."
[ "$free_mb" -ge "$need_mb" ] || fail "There is too little disk space: at least 3 GB must be free. Free some space and run make again."

# --- system libraries for Qt that pip cannot install (Debian and Ubuntu; other desktops have them) ---
if [ "$(uname -s)" = Linux ] && command -v dpkg-query >/dev/null 2>&1; then
    wanted="libgl1 libegl1 libgl1-mesa-dri libfontconfig1 libdbus-1-3 libglib2.0-0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4
        libxcb-keysyms1 libxcb-shape0"
    "$PYTHON" -c 'import venv, ensurepip' 2>/dev/null || wanted="$wanted python3-venv"
    missing=""
    for package in $wanted; do
        # A newer Debian or Ubuntu has the same library under a name that ends in t64.
        state=$(dpkg-query -W -f '${db:Status-Status} ' "$package" "${package}t64" 2>/dev/null || true)
        case " $state" in *" installed "*) ;; *) missing="$missing $package" ;; esac
    done
    if [ -n "$missing" ]; then
        install="apt-get update && apt-get install -y --no-install-recommends$missing"
        if [ "$(id -u)" = 0 ]; then
            echo "Installing system libraries: $install"
            DEBIAN_FRONTEND=noninteractive sh -c "$install" </dev/null >/dev/null || fail "The command failed. Run it by hand, then run 'make setup' again."
        elif sudo -n true 2>/dev/null; then
            echo "Installing system libraries: sudo sh -c '$install'"
            sudo -n env DEBIAN_FRONTEND=noninteractive sh -c "$install" </dev/null >/dev/null || fail "The command failed. Run it by hand, then run 'make setup' again."
        else
            fail "Some system libraries are missing. Run this command, then run make again:" "  sudo sh -c '$install'"
        fi
    fi
fi

# --- the virtual environment ---
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    "$PYTHON" -m venv --clear .venv || fail "'$PYTHON -m venv .venv' failed. On Debian, run 'sudo apt-get install python3-venv', then run make again."
fi
PIP_CONSTRAINT="$(pwd)/constraints.txt" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
    .venv/bin/python -m pip install --quiet --editable '.[dev]' </dev/null ||
    fail "The installation stopped (see above). Fix the problem and run make again; it resumes where it stopped."
echo "One-time preparation for this computer (about half a minute)"
.venv/bin/spineviewer prepare || echo "The preparation failed; the first scan will take half a minute longer." >&2
.venv/bin/python -c 'import spineviewer; print("Spineviewer", spineviewer.__version__, "is ready: .venv/bin/spineviewer")'
touch .venv/.setup-done
