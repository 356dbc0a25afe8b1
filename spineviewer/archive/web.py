"""Access to archives with DICOMweb: search (QIDO-RS), retrieval (WADO-RS), sending (STOW-RS).

The functions block; they run in the child process.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from dicomweb_client.web import DICOMwebClient
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID

from spineviewer.archive.answer_rows import Row, image_row, series_row, study_row
from spineviewer.archive.node import LoginKind, WebAddress
from spineviewer.archive.objects import read_header
from spineviewer.archive.query import MAX_STUDIES, Query
from spineviewer.archive.sentences import http_failure, storage_failure
from spineviewer.archive.store import IncomingStudy
from spineviewer.errors import ArchiveError, unwritable
from spineviewer.wording import worded

CONNECT_S = 10.0
#: Choice: answers per page.
PAGE_SIZE = 200
#: Choice: if fewer images of a series than this are missing, they are fetched one by one.
FEW_IMAGES = 20
#: Requests objects as stored: the archive neither decompresses nor compresses them.
_AS_STORED = (("application/dicom", "*"),)
_STUDY_FIELDS = [
    "StudyDescription",
    "ModalitiesInStudy",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
]
_SERIES_FIELDS = ["SeriesDescription", "NumberOfSeriesRelatedInstances"]


@dataclass(frozen=True)
class WebArchive:
    """A DICOMweb archive with the password or token for it."""

    address: WebAddress
    secret: str
    silence_s: float

    def echo(self) -> None:
        """Test the connection by requesting a single arbitrary study.

        Raises
        ------
        ArchiveError
            When it fails; the message gives the reason.
        """
        with self._client() as client:
            client.search_for_studies(limit=1)

    def find_studies(self, query: Query, *, with_series: bool) -> list[Row]:
        """Return matching studies, at most one more than `MAX_STUDIES`.

        If `with_series` is true, each study includes its series.

        Raises
        ------
        ArchiveError
            When it fails; the message gives the reason.
        """
        criteria = {
            "PatientName": query.name_pattern,
            "PatientID": query.patient_id,
            "StudyInstanceUID": query.study_uid,
            "StudyDate": query.date_range,
            "AccessionNumber": query.accession,
            "ModalitiesInStudy": query.modality.upper(),
        }
        filters = {name: value for name, value in criteria.items() if value}
        with self._client() as client:
            rows: list[Row] = []
            uids: set[str] = set()
            while len(rows) <= MAX_STUDIES:
                page = client.search_for_studies(
                    limit=PAGE_SIZE, offset=len(rows), fields=_STUDY_FIELDS, search_filters=filters
                )
                new = [
                    row
                    for row in (study_row(Dataset.from_json(answer)) for answer in page)
                    if row["uid"] not in uids
                ]
                uids.update(row["uid"] for row in new)
                rows += new
                # an archive without paging sends everything at once, or the same page again
                if len(page) < PAGE_SIZE or not new:
                    break
            rows = [row for row in rows if row["uid"]][: MAX_STUDIES + 1]
            if with_series:
                for row in rows:
                    found = client.search_for_series(row["uid"], fields=_SERIES_FIELDS)
                    row["series"] = [series_row(Dataset.from_json(answer)) for answer in found]
        return rows

    def find_images(self, study_uid: str, series_uid: str) -> list[Row]:
        """Return the images of a study or one of its series.

        Raises
        ------
        ArchiveError
            When it fails; the message gives the reason.
        """
        with self._client() as client:
            found = client.search_for_instances(
                study_uid, series_uid or None, fields=["SOPClassUID", "SeriesInstanceUID"]
            )
            return [image_row(Dataset.from_json(answer), series_uid=series_uid) for answer in found]

    def get(
        self,
        study_uid: str,
        missing: Sequence[Row],
        incoming: IncomingStudy,
        on_arrived: Callable[[], None],
    ) -> None:
        """Fetch images: whole series, or individual images if few are missing.

        Raises
        ------
        ArchiveError
            When it fails; the message gives the reason.
        """
        by_series: dict[str, list[str]] = {}
        for image in missing:
            by_series.setdefault(image["series_uid"], []).append(image["uid"])
        with self._client() as client:
            for series_uid, uids in by_series.items():
                wanted = set(uids)
                if len(uids) < FEW_IMAGES:
                    images: Iterator[Any] = (
                        client.retrieve_instance(study_uid, series_uid, uid, media_types=_AS_STORED)
                        for uid in uids
                    )
                else:
                    images = client.iter_series(study_uid, series_uid, media_types=_AS_STORED)
                for image in images:
                    if str(image.get("SOPInstanceUID", "")) in wanted:
                        _store_image(image, study_uid, incoming)
                        on_arrived()

    def send(self, files: Sequence[Path], on_sent: Callable[[int, str | None], None]) -> None:
        """Send files one by one, and report for each whether it was accepted.

        Raises
        ------
        ArchiveError
            When there is no connection; earlier reports remain valid.
        """
        for number, path in enumerate(files):
            try:
                header = read_header(path)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    data = dcmread(path)
            except ArchiveError as error:
                on_sent(number, str(error))
                continue
            try:
                with self._client(reports_rejection=True) as client:
                    answer = client.store_instances([data])
            except _RejectedError as error:
                kind = UID(header.sop_class).name
                on_sent(
                    number,
                    worded(
                        "it does not accept this object of the class {kind} (status {status})",
                        kind=kind,
                        status=error.status,
                    ),
                )
                continue
            failed = [
                int(item.get("FailureReason", 0))
                for item in answer.get("FailedSOPSequence", None) or ()
            ]
            on_sent(number, storage_failure(failed[0]) if failed else None)

    @contextmanager
    def _client(self, *, reports_rejection: bool = False) -> Iterator[Any]:
        """Yield a client whose errors are converted to `ArchiveError`.

        The messages of `requests` are not quoted, because they contain the search terms. If
        `reports_rejection` is true, a rejected object raises `_RejectedError`.
        """
        place = self.address.host_and_port
        try:
            with self._session() as session, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                timeout = (CONNECT_S, self.silence_s)
                client = DICOMwebClient(
                    self.address.url, session=session, timeout=timeout, permissive_uid=True
                )
                client.set_http_retry_params(retry=False)
                yield client
        except requests.HTTPError as error:
            status = 0 if error.response is None else error.response.status_code
            if reports_rejection and status in {400, 409, 415, 422}:
                raise _RejectedError(status) from error
            has_login = self.address.login is not LoginKind.NONE
            raise ArchiveError(http_failure(status, place, has_login=has_login)) from error
        except requests.exceptions.SSLError as error:
            reason = _certificate_fault(error)
            raise ArchiveError(
                "The certificate of {place} is not trusted: {reason}. Check the address. If you "
                "trust the archive, add its certificate in the archive settings (--trust, "
                "--web-trust).",
                place=place,
                reason=reason,
            ) from error
        except requests.Timeout as error:
            raise ArchiveError(
                "{place} has not responded for {seconds:.0f} s. Try again.",
                place=place,
                seconds=self.silence_s,
            ) from error
        except (
            requests.exceptions.JSONDecodeError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as error:
            raise ArchiveError(
                "{place} responds, but is not a DICOMweb archive. Check the address.", place=place
            ) from error
        except (requests.RequestException, OSError) as error:
            raise ArchiveError(
                "{place} cannot be reached, or closed the connection. Check the address and "
                "try again.",
                place=place,
            ) from error

    def _session(self) -> requests.Session:
        """Return a session with the login and the certificates.

        The user's other logins (.netrc) are not used.
        """
        files = self.address.certificates
        session = _Session()
        session.trust_env = False
        session.proxies = dict(requests.utils.get_environ_proxies(self.address.url))
        session.verify = files.trusted_file or True
        if chain := files.for_archives:
            certificate, key = chain
            session.cert = (certificate, key) if key else certificate
        if self.address.login is LoginKind.BASIC:
            session.auth = (self.address.user, self.secret)
        elif self.address.login is LoginKind.BEARER:
            session.headers["Authorization"] = f"Bearer {self.secret}"
        return session


class _Session(requests.Session):
    """Writes `*` in searches as itself and a space as %20; some archives decode no other form."""

    def request(
        self, method: str | bytes, url: str | bytes, *args: Any, **options: Any
    ) -> requests.Response:
        start, separator, search = str(url).partition("?")
        plain = f"{start}{separator}{search.replace('%2A', '*').replace('+', '%20')}"
        return super().request(str(method), plain, *args, **options)


class _RejectedError(Exception):
    """Raised when the archive does not accept an object."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _store_image(image: Any, study_uid: str, incoming: IncomingStudy) -> None:
    part = incoming.parts / "part"
    try:
        image.save_as(part, enforce_file_format=True)
        header = read_header(part)
        if header.study_uid != study_uid:
            raise ArchiveError(
                "The archive sent an image from a study that was not requested. "
                "Try again, or ask its administrator."
            )
        incoming.ensure_room(part.stat().st_size)
        incoming.accept(part, header.series_uid, header.instance_uid)
    except OSError as error:
        raise unwritable(part.parent, error, ArchiveError) from error
    finally:
        part.unlink(missing_ok=True)


def _certificate_fault(error: BaseException) -> str:
    """Return OpenSSL's message from the innermost of nested exceptions."""
    inner: object = error
    for _ in range(8):
        if message := getattr(inner, "verify_message", ""):
            return str(message)
        inner = getattr(inner, "reason", None) or next(iter(getattr(inner, "args", ()) or ()), None)
    return worded("an encrypted connection could not be established")
