"""The settings of archives.

They contain no secrets: passwords and tokens are in the system's credential store
(`credentials.py`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from spineviewer.errors import UsageError
from spineviewer.wording import worded

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Settings = TypeVar("_Settings", bound="DataclassInstance")

#: Default AE title by which archives know this program.
OWN_TITLE = "SPINEVIEWER"
#: Default port to which archives send us images (C-MOVE); it must be registered with each archive.
OWN_PORT = 11112
#: Choice: seconds without a byte from the archive after which the connection is closed.
SILENCE_S = 30.0
#: Fields that the first versions did not store. If they are missing, `own_file` is used.
_LATER = ("client_file", "client_key_file")
_TITLE = re.compile(r"[ !-\[\]-~]{1,16}")
_NAME = re.compile(r"[\w .()+-]{1,64}")
_UID = re.compile(r"\d+(\.\d+)*")


class Transport(StrEnum):
    """The protocol for searching an archive or sending to it."""

    DIMSE = "dicom"
    WEB = "dicomweb"


class Retrieval(StrEnum):
    """How images are retrieved from an archive.

    Attributes
    ----------
    GET_OR_MOVE
        C-GET, or C-MOVE if the archive does not support C-GET.
    """

    GET_OR_MOVE = "c-get, then c-move"
    GET = "c-get"
    MOVE = "c-move"
    WEB = "dicomweb"


class LoginKind(StrEnum):
    """How the user logs in to a DICOMweb archive."""

    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"


@dataclass(frozen=True)
class Certificates:
    """Files for an encrypted connection.

    Attributes
    ----------
    trusted_file
        Trusted certificates, as PEM; if empty, those that the system trusts.
    own_file, own_key_file
        Certificate and key of this program for connections from archives (C-MOVE, the receiver), as
        PEM.
    client_file, client_key_file
        Certificate and key for archives that request them, as PEM; if empty, `own_file` and
        `own_key_file` are used.
    """

    trusted_file: str = ""
    own_file: str = ""
    own_key_file: str = ""
    client_file: str = ""
    client_key_file: str = ""

    def __post_init__(self) -> None:
        for name in astuple(self):
            if name and not Path(name).is_file():
                raise UsageError(
                    worded(
                        "The certificate file {file} does not exist. Choose another file.",
                        file=name,
                    )
                )

    @property
    def for_archives(self) -> tuple[str, str | None] | None:
        """Certificate and key for archives that request them; None if there is no certificate.

        The key is None if it is in the file of the certificate.
        """
        if self.client_file:
            return self.client_file, self.client_key_file or None
        if self.own_file:
            return self.own_file, self.own_key_file or None
        return None

    def as_client(self) -> Certificates:
        """Return the files for outgoing connections only.

        If there is no `client_file`, `own_file` becomes `client_file`.
        """
        if self.client_file or not self.own_file:
            return replace(self, own_file="", own_key_file="")
        return Certificates(self.trusted_file, "", "", self.own_file, self.own_key_file)


@dataclass(frozen=True)
class DimseAddress:
    """The address of an archive for DICOM's network protocol, and the AE titles of both sides.

    Attributes
    ----------
    called_title, calling_title
        Application entity titles: the archive's, and ours.
    own_port
        Local port to which the archive sends requested images (C-MOVE).
    is_encrypted
        Whether the connection uses TLS.
    """

    host: str
    port: int
    called_title: str
    calling_title: str = OWN_TITLE
    own_port: int = OWN_PORT
    is_encrypted: bool = False
    certificates: Certificates = field(default_factory=Certificates)

    def __post_init__(self) -> None:
        require_title(self.called_title)
        require_title(self.calling_title)
        require_port(self.port)
        require_port(self.own_port)
        if not self.host or any(c.isspace() for c in self.host):
            raise UsageError(
                worded(
                    "The address of an archive must contain a host name or an IP address. Use "
                    "the format dicom://AE-TITLE@HOST:PORT or https://HOST/PATH."
                )
            )

    @property
    def host_and_port(self) -> str:
        """Host and port, for messages."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


