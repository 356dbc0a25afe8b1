"""The computing process gives the same results, stops quickly, and may die without harm."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

from spineviewer.app.engine import Engine
from spineviewer.app.engine_messages import Answer, Done, Request, Segment
from spineviewer.app.pipeline import Segmenter
from spineviewer.app.run_report import Report
from spineviewer.app.worker import runs_of
from spineviewer.child import ArrayPlace, message_from
from spineviewer.errors import Cancelled, InferenceError, ModelError
from spineviewer.fusion import Fusion
from spineviewer.progress import JobProgress, ProgressUpdate
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap, ScanFormat, ScanSource
from spineviewer.wording import Wording, as_json, worded

pytestmark = pytest.mark.usefixtures("with_tiny_models")


@pytest.fixture
def engine(with_tiny_models: Path) -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def large_scan() -> CtVolume:
    """A scan that takes many seconds, even with narrow networks."""
    geometry = Geometry((400, 400, 300), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    hu = np.random.default_rng(0).integers(-400, 1400, geometry.shape_zyx, dtype=np.int16)
    return CtVolume(
        hu, geometry, ScanSource(Path("large"), ScanFormat.MEMORY, geometry, AxisOrder())
    )


def test_the_child_gives_the_same_result_as_this_process(
    engine: Engine, small_scan: CtVolume
) -> None:
    expected = Segmenter().segment(small_scan)
    attention: list[AttentionMap] = []
    slabs: list[ProbabilityMap] = []
    found = engine.segment(small_scan, on_attention=attention.append, on_slab=slabs.append)
    assert np.array_equal(found.attention.cells, expected.attention.cells)
    assert np.array_equal(found.probability.values, expected.probability.values)
    assert found.probability.is_computed.all()
    assert found.report.weights_hash == expected.report.weights_hash
    assert np.array_equal(attention[0].cells, expected.attention.cells)
    assert slabs[-1].is_computed.all()
    assert found.attention.scan == small_scan.geometry


def test_a_scan_that_is_viewed_is_expected(engine: Engine, small_scan: CtVolume) -> None:
    engine.expect(small_scan.geometry)
    assert "compile" not in engine.segment(small_scan).report.seconds


def test_what_was_left_out_is_computed_when_asked_for(engine: Engine, small_scan: CtVolume) -> None:
    expected = Segmenter().segment(small_scan)
    highest = Fusion(expected.attention, None).extended_attention_volume(4.0).max(axis=(0, 1))
    part = engine.segment(small_scan, keep=Tuning(float(np.median(highest)), 4.0))
    assert not part.probability.is_computed.all()
    whole = engine.extend(small_scan, part)
    assert whole.probability.is_computed.all()
    assert (
        np.abs(whole.probability.values.astype(np.int32) - expected.probability.values).max() <= 1
    )


def test_after_a_stop_this_side_returns_at_once_and_the_process_is_idle_within_a_second(
    engine: Engine, small_scan: CtVolume
) -> None:
    engine.segment(small_scan)  # loaded and warm
    progress = JobProgress()
    asked: list[float] = []

    def ask() -> None:
        asked.append(time.monotonic())
        progress.cancel()

    timer = threading.Timer(1.5, ask)
    scan = large_scan()
    timer.start()
    with pytest.raises(Cancelled):
        engine.segment(scan, progress=progress)
    assert time.monotonic() - asked[0] < 0.5
    timer.join()
    time.sleep(max(0.0, asked[0] + 1.0 - time.monotonic()))
    assert processor_seconds(engine, during_s=0.5) < 0.1
    assert engine.segment(small_scan).probability.is_computed.all()


def test_a_pause_in_the_middle_uses_no_processor_and_what_comes_after_is_the_same(
    engine: Engine, small_scan: CtVolume
) -> None:
    expected = engine.segment(small_scan)
    has_begun, results = threading.Event(), []

    def rest_once_begun(update: ProgressUpdate) -> None:
        if update.stage == "segmentation" and not has_begun.is_set():
            progress.pause()
            has_begun.set()

    progress = JobProgress(rest_once_begun)
    thread = threading.Thread(
        target=lambda: results.append(engine.segment(small_scan, progress=progress))
    )
    thread.start()
    assert has_begun.wait(60)
    time.sleep(1.0)
    assert processor_seconds(engine, during_s=0.5) < 0.1
    assert thread.is_alive()
    progress.resume()
    thread.join(60)
    assert np.array_equal(results[0].probability.values, expected.probability.values)


def processor_seconds(engine: Engine, during_s: float) -> float:
    """Return the CPU seconds of the computing process; 0 if it is gone."""
    if engine.process_id is None:
        return 0.0
    process = psutil.Process(engine.process_id)
    before = sum(process.cpu_times()[:2])
    time.sleep(during_s)
    return sum(process.cpu_times()[:2]) - before


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_the_death_of_the_child_is_a_clear_error_and_the_next_scan_works(
    engine: Engine, small_scan: CtVolume
) -> None:
    def kill(_: AttentionMap) -> None:
        assert engine.process_id is not None
        os.kill(engine.process_id, signal.SIGKILL)

    with pytest.raises(InferenceError, match="ended unexpectedly"):
        engine.segment(small_scan, on_attention=kill, on_slab=lambda _: time.sleep(0.2))
    assert engine.segment(small_scan).probability.is_computed.all()


def test_errors_of_the_child_arrive_as_they_are(
    small_scan: CtVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(tmp_path))
    engine = Engine()
    with pytest.raises(ModelError, match="Weights are missing"):
        engine.segment(small_scan)
    engine.close()


def test_closing_ends_the_process_and_leaves_no_file(engine: Engine, small_scan: CtVolume) -> None:
    engine.segment(small_scan)
    process = engine.process_id
    assert process is not None
    engine.close()
    assert not psutil.pid_exists(process)
    with pytest.raises(Cancelled):
        engine.segment(small_scan)


def test_messages_arrive_as_they_were_sent() -> None:
    geometry = Geometry(
        (3, 4, 5), (1.5, 0.7, 0.8), (1.0, -2.0, 3.5), ((0, 0, 1), (0, -1, 0), (1, 0, 0))
    )
    place = ArrayPlace("hu", "<i2", (3, 4, 5))
    warning = worded("{count} slices are missing.", count=2)
    sent = Segment(place, place, place, geometry, (warning,), Tuning(0.3, 5.0, 0.5))
    received = message_from(as_json(sent), Request)
    assert received == sent
    assert isinstance(received, Segment)
    assert isinstance(received.warnings[0], Wording)
    assert received.warnings[0].fields == {"count": 2}
    report = Report("cpu", "torch", "f32", "", "", "1", {"load": 0.5}, 7, {"load": 7}, (warning,))
    assert message_from(as_json(Done(report)), Answer) == Done(report)
    with pytest.raises(msgspec.ValidationError, match="device"):
        message_from('{"type": "Start"}', Request)


def test_runs_of_computed_slices_are_found() -> None:
    assert runs_of(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert runs_of(np.zeros(3, np.bool_)) == []
