"""Access to archives with DICOM's network protocol: echo, search, retrieval, sending.

The functions block; they run in the child process.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pynetdicom import AE, StoragePresentationContexts, _config, build_role, evt
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made when the module is loaded
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from spineviewer.archive.answer_rows import Row, image_row, series_row, study_row
from spineviewer.archive.association import Association, NotSupportedError, server_tls
from spineviewer.archive.node import DimseAddress, is_loopback
from spineviewer.archive.objects import ObjectHeader, read_header
from spineviewer.archive.query import MAX_STUDIES, Query
from spineviewer.archive.sentences import (
    NONE_SENT,
    NOT_SUPPORTED,
    nothing_arrived,
    retrieval_failure,
    search_failure,
    storage_failure,
)
from spineviewer.archive.store import IncomingStudy
from spineviewer.errors import ArchiveError
from spineviewer.wording import worded

# Objects are written directly to files, so a large object needs no more memory than a small one.
_config.STORE_RECV_CHUNKED_DATASET = True

#: Choice: seconds that a C-MOVE waits for other C-MOVEs that use the same local port.
PORT_TIMEOUT_S = 3600.0
#: Largest number of presentation contexts in one association; the standard allows 128.
MAX_CONTEXTS = 127
#: Choice: largest number of UIDs in one request.
MAX_UIDS = 100
#: Status that we return for an object that cannot be read.
CANNOT_UNDERSTAND = 0xC000
Syntaxes = list[str | UID]
UNCOMPRESSED: Syntaxes = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
#: Supported compressed transfer syntaxes: JPEG, JPEG-LS, JPEG 2000, RLE. Deflated objects are
#: excluded because a small one could expand to any size.
COMPRESSED: Syntaxes = [
    *(UID(f"1.2.840.10008.1.2.4.{number}") for number in (50, 51, 57, 70, 80, 81, 90, 91)),
    UID("1.2.840.10008.1.2.5"),
]
READABLE: Syntaxes = [*UNCOMPRESSED, ExplicitVRBigEndian, *COMPRESSED]
#: Every class of stored objects that pynetdicom knows.
STORAGE_CLASSES = tuple(str(context.abstract_syntax) for context in StoragePresentationContexts)
#: Classes that are requested if an archive does not state what a study contains; CT first.
COMMON_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.2",  # CT
    "1.2.840.10008.5.1.4.1.1.2.1",  # enhanced CT
    "1.2.840.10008.5.1.4.1.1.4",  # MR
    "1.2.840.10008.5.1.4.1.1.4.1",  # enhanced MR
    "1.2.840.10008.5.1.4.1.1.7",  # secondary capture
    "1.2.840.10008.5.1.4.1.1.66.4",  # segmentation
    "1.2.840.10008.5.1.4.1.1.66.7",  # label map segmentation
    "1.2.840.10008.5.1.4.1.1.88.33",  # comprehensive SR
    "1.2.840.10008.5.1.4.1.1.88.34",  # comprehensive 3D SR
    "1.2.840.10008.5.1.4.1.1.88.22",  # enhanced SR
    "1.2.840.10008.5.1.4.1.1.88.67",  # X-ray dose SR
    "1.2.840.10008.5.1.4.1.1.30",  # parametric map
    "1.2.840.10008.5.1.4.1.1.481.3",  # RT structure set
    "1.2.840.10008.5.1.4.1.1.104.1",  # encapsulated PDF
    "1.2.840.10008.5.1.4.1.1.11.1",  # presentation state
    "1.2.840.10008.5.1.4.1.1.88.59",  # key object selection
)

#: Called with the file's index, and the reason why it was rejected; None if it was accepted.
OnSent = Callable[[int, str | None], None]
#: Called after each object that arrived.
OnArrived = Callable[[], None]


def echo(address: DimseAddress, silence_s: float) -> None:
    """Test the connection (C-ECHO).

    Raises
    ------
    ArchiveError
        When it fails; the message gives the reason.
    """
    with Association(address, [build_context(Verification)], silence_s) as association:
        status = association.link.send_c_echo()
        if "Status" not in status:
            raise association.no_answer_error()
        if status.Status:
            raise ArchiveError(search_failure(status.Status))


def find_studies(
    address: DimseAddress, query: Query, silence_s: float, *, with_series: bool
) -> list[Row]:
    """Return matching studies (C-FIND), at most one more than `MAX_STUDIES`.

    If `with_series` is true, each study includes its series.

    Raises
    ------
    ArchiveError
        When it fails; the message gives the reason.
    """
    requested = _identifier(
        "STUDY",
        PatientName=query.name_pattern,
        PatientID=query.patient_id,
        PatientBirthDate="",
        StudyInstanceUID=query.study_uid,
        StudyDate=query.date_range,
        StudyDescription="",
        AccessionNumber=query.accession,
        ModalitiesInStudy=query.modality.upper(),
        NumberOfStudyRelatedSeries="",
        NumberOfStudyRelatedInstances="",
    )
    with _search_association(address, silence_s) as association:
        rows = [
            study_row(answer) for answer in _search(association, requested, limit=MAX_STUDIES + 1)
        ]
        if with_series:
            for row in rows:
                row["series"] = [
                    series_row(answer) for answer in _search(association, _series_query(row["uid"]))
                ]
    return [row for row in rows if row["uid"]]


def find_images(
    address: DimseAddress, study_uid: str, series_uid: str, silence_s: float
) -> list[Row]:
    """Return the images of a study or one of its series.

    Raises
    ------
    ArchiveError
        When it fails; the message gives the reason.
    """
    with _search_association(address, silence_s) as association:
        series = (
            [series_uid]
            if series_uid
            else [
                a.get("SeriesInstanceUID") for a in _search(association, _series_query(study_uid))
            ]
        )
        rows = []
        for uid in series:
            requested = _identifier(
                "IMAGE",
                StudyInstanceUID=study_uid,
                SeriesInstanceUID=uid,
                SOPInstanceUID="",
                SOPClassUID="",
            )
            rows += [
                image_row(answer, series_uid=str(uid)) for answer in _search(association, requested)
            ]
    return rows


def get(
    address: DimseAddress,
    request: FetchRequest,
    incoming: IncomingStudy,
    silence_s: float,
    on_arrived: OnArrived,
) -> None:
    """Fetch images over our own connection (C-GET).

    Raises
    ------
    NotSupportedError
        When the archive does not support C-GET.
    ArchiveError
        When it fails; the message gives the reason.
    """
    classes = request.classes or COMMON_CLASSES
    storage = _storage_contexts(classes)
    model = StudyRootQueryRetrieveInformationModelGet
    receiver = ObjectReceiver(incoming, request.study_uid, on_arrived)
    association = Association(
        address,
        [build_context(model), *storage],
        silence_s,
        roles=[build_role(uid, scp_role=True) for uid in dict.fromkeys(classes)],
        on_store=receiver.on_store,
    )
    with association:
        if not any(
            context.abstract_syntax == model for context in association.link.accepted_contexts
        ):
            raise NotSupportedError(
                "The archive at {place} does not support C-GET. Choose C-MOVE or DICOMweb in the "
                "archive settings (--retrieve).",
                place=address.host_and_port,
            )
        for identifier in request.identifiers():
            _wait_for_end(association.link.send_c_get(identifier, model), association, address)
    receiver.raise_fault()


def move(
    address: DimseAddress,
    request: FetchRequest,
    incoming: IncomingStudy,
    silence_s: float,
    on_arrived: OnArrived,
) -> None:
    """Ask the archive to send images to our own receiver (C-MOVE).

    Retrievals into one store wait for each other if they use the same port.

    Raises
    ------
    ArchiveError
        When it fails; the message gives the reason.
    """
    with incoming.store.exclusive(f"port-{address.own_port}", PORT_TIMEOUT_S):
        _move_with_port(address, request, incoming, silence_s, on_arrived)


def send(address: DimseAddress, files: Sequence[Path], silence_s: float, on_sent: OnSent) -> None:
    """Send files (C-STORE) and report for each whether it was accepted.

    Raises
    ------
    ArchiveError
        When there is no connection, or it breaks; earlier reports remain valid.
    """
    headers = []
    for number, path in enumerate(files):
        try:
            headers.append((number, path, read_header(path)))
        except ArchiveError as error:
            on_sent(number, str(error))
    kinds = list(
        dict.fromkeys((header.sop_class, header.transfer_syntax) for _, _, header in headers)
    )
    for begin in range(0, len(kinds), MAX_CONTEXTS):
        kinds_here = set(kinds[begin : begin + MAX_CONTEXTS])
        matching = [
            one for one in headers if (one[2].sop_class, one[2].transfer_syntax) in kinds_here
        ]
        _send_over_one_connection(address, matching, silence_s, on_sent)


def commit(
    address: DimseAddress, headers: Sequence[ObjectHeader], silence_s: float, timeout_s: float
) -> dict[str, str]:
    """Ask the archive to confirm that it has stored objects (storage commitment).

    Returns
    -------
    The objects that it has not stored: instance UID and reason.

    Raises
    ------
    ArchiveError
        When it does not support this, or does not respond within `timeout_s`.
    """
    answered = threading.Event()
    rejected: dict[str, str] = {}

    def on_report(event: Any) -> tuple[int, None]:
        for item in event.event_information.get("FailedSOPSequence", ()):
            rejected[str(item.ReferencedSOPInstanceUID)] = storage_failure(int(item.FailureReason))
        answered.set()
        return 0, None

    requested = Dataset()
    requested.TransactionUID = UID(_new_uid())
    requested.ReferencedSOPSequence = []
    for header in headers:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = (
            header.sop_class,
            header.instance_uid,
        )
        requested.ReferencedSOPSequence.append(item)
    application = AE(ae_title=address.calling_title)
    application.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
    server: Any = None
    security = _listening_tls(address)
    with contextlib.suppress(OSError):  # the report may also come over our own connection
        handlers: list[Any] = [(evt.EVT_N_EVENT_REPORT, on_report)]
        server = application.start_server(
            _listening_address(address), block=False, evt_handlers=handlers, ssl_context=security
        )
    try:
        with Association(
            address, [build_context(StorageCommitmentPushModel)], max(silence_s, timeout_s)
        ) as association:
            association.link.bind(evt.EVT_N_EVENT_REPORT, on_report)
            status, _ = association.link.send_n_action(
                requested, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
            )
            if "Status" not in status:
                raise association.no_answer_error()
            if status.Status:
                raise ArchiveError(
                    "The archive does not confirm storage: {reason}. Check in the archive whether "
                    "the images arrived.",
                    reason=storage_failure(status.Status),
                )
            if not answered.wait(timeout_s):
                raise ArchiveError(
                    "The archive did not confirm storage within {seconds:.0f} s. Check in the "
                    "archive whether the images arrived, or send them again.",
                    seconds=timeout_s,
                )
    finally:
        close_server(server)
    return rejected


class FetchRequest:
    """Images to fetch.

    Parameters
    ----------
    images
        The missing images, as rows of `find_images`; None for all, if the archive does not list
        them.
    is_all
        Whether `images` is the whole study or series, so that the request needs no image UIDs.
    """

    def __init__(
        self, study_uid: str, series_uid: str, images: Sequence[Row] | None, *, is_all: bool
    ) -> None:
        self.study_uid = study_uid
        self._series_uid = series_uid
        self._images = images
        self._is_all = is_all or images is None
        self.classes = tuple(
            dict.fromkeys(image["sop_class"] for image in images or () if image["sop_class"])
        )

    def identifiers(self) -> Iterator[Dataset]:
        """Yield the requests for these images."""
        if self._is_all:
            series = {"SeriesInstanceUID": self._series_uid} if self._series_uid else {}
            yield _identifier(
                "SERIES" if series else "STUDY", StudyInstanceUID=self.study_uid, **series
            )
            return
        by_series: dict[str, list[str]] = {}
        for image in self._images or ():
            by_series.setdefault(image["series_uid"], []).append(image["uid"])
        for series_uid, uids in by_series.items():
            for begin in range(0, len(uids), MAX_UIDS):
                yield _identifier(
                    "IMAGE",
                    StudyInstanceUID=self.study_uid,
                    SeriesInstanceUID=series_uid,
                    SOPInstanceUID=uids[begin : begin + MAX_UIDS],
                )


class ObjectReceiver:
    """Accepts arriving objects of one study and rejects all others.

    Thread ownership: `on_store` from the connections' threads, `raise_fault` from the waiting
    thread.
    """

    def __init__(self, incoming: IncomingStudy, study_uid: str, on_arrived: OnArrived) -> None:
        self._incoming = incoming
        self._study_uid = study_uid
        self._on_arrived = on_arrived
        self._fault: ArchiveError | None = None
        self.count = 0
        self.on_data: Callable[[Any], None] = lambda _: None

    def on_store(self, event: Any) -> int:
        """Store the object in `event`; return a DICOM status."""
        self.on_data(event)
        part: Path = event.dataset_path
        try:
            header = read_header_or_none(part)
            if header is None:
                return CANNOT_UNDERSTAND
            if (header.study_uid, header.instance_uid) != (
                self._study_uid,
                str(event.request.AffectedSOPInstanceUID),
            ):
                return 0xA900
            self._incoming.ensure_room(part.stat().st_size)
            self._incoming.accept(part, header.series_uid, header.instance_uid)
        except ArchiveError as error:
            self._fault = error
            return 0xA700
        finally:
            part.unlink(missing_ok=True)
        self.count += 1
        self._on_arrived()
        return 0

    def raise_fault(self) -> None:
        """Raise the error that prevented an object from being stored here."""
        if self._fault is not None:
            raise self._fault


def close_server(server: Any) -> None:
    """Stop listening; do nothing if `server` is None."""
    if server is not None:
        server.shutdown()


def read_header_or_none(part: Path) -> ObjectHeader | None:
    """Read the header of a received object; None if it is damaged or lacks an identifier."""
    try:
        return read_header(part)
    except ArchiveError:
        return None


def _move_with_port(
    address: DimseAddress,
    request: FetchRequest,
    incoming: IncomingStudy,
    silence_s: float,
    on_arrived: OnArrived,
) -> None:
    """Do the work of `move`; the caller holds the lock for the port."""
    receiver = ObjectReceiver(incoming, request.study_uid, on_arrived)
    application = AE(ae_title=address.calling_title)
    application.require_called_aet = True
    application.supported_contexts = [build_context(uid, READABLE) for uid in STORAGE_CLASSES]
    try:
        server = application.start_server(
            _listening_address(address),
            block=False,
            evt_handlers=[(evt.EVT_C_STORE, receiver.on_store)],
            ssl_context=_listening_tls(address),
        )
    except OSError as error:
        raise ArchiveError(
            "Port {port} is used by another program. Choose another port for this archive.",
            port=address.own_port,
        ) from error
    model = StudyRootQueryRetrieveInformationModelMove
    try:
        with Association(address, [build_context(model)], silence_s) as association:
            receiver.on_data = association._on_data  # noqa: SLF001  # objects that arrive on another connection count as activity
            for identifier in request.identifiers():
                answers = association.link.send_c_move(identifier, address.calling_title, model)
                _wait_for_end(answers, association, address)
    finally:
        close_server(server)
    receiver.raise_fault()
    if not receiver.count:
        raise ArchiveError(nothing_arrived(address))


def _listening_address(address: DimseAddress) -> tuple[str, int]:
    """Return the host and port on which this program listens for images from an archive."""
    return "127.0.0.1" if is_loopback(address.host) else "", address.own_port


def _listening_tls(address: DimseAddress) -> ssl.SSLContext | None:
    """Return the TLS settings of our receiver; None without TLS, or if we have no certificate."""
    if address.is_encrypted and address.certificates.own_file:
        return server_tls(address.certificates)
    return None


def _send_over_one_connection(
    address: DimseAddress,
    headers: Sequence[tuple[int, Path, ObjectHeader]],
    silence_s: float,
    on_sent: OnSent,
) -> None:
    contexts = []
    for sop_class, syntax in dict.fromkeys(
        (header.sop_class, header.transfer_syntax) for _, _, header in headers
    ):
        fitting: Syntaxes = [UID(syntax)]
        if syntax in UNCOMPRESSED:  # these can be converted into each other
            fitting += [one for one in UNCOMPRESSED if one != syntax]
        contexts.append(build_context(sop_class, fitting))
    try:
        association = Association(address, contexts, silence_s)
    except NotSupportedError:
        for number, _, header in headers:
            on_sent(number, _unsupported_reason(header))
        return
    with association:
        for number, path, header in headers:
            try:
                status = association.link.send_c_store(path)
            except ValueError:
                on_sent(number, _unsupported_reason(header))
                continue
            except (OSError, AttributeError) as error:
                on_sent(
                    number, worded("the file cannot be sent: {reason}", reason=type(error).__name__)
                )
                continue
            if "Status" not in status:
                raise association.no_answer_error()
            is_accepted = status.Status == 0 or status.Status >> 12 == 0xB
            on_sent(number, None if is_accepted else storage_failure(status.Status))


def _unsupported_reason(header: ObjectHeader) -> str:
    is_compressed = (
        header.transfer_syntax not in UNCOMPRESSED
        and header.transfer_syntax != DeflatedExplicitVRLittleEndian
    )
    encoded = (
        worded(", encoded as {syntax}", syntax=UID(header.transfer_syntax).name)
        if is_compressed
        else ""
    )
    return worded(
        "it does not accept objects of the class {kind}{encoded}",
        kind=UID(header.sop_class).name,
        encoded=encoded,
    )


def _search_association(address: DimseAddress, silence_s: float) -> Association:
    return Association(
        address, [build_context(StudyRootQueryRetrieveInformationModelFind)], silence_s
    )


def _series_query(study_uid: str) -> Dataset:
    return _identifier(
        "SERIES",
        StudyInstanceUID=study_uid,
        SeriesInstanceUID="",
        SeriesNumber="",
        Modality="",
        SeriesDescription="",
        NumberOfSeriesRelatedInstances="",
    )


def _search(
    association: Association, requested: Dataset, limit: int | None = None
) -> Iterator[Dataset]:
    """Yield the archive's answers to a search, at most `limit`."""
    model = StudyRootQueryRetrieveInformationModelFind
    count = 0
    for status, answer in association.link.send_c_find(requested, model):
        if "Status" not in status:
            raise association.no_answer_error()
        if status.Status in {0xFF00, 0xFF01}:
            count += 1
            if answer is not None and (limit is None or count <= limit):
                yield answer
            if count == limit:
                association.link.send_c_cancel(1, query_model=model)
        elif status.Status not in {0, 0xFE00}:
            raise ArchiveError(search_failure(status.Status))


