"""Retrieval of a study until it is complete.

Only missing images are requested again. Runs in the child process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from spineviewer.archive import dimse
from spineviewer.archive.answer_rows import Row
from spineviewer.archive.association import BrokenConnectionError
from spineviewer.archive.node import DimseAddress, Node, Retrieval, Transport
from spineviewer.archive.store import IncomingStudy, LocalStore
from spineviewer.archive.web import WebArchive
from spineviewer.errors import ArchiveError

#: Choice: attempts with each method if the connection breaks, before the error is reported.
MAX_ATTEMPTS = 3
PAUSE_S = 0.5
#: Choice: seconds to wait for another retrieval of the same study; a batch may request several of
#: its series at once.
STUDY_TIMEOUT_S = 600.0

#: Called with the number of images that arrived and the total.
OnCount = Callable[[int, int], None]


def retrieve(
    node: Node, secret: str, study_uid: str, series_uid: str, store: LocalStore, on_count: OnCount
) -> Path:
    """Retrieve the missing images of a study or series; return its folder.

    Raises
    ------
    ArchiveError
        When it fails; the message gives the reason. Images that arrived stay hidden until the next
        attempt.
    """
    images = list_images(node, secret, study_uid, series_uid)
    if not images:
        raise ArchiveError(
            "The archive has no images of this study or series. Search for the study again."
        )
    with store.incoming(study_uid, timeout_s=STUDY_TIMEOUT_S) as incoming:
        counter = _Counter(images, series_uid, incoming, on_count)
        fault: ArchiveError | None = None
        for fetch in _attempts(node, secret):
            if not (missing := counter.missing()):
                break
            try:
                fetch(missing, incoming, counter)
                fault = None
            except ArchiveError as error:
                fault = error
        if missing := counter.missing():
            raise fault or ArchiveError(
                "{missing} of {count} images did not arrive. Try again: only the "
                "missing images will be retrieved.",
                missing=len(missing),
                count=len(images),
            )
        incoming.commit()
    return store.folder_for(study_uid, series_uid)


def list_images(node: Node, secret: str, study_uid: str, series_uid: str) -> list[Row]:
    """Return all images of a study or series in the archive, found with the node's query method.

    Raises
    ------
    ArchiveError
        When it fails; the message gives the reason.
    """
    if node.query is Transport.WEB:
        assert node.web is not None
        images = WebArchive(node.web, secret, node.silence_s).find_images(study_uid, series_uid)
    else:
        assert node.dimse is not None
        images = dimse.find_images(node.dimse, study_uid, series_uid, node.silence_s)
    return list({image["uid"]: image for image in images if image["uid"]}.values())


class _Counter:
    """Keeps track of which of a study's images have arrived.

    Thread ownership: `count_arrival` from connection threads, the rest from the waiting thread.
    """

    def __init__(
        self, images: Sequence[Row], series_uid: str, incoming: IncomingStudy, on_count: OnCount
    ) -> None:
        self.series_uid = series_uid
        self._images = images
        self._incoming = incoming
        self._on_count = on_count
        self._arrived_count = 0

    @property
    def count(self) -> int:
        """Number of images in total."""
        return len(self._images)

    def missing(self) -> list[Row]:
        """Return the images that have not arrived."""
        present = self._incoming.present
        missing = [image for image in self._images if image["uid"] not in present]
        self._arrived_count = len(self._images) - len(missing)
        self._on_count(self._arrived_count, len(self._images))
        return missing

    def count_arrival(self) -> None:
        """Count one more image that arrived."""
        self._arrived_count = min(self._arrived_count + 1, len(self._images))
        self._on_count(self._arrived_count, len(self._images))


_Fetch = Callable[[list[Row], IncomingStudy, _Counter], None]
#: Transfers images over DICOM's own protocol: `dimse.get` or `dimse.move`.
_Transfer = Callable[
    [DimseAddress, dimse.FetchRequest, IncomingStudy, float, Callable[[], None]], None
]


def _attempts(node: Node, secret: str) -> Iterator[_Fetch]:
    """Yield the attempts to retrieve missing images.

    Each method is repeated after broken connections before the next method is tried.
    """
    for method in _methods(node, secret):
        for number in range(MAX_ATTEMPTS):
            attempt = _Attempt(method)
            yield attempt
            if attempt.fault is None or not isinstance(attempt.fault, BrokenConnectionError):
                break
            if number < MAX_ATTEMPTS - 1:
                time.sleep(PAUSE_S)


class _Attempt:
    """One attempt with a method; records the error that ended it."""

    def __init__(self, method: _Fetch) -> None:
        self._method = method
        self.fault: ArchiveError | None = None

    def __call__(self, missing: list[Row], incoming: IncomingStudy, counter: _Counter) -> None:
        try:
            self._method(missing, incoming, counter)
        except ArchiveError as error:
            self.fault = error
            raise


def _methods(node: Node, secret: str) -> Sequence[_Fetch]:
    def by_dimse(
        transfer: _Transfer, missing: list[Row], incoming: IncomingStudy, counter: _Counter
    ) -> None:
        assert node.dimse is not None
        request = _fetch_request(missing, incoming, counter)
        transfer(node.dimse, request, incoming, node.silence_s, counter.count_arrival)

    def by_web(missing: list[Row], incoming: IncomingStudy, counter: _Counter) -> None:
        assert node.web is not None
        WebArchive(node.web, secret, node.silence_s).get(
            incoming.study_uid, missing, incoming, counter.count_arrival
        )

    by_get, by_move = partial(by_dimse, dimse.get), partial(by_dimse, dimse.move)
    methods: dict[Retrieval, list[_Fetch]] = {
        Retrieval.GET_OR_MOVE: [by_get, by_move],
        Retrieval.GET: [by_get],
        Retrieval.MOVE: [by_move],
        Retrieval.WEB: [by_web],
    }
    return methods[node.retrieval]


def _fetch_request(
    missing: list[Row], incoming: IncomingStudy, counter: _Counter
) -> dimse.FetchRequest:
    return dimse.FetchRequest(
        incoming.study_uid, counter.series_uid, missing, is_all=len(missing) == counter.count
    )
