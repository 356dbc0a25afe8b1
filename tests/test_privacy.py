"""Nothing leaves the computer, and nothing is written outside the program's own folders.

The program runs in a separate process with an empty home folder and without `CI`, because some
libraries send nothing if it is set.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import nibabel
import numpy as np
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PACKAGE = Path(__file__).resolve().parent.parent / "spineviewer"

JOB = """
    import sys
    import time
    from pathlib import Path
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication
    from spineviewer.app.state import SegmentationStage
    from spineviewer.app.exporting import ExportKind
    from spineviewer.app.services import LocalServices
    from spineviewer.app.settings import settings_file
    from spineviewer.bench.verbs import Verbs
    from spineviewer.gui.window.qt_workspace import qt_workspace
    from spineviewer.gui.main import application
    from spineviewer.gui.window.main_window import MainWindow

    def wait_until(condition):
        for _ in range(12000):
            if condition():
                return
            QCoreApplication.processEvents()
            time.sleep(0.02)  # QTest.qWait would keep the interpreter from the job
        raise SystemExit("too slow")

    def reject_dialog():
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(0, reject_dialog)
        else:
            dialog.reject()

    application()
    scan, series, out = map(Path, sys.argv[1:])
    window = MainWindow(qt_workspace(LocalServices(), settings_file()), lambda: None)
    window.verbs = Verbs(window.workspace)
    window.show()
    verbs = window.verbs
    window.actions_by_name["archive"].trigger()
    window.actions_by_name["archive_settings"].trigger()
    QApplication.activeModalWidget().close()
    window.prepare()
    window.opener.open_path(series)
    wait_until(lambda: verbs.state is not None)
    verbs.close_scan()
    QTimer.singleShot(0, reject_dialog)
    window.files.ask_for_file("Open", str(scan.parent), "")
    window.opener.open_path(scan)
    wait_until(lambda: verbs.state is not None)
    verbs.segment()
    wait_until(lambda: verbs.state.stage is SegmentationStage.DONE)
    wait_until(lambda: verbs.is_mask_possible)
    verbs.save_session(out / "work.spineview")
    wait_until(lambda: (out / "work.spineview").exists())
    names = {
        ExportKind.MASK: "mask.nii.gz",
        ExportKind.ATTENTION: "heat.nrrd",
        ExportKind.SURFACE: "surface.ply",
    }
    targets = {kind: out / name for kind, name in names.items()}
    verbs.export(targets, may_overwrite=False)
    wait_until(lambda: all(path.exists() for path in targets.values()) and verbs.runner.is_idle)
    ended = []
    window.finished.connect(lambda: ended.append(True))
    window.close()
    wait_until(lambda: ended)
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)
    print("done")
"""

WATCHING = """
    import os, sys

    def watch(event, arguments, log=os.environ["WATCH_LOG"]):
        sockets = ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.sendto")
        if event.startswith((*sockets, "urllib", "http")):
            with open(log, "a") as file:
                file.write(f"{event} {arguments}\\n")

    sys.addaudithook(watch)