@dataclass(frozen=True)
class WebAddress:
    """The DICOMweb address of an archive.

    Attributes
    ----------
    url
        The services' common base URL, for example `https://pacs.example.org/dicom-web`.
    """

    url: str
    login: LoginKind = LoginKind.NONE
    user: str = ""
    certificates: Certificates = field(default_factory=Certificates)

    def __post_init__(self) -> None:
        parts = _split(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(
                worded(
                    "{url} is not the address of a DICOMweb archive. Use the format "
                    "https://HOST/PATH.",
                    url=self.url,
                )
            )
        if parts.username or parts.password:
            raise UsageError(
                worded(
                    "The address of an archive must not contain a user name or a password. "
                    "Enter them in the archive settings (spineviewer pacs nodes --secret "
                    "NAME)."
                )
            )
        if (
            parts.scheme == "http"
            and self.login is not LoginKind.NONE
            and not is_loopback(parts.hostname)
        ):
            raise UsageError(
                worded(
                    "The password would be sent to {host} without encryption. Use an https "
                    "address.",
                    host=parts.hostname,
                )
            )

    @property
    def host_and_port(self) -> str:
        """Host and port, for messages."""
        return str(_split(self.url).netloc)


@dataclass(frozen=True)
class Node:
    """One archive; search, retrieval and sending each have their own transport.

    Raises
    ------
    UsageError
        When a value is invalid or a transport has no address.
    """

    name: str
    dimse: DimseAddress | None = None
    web: WebAddress | None = None
    query: Transport = Transport.DIMSE
    retrieval: Retrieval = Retrieval.GET_OR_MOVE
    sending: Transport = Transport.DIMSE
    silence_s: float = SILENCE_S

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                worded(
                    "'{name}' is not a valid archive name. Use letters, digits, spaces and "
                    ". ( ) + - _ (64 characters at most).",
                    name=self.name,
                )
            )
        used = {
            str(self.query),
            str(self.sending),
            "dicomweb" if self.retrieval is Retrieval.WEB else "dicom",
        }
        if "dicom" in used and self.dimse is None:
            raise UsageError(
                worded(
                    "{name} has no DICOM address (AE title, host and port). Add one in the archive "
                    "settings.",
                    name=self.name,
                )
            )
        if "dicomweb" in used and self.web is None:
            raise UsageError(
                worded(
                    "{name} has no DICOMweb address. Add one in the archive settings.",
                    name=self.name,
                )
            )

    def as_fields(self) -> dict[str, Any]:
        """Return all fields as plain values for the settings file and for other processes."""
        return asdict(self)


def node_from_fields(fields: Mapping[str, Any]) -> Node:
    """Return a node from the fields that `Node.as_fields` returned.

    Raises
    ------
    UsageError
        When a field is invalid or missing.
    """
    node = settings_from_fields(fields, Node)
    web = node.web
    if web is None:
        return node
    return replace(node, web=replace(web, certificates=web.certificates.as_client()))


def settings_from_fields(fields: Mapping[str, Any], kind: type[_Settings]) -> _Settings:
    """Return stored settings of a connection as an instance of `kind`.

    No setting may be missing, except those in `_LATER`: a default could send patients' images
    without encryption, or accept them from anywhere.

    Raises
    ------
    UsageError
        When a field is invalid or missing.
    """
    with suppress(msgspec.ValidationError):
        settings = msgspec.convert(fields, kind)
        if _has_all(fields, asdict(settings)):
            return settings
    raise UsageError(worded("Some of its settings are missing or invalid."))


def _has_all(stored: Mapping[str, Any], complete: Mapping[str, Any]) -> bool:
    return all(
        name in stored and (not isinstance(value, dict) or _has_all(stored[name], value))
        for name, value in complete.items()
        if name not in _LATER
    )


