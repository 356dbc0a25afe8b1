"""The number of threads that the program uses for computing.

Every library uses the number from this module: numba kernels through a pool, PyTorch and OpenVINO
in `inference`, and BLAS and OpenMP in worker processes through their environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

#: Environment variable that overrides the number of threads.
THREADS_VARIABLE = "SPINEVIEWER_THREADS"
_LIBRARY_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def compute_threads() -> int:
    """Return `$SPINEVIEWER_THREADS`, or the number of processors available to this process."""
    chosen = os.environ.get(THREADS_VARIABLE, "")
    if chosen.isdigit() and int(chosen) > 0:
        return int(chosen)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_libraries() -> None:
    """Set the number of threads for libraries that read it from the environment.

    Call it before they are imported.
    """
    for variable in _LIBRARY_VARIABLES:
        os.environ.setdefault(variable, str(compute_threads()))


def in_parallel(
    work: Callable[[int], Result],
    items: Iterable[int],
    *,
    threads: int | None = None,
    on_done: Callable[[float], None] = lambda _: None,
) -> list[Result]:
    """Return the results of `work` for all items, in order; `work` should release the GIL.

    Parameters
    ----------
    threads
        None for `compute_threads()`.
    on_done
        Called with the completed fraction of the work. If it or `work` raises an exception, for
        example to cancel, items that have not been started are skipped and the exception is raised.
    """
    with ThreadPoolExecutor(threads or compute_threads(), thread_name_prefix="compute") as pool:
        futures = [pool.submit(work, item) for item in items]
        results: list[Result] = []
        try:
            for future in futures:
                results.append(future.result())
                on_done(len(results) / len(futures))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return results
