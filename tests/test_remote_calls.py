"""Functions run in a child process as in this one; if the child dies, the call is repeated."""

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from spineviewer import remote_calls
from spineviewer.child import MappedArrays
from spineviewer.errors import Cancelled, InferenceError, UsageError
from spineviewer.progress import JobProgress
from spineviewer.remote_calls import RemoteCalls
from spineviewer.wording import Wording, worded


def doubled(arrays, *, progress):
    """Return the arrays multiplied by two."""
    return [2 * array for array in arrays]


def returned(content, *, progress):
    """Return the argument."""
    return content


def process(*, progress):
    """Return the process id."""
    return os.getpid()


def refused(name, *, progress):
    """Refuse everything."""
    raise UsageError(worded("There is no {name}.", name=name))


def killed(*, progress):
    """End the process as the system does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_once(file, *, progress):
    """End the process unless the file exists."""
    if not file.exists():
        file.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def endless(*, progress):
    """Work until stopped."""
    while True:
        progress.step("endless", 0.25)
        time.sleep(0.01)


def deaf(*, progress):
    """Work without checking for a cancel."""
    progress.step("deaf", 0.5)
    time.sleep(600)


def stopped_at(stage, listen=lambda _: None):
    """Return progress that is cancelled as soon as the call reports a stage."""

    def hear(update):
        listen(update)
        if update.stage == stage:
            progress.cancel()

    progress = JobProgress(hear)
    return progress


@pytest.fixture
def calls():
    calls = RemoteCalls()
    yield calls
    calls.close()


def test_a_function_runs_in_another_process(calls):
    assert calls.run(process, progress=JobProgress()) == calls.process_id != os.getpid()


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_arrays_arrive_and_return_as_they_are(calls, dtype, tmp_path):
    rng = np.random.default_rng(5)
    sparse = np.zeros((40, 200, 301), dtype)
    sparse[10:12, 50:90, 7:200] = rng.random((2, 40, 193)) > 0.5
    dense = (rng.random((30, 100, 77)) * 200).astype(dtype)
    mapped = np.memmap(tmp_path / "mapped", dtype, "w+", shape=(50, 70))
    mapped[...] = 1
    sent = [sparse, dense, dense[::2, 3:, ::-1], np.asfortranarray(dense), mapped, dense[:0]]
    back = calls.run(returned, sent, progress=JobProgress())
    for before, after in zip(sent, back, strict=True):
        assert after.dtype == before.dtype
        assert np.array_equal(after, before)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system is not Linux")
def test_a_scan_from_a_file_is_not_written_again_for_a_call(calls):
    with MappedArrays() as arrays:
        voxels = arrays.create("hu", (300, 400), np.int16)
    voxels[...] = 3
    assert remote_calls._Packed(np.asarray(voxels)).size < 10_000 < voxels.nbytes
    (twice,) = calls.run(doubled, [np.asarray(voxels)], progress=JobProgress())
    assert (twice == 6).all()
    (back,) = calls.run(returned, [np.asarray(voxels)], progress=JobProgress())
    back += 1
    assert (voxels == 3).all()


def test_the_last_bytes_of_an_array_arrive(calls):
    for size in (1, 4095, 4096, 8191, 8192, 8193, 12289):
        last = np.zeros(size, np.uint8)
        last[-1] = 7
        assert np.array_equal(calls.run(returned, last, progress=JobProgress()), last)


def test_an_array_of_a_result_can_be_changed(calls):
    (twice,) = calls.run(doubled, [np.ones((300, 300), np.int16)], progress=JobProgress())
    twice += 1
    assert (twice == 3).all()


def test_one_object_stays_one_object(calls):
    content = ["a"]
    first, second = calls.run(returned, (content, content), progress=JobProgress())
    assert first is second


def test_an_error_keeps_its_class_and_its_sentence(calls):
    with pytest.raises(UsageError) as refusal:
        calls.run(refused, "vertebra", progress=JobProgress())
    sentence = refusal.value.args[0]
    assert isinstance(sentence, Wording)
    assert sentence.template == "There is no {name}."
    assert calls.run(process, progress=JobProgress()) > 0


def test_progress_is_passed_on_until_the_call_is_stopped(calls, monkeypatch):
    monkeypatch.setattr(remote_calls, "_STOP_PATIENCE_S", 60.0)
    heard = []
    progress = stopped_at("endless", lambda update: heard.append((update.stage, update.fraction)))
    before = calls.run(process, progress=JobProgress())
    with pytest.raises(Cancelled):
        calls.run(endless, progress=progress)
    assert ("endless", 0.25) in heard
    assert calls.run(process, progress=JobProgress()) == before, "the same child"


def test_a_child_that_does_not_stop_is_replaced(calls):
    before = calls.run(process, progress=JobProgress())
    with pytest.raises(Cancelled):
        calls.run(deaf, progress=stopped_at("deaf"))
    assert calls.run(process, progress=JobProgress()) != before


def test_the_end_of_the_child_fails_one_call_and_no_other(calls):
    with pytest.raises(InferenceError, match="ended unexpectedly"):
        calls.run(killed, progress=JobProgress())
    assert calls.run(returned, 5, progress=JobProgress()) == 5


def test_a_call_survives_the_end_of_one_child(calls, tmp_path):
    assert calls.run(killed_once, tmp_path / "tried", progress=JobProgress()) == "done"


def test_a_child_killed_between_two_calls_is_replaced(calls):
    child = psutil.Process(calls.run(process, progress=JobProgress()))
    child.kill()
    while child.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert calls.run(returned, 5, progress=JobProgress()) == 5


def test_calls_of_two_threads_take_turns(calls):
    results = []
    threads = [
        threading.Thread(
            target=lambda k=k: results.append(calls.run(returned, k, progress=JobProgress()))
        )
        for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 1, 2, 3]


def test_a_waiting_call_can_be_stopped(calls):
    has_begun, waiting = threading.Event(), JobProgress()
    busy = JobProgress(lambda _: has_begun.set())

    def work():
        with pytest.raises(Cancelled):
            calls.run(endless, progress=busy)

    thread = threading.Thread(target=work)
    thread.start()
    assert has_begun.wait(60)
    waiting.cancel()
    with pytest.raises(Cancelled):
        calls.run(process, progress=waiting)
    busy.cancel()
    thread.join()


def test_after_the_end_of_the_program_calls_are_stopped(calls):
    has_begun = threading.Event()

    def work():
        with pytest.raises(Cancelled):
            calls.run(endless, progress=JobProgress(lambda _: has_begun.set()))

    thread = threading.Thread(target=work)
    thread.start()
    assert has_begun.wait(60)
    calls.close()
    thread.join(60)
    assert not thread.is_alive()
    with pytest.raises(Cancelled):
        calls.run(process, progress=JobProgress())


def test_no_file_is_left_behind(calls, tmp_path, monkeypatch):
    monkeypatch.setattr("spineviewer.child._memory_folder", lambda _: tmp_path)
    kept = calls.run(doubled, [np.ones((500, 500))], progress=JobProgress())
    with pytest.raises(UsageError):
        calls.run(refused, "", progress=JobProgress())
    assert list(tmp_path.iterdir()) == []
    assert kept[0].sum() == 500_000
