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

from spineviewer.app import engine as engine_module
from spineviewer.app.engine import Engine
from spineviewer.app.engine_messages import Answer, Done, Request, Segment
from spineviewer.app.pipeline import Segmenter
from spineviewer.app.run_record import RunRecord
from spineviewer.app.worker import true_runs
from spineviewer.child import MappedFile, message_from
from spineviewer.errors import Cancelled, InferenceError, ModelError
from spineviewer.fusion import ExtendedAttention
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


def noise(width: int) -> CtVolume:
    """A scan of which the segmentation takes seconds, even with narrow networks."""
    geometry = Geometry((width, width, width), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    hu = np.random.default_rng(0).integers(-400, 1400, geometry.shape_zyx, dtype=np.int16)
    return CtVolume(
        hu, geometry, ScanSource(Path("large"), ScanFormat.MEMORY, geometry, AxisOrder())
    )


def test_the_child_returns_the_same_result_as_this_process(
    engine: Engine, small_scan: CtVolume
) -> None:
    expected = Segmenter().segment(small_scan)
    attention: list[AttentionMap] = []
    chunks: list[ProbabilityMap] = []
    found = engine.segment(small_scan, on_attention=attention.append, on_chunk=chunks.append)
    assert np.array_equal(found.attention.cells, expected.attention.cells)
    assert np.array_equal(found.probability.values, expected.probability.values)
    assert found.probability.is_computed.all()
    assert found.run_record.weights_hash == expected.run_record.weights_hash
    assert np.array_equal(attention[0].cells, expected.attention.cells)
    assert chunks[-1].is_computed.all()
    assert found.attention.scan == small_scan.geometry


def test_the_networks_are_compiled_for_the_viewed_scan(
    engine: Engine, small_scan: CtVolume
) -> None:
    engine.expect(small_scan.geometry)
    assert "compile" not in engine.segment(small_scan).run_record.seconds


def test_omitted_parts_are_computed_on_request(engine: Engine, small_scan: CtVolume) -> None:
    expected = Segmenter().segment(small_scan)
    highest = ExtendedAttention(expected.attention).volume(4.0).max(axis=(0, 1))
    part = engine.segment(small_scan, needed_for=Tuning(float(np.median(highest)), 4.0))
    assert not part.probability.is_computed.all()
    whole = engine.extend(small_scan, part)
    assert whole.probability.is_computed.all()
    assert (
        np.abs(whole.probability.values.astype(np.int32) - expected.probability.values).max() <= 1
    )


def test_after_a_stop_the_same_process_is_idle_and_computes_the_next_scan(
    engine: Engine, small_scan: CtVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "IDLE_PATIENCE_S", 60.0)
    engine.segment(small_scan)  # loaded and warm
    process_id, processor_s = engine.process_id, []

    def stop_once_begun(update: ProgressUpdate) -> None:
        if update.stage == "segmentation":
            progress.cancel()
            processor_s.append(processor_seconds(engine))

    progress = JobProgress(stop_once_begun)
    with pytest.raises(Cancelled):
        engine.segment(noise(300), progress=progress)
    engine._wait_for_idle_child()
    assert processor_seconds(engine) - processor_s[-1] < 1  # of the many that the scan takes
    assert is_idle(engine)
    assert engine.segment(small_scan).probability.is_computed.all()
    assert engine.process_id == process_id


def test_a_pause_in_the_middle_uses_no_processor_and_does_not_change_the_result(
    engine: Engine,
) -> None:
    scan = noise(200)
    expected = engine.segment(scan)
    is_paused, results = threading.Event(), []

    def rest_once_begun(update: ProgressUpdate) -> None:
        if update.stage == "Paused":
            is_paused.set()
        elif update.stage != "start" and not is_paused.is_set():
            progress.pause()

    progress = JobProgress(rest_once_begun)
    thread = threading.Thread(
        target=lambda: results.append(engine.segment(scan, progress=progress))
    )
    thread.start()
    assert is_paused.wait(60)
    while not is_idle(engine):
        pass
    assert thread.is_alive()
    progress.resume()
    thread.join(60)
    assert np.array_equal(results[0].probability.values, expected.probability.values)


def processor_seconds(engine: Engine) -> float:
    """Return the CPU seconds that the computing process has used so far."""
    return sum(psutil.Process(engine.process_id).cpu_times()[:2])


def is_idle(engine: Engine) -> bool:
    """Return whether the computing process leaves the processor to others for half a second."""
    before = processor_seconds(engine)
    time.sleep(0.5)
    return processor_seconds(engine) - before < 0.1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_the_death_of_the_child_is_reported_clearly_and_the_next_scan_works(
    engine: Engine, small_scan: CtVolume
) -> None:
    def kill(_: AttentionMap) -> None:
        assert engine.process_id is not None
        os.kill(engine.process_id, signal.SIGKILL)

    with pytest.raises(InferenceError, match="ended unexpectedly"):
        engine.segment(noise(200), on_attention=kill)
    assert engine.segment(small_scan).probability.is_computed.all()


def test_errors_of_the_child_arrive_unchanged(
    small_scan: CtVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(tmp_path))
    engine = Engine()
    with pytest.raises(ModelError, match="Weights are missing"):
        engine.segment(small_scan)
    engine.close()


def test_closing_ends_the_process_and_leaves_no_files(engine: Engine, small_scan: CtVolume) -> None:
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
    place = MappedFile("hu", "<i2", (3, 4, 5))
    warning = worded("{count} slices are missing.", count=2)
    sent = Segment(place, place, place, geometry, (warning,), Tuning(0.3, 5.0, 0.5))
    received = message_from(as_json(sent), Request)
    assert received == sent
    assert isinstance(received, Segment)
    assert isinstance(received.warnings[0], Wording)
    assert received.warnings[0].fields == {"count": 2}
    run_record = RunRecord(
        "cpu", "torch", "f32", "", "", "1", {"load": 0.5}, 7, {"load": 7}, (warning,)
    )
    assert message_from(as_json(Done(run_record)), Answer) == Done(run_record)
    with pytest.raises(msgspec.ValidationError, match="device"):
        message_from('{"type": "Start"}', Request)


def test_runs_of_computed_slices_are_found() -> None:
    assert true_runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert true_runs(np.zeros(3, np.bool_)) == []
