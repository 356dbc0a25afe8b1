"""Messages to and from the child that writes anonymised copies (`anonymiser.py`)."""

from __future__ import annotations

from spineviewer.child import Message
from spineviewer.io.dicom.deidentification import Profile


class Anonymise(Message, frozen=True):
    """Write anonymised copies of files and folders to the existing folder `target`.

    Attributes
    ----------
    with_captures
        Whether secondary captures are copied too.
    """

    sources: tuple[str, ...]
    target: str
    profile: Profile
    with_captures: bool


class Step(Message, frozen=True):
    """How far the child is: a stage and the share of it, 0 to 1."""

    stage: str
    fraction: float


class Counts(Message, frozen=True):
    """The copies were written: the fields of `anonymised.Anonymised`."""

    files: int
    series: int
    patients: int
    burned_in: int
    captures: int
    documents: int
    others: int
    unreadable: int


class Refused(Message, frozen=True):
    """The system refused to read or write: the arguments of `OSError`."""

    number: int | None
    reason: str


class Failed(Message, frozen=True):
    """The copies cannot be written."""

    message: str


Answer = Step | Counts | Refused | Failed
