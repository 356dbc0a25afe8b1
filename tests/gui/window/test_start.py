import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest

HEAVY = ("torch", "SimpleITK", "scipy", "numba", "openvino", "pydicom", "nibabel", "matplotlib")

PROGRAM = """
import sys
from pathlib import Path
from spineviewer.bench.verbs import Verbs
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.gui.main import application, sample_scan
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.app.services import LocalServices
app = application()
window = MainWindow(qt_workspace(LocalServices(), Path(sys.argv[1])), sample_scan)
window.verbs = Verbs(window.workspace)
window.finished.connect(app.quit)
window.show()
window.grab()
print(" ".join(name for name in sys.argv[2:] if name in sys.modules))
window.close()
app.exec()
"""


def test_the_window_opens_without_the_heavy_libraries(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "settings.json"), *HEAVY],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_a_picture_of_the_empty_window_is_saved_and_the_program_exits(tmp_path, monkeypatch):
    monkeypatch.setenv("SPINEVIEWER_SETTINGS", str(tmp_path / "settings.json"))
    program = "import sys; from spineviewer.gui.main import run; sys.exit(run(sys.argv[1:]))"
    picture = tmp_path / "window.png"
    done = subprocess.run(
        [sys.executable, "-c", program, "--screenshot", str(picture), "--quit"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_wrong_arguments_are_reported_without_a_window(capsys):
    from spineviewer.gui.main import run

    assert run(["--segment"]) == 2
    assert "needs a scan" in capsys.readouterr().err
    assert run(["a.nii", "b.nii", "--segment"]) == 2
    assert "takes one scan" in capsys.readouterr().err
    assert run(["a.nii", "--fast"]) == 2
    assert "--fast" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_a_missing_display_is_reported_with_what_to_do(monkeypatch, capsys):
    from spineviewer.gui.main import run

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert run([]) == 2
    assert "there is no display" in capsys.readouterr().err


def test_an_unreadable_scan_ends_a_command_line_task_with_its_exit_code(tmp_path, monkeypatch):
    monkeypatch.setenv("SPINEVIEWER_SETTINGS", str(tmp_path / "settings.json"))
    program = "import sys; from spineviewer.gui.main import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "none.nii.gz"), "--quit"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_all_scans_on_the_command_line_open_and_a_failure_sets_the_exit_code(tmp_path, monkeypatch):
    monkeypatch.setenv("SPINEVIEWER_SETTINGS", str(tmp_path / "settings.json"))
    for name in ("a.nii", "b.nii"):
        nib.Nifti1Image(np.zeros((20, 20, 20), np.int16), np.eye(4)).to_filename(tmp_path / name)
    program = (
        "import sys\n"
        "from spineviewer.gui import main\n"
        "end = main.CommandLineTask._finish\n"
        "def tell(self):\n"
        "    print('open:', *(scan.volume.source.path.name for scan in "
        "self._window.workspace.scans))\n"
        "    end(self)\n"
        "main.CommandLineTask._finish = tell\n"
        "sys.exit(main.run(sys.argv[1:]))"
    )
    paths = [str(tmp_path / name) for name in ("a.nii", "none.nii", "b.nii")]
    done = subprocess.run(
        [sys.executable, "-c", program, *paths, "--quit"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "open: a.nii b.nii"
    assert done.returncode == 3
    assert done.stderr.count("none.nii") == 1
    assert "Traceback" not in done.stderr
