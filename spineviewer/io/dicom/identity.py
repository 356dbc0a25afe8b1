"""Attributes that DICOM objects copy from their source slices: patient, study, character set.

Runs in the child process. Headers contain empty and malformed dates, times with colons, and text in
undeclared character sets. Valid values are copied. Invalid ones are left empty and reported without
their value, which may identify the patient. Text of any length is copied in full, because archives
match by it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from spineviewer.errors import ExportError
from spineviewer.io.dicom.series_search import replace_decimal_commas
from spineviewer.volume.scan_name import contains_word_from
from spineviewer.wording import worded

UTF_8 = "ISO_IR 192"
#: Attributes that the standard requires even if empty; anonymisers omit some of them.
MAY_BE_EMPTY = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyID", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
#: Attributes with which a new object refers to the slices.
REQUIRED = (
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "FrameOfReferenceUID",
)
#: Groups of elements that are copied completely: patient, clinical trial.
PATIENT_GROUPS = frozenset({0x0010, 0x0012})
#: Attributes of the study in other groups that are copied.
STUDY_KEYWORDS = frozenset({
    "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "StudyDescription",
    "AccessionNumber", "ReferringPhysicianName", "IssuerOfAccessionNumberSequence",
    "ReferringPhysicianIdentificationSequence", "ConsultingPhysicianName",
    "ConsultingPhysicianIdentificationSequence", "PhysiciansOfRecord",
    "PhysiciansOfRecordIdentificationSequence", "NameOfPhysiciansReadingStudy",
    "PhysiciansReadingStudyIdentificationSequence", "RequestingService",
    "RequestingServiceCodeSequence", "ReferencedStudySequence", "ProcedureCodeSequence",
    "ReasonForPerformedProcedureCodeSequence", "AdmittingDiagnosesDescription",
    "AdmittingDiagnosesCodeSequence", "AdmissionID", "IssuerOfAdmissionIDSequence",
    "ServiceEpisodeID", "IssuerOfServiceEpisodeIDSequence", "ServiceEpisodeDescription",
    "ReasonForVisit", "ReasonForVisitCodeSequence",
})  # fmt: skip
#: Attributes of an image that are copied unchanged for highdicom, which reads them.
IMAGE_KEYWORDS = (
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID",
    "PositionReferenceIndicator", "Modality", "Rows", "Columns", "NumberOfFrames", "Manufacturer",
    "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions", "InstitutionName",
    "InstitutionAddress", "InstitutionalDepartmentName", "StationName", "LossyImageCompression",
    "LossyImageCompressionRatio", "LossyImageCompressionMethod", "ImagePositionPatient",
    "ImageOrientationPatient", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)  # fmt: skip
SEXES = frozenset({"M", "F", "O"})
TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
FORMATTED_VRS = frozenset({"AS", "CS", "DA", "DS", "DT", "IS", "TM"})
#: The older form of dates (before DICOM 3.0), which programs must still accept.
DOTTED_DATE = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)")
#: Escape sequence of the Chinese set ISO-IR 58; pydicom leaves it in the strings that it decodes.
CHINESE_ESCAPE = "\x1b$)A"
#: Replacement for a character that could not be decoded.
UNDECODED = "\ufffd"
MAX_REASON_LENGTH = 200


@dataclass(frozen=True)
class CopiedHeader:
    """The part of a header that a new object can copy.

    Attributes
    ----------
    image
        A pydicom data set with the valid attributes; strings are decoded.
    character_set
        The declared terms; empty if the header declares none.
    left_out
        Keywords of attributes of the patient or study that are left empty.
    """

    image: Any
    character_set: tuple[str, ...]
    left_out: tuple[str, ...]


def read_header(path: str) -> Any:
    """Read a slice's header (a pydicom data set) in the same way as when a scan is opened."""
    from pydicom import dcmread

    return replace_decimal_commas(dcmread(path, stop_before_pixels=True, force=True))


def copied_header(image: Any, required: Sequence[str] = REQUIRED) -> CopiedHeader:
    """Return the part of an image's header (a pydicom data set) that a new object copies.

    Parameters
    ----------
    required
        Keywords of attributes that the object must have.

    Raises
    ------
    NotCopyableError
        When one of them is missing. The message is part of a sentence.
    """
    from pydicom.dataset import Dataset

    if missing := [keyword for keyword in required if not _value_or_none(image, keyword)]:
        raise NotCopyableError(
            worded("the slices lack {missing}, which the object needs", missing=", ".join(missing))
        )
    valid, left_out = Dataset(), list[str]()
    if hasattr(image, "file_meta"):
        valid.file_meta = image.file_meta
    for tag in image.keys():  # noqa: SIM118  # iterating would convert the values, which may raise
        keyword = _keyword(tag)
        is_identity = tag.group in PATIENT_GROUPS or keyword in STUDY_KEYWORDS
        if not keyword or not (is_identity or keyword in IMAGE_KEYWORDS):
            continue
        element = _conforming_element(image, tag)
        if element is not None:
            valid.add(element)
        elif is_identity:
            left_out.append(keyword)
    for keyword in MAY_BE_EMPTY:
        if keyword not in valid:
            setattr(valid, keyword, "")
    declared = _value_or_none(image, "SpecificCharacterSet")
    terms = [declared] if isinstance(declared, str) else list(declared or [])
    return CopiedHeader(
        valid, tuple(str(term) for term in terms if terms != [""]), tuple(sorted(left_out))
    )


