"""A cache that keeps the most recently used values."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class RecentCache(Generic[Value]):
    """A cache of the most recently requested values.

    Each key must include everything that its value depends on.

    Thread ownership: any thread. Threads that request the same value wait for the one that computes
    it; threads that request different values do not wait for each other.
    """

    def __init__(self, size: int = 1) -> None:
        self._size = size
        self._lock = Lock()
        self._values: OrderedDict[Hashable, Future[Value]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, computed with `make` unless it is cached.

        Exceptions from `make` are raised and not cached.
        """
        with self._lock:
            cached = self._values.get(key)
            if cached is None:
                future = self._values[key] = Future()
                if len(self._values) > self._size:
                    self._values.popitem(last=False)
            elif self._size > 1:
                self._values.move_to_end(key)
        if cached is not None:
            return cached.result()
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                self._values.pop(key, None)
            future.set_exception(error)
            raise
        future.set_result(value)
        return value

    def clear(self) -> None:
        """Release all values."""
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
