"""Plain sentences that explain archives' answers and contain no patient data."""

from __future__ import annotations

from spineviewer.archive.node import DimseAddress
from spineviewer.wording import worded

#: Status of C-MOVE when the archive does not know the destination.
UNKNOWN_DESTINATION = 0xA801
#: Status of C-GET and C-MOVE when no image could be sent; missing ones are identified afterwards.
NONE_SENT = 0xA702
#: Status of a class or operation that the archive does not support.
NOT_SUPPORTED = 0x0122
CANCELLED = 0xFE00


def rejection(address: DimseAddress, source: int, diagnostic: int) -> str:
    """Return why an archive rejects a connection (DICOM part 8, 9.3.4)."""
    names = {
        "ours": address.calling_title,
        "theirs": address.called_title,
        "place": address.host_and_port,
    }
    if (source, diagnostic) == (1, 3):
        return worded(
            "The archive at {place} does not know the local AE title {ours}. Ask its administrator "
            "to register it.",
            **names,
        )
    if (source, diagnostic) == (1, 7):
        return worded(
            "The AE title of the archive at {place} is not {theirs}. Correct it in the "
            "archive settings.",
            **names,
        )
    if source == 3:
        return worded("The archive at {place} is busy. Try again later.", **names)
    return worded(
        "The archive at {place} rejected the connection. Ask its administrator whether the local "
        "AE title {ours} is registered.",
        **names,
    )


def retrieval_failure(status: int, address: DimseAddress) -> str:
    """Return why an archive does not send images (C-GET, C-MOVE)."""
    if status == UNKNOWN_DESTINATION:
        return worded(
            "The archive does not know the local AE title {ours} on port {port}. Ask its "
            "administrator to register this AE title with this computer's address and this port.",
            ours=address.calling_title,
            port=address.own_port,
        )
    return worded(
        "The archive cannot send the images: {reason}. Try again later, or ask its administrator.",
        reason=_reason(status),
    )


def nothing_arrived(address: DimseAddress) -> str:
    """Return why no images arrived although the archive agreed to send them (C-MOVE)."""
    return worded(
        "The archive sent no image to {ours} on port {port}. Check the address and port "
        "registered there for this AE title, and any firewall.",
        ours=address.calling_title,
        port=address.own_port,
    )


def search_failure(status: int) -> str:
    """Return why an archive did not answer a search or a test (C-FIND, C-ECHO)."""
    return worded(
        "The archive cannot answer this search: {reason}. Change the search, or ask the "
        "archive's administrator.",
        reason=_reason(status),
    )


def storage_failure(status: int) -> str:
    """Return why an archive has not stored an object, as part of a sentence."""
    return (
        worded("the object does not match its SOP class")
        if status >> 8 == 0xA9
        else _reason(status)
    )


def http_failure(status: int, place: str, *, has_login: bool) -> str:
    """Return why a DICOMweb archive did not fulfil a request."""
    if status == 401 and has_login:
        return worded(
            "{place} rejected the login. The password is wrong, or the token has expired. Enter "
            "the password or token again in the archive settings.",
            place=place,
        )
    if status == 401:
        return worded(
            "{place} requires a login. Enter a user name and password, or a token, in the archive "
            "settings.",
            place=place,
        )
    if status == 403:
        return worded(
            "{place} does not permit this user to perform the operation. Ask its administrator for "
            "permission.",
            place=place,
        )
    if status == 404:
        return worded(
            "{place} has no such study, series or image. Check the address and the UID.",
            place=place,
        )
    if status in {413, 507}:
        return worded(
            "{place} has no storage space left. Ask its administrator to free some space.",
            place=place,
        )
    if status in {406, 415}:
        return worded(
            "{place} can neither send nor accept DICOM in this encoding. Ask its administrator "
            "which encodings it supports.",
            place=place,
        )
    if status in {429, 503}:
        return worded("{place} is busy. Try again later.", place=place)
    if status >= 500:
        return worded(
            "{place} reports an internal error (status {status}). Try again later, or ask its "
            "administrator.",
            place=place,
            status=status,
        )
    return worded(
        "{place} rejected the request (status {status}). Check the address, or ask its "
        "administrator.",
        place=place,
        status=status,
    )


def _reason(status: int) -> str:
    reasons = {
        0x0110: worded("it reports an internal error"),
        0x0111: worded("it already has an object with the same UID"),
        0x0112: worded("it does not know the study"),
        0x0117: worded("a UID is not valid"),
        NOT_SUPPORTED: worded("it does not support this operation for these objects"),
        0x0124: worded("it does not permit this"),
        0x0211: worded("it does not know this operation"),
        0x0213: worded("it is short of resources"),
        CANCELLED: worded("it cancelled the operation"),
    }
    if status in reasons:
        return reasons[status]
    if status >> 8 == 0xA7:
        return worded("it is short of memory or disk space")
    if status >> 8 == 0xA9 or status >> 12 == 0xC:
        return worded("it did not understand the request")
    return worded("status {status}", status=f"{status:04X}")
