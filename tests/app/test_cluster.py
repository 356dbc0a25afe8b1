"""A batch on several workers: the same masks, nothing lost, memory that does not grow."""

import csv
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import nibabel
import numpy as np
import psutil
import pytest

from spineviewer.app import cluster
from spineviewer.app.batch import TABLE_CSV, TABLE_JSON, TABLE_LINES, Batch, State
from spineviewer.app.batch_list import Entry
from spineviewer.errors import Cancelled, InferenceError
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning

TUNING = Tuning(0.3, 5.0, 0.5)
#: The voxels of a scan that takes long enough for its worker to be killed.
PATIENCE_S = 60.0


class FakePool:
    """Threads that segment nothing, but record how many scans were handed out at once."""

    def __init__(self, capacity=6, before=lambda _: None):
        self.capacity = capacity
        self._pool = ThreadPoolExecutor(2)
        self._lock = threading.Lock()
        self._before = before
        self.handed_out, self.most_at_once, self._at_once = 0, 0, 0

    def submit(self, row, folder, tuning):
        with self._lock:
            self.handed_out += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            number = self.handed_out
        return self._pool.submit(self._run, row, folder, number)

    def _run(self, row, folder, number):
        try:
            self._before(number)
            (folder / row.mask).touch()
            return replace(
                row, state=State.DONE, volume_ml=1.0, voxels=1, is_cut_by_scan=False, seconds=0.1
            )
        finally:
            with self._lock:
                self._at_once -= 1

    def row_from(self, future: Future, row):
        return future.result()

    def require_alive(self):
        pass

    def close(self):
        self._pool.shutdown()


@contextmanager
def pool(**choices):
    made = FakePool(**choices)
    try:
        yield made
    finally:
        made.close()


def entries(folder, count):
    return [Entry(folder / f"s{number}.nii.gz") for number in range(count)]


def test_the_pool_never_runs_more_scans_than_its_capacity(tmp_path):
    batch = Batch(entries(tmp_path, 50), tmp_path / "out", TUNING)
    with pool(capacity=4) as workers:
        batch.run_in_pool(workers, JobProgress())
    assert batch.done_count == 50
    assert workers.most_at_once <= 4
    lines = (tmp_path / "out" / TABLE_CSV).read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    assert [row["state"] for row in rows] == ["done"] * 50
    assert not (tmp_path / "out" / TABLE_LINES).exists()


def test_a_batch_continues_when_the_pool_shrinks(tmp_path):
    batch = Batch(entries(tmp_path, 40), tmp_path / "out", TUNING)
    with pool(capacity=9) as workers:
        workers._before = lambda number: setattr(workers, "capacity", 2) if number == 12 else None
        batch.run_in_pool(workers, JobProgress())
    assert batch.done_count == 40


def test_scans_recorded_since_the_table_was_written_are_not_repeated(tmp_path):
    batch = Batch(entries(tmp_path, 20), tmp_path / "out", TUNING)
    with pool() as workers:
        batch.run_in_pool(workers, JobProgress())
    table = (tmp_path / "out" / TABLE_JSON).read_text(encoding="utf-8")
    fresh = Batch(entries(tmp_path, 20), tmp_path / "again", TUNING)
    with pool(before=lambda number: time.sleep(3600) if number > 10**6 else None) as workers:
        fresh.run_in_pool(workers, JobProgress())
    # as left by a kill: an old table, then finished lines, the last of which is cut off
    lines = fresh.rows[:7]
    (tmp_path / "out" / TABLE_JSON).write_text(
        table.replace('"done"', '"waiting"'), encoding="utf-8"
    )
    killed = Batch(entries(tmp_path, 20), tmp_path / "out", TUNING)
    assert killed.done_count == 0
    for row in lines:
        killed._append_line(row)
    with (tmp_path / "out" / TABLE_LINES).open("ab") as stream:
        stream.write(b'{"entry":{"path":"')
    resumed = Batch(entries(tmp_path, 20), tmp_path / "out", TUNING)
    assert resumed.done_count == 7
    with pool() as workers:
        resumed.run_in_pool(workers, JobProgress())
    assert workers.handed_out == 13


def test_a_cancel_keeps_finished_scans(tmp_path):
    batch = Batch(entries(tmp_path, 50), tmp_path / "out", TUNING)
    progress = JobProgress()
    with (
        pool(before=lambda number: progress.cancel() if number == 10 else None) as workers,
        pytest.raises(Cancelled),
    ):
        batch.run_in_pool(workers, progress)
    assert 0 < batch.done_count < 50
    assert {row.state for row in batch.rows} == {State.DONE, State.WAITING}
    assert Batch(entries(tmp_path, 50), tmp_path / "out", TUNING).done_count == batch.done_count


def test_a_lost_pool_keeps_finished_scans(tmp_path):
    class Lost(FakePool):
        def require_alive(self):
            if self.handed_out > 20:
                raise InferenceError("gone")

    batch = Batch(entries(tmp_path, 50), tmp_path / "out", TUNING)
    workers = Lost()
    with pytest.raises(InferenceError):
        batch.run_in_pool(workers, JobProgress())
    workers.close()
    assert Batch(entries(tmp_path, 50), tmp_path / "out", TUNING).done_count == batch.done_count > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_thousand_scans_need_only_the_memory_of_their_table(tmp_path):
    listed = entries(tmp_path, 100_000)
    batch = Batch(listed, tmp_path / "out", TUNING)
    memory = psutil.Process().memory_info
    before = memory().rss
    seen = []
    with pool(
        before=lambda number: seen.append(memory().rss) if number % 1000 == 0 else None
    ) as workers:
        batch.run_in_pool(workers, JobProgress())
    assert batch.done_count == 100_000
    assert workers.most_at_once <= workers.capacity
    assert max(seen) - before < 500_000_000