"""


@pytest.fixture
def place(tmp_path):
    for name in ("home", "temporary", "out", "series"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def environment(place, with_tiny_models):
    kept = {
        k: v
        for k, v in os.environ.items()
        if k != "CI" and not k.startswith(("XDG_", "SPINEVIEWER_", "NUMBA_"))
    }
    return kept | {
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "temporary"),
        "SPINEVIEWER_MODELS": str(with_tiny_models),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture
def job(place, small_scan):
    scan = place / "Mustermann_Erika_ct.nii.gz"
    nibabel.save(
        nibabel.Nifti1Image(small_scan.hu.transpose(2, 1, 0), np.diag([-0.9, -1.3, 2.1, 1.0])), scan
    )
    sys.path.insert(0, str(Path(__file__).parent / "fuzz"))
    from corpus import slice_file

    for n in range(6):
        (place / "series" / f"IM{n}").write_bytes(slice_file(n))
    return [
        sys.executable,
        "-c",
        textwrap.dedent(JOB),
        str(scan),
        str(place / "series"),
        str(place / "out"),
    ]


def run(command, environment):
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=550, check=False
    )
    assert "done" in done.stdout, done.stderr[-3000:]
    return done


def test_python_neither_connects_nor_resolves_a_name(job, environment, place):
    (place / "hooks").mkdir()
    (place / "hooks" / "sitecustomize.py").write_text(textwrap.dedent(WATCHING))
    log = place / "watched"
    log.touch()
    path = f"{place / 'hooks'}{os.pathsep}{environment['PYTHONPATH']}"
    run(job, environment | {"PYTHONPATH": path, "WATCH_LOG": str(log)})
    assert log.read_text() == ""


CALLS = (
    "connect,sendto,sendmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,"
    "unlink,unlinkat,link,linkat,symlink"
)
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|^(\d+ +)?(mkdir|rename|unlink|creat|link|symlink)")
QUOTED = re.compile(r'"([^"]*)"')


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_kernel_records_no_connection_and_no_file_outside_our_folders(job, environment, place):
    log = place / "strace"
    run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-o", str(log), *job],
        environment,
    )
    lines = log.read_text(errors="replace").splitlines()
    assert len(lines) > 1000
    assert [line for line in lines if re.search(r"\bconnect\(|sendto\(|AF_INET", line)] == []
    assert [line for line in lines if "resolv.conf" in line or "/etc/hosts" in line] == []
    home = place / "home"
    ours = tuple(
        f"{folder}/"
        for folder in (
            place / "out",
            place / "temporary",
            home / ".config/spineviewer",
            home / ".cache/spineviewer",
        )
    )
    strays = set()
    for line in lines:
        if not WRITES.search(line) or re.search(r"= -1 E", line):
            continue
        for name in QUOTED.findall(line):
            is_ours = f"{name}/".startswith(ours) or name.startswith(
                ("/dev/shm/spineviewer-", "/dev/null")
            )
            # compiled inner loops
            is_ours = is_ours or (name.startswith(f"{PACKAGE}/") and "__pycache__" in name)
            # below a folder that was opened before, reported on its own line
            is_ours = is_ours or not name.startswith("/")
            if not is_ours and name not in {str(home / ".config"), str(home / ".cache")}:
                strays.add(name)
    assert strays == set()
    kept = {str(path.relative_to(home)) for path in home.rglob("*")}
    assert not [name for name in kept if "Mustermann" in name]
    assert {name.split("/")[1] for name in kept if "/" in name} <= {"spineviewer"}


def test_no_file_name_appears_in_results_or_saved_work(job, environment, place):
    run(job, environment | {"SPINEVIEWER_SETTINGS": str(place / "settings" / "settings.json")})
    for path in [
        *(place / "out").glob("[!w]*"),
        *(place / "settings" / "sessions").rglob("*"),
        *(place / "home").rglob("*"),
    ]:
        if path.is_file():
            content = path.read_bytes()
            plain = content if path.suffix != ".gz" else __import__("gzip").decompress(content)
            assert b"Mustermann" not in plain, path.name


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_an_archive_command_connects_only_to_the_named_archive(environment, place):
    pytest.importorskip(
        "pynetdicom", reason="archives need the extra: pip install 'spineviewer[pacs]'"
    )
    log = place / "strace"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for address in (f"dicom://ARCHIVE@127.0.0.1:{port}", f"http://127.0.0.1:{port}/dicom-web"):
        command = [
            sys.executable,
            "-m",
            "spineviewer",
            "pacs",
            "find",
            address,
            "--name",
            "Mustermann",
        ]
        watched = ["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", str(log), *command]
        done = subprocess.run(
            watched, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 8
        assert "Mustermann" not in done.stderr
        lines = log.read_text(errors="replace").splitlines()
        # the rest stays on this computer: netlink, nscd
        requested = [line for line in lines if "AF_INET" in line]
        assert any(f"htons({port})" in line and '"127.0.0.1"' in line for line in requested)
        # `::` with port 0 asks for a route and sends nothing
        here = re.compile(r'"(127\.0\.0\.1|::1|::|0\.0\.0\.0)"')
        assert [line for line in requested if not here.search(line)] == []