def node_from_address(
    text: str,
    *,
    name: str = "",
    calling_title: str = OWN_TITLE,
    own_port: int = OWN_PORT,
    certificates: Certificates | None = None,
    uses_token: bool = False,
) -> Node:
    """Return an archive from its address.

    The address is `dicom://AE-TITLE@HOST:PORT`, `dicoms://…` with TLS, or
    `https://[USER@]HOST/PATH`.

    Parameters
    ----------
    uses_token
        Whether to log in to a DICOMweb archive with a token; otherwise, with a password if the
        address contains a user.

    Raises
    ------
    UsageError
        When the address has none of these forms, or a part of it is invalid.
    """
    parts = _split(text)
    files = certificates or Certificates()
    if parts.scheme in {"dicom", "dicoms"}:
        dimse = _dimse_address(parts, text, calling_title, own_port, files)
        return Node(name or _plain_name(dimse.called_title), dimse=dimse)
    if parts.scheme in {"http", "https"}:
        return Node(
            name or _plain_name(parts.hostname or ""),
            web=_web_address(parts, files, uses_token=uses_token),
            query=Transport.WEB,
            retrieval=Retrieval.WEB,
            sending=Transport.WEB,
        )
    raise UsageError(
        worded(
            "{address} is not the address of an archive. Use the format "
            "dicom://AE-TITLE@HOST:PORT or https://HOST/PATH.",
            address=text,
        )
    )


def _dimse_address(
    parts: SplitResult, text: str, calling_title: str, own_port: int, files: Certificates
) -> DimseAddress:
    if not parts.username or not parts.hostname or not parts.port or parts.password:
        raise UsageError(
            worded(
                "{address} is not the address of an archive. Use the format "
                "dicom://AE-TITLE@HOST:PORT.",
                address=text,
            )
        )
    return DimseAddress(
        parts.hostname,
        parts.port,
        unquote(parts.username),
        calling_title,
        own_port,
        parts.scheme == "dicoms",
        files,
    )


def _web_address(parts: SplitResult, files: Certificates, *, uses_token: bool) -> WebAddress:
    if parts.password:
        raise UsageError(
            worded(
                "The address of an archive must not contain a user name or a password. "
                "Enter them in the archive settings (spineviewer pacs nodes --secret "
                "NAME)."
            )
        )
    user = unquote(parts.username or "")
    login = LoginKind.BEARER if uses_token else LoginKind.BASIC if user else LoginKind.NONE
    host = parts.netloc.rpartition("@")[2]
    url = parts._replace(netloc=host, query="", fragment="").geturl().rstrip("/")
    return WebAddress(url, login, user, files.as_client())


def is_uid(text: str) -> bool:
    """Return whether a string is a DICOM unique identifier, and therefore a safe file name."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def require_uid(text: str) -> str:
    """Return the text unchanged if it is a unique identifier.

    Raises
    ------
    UsageError
        When it is not.
    """
    if not is_uid(text):
        raise UsageError(
            worded(
                "'{text}' is not a valid UID. Use digits and dots, 64 characters at most.",
                text=text[:80],
            )
        )
    return text


def require_title(title: str) -> str:
    """Return the title unchanged if it is valid.

    Raises
    ------
    UsageError
        When DICOM does not allow it as an application entity title.
    """
    if not _TITLE.fullmatch(title) or not title.strip():
        raise UsageError(
            worded(
                "'{title}' is not a valid AE title. Use 1 to 16 ASCII characters without a "
                "backslash.",
                title=title[:80],
            )
        )
    return title


def require_port(port: int) -> int:
    """Return the port unchanged if it is valid.

    Raises
    ------
    UsageError
        When it is not.
    """
    if not 0 < port < 2**16:
        raise UsageError(
            worded("{port} is not a valid port. Use a number from 1 to 65535.", port=port)
        )
    return port


def is_loopback(host: str) -> bool:
    """Return whether a host name or address refers to this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _plain_name(text: str) -> str:
    return re.sub(r"[^\w .()+-]", "_", text).strip() or "archive"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # reading an invalid port raises an error
    except ValueError as error:
        raise UsageError(
            worded(
                "{address} is not a valid address. Use the format dicom://AE-TITLE@HOST:PORT or "
                "https://HOST/PATH.",
                address=text,
            )
        ) from error
    return parts
