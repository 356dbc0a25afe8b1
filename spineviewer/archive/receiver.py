"""The receiver of studies from archives and scanners (C-STORE SCP). Runs in the child process.

A study is moved to its final folder once all connections that sent it are closed, the last one
normally, and no more objects have arrived for a while. If the last one broke, the objects stay
hidden until the sender sends the study again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made when the module is loaded

from spineviewer.archive.association import MESSAGE_BYTES, server_tls
from spineviewer.archive.dimse import (
    CANNOT_UNDERSTAND,
    READABLE,
    STORAGE_CLASSES,
    close_server,
    read_header_or_none,
)
from spineviewer.archive.receiver_settings import ReceiverSettings
from spineviewer.archive.store import IncomingStudy, LocalStore
from spineviewer.errors import ArchiveError

#: Called for each complete study with its UID, its folder and the number of images that arrived.
OnStudy = Callable[[str, Path, int], None]
_TICK_S = 0.1
#: Rejected permanently by the service user, without a reason (DICOM part 8, 9.3.4).
_NOT_ALLOWED = (1, 1, 1)


@dataclass
class _ArrivingStudy:
    """A study that is being received.

    Attributes
    ----------
    open_connections, broken
        Connections that sent images: those that are still open, and those that broke.
    """

    incoming: IncomingStudy
    open_connections: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    count: int = 0
    size_bytes: int = 0
    last_s: float = 0.0


class Receiver:
    """Listens for studies until it is closed.

    Thread ownership: `close` and `finish_settled` from the thread that created it; the handlers run
    in the connections' threads.

    Raises
    ------
    ArchiveError
        When the port is taken or a certificate cannot be used.
    """

    def __init__(self, settings: ReceiverSettings, store: LocalStore, on_study: OnStudy) -> None:
        self._settings = settings
        self._store = store
        self._on_study = on_study
        self._studies: dict[str, _ArrivingStudy] = {}
        self._lock = threading.Lock()
        application = AE(ae_title=settings.title)
        application.require_called_aet = True
        application.require_calling_aet = list(settings.titles)
        application.maximum_pdu_size = MESSAGE_BYTES
        application.acse_timeout = settings.silence_s
        application.dimse_timeout = settings.silence_s
        application.network_timeout = settings.silence_s
        application.supported_contexts = [
            build_context(Verification),
            *(build_context(uid, READABLE) for uid in STORAGE_CLASSES),
        ]
        handlers: list[Any] = [
            (evt.EVT_REQUESTED, self._on_requested),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_RELEASED, self._on_released),
            (evt.EVT_ABORTED, self._on_broken),
            (evt.EVT_CONN_CLOSE, self._on_broken),
        ]
        try:
            self._server = application.start_server(
                (settings.host, settings.port),
                block=False,
                evt_handlers=handlers,
                ssl_context=server_tls(settings.certificates) if settings.is_encrypted else None,
            )
        except OSError as error:
            raise ArchiveError(
                "Port {port} is used by another program, or the address does not belong to this "
                "computer. Choose another port or address.",
                port=settings.port,
            ) from error

    def finish_settled(self) -> None:
        """Move complete studies to their final folders."""
        now_s = time.monotonic()
        with self._lock:
            settled = [
                uid
                for uid, study in self._studies.items()
                if not study.open_connections and now_s - study.last_s > self._settings.settle_s
            ]
            for uid in settled:
                study = self._studies.pop(uid)
                try:
                    if study.broken:
                        # Incomplete studies stay hidden until the sender's next attempt.
                        continue
                    folder = study.incoming.commit()
                    self._on_study(uid, folder, study.count)
                finally:
                    study.incoming.__exit__(None, None, None)

    def close(self) -> None:
        """Stop listening; incomplete studies are kept for the next start."""
        close_server(self._server)
        with self._lock:
            for study in self._studies.values():
                study.incoming.__exit__(None, None, None)
            self._studies.clear()

    def _on_requested(self, event: Any) -> None:
        if (
            self._settings.addresses
            and event.assoc.requestor.address not in self._settings.addresses
        ):
            event.assoc.acse.send_reject(*_NOT_ALLOWED)

    def _on_store(self, event: Any) -> int:
        part: Path = event.dataset_path
        try:
            size = part.stat().st_size
            header = read_header_or_none(part)
            if header is None:
                return CANNOT_UNDERSTAND
            if header.instance_uid != str(event.request.AffectedSOPInstanceUID):
                return 0xA900
            if size > self._settings.max_object_bytes:
                return 0xA700
            with self._lock:
                study = self._arriving_study(header.study_uid)
                if study.size_bytes + size > self._settings.max_study_bytes:
                    return 0xA700
                study.open_connections.add(id(event.assoc))
                study.incoming.ensure_room(size)
                study.incoming.accept(part, header.series_uid, header.instance_uid)
                study.count += 1
                study.size_bytes += size
                study.last_s = time.monotonic()
        except ArchiveError:
            return 0xA700
        finally:
            part.unlink(missing_ok=True)
        return 0

    def _arriving_study(self, uid: str) -> _ArrivingStudy:
        """Return the arriving study; register it when its first image arrives."""
        if uid not in self._studies:
            self._studies[uid] = _ArrivingStudy(self._store.incoming(uid).__enter__())
        return self._studies[uid]

    def _on_released(self, event: Any) -> None:
        """Record that a connection was closed normally.

        Its studies no longer count as broken, even if an earlier connection broke.
        """
        with self._lock:
            for study in self._studies.values():
                if id(event.assoc) in study.open_connections:
                    study.open_connections.discard(id(event.assoc))
                    study.broken.clear()
                    study.last_s = time.monotonic()

    def _on_broken(self, event: Any) -> None:
        with self._lock:
            for study in self._studies.values():
                if id(event.assoc) in study.open_connections:
                    study.open_connections.discard(id(event.assoc))
                    study.broken.add(id(event.assoc))


def serve(
    settings: ReceiverSettings, store: LocalStore, on_ready: Callable[[], None], on_study: OnStudy
) -> None:
    """Receive until the process ends.

    Raises
    ------
    ArchiveError
        When it cannot listen.
    """
    receiver = Receiver(settings, store, on_study)
    on_ready()
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(_TICK_S)
            receiver.finish_settled()
