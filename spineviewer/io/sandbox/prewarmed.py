"""A child process that decodes files, started in advance because its imports take a while."""

from __future__ import annotations

from contextlib import suppress
from typing import Self

from spineviewer.child import Child, ChildDied, RestartingChild
from spineviewer.errors import Cancelled
from spineviewer.io.sandbox.reader_messages import CONVERSATION, Answer, Request


class PrewarmedReader:
    """Starts one reader process per request; `prepare` starts one in advance.

    Use as a context manager, or call `close`. If the program is killed, the child sees its input
    close and ends.

    Thread ownership: any.
    """

    def __init__(self) -> None:
        self._restarting = RestartingChild(CONVERSATION.child)

    @property
    def process_id(self) -> int | None:
        """Process id of the waiting child; None if none is waiting."""
        return self._restarting.process_id

    def prepare(self) -> None:
        """Start a child if none is waiting; do not wait until it has imported its modules."""
        with suppress(Cancelled):  # closed
            self._restarting.running_child()

    def with_request(self, request: Request, memory_limit_bytes: int) -> Child[Answer]:
        """Return a child that has received the request: the waiting one, or a new one.

        The caller must end it.
        """
        waiting = self._restarting.take()
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
        self._restarting.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