# Dask itself, in its own processes


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scans")
    z, y, x = np.ogrid[:47, :71, :61]
    for number in range(12):
        hu = np.random.default_rng(number).normal(40, 60, (47, 71, 61))
        hu += 400 * ((y - 40 - number % 4) ** 2 + (x - 30) ** 2 < 15**2) * (z % 12 > 1)
        hu[:, :4] = -1000
        image = nibabel.Nifti1Image(
            hu.astype(np.int16).transpose(2, 1, 0), np.diag([-0.9, -1.3, 2.1, 1.0])
        )
        nibabel.save(image, folder / f"s{number:02}_ct.nii.gz")
    return folder


@pytest.fixture
def dask(with_tiny_models):
    pytest.importorskip(
        "distributed", reason="several workers need the extra: pip install 'spineviewer[cluster]'"
    )


def command(scans, out, *words):
    return [
        sys.executable,
        "-m",
        "spineviewer",
        "batch",
        str(scans),
        "-o",
        str(out),
        "--device",
        "cpu",
        *words,
    ]


def masks_of(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.nii.gz")}


def workers_below(process):
    """Return the processes of Dask's workers, which `multiprocessing` started."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if "multiprocessing.spawn" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(scope="module")
def by_one_process(scans, tmp_path_factory, tiny_models):
    out = tmp_path_factory.mktemp("one")
    environment = {**os.environ, "SPINEVIEWER_MODELS": str(tiny_models)}
    subprocess.run(
        command(scans, out), env=environment, check=True, capture_output=True, timeout=300
    )
    return masks_of(out)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("count", [1, 2])
def test_the_masks_do_not_depend_on_the_number_of_workers(
    count, scans, by_one_process, dask, tmp_path
):
    done = subprocess.run(
        command(scans, tmp_path, "--workers", str(count)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "scans per hour" in done.stderr
    assert masks_of(tmp_path) == by_one_process


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_worker_loses_at_most_the_scans_in_progress(scans, by_one_process, dask, tmp_path):
    process = subprocess.Popen(
        command(scans, tmp_path, "--workers", "2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    ends = time.monotonic() + PATIENCE_S
    while len(masks_of(tmp_path)) < 2 and time.monotonic() < ends:
        time.sleep(0.05)
    workers_below(process)[0].kill()
    _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told[-2000:]
    assert masks_of(tmp_path) == by_one_process


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_batch_resumes_after_the_finished_scans(scans, by_one_process, dask, tmp_path):
    process = subprocess.Popen(
        command(scans, tmp_path, "--workers", "2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ends = time.monotonic() + PATIENCE_S
    while len(masks_of(tmp_path)) < 4 and time.monotonic() < ends:
        time.sleep(0.05)
    below = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    psutil.wait_procs(below, timeout=30)
    again = subprocess.run(
        command(scans, tmp_path, "--workers", "2"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert again.returncode == 0, again.stderr[-2000:]
    assert "Already done:" in again.stderr
    assert masks_of(tmp_path) == by_one_process


@contextmanager
def scheduler():
    """A scheduler and a worker, as an administrator starts them.

    Yields the address and the scheduler's process.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
    ]
    central = subprocess.Popen(started, **quiet)
    helper = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            address,
            "--nworkers",
            "1",
            "--nthreads",
            "2",
            "--no-dashboard",
        ],
        **quiet,
    )
    try:
        yield address, central
    finally:
        below = psutil.Process(helper.pid).children(recursive=True)
        for process in (helper, central):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _, alive = psutil.wait_procs(below, timeout=10)
        for left in alive:
            left.kill()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_running_scheduler_works_and_its_death_loses_at_most_the_scans_in_progress(
    scans, by_one_process, dask, tmp_path
):
    with scheduler() as (address, central):
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:  # until the worker has found its scheduler
            process = subprocess.Popen(
                command(scans, tmp_path, "--scheduler", address), stderr=subprocess.PIPE, text=True
            )
            while process.poll() is None and len(masks_of(tmp_path)) < 3:
                time.sleep(0.05)
            if process.poll() is None:
                break
            process.communicate()
        central.kill()
        _, told = process.communicate(timeout=120)
    assert process.returncode == 6, told[-2000:]
    assert "The connection to the Dask scheduler was lost" in told
    assert "Traceback" not in told
    again = subprocess.run(
        command(scans, tmp_path), capture_output=True, text=True, timeout=300, check=False
    )
    assert again.returncode == 0
    assert "Already done:" in again.stderr
    assert masks_of(tmp_path) == by_one_process


def test_dask_does_not_log_a_lost_connection_in_addition_to_our_message(dask):
    cluster._import_distributed()
    names = ["distributed.client", "distributed.core", "tornado.application", "asyncio"]
    assert {logging.getLogger(name).getEffectiveLevel() for name in names} == {logging.CRITICAL}


def test_impossible_requests_are_reported(scans, dask, tmp_path):
    for words, sentence in (
        (("--workers", "0"), "at least one worker"),
        (
            ("--scheduler", "tcp://127.0.0.1:1"),
            "No Dask scheduler is responding at tcp://127.0.0.1:1",
        ),
        (("--workers", "2", "--scheduler", "tcp://127.0.0.1:1"), "not allowed with"),
    ):
        done = subprocess.run(
            command(scans, tmp_path, *words),
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
