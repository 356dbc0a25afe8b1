"""Settings of our receiver (`receiver.py`): who may send studies, and how large they may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from spineviewer.archive.node import Certificates


@dataclass(frozen=True)
class ReceiverSettings:
    """The senders that the receiver accepts, and its limits.

    Attributes
    ----------
    host
        Address to listen on. The default accepts connections from this computer only; '0.0.0.0'
        accepts them from every network.
    titles, addresses
        AE titles and network addresses that may send; all if empty.
    max_object_bytes, max_study_bytes
        Larger objects and studies are rejected.
    settle_s
        Choice: a study counts as complete this long after the last image, because scanners send one
        study over several connections.
    silence_s
        A connection without traffic for this long is closed.
    """

    title: str
    port: int
    host: str = "127.0.0.1"
    titles: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    max_object_bytes: int = 2_000_000_000
    max_study_bytes: int = 20_000_000_000
    settle_s: float = 5.0
    silence_s: float = 60.0
    certificates: Certificates = field(default_factory=Certificates)
    is_encrypted: bool = False
