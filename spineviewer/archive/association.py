"""Connections to an archive over DICOM's network protocol: TLS, timeouts, reasons for failures."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, Self

from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.presentation import PresentationContext

from spineviewer.archive.node import Certificates, DimseAddress
from spineviewer.archive.sentences import rejection
from spineviewer.errors import ArchiveError, reason_of
from spineviewer.wording import worded

#: Choice: seconds to wait for a connection to a computer.
CONNECT_S = 10.0
#: Largest message of the protocol in bytes; the usual 16 kB make transfers slow.
MESSAGE_BYTES = 131_072


class NotSupportedError(ArchiveError):
    """Raised when the archive does not support an operation; another method may work."""


class BrokenConnectionError(ArchiveError):
    """Raised when the connection broke or went silent; another attempt may succeed."""


class Association:
    """A connection to an archive that is aborted after a period of silence.

    Thread ownership: the thread that entered it.

    Parameters
    ----------
    contexts
        Presentation contexts to propose.
    on_store
        Receives objects that arrive on this connection (C-GET) and returns a status.
    """

    def __init__(
        self,
        address: DimseAddress,
        contexts: Sequence[PresentationContext],
        silence_s: float,
        *,
        roles: Sequence[Any] = (),
        on_store: Callable[[Any], int] | None = None,
    ) -> None:
        self._address = address
        self._silence_s = silence_s
        self._last_s = time.monotonic()
        self._is_over = threading.Event()
        self._is_silent = False
        application = AE(ae_title=address.calling_title)
        application.connection_timeout = CONNECT_S
        application.acse_timeout = silence_s
        application.dimse_timeout = None  # large objects take a long time, so only silence counts
        application.network_timeout = None
        handlers: list[Any] = [
            (evt.EVT_DATA_RECV, self._on_data),
            (evt.EVT_DATA_SENT, self._on_data),
        ]
        if on_store is not None:
            handlers.append((evt.EVT_C_STORE, on_store))
        context = client_tls(address.certificates) if address.is_encrypted else None
        self.link = application.associate(
            address.host,
            address.port,
            list(contexts),
            ae_title=address.called_title,
            max_pdu=MESSAGE_BYTES,
            ext_neg=list(roles),
            evt_handlers=handlers,
            tls_args=(context, address.host) if context else None,
        )
        if not self.link.is_established:
            raise self._connection_error(contexts)
        self._watch = threading.Thread(
            target=self._watch_silence, name="archive-silence", daemon=True
        )
        self._watch.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._is_over.set()
        if self.link.is_established:
            if kind is None:
                self.link.release()
            else:
                self.link.abort()
        self._watch.join()

    def no_answer_error(self) -> BrokenConnectionError:
        """Return an error that explains why there was no answer."""
        if self._is_silent:
            return BrokenConnectionError(
                "The archive at {place} has not responded for {seconds:.0f} s. Try again.",
                place=self._address.host_and_port,
                seconds=self._silence_s,
            )
        return BrokenConnectionError(
            "The archive at {place} closed the connection. Try again.",
            place=self._address.host_and_port,
        )

    def _on_data(self, _: Any) -> None:
        self._last_s = time.monotonic()

    def _watch_silence(self) -> None:
        while not self._is_over.wait(min(0.2, self._silence_s / 4)):
            if time.monotonic() - self._last_s > self._silence_s:
                self._is_silent = True
                self.link.abort()
                # wakes the thread that waits for an answer
                self.link.dimse.msg_queue.put((None, None))
                return

    def _connection_error(self, contexts: Sequence[PresentationContext]) -> ArchiveError:
        if self.link.is_rejected:
            answer: Any = self.link.acceptor.primitive
            return ArchiveError(rejection(self._address, answer.result_source, answer.diagnostic))
        if self.link.rejected_contexts:
            operation = UID(contexts[0].abstract_syntax or "").name
            return NotSupportedError(
                "The archive at {place} does not support '{operation}'. Choose another "
                "protocol in the archive settings.",
                place=self._address.host_and_port,
                operation=operation,
            )
        return ArchiveError(unreachable_reason(self._address))


def unreachable_reason(address: DimseAddress) -> str:
    """Return why the connection failed, after testing it once more without the DICOM protocol."""
    place = address.host_and_port
    try:
        with socket.create_connection((address.host, address.port), CONNECT_S) as plain:
            if address.is_encrypted:
                with client_tls(address.certificates).wrap_socket(
                    plain, server_hostname=address.host
                ):
                    pass
    except socket.gaierror:
        return worded("The computer {host} was not found. Check the address.", host=address.host)
    except ConnectionRefusedError:
        return worded(
            "Nothing is responding at {place}. Check the address, or start the archive.",
            place=place,
        )
    except ssl.SSLCertVerificationError as error:
        return worded(
            "The certificate of {place} is not trusted: {reason}. Check the address. If you trust "
            "the archive, add its certificate in the archive settings (--trust, --web-trust).",
            place=place,
            reason=error.verify_message,
        )
    except ssl.SSLError:
        return worded(
            "An encrypted connection to {place} could not be established. The archive may not use "
            "TLS, or it may require a certificate. Check the archive settings.",
            place=place,
        )
    except TimeoutError:
        return worded("{place} is not responding. Check the address and the network.", place=place)
    except OSError as error:
        return worded(
            "{place} cannot be reached: {reason}. Check the address and the network.",
            place=place,
            reason=reason_of(error),
        )
    return worded(
        "{place} closed the connection. It may not be a DICOM archive, or it may require TLS or a "
        "certificate. Check the archive settings.",
        place=place,
    )


def client_tls(files: Certificates) -> ssl.SSLContext:
    """Return the TLS settings for connections to an archive.

    Raises
    ------
    ArchiveError
        When a certificate file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=files.trusted_file or None)
        if chain := files.for_archives:
            context.load_cert_chain(*chain, password="")
    except (OSError, ValueError) as error:
        raise ArchiveError(_certificate_fault(files)) from error
    return context


def server_tls(files: Certificates) -> ssl.SSLContext:
    """Return the TLS settings for archives that connect to us.

    If there is a file of trusted certificates, archives must present a certificate that is
    trusted according to this file.

    Raises
    ------
    ArchiveError
        When a certificate file cannot be used.
    """
    try:
        context = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, cafile=files.trusted_file or None
        )
        context.load_cert_chain(files.own_file, files.own_key_file or None, password="")
    except (OSError, ValueError) as error:
        raise ArchiveError(_certificate_fault(files)) from error
    if files.trusted_file:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _certificate_fault(files: Certificates) -> str:
    names = ", ".join(dict.fromkeys(Path(name).name for name in astuple(files) if name))
    return worded(
        "The certificates cannot be used ({files}). Each must be a PEM file, and keys "
        "must not be password-protected.",
        files=names,
    )
