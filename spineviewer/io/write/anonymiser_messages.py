"""Messages to and from the child that writes anonymised copies (`anonymiser.py`)."""

from __future__ import annotations

from spineviewer.child import Conversation, Failed, Message, Step
from spineviewer.io.dicom.deidentification import Profile
from spineviewer.io.write.child_writing import Refused
from spineviewer.wording import worded


class Anonymise(Message, frozen=True):
    """Write anonymised copies of files and folders to the existing folder `target`.

    Attributes
    ----------
    with_captures
        Whether to include secondary captures.
    """

    sources: tuple[str, ...]
    target: str
    profile: Profile
    with_captures: bool


class Anonymised(Message, frozen=True):
    """Numbers of files that were written or left out.

    Attributes
    ----------
    files, series, patients
        Numbers of files, series and patients that were written.
    burned_in
        Written files whose pixels may show text.
    captures, documents
        Secondary captures and encapsulated documents that were left out.
    others
        Files that are not DICOM objects.
    unreadable
        DICOM files that could not be read completely.
    """

    files: int
    series: int
    patients: int
    burned_in: int
    captures: int
    documents: int
    others: int
    unreadable: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about files that the user must check, and about files that were left out."""
        sentences = []
        if self.burned_in:
            sentences.append(
                worded(
                    "%n image(s) may contain burned-in text, such as the patient's name. Check "
                    "(it|them) before you share (it|them).",
                    "",
                    self.burned_in,
                )
            )
        if self.captures:
            sentences.append(
                worded(
                    "%n secondary capture(s) (was|were) left out, because such images often show "
                    "the patient's name.",
                    "",
                    self.captures,
                )
            )
        if self.documents:
            sentences.append(
                worded(
                    "%n document(s) (was|were) left out, because (its|their) content cannot be "
                    "checked.",
                    "",
                    self.documents,
                )
            )
        if self.others:
            sentences.append(
                worded("%n file(s) (is|are) not DICOM and (was|were) left out.", "", self.others)
            )
        if self.unreadable:
            sentences.append(worded("%n damaged file(s) (was|were) left out.", "", self.unreadable))
        return tuple(sentences)


Answer = Anonymised | Step | Refused | Failed
CONVERSATION = Conversation[Anonymise, Answer]("spineviewer.io.write.anonymiser", Anonymise, Answer)