def _wait_for_end(
    answers: Iterable[tuple[Dataset, Dataset | None]],
    association: Association,
    address: DimseAddress,
) -> None:
    """Wait until a retrieval ends; images that failed are identified later, as missing ones."""
    for status, _ in answers:
        if "Status" not in status:
            raise association.no_answer_error()
        code = status.Status
        if code == NOT_SUPPORTED:
            raise NotSupportedError(retrieval_failure(code, address))
        if code not in {0, 0xFF00, 0xB000, NONE_SENT}:
            raise ArchiveError(retrieval_failure(code, address))


def _storage_contexts(classes: Sequence[str]) -> list[PresentationContext]:
    """Return, for each class, one context for uncompressed objects and one for each compression.

    An archive can then send objects as they are stored. If there are too many classes, the
    compressions share contexts.
    """
    room = (MAX_CONTEXTS - 1) // max(1, len(classes))
    contexts = []
    for uid in classes[: MAX_CONTEXTS - 1]:
        if room > len(COMPRESSED):
            contexts.append(build_context(uid, UNCOMPRESSED))
            contexts += [build_context(uid, syntax) for syntax in COMPRESSED]
        elif room >= 2:
            contexts += [build_context(uid, UNCOMPRESSED), build_context(uid, COMPRESSED)]
        else:
            contexts.append(build_context(uid, READABLE))
    return contexts


def _identifier(level: str, **keys: Any) -> Dataset:
    requested = Dataset()
    if any(isinstance(value, str) and not value.isascii() for value in keys.values()):
        requested.SpecificCharacterSet = "ISO_IR 192"
    requested.QueryRetrieveLevel = level
    for name, value in keys.items():
        setattr(requested, name, value)
    return requested


def _new_uid() -> str:
    from pydicom.uid import generate_uid

    return str(generate_uid(prefix=None))
