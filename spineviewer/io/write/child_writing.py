"""Child processes that write files, and the messages exchanged with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from spineviewer.child import ChildDied, Conversation, Failed, Message, ParentLink, Step
from spineviewer.errors import ExportError
from spineviewer.progress import Progress

TICK_S = 0.1

Requested = TypeVar("Requested")
Done = TypeVar("Done")
Request = TypeVar("Request", bound=Message)


class Refused(Message, frozen=True):
    """The system refused to read or write: the arguments of `OSError`."""

    number: int | None
    reason: str


def answer_from_child(
    conversation: Conversation[Request, Done | Step | Refused | Failed],
    request: Request,
    stage: str,
    progress: Progress,
    *,
    death_message: str,
) -> Done:
    """Start a child, send it a request, and return its answer.

    Parameters
    ----------
    stage
        Stage that `progress` shows until the child reports its own.
    death_message
        The message for the user if the child dies.

    Raises
    ------
    ExportError
        When the child cannot fulfil the request, or dies.
    OSError
        When a file cannot be read or written.
    Cancelled
        When `progress` raises it; the child has ended by then.
    """
    fraction = 0.5
    try:
        with conversation.child() as child:
            child.send(request)
            while True:
                progress.step(stage, fraction)
                match child.receive(TICK_S):
                    case None:
                        continue
                    case Step(stage=stage, fraction=fraction):
                        continue
                    case Failed(message=message):
                        raise ExportError(message)
                    case Refused(number=number, reason=reason):
                        raise OSError(number, reason)
                    case done:
                        return done
    except ChildDied as death:
        raise ExportError(death_message) from death


def answer_parent(link: ParentLink[Requested], answer: Callable[[Requested], Message]) -> None:
    """Answer the single request from the parent, or report why it failed."""
    request = link.receive()
    assert request is not None
    try:
        link.send(answer(request))
    except ExportError as error:
        link.send(Failed(str(error)))
    except OSError as error:
        link.send(Refused(error.errno, error.strerror or type(error).__name__))