class NotCopyableError(ValueError):
    """Raised if no object can be made; the message contains no value from the header."""


def copy_identity(instance: Any, copied: CopiedHeader) -> None:
    """Copy the attributes of patient and study to a new object (a pydicom data set)."""
    for element in copied.image:
        if (
            element.tag.group in PATIENT_GROUPS
            or element.keyword in STUDY_KEYWORDS
            or element.keyword in MAY_BE_EMPTY
        ):
            instance[element.tag] = element


def left_out_notes(copied: CopiedHeader) -> list[str]:
    """Return sentences that name the attributes that are left empty, without their values."""
    if not copied.left_out:
        return []
    return [
        worded(
            "The slices contain {attributes} in a form that DICOM does not allow. These "
            "attributes are empty in the DICOM object.",
            attributes=", ".join(_in_words(keyword) for keyword in copied.left_out),
        )
    ]


def set_character_set(instance: Any, copied: CopiedHeader, our_texts: Iterable[str]) -> list[str]:
    """Declare a character set in a new object that preserves the source's strings and ours.

    The source's own set is kept if it suffices, so that names keep the exact bytes by which an
    archive matches them; otherwise the object uses Unicode.

    Parameters
    ----------
    instance
        The object, a pydicom data set. Its strings may be re-encoded.
    our_texts
        Strings in it that the program or the user wrote.

    Returns
    -------
    A warning if the source's character set had to be guessed; otherwise nothing.
    """
    declared = copied.character_set
    is_known = bool(declared) and _are_known(declared)
    ours = [text for text in our_texts if not text.isascii()]
    theirs = [text for text in _texts(copied.image) if not text.isascii()]
    may_keep_declared = _preserves(declared, ours) if is_known else not ours
    if may_keep_declared and (not is_known or _preserves(declared, theirs)):
        if declared:
            instance.SpecificCharacterSet = list(declared) if len(declared) > 1 else declared[0]
        else:
            instance.pop("SpecificCharacterSet", None)
        return []
    instance.SpecificCharacterSet = UTF_8
    is_guessed = not is_known and bool(theirs)
    our_set = set(ours)

    def in_unicode(text: str) -> str:
        if is_guessed and text not in our_set:
            return _decode_again(text)
        return text.replace(CHINESE_ESCAPE, "")

    _change_texts(instance, in_unicode)
    if not is_guessed:
        return []
    return [
        worded(
            "The slices do not declare their character set. Check the patient's name and other "
            "patient information in the DICOM object."
        )
    ]


def series_number(image: Any, step: int) -> int:
    """Return the number of a new series: the image's, if it is plausible, plus `step`."""
    try:
        number = int(image.get("SeriesNumber") or 0)
    except (TypeError, ValueError, OverflowError):
        number = 0
    return step + (number if 0 <= number < 2**30 else 0)


@contextmanager
def errors_without_identity(sentence: str, headers: Sequence[Any]) -> Iterator[None]:
    """Convert errors of libraries to an `ExportError` that does not identify the patient.

    Parameters
    ----------
    sentence
        States which object cannot be made, with the field `reason`; marked for translation.
    headers
        Headers of the slices that had been read when the error occurred.

    Raises
    ------
    ExportError
        Instead of the errors of pydicom and highdicom.
    """
    try:
        yield
    except NotCopyableError as error:
        raise ExportError(sentence, reason=str(error)) from None
    except (ValueError, AttributeError, TypeError, KeyError, OSError, NotImplementedError) as error:
        raise ExportError(sentence, reason=_reason_without_identity(error, headers)) from None


def _reason_without_identity(error: Exception, images: Sequence[Any]) -> str:
    """Return why a library failed, without any text from the header that identifies the patient."""
    message = " ".join(str(error).split())
    reason = (
        message
        if isinstance(error, AttributeError)
        else re.sub(r"'[^']*'|\"[^\"]*\"", "...", message)
    )[:MAX_REASON_LENGTH].rstrip(".")
    known = " ".join(text for image in images[:1] for text in _identity_values(image))
    if not reason or contains_word_from(reason, known):
        return type(error).__name__
    return reason


def _value_or_none(image: Any, keyword: str) -> Any:
    try:
        return image.get(keyword)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _keyword(tag: Any) -> str:
    from pydicom.datadict import keyword_for_tag

    return "" if tag.is_private else keyword_for_tag(tag)


