"""Pre-started child process that decodes files; its imports take a while."""

from __future__ import annotations

import threading
from typing import Self

from spineviewer.child import Child, ChildDied
from spineviewer.io.sandbox.reader_messages import CONVERSATION, Answer, Request


class PrewarmedReader:
    """Reader processes, one per request; `prepare` keeps one on standby.

    Use as a context manager, or call `close`. If the program is killed, the child sees its input
    close and ends.

    Thread ownership: any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Child[Answer] | None = None
        self._is_closed = False

    @property
    def process_id(self) -> int | None:
        """Process id of the waiting child, or None."""
        waiting = self._waiting
        return waiting.process_id if waiting is not None and waiting.is_alive else None

    def prepare(self) -> None:
        """Start a child if none is waiting. Returns at once; the child imports in parallel."""
        with self._lock:
            if self._is_closed or self.process_id is not None:
                return
            dead, self._waiting = self._waiting, CONVERSATION.child()
        if dead is not None:
            dead.kill()

    def with_request(self, request: Request, memory_limit_bytes: int) -> Child[Answer]:
        """Return a child that has received the request: the waiting one, or a new one.

        The caller must end it.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.limit_memory(memory_limit_bytes)
            try:
                waiting.send(request)
            except ChildDied:
                pass  # it died while waiting, so no file is to blame: start a new one
            else:
                return waiting
        child = CONVERSATION.child(memory_limit_bytes)
        child.send(request)
        return child

    def close(self) -> None:
        """End the waiting child; no new one is started."""
        with self._lock:
            self._is_closed = True
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
