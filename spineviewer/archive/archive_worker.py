"""The child process that communicates with archives for `client.Archive`.

It answers one request and exits. It returns only the requested patient data and logs nothing.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
import warnings
from typing import TYPE_CHECKING

from spineviewer.archive import archive_messages as messages
from spineviewer.archive.node import Transport
from spineviewer.archive.query import result_from_rows
from spineviewer.archive.store import StudyDeletion
from spineviewer.child import Failed, ParentLink
from spineviewer.errors import ArchiveError, SpineViewerError
from spineviewer.progress import Progress
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.archive.web import WebArchive

Link = ParentLink[messages.Received]


def answer(link: Link, request: messages.Request) -> messages.Done:
    """Return the answer to a request; updates are sent through `link`, also from other threads.

    Raises
    ------
    SpineViewerError
        When the request fails; the message states the reason in one sentence.
    """
    match request:
        case messages.Echo():
            return _echo(request.login)
        case messages.Find():
            return _find(request)
        case messages.Retrieve():
            return _retrieve(link, request)
        case messages.Send():
            return _send(link, request)
        case messages.Commit():
            return _commit(request)
        case messages.Receive():
            return _receive(link, request)
        case messages.Describe():
            return _describe(request)


def _echo(login: messages.Login) -> messages.Answered:
    from spineviewer.archive import dimse

    node, seconds = login.node, {}
    if node.dimse is not None:
        started = time.perf_counter()
        dimse.echo(node.dimse, node.silence_s)
        seconds[Transport.DIMSE.value] = time.perf_counter() - started
    if node.web is not None:
        started = time.perf_counter()
        _web_archive(login).echo()
        seconds[Transport.WEB.value] = time.perf_counter() - started
    return messages.Answered(seconds)


def _find(request: messages.Find) -> messages.Results:
    from spineviewer.archive import dimse

    node, query, with_series = request.login.node, request.query, request.with_series
    if node.query is Transport.WEB:
        rows = _web_archive(request.login).find_studies(query, with_series=with_series)
    else:
        assert node.dimse is not None
        rows = dimse.find_studies(node.dimse, query, node.silence_s, with_series=with_series)
    return messages.Results(result_from_rows(rows, query))


def _retrieve(link: Link, request: messages.Retrieve) -> messages.Retrieved:
    from spineviewer.archive.retrieval import retrieve

    store = request.store.open_store(_delete_through_parent(link))
    # pynetdicom writes temporary files: put them in the target folder, which is cleaned up
    tempfile.tempdir = str(store.parts_folder(request.study_uid))
    folder = retrieve(
        request.login.node,
        request.login.secret,
        request.study_uid,
        request.series_uid,
        store,
        lambda arrived, count: link.send(messages.ImagesArrived(arrived, count)),
    )
    return messages.Retrieved(folder)


def _send(link: Link, request: messages.Send) -> messages.AllSent:
    from spineviewer.archive import dimse

    node = request.login.node

    def on_sent(index: int, reason: str | None) -> None:
        link.send(messages.FileSent(index, reason or ""))

    if node.sending is Transport.WEB:
        _web_archive(request.login).send(request.files, on_sent)
    else:
        assert node.dimse is not None
        dimse.send(node.dimse, request.files, node.silence_s, on_sent)
    return messages.AllSent()


def _commit(request: messages.Commit) -> messages.Committed:
    from spineviewer.archive import dimse
    from spineviewer.archive.objects import read_header

    node = request.login.node
    if node.dimse is None:
        raise ArchiveError(
            "Only archives with a DICOM address can confirm storage. Add a DICOM address in the "
            "archive settings, or send without confirmation."
        )
    headers = [read_header(path) for path in request.files]
    rejected = dimse.commit(node.dimse, headers, node.silence_s, request.timeout_s)
    return messages.Committed(tuple(rejected.get(header.instance_uid, "") for header in headers))


def _receive(link: Link, request: messages.Receive) -> messages.Stopped:
    from spineviewer.archive.receiver import serve

    store = request.store.open_store(_delete_through_parent(link))
    tempfile.tempdir = str(store.empty_parts_folder())
    serve(
        request.settings,
        store,
        lambda: link.send(messages.Ready()),
        lambda uid, folder, count: link.send(messages.StudyReceived(uid, folder, count)),
    )
    return messages.Stopped()


def _describe(request: messages.Describe) -> messages.Described:
    from spineviewer.archive.objects import read_study_title

    return messages.Described(tuple(read_study_title(path) for path in request.files))


def _delete_through_parent(link: Link) -> StudyDeletion:
    """Return a function that asks the parent to delete a study.

    Only the parent knows which saved work belongs to a study. The store never calls the function
    from two threads at once.
    """

    def delete_study(study_uid: str, _: Progress) -> None:
        link.send(messages.DeleteStudy(study_uid))
        assert isinstance(link.receive(), messages.StudyDeleted)

    return delete_study


def _web_archive(login: messages.Login) -> WebArchive:
    from spineviewer.archive.web import WebArchive

    assert login.node.web is not None
    return WebArchive(login.node.web, login.secret, login.node.silence_s)


def main() -> int:
    """Answer the single request from the parent."""
    link = messages.CONVERSATION.parent()
    request = link.receive()
    assert request is not None and not isinstance(request, messages.StudyDeleted)
    logging.disable()  # pynetdicom and requests log patients' names and searches
    warnings.simplefilter("ignore")
    try:
        link.send(answer(link, request))
    except SpineViewerError as error:
        link.send(Failed(str(error)))
    except MemoryError:
        message = worded(
            "An object from the archive needs more memory than is available. Close other "
            "programs and try again."
        )
        link.send(Failed(message))
    return 0


if __name__ == "__main__":
    sys.exit(main())