def _conforming_element(data: Any, tag: Any) -> Any:
    """Return an element with the VR of its dictionary entry; None if its value is invalid."""
    from pydicom.datadict import dictionary_VM, dictionary_VR
    from pydicom.dataelem import DataElement
    from pydicom.valuerep import PersonName

    try:
        element = data[tag]
        vr = dictionary_VR(tag)
        if _keyword(tag).endswith("FunctionalGroupsSequence"):
            return element
        if vr == "SQ":
            items = [_conforming_item(item) for item in element.value]
            return DataElement(tag, "SQ", [item for item in items if len(item)])
        if vr in TEXT_VRS or vr in FORMATTED_VRS:
            is_list = isinstance(element.value, Sequence) and not isinstance(
                element.value, str | bytes | PersonName
            )
            texts = [_text(value) for value in (element.value if is_list else [element.value])]
            if vr in FORMATTED_VRS:
                if len(texts) > 1 and dictionary_VM(tag) == "1":
                    return None
                texts = [_formatted(vr, _keyword(tag), text) for text in texts]
            elif any(UNDECODED in text for text in texts):
                return None  # pydicom would encode the damaged text again
            if vr == "PN" and not is_list and not isinstance(element.value, bytes):
                return element
            if vr in TEXT_VRS and dictionary_VM(tag) == "1":
                texts = ["\\".join(texts)]  # as in the source
            return DataElement(tag, vr, texts if len(texts) > 1 else texts[0], validation_mode=0)
        return element if vr == element.VR or " or " in vr else None
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        NotImplementedError,
    ):
        return None


def _conforming_item(item: Any) -> Any:
    from pydicom.dataset import Dataset

    valid = Dataset()
    for tag in item.keys():  # noqa: SIM118  # as above
        keyword = _keyword(tag)
        if (
            keyword
            and keyword != "SpecificCharacterSet"
            and (element := _conforming_element(item, tag)) is not None
        ):
            valid.add(element)
    return valid


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value.decode("ascii") if isinstance(value, bytes) else str(value)
    return text.rstrip("\0 ")


def _formatted(vr: str, keyword: str, text: str) -> str:
    """Return the text of a date, time, age, number or code; raise ValueError if it is invalid."""
    from pydicom import config
    from pydicom.valuerep import DA, DT, TM, validate_value

    text = text.strip()
    if not text:
        return ""
    if vr == "DA" and (dotted := DOTTED_DATE.fullmatch(text)):
        text = "".join(dotted.groups())
    validate_value(vr, text, config.RAISE)
    if vr in {"DA", "TM"} and "-" in text:  # a range, as in queries
        raise ValueError
    kinds: dict[str, Callable[[str], Any]] = {"DA": DA, "DT": DT, "TM": TM}
    if vr in kinds:
        kinds[vr](text)
    if vr == "DS" and not math.isfinite(float(text)):
        raise ValueError
    if keyword == "PatientSex" and text not in SEXES:
        raise ValueError
    return text


def _identity_values(image: Any) -> Iterator[str]:
    for tag in image.keys():  # noqa: SIM118  # as above
        if tag.group in PATIENT_GROUPS or _keyword(tag) in STUDY_KEYWORDS:
            try:
                yield str(image[tag].value)
            except (ValueError, TypeError, LookupError, AttributeError):
                raw = getattr(image.get_item(tag), "value", b"")
                yield raw.decode("latin-1") if isinstance(raw, bytes) else ""


def _texts(data: Any) -> Iterator[str]:
    """Yield all strings of a data set and its items."""
    for element in data:
        if element.VR == "SQ":
            for item in element.value:
                yield from _texts(item)
        elif element.VR in TEXT_VRS:
            values = element.value if element.VM > 1 else [element.value]
            yield from (str(value) for value in values if value)


def _change_texts(data: Any, change: Callable[[str], str]) -> None:
    """Replace all strings that are not ASCII, in place."""
    from pydicom.valuerep import PersonName

    for element in data:
        if element.VR == "SQ":
            for item in element.value:
                _change_texts(item, change)
        elif element.VR in TEXT_VRS and element.value and not str(element.value).isascii():
            kind = PersonName if element.VR == "PN" else str
            texts = [
                kind(change(str(value)))
                for value in (element.value if element.VM > 1 else [element.value])
            ]
            element.value = texts if len(texts) > 1 else texts[0]


def _decode_again(text: str) -> str:
    """Return text decoded as UTF-8 instead of Latin-1; unchanged if it is not UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _are_known(terms: Sequence[str]) -> bool:
    from pydicom.charset import python_encoding

    return all(term in python_encoding for term in terms)


def _preserves(terms: Sequence[str], texts: Sequence[str]) -> bool:
    """Return whether strings survive encoding in a character set and decoding again."""
    from pydicom.charset import convert_encodings, decode_bytes, encode_string
    from pydicom.valuerep import TEXT_VR_DELIMS

    if not texts:
        return True
    try:
        encodings = convert_encodings(list(terms))
        return all(
            decode_bytes(encode_string(text, encodings), encodings, TEXT_VR_DELIMS) == text
            for text in texts
        )
    except (UnicodeError, LookupError, ValueError):
        return False


def _in_words(keyword: str) -> str:
    from pydicom.datadict import dictionary_description

    return dictionary_description(keyword)
