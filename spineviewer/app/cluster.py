"""A batch in several processes or on several machines with Dask (extra `cluster`). Without Qt.

Every worker keeps its networks loaded: while they run on one scan, it writes the previous one or
reads the next. If a worker dies, others take over its scans.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from spineviewer.app.batch import LANES, MaskMaker, Row, State, segment_row
from spineviewer.app.batch_lanes import import_lane_modules
from spineviewer.errors import InferenceError, UsageError
from spineviewer.progress import JobProgress
from spineviewer.threads import THREADS_VARIABLE, compute_threads
from spineviewer.tuning import Tuning
from spineviewer.wording import worded

#: Choice: a scan fails when more workers than this have died while segmenting it.
MAX_KILLS = 2
CONNECT_S = 8.0

_maker: MaskMaker | None = None
_maker_lock = threading.Lock()


class DaskPool:
    """Workers of a Dask scheduler.

    Thread ownership: one thread.

    Parameters
    ----------
    client
        A `distributed.Client`, which is not typed.
    """

    def __init__(self, client: Any, device: str) -> None:
        self._client = client
        self._device = device
        self._executor = self._client.get_executor(pure=False)

    @property
    def capacity(self) -> int:
        """The number of scans to submit at once: all lanes of all workers, plus one per worker.

        The number may grow as workers join.
        """
        workers = max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))
        return workers * (LANES + 1)

    def submit(self, row: Row, folder: Path, tuning: Tuning) -> Future[Row]:
        """Submit a scan to a worker."""
        future: Future[Row] = self._executor.submit(
            segment_on_worker, row, folder.absolute(), tuning, self._device
        )
        return future

    def row_from(self, future: Future[Row], row: Row) -> Row:
        """Return the finished row, or `row` marked as failed if its workers died.

        Raises
        ------
        InferenceError
            When the connection to the scheduler was lost.
        """
        from distributed.scheduler import KilledWorker

        try:
            return future.result()
        except KilledWorker:
            message = worded(
                "The worker process crashed several times on this scan: there "
                "may be too little memory, or an error in the program. Close "
                "other programs and try again."
            )
            return replace(row, state=State.FAILED, message=message)
        except (CancelledError, OSError) as error:
            raise InferenceError(_connection_lost()) from error

    def require_alive(self) -> None:
        """Raise an error if the scheduler is gone."""
        if self._client.status not in {"running", "connecting"}:
            raise InferenceError(_connection_lost())


def segment_on_worker(row: Row, folder: Path, tuning: Tuning, device: str) -> Row:
    """Segment one scan on a worker, with the networks that its process keeps loaded."""
    return segment_row(row, folder, tuning, _services_on_worker(device), JobProgress())


@contextmanager
def local_workers(count: int, device: str) -> Iterator[DaskPool]:
    """Yield `count` workers on this computer, which share its processors.

    They accept only local connections.

    Raises
    ------
    UsageError
        When Dask is not installed, or the count is out of range.
    """
    if count < 1:
        raise UsageError(worded("There must be at least one worker. Use 1 or more (--workers)."))
    distributed = _import_distributed()
    threads = max(1, compute_threads() // count)
    with (
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=LANES,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            # the networks run in child processes of the workers, whose memory Dask does not see
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            env={THREADS_VARIABLE: str(threads)},
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield DaskPool(client, device)


@contextmanager
def connect_to_workers(scheduler: str, device: str) -> Iterator[DaskPool]:
    """Yield the workers of a running scheduler, `tcp://HOST:PORT`.

    Raises
    ------
    UsageError
        When Dask is not installed, or the scheduler does not respond or has no workers.
    """
    distributed = _import_distributed()
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            worded(
                "No Dask scheduler is responding at {address}. Start one with 'dask "
                "scheduler', or correct the address (tcp://HOST:PORT).",
                address=scheduler,
            )
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            raise UsageError(
                worded(
                    "The Dask scheduler at {address} has no workers. Start some with: dask worker "
                    "{address}",
                    address=scheduler,
                )
            )
        yield DaskPool(client, device)


def _import_distributed() -> Any:
    try:
        import dask
        import distributed
    except ImportError as error:
        raise UsageError(
            worded(
                "To use several workers, Spineviewer needs an optional component. Install it "
                "with: pip install 'spineviewer[cluster]'"
            )
        ) from error
    dask.config.set(
        {"distributed.scheduler.allowed-failures": MAX_KILLS, "distributed.comm.retry.count": 2}
    )
    _silence("distributed", "tornado", "asyncio")
    return distributed


def _silence(*packages: str) -> None:
    """Silence packages whose tracebacks about a lost connection would hide our own message.

    Dask sets separate levels for some loggers within a package.
    """
    loggers = [
        name
        for name in logging.root.manager.loggerDict
        if name.startswith(tuple(f"{package}." for package in packages))
    ]
    for name in (*packages, *loggers):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _services_on_worker(device: str) -> MaskMaker:
    global _maker  # one for each worker process, for as long as it lives
    with _maker_lock:
        if _maker is None:
            from spineviewer.app.services import LocalServices

            import_lane_modules()
            services = LocalServices(device, reads_ahead=False)
            atexit.register(services.close)
            _maker = services
        return _maker


def _connection_lost() -> str:
    return worded(
        "The connection to the Dask scheduler was lost. Finished results were "
        "kept. Start the batch again to resume."
    )
