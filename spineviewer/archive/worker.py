"""The child process that talks to archives for `client.Archive`.

It answers one request and exits.

Only the requested patient data leave it; nothing is logged.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from spineviewer.archive.node import Certificates, Node, Transport, node_from_fields
from spineviewer.archive.query import Query, found_from_rows
from spineviewer.archive.store import LocalStore
from spineviewer.child import Fields, ParentLink, untyped
from spineviewer.errors import ArchiveError, SpineViewerError
from spineviewer.wording import worded


class Worker:
    """Handles the parent's request.

    Thread ownership: one thread; the counts come from the connections' threads.
    """

    def __init__(self, link: ParentLink[Any], request: Fields) -> None:
        self._link = link
        self._request = request

    def echo(self) -> Fields:
        """Seconds that the archive takes to answer, for each of its addresses."""
        from spineviewer.archive import dimse

        node = self._node
        seconds = {}
        if node.dimse is not None:
            started = time.perf_counter()
            dimse.echo(node.dimse, node.silence_s)
            seconds[Transport.DIMSE.value] = time.perf_counter() - started
        if node.web is not None:
            started = time.perf_counter()
            self._web().echo()
            seconds[Transport.WEB.value] = time.perf_counter() - started
        return {"seconds": seconds}

    def find(self) -> Fields:
        """Patients, studies and, if asked for, series."""
        from spineviewer.archive import dimse

        node, query, is_deep = (
            self._node,
            Query(**self._request["query"]),
            bool(self._request["is_deep"]),
        )
        if node.query is Transport.WEB:
            rows = self._web().find_studies(query, is_deep=is_deep)
        else:
            assert node.dimse is not None
            rows = dimse.find_studies(node.dimse, query, node.silence_s, is_deep=is_deep)
        return found_from_rows(rows, query).as_fields()

    def retrieve(self) -> Fields:
        """Fetch a study or series into the local store."""
        from spineviewer.archive.retrieval import retrieve

        request = self._request
        store = self._store
        # pynetdicom writes objects in parts: into the target's folder, where leftovers are deleted
        tempfile.tempdir = str(store.parts_of(request["study_uid"]))
        place = retrieve(
            self._node,
            request["secret"],
            request["study_uid"],
            request["series_uid"],
            store,
            self._on_count,
        )
        return {"folder": str(place)}

    def send(self) -> Fields:
        """Send files; report the result of each."""
        from spineviewer.archive import dimse

        files = [Path(name) for name in self._request["files"]]
        node = self._node

        def on_sent(number: int, reason: str | None) -> None:
            self._link.send({"sent": number, "reason": reason})

        if node.sending is Transport.WEB:
            self._web().send(files, on_sent)
        else:
            assert node.dimse is not None
            dimse.send(node.dimse, files, node.silence_s, on_sent)
        return {}

    def commit(self) -> Fields:
        """Ask the archive to confirm what it stores; return the files that it does not."""
        from spineviewer.archive import dimse
        from spineviewer.archive.objects import head_of

        if self._node.dimse is None:
            raise ArchiveError(worded("Only archives with a DICOM address can confirm storage."))
        heads = [head_of(Path(name)) for name in self._request["files"]]
        refused = dimse.commit(
            self._node.dimse, heads, self._node.silence_s, float(self._request["patience_s"])
        )
        return {"refused": [refused.get(head.instance_uid) for head in heads]}

    def receive(self) -> Fields:
        """Receive studies until the parent ends."""
        from spineviewer.archive.receiver import serve
        from spineviewer.archive.receiving import ReceiverSettings

        told = dict(self._request["settings"])
        told |= {name: tuple(told[name]) for name in ("titles", "addresses")}
        settings = ReceiverSettings(
            **{**told, "certificates": Certificates(**told["certificates"])}
        )
        store = self._store
        tempfile.tempdir = str(store.parts_of_any_study())

        def on_study(uid: str, folder: Path, count: int) -> None:
            self._link.send({"study": uid, "folder": str(folder), "count": count})

        serve(settings, store, lambda: self._link.send({"ready": True}), on_study)
        return {}

    def describe(self) -> Fields:
        """Return the title of the study of each file."""
        from spineviewer.archive.objects import study_title_of

        return {"titles": [study_title_of(Path(name)) for name in self._request["files"]]}

    @property
    def _node(self) -> Node:
        return node_from_fields(self._request["node"])

    @property
    def _store(self) -> LocalStore:
        told = self._request["store"]
        return LocalStore(
            Path(told["folder"]), max_bytes=told["max_bytes"], keep_days=told["keep_days"]
        )

    def _web(self) -> Any:
        from spineviewer.archive.web import WebArchive

        assert self._node.web is not None
        return WebArchive(self._node.web, self._request["secret"], self._node.silence_s)

    def _on_count(self, here: int, count: int) -> None:
        self._link.send({"here": here, "count": count})


def main() -> int:
    """Answer the parent's one request."""
    link = ParentLink(untyped)
    request = link.receive()
    assert request is not None
    logging.disable()  # pynetdicom and requests name patients and searches
    warnings.simplefilter("ignore")
    worker = Worker(link, request)
    does = {
        "echo": worker.echo,
        "find": worker.find,
        "retrieve": worker.retrieve,
        "send": worker.send,
        "commit": worker.commit,
        "receive": worker.receive,
        "describe": worker.describe,
    }
    try:
        link.send({"done": does[request["do"]]()})
    except SpineViewerError as error:
        link.send({"error": str(error)})
    except MemoryError:
        link.send(
            {"error": worded("An object from the archive needs more memory than is available.")}
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
