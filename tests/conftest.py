"""Setup of every test: Qt without a display, separate settings, and a check for leftovers."""

import gc
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

# Tests are imported by path, so this is needed to find the fakes.
sys.path.insert(0, str(Path(__file__).parent))

# Must be set before anything imports Qt. A test of a real screen sets the platform for the process
# that it starts.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_configure(config):
    """Delete compiled loops that an edit has outdated, before the first test uses one."""
    if not hasattr(config, "workerinput"):  # once, before there are workers
        from spineviewer.compiled import choose_folder_for_compiled_code

        choose_folder_for_compiled_code()


#: Long enough for busy machines, because a cancelled job ends only at its next step.
PATIENCE_S = 20.0


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory):
    """Protect the recent files and window state of the person who runs the tests.

    Caches are shared on purpose.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        patch.delenv("SPINEVIEWER_MODELS", raising=False)
        yield


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    """Fail a test that leaves threads, child processes or windows behind.

    Those that fixtures with a broader scope started before the test do not count.
    """
    threads, processes, widgets = _threads(), _processes(), _widgets()
    yield
    patience_ends = time.monotonic() + PATIENCE_S
    while (left := _left(threads, processes, widgets)) and time.monotonic() < patience_ends:
        _let_qt_delete()
        time.sleep(0.02)
    assert not left, f"left behind: {', '.join(left)}"


def _left(threads, processes, widgets):
    return (
        [f"thread {t.name}" for t in _threads() - threads]
        + [f"process {pid} {name}" for pid, name in (_processes() - processes)]
        + [f"window {name}" for key, name in _widgets().items() if key not in widgets]
    )


def _threads():
    return {t for t in threading.enumerate() if t.is_alive()}


def _processes():
    found = set()
    for child in psutil.Process().children(recursive=True):
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(
                child.cmdline()
            ):
                found.add((child.pid, child.name()))
        except psutil.NoSuchProcess:
            continue
    return found


def _widgets():
    """Top-level widgets by identity.

    Empty, and nothing imported, where no test has touched Qt's widgets.
    """
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return {}
    return {
        id(w): f"{w.metaObject().className()} {w.objectName()}".strip()
        for w in widgets.QApplication.topLevelWidgets()
        if w.parent() is None and w.isVisible()
    }


def _let_qt_delete():
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture
def qtbot(qapp, request):
    """pytest-qt's bot with more patience, because five seconds are too short on a busy machine."""
    from pytestqt.qtbot import QtBot

    class PatientBot(QtBot):
        def waitUntil(self, callback, *, timeout=60_000):  # noqa: N802  # pytest-qt's own name
            super().waitUntil(callback, timeout=timeout)

        def waitSignal(self, signal, *, timeout=60_000, **choices):  # noqa: N802  # as above
            return super().waitSignal(signal, timeout=timeout, **choices)

        def waitActive(self, widget, *, timeout=60_000):  # noqa: N802  # as above
            return super().waitActive(widget, timeout=timeout)

        wait_until, wait_signal, wait_active = waitUntil, waitSignal, waitActive

    return PatientBot(request)


@pytest.fixture
def small_disk(tmp_path):
    """A separate disk of 256 kB; skips with a message if none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "spineviewer-test", str(place)],
        capture_output=True,
        check=False,
    )
    if not mounted or mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here: that requires Linux and root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="session")
def real_data():
    """Folder of real scans named by SPINEVIEWER_DATA; skips with a message without it."""
    named = os.environ.get("SPINEVIEWER_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("no real scans here: SPINEVIEWER_DATA does not name a folder")
    return Path(named)


@pytest.fixture(scope="session")
def repository():
    """The checkout's top folder; skips in an installed package."""
    top = Path(__file__).resolve().parent.parent
    if not (top / "pyproject.toml").is_file():
        pytest.skip("not run from a checkout")
    return top


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory, small_scan):
    """A models folder with narrow networks whose random weights give outputs spread over (0, 1)."""
    import hashlib

    import numpy as np
    import torch

    from spineviewer.model import (
        ModelConfiguration,
        PreprocessSettings,
        WeightsFile,
        save_configuration,
    )
    from spineviewer.networks.attention_net import AttentionNet, AttentionNetConfig
    from spineviewer.networks.segmentation_net import SegmentationNet, SegmentationNetConfig
    from spineviewer.networks.weights import save_weights
    from spineviewer.tuning import Tuning

    folder = tmp_path_factory.mktemp("models")
    random = torch.Generator().manual_seed(7)
    files = []
    for name, net in (
        ("attention", AttentionNet(AttentionNetConfig(width=4))),
        ("segmentation", SegmentationNet(SegmentationNetConfig(width=4))),
    ):
        for parameter in net.parameters():
            if parameter.dim() > 1:
                torch.nn.init.kaiming_normal_(parameter, generator=random)
            else:
                torch.nn.init.normal_(parameter, std=0.1, generator=random)
        answer = net.eval().forward_in_air if name == "attention" else net
        sample = torch.from_numpy(
            np.ascontiguousarray(small_scan.hu[:32, :64, :48]).astype(np.float32) / 1300
        )
        with torch.inference_mode():
            logits = answer(
                sample.permute(2, 0, 1)[:, None]
                if name == "attention"
                else sample.permute(2, 0, 1)[None, None]
            )
            net.head.weight *= 2 / logits.std()
            net.head.bias.copy_((net.head.bias - logits.mean()) * 2 / logits.std())
        path = folder / f"{name}.safetensors"
        save_weights(net.state_dict(), path)
        files.append(WeightsFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), 4))
    save_configuration(
        ModelConfiguration(
            folder, "random", PreprocessSettings(), files[0], files[1], Tuning(0.4, 5.0)
        )
    )
    return folder


@pytest.fixture
def with_tiny_models(tiny_models, monkeypatch):
    """The program finds the tiny model as its own, in this process and in its children."""
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(tiny_models))
    return tiny_models


@pytest.fixture(scope="session")
def small_scan():
    """A noisy column of bone in soft tissue, on an odd grid with three spacings."""
    import numpy as np

    from spineviewer.volume.geometry import Geometry
    from spineviewer.volume.orientation import AxisOrder
    from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

    geometry = Geometry((47, 71, 61), (2.1, 1.3, 0.9), (-20.0, 15.0, 100.0))
    z, y, x = np.ogrid[:47, :71, :61]
    hu = np.random.default_rng(5).normal(40, 60, geometry.shape_zyx)
    hu += 400 * ((y - 40) ** 2 + (x - 30) ** 2 < 15**2) * (z % 12 > 1)
    hu[:, :4] = -1000
    source = ScanSource(Path("small.nii.gz"), ScanFormat.MEMORY, geometry, AxisOrder())
    return CtVolume(np.ascontiguousarray(hu.astype(np.int16)), geometry, source)
