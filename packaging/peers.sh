#!/bin/sh
# Install nnU-Net, which `make bench` compares Spineviewer with, into .venv-peers; it is never shipped.
# Read nothing from the terminal; do nothing if it is installed already.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
NNUNET=2.8.1
if ! .venv-peers/bin/python -c "from importlib.metadata import version; assert version('nnunetv2') == '$NNUNET'" 2>/dev/null; then
    echo "Installing nnU-Net $NNUNET into $(pwd)/.venv-peers, only for the benchmark (about 1.5 GB, more if PyTorch includes CUDA)"
    "$PYTHON" -m venv --clear .venv-peers
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
        .venv-peers/bin/python -m pip install --quiet "torch==2.13.0" "nnunetv2==$NNUNET" </dev/null
fi
