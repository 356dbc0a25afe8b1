"""De-identification of DICOM data sets according to PS3.15, Annex E.

The table of attributes and actions of the Basic Application Level Confidentiality Profile comes
from `dicom-anonymizer`. Here it is also applied inside sequences, and references stay consistent:
a UID gets the same replacement in every file that is processed with the same key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from spineviewer import __version__
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS
from spineviewer.volume.scan_name import contains_word_from

#: The library splits the standard's table into these lists. Actions: X remove, Z empty, D replace
#: with a dummy value, U map the UID, C clean the items. Several letters are alternatives, in this
#: order.
_LISTS = {
    "X_TAGS": "X", "Z_TAGS": "Z", "D_TAGS": "D", "U_TAGS": "U", "X_Z_TAGS": "XZ", "X_D_TAGS": "XD",
    "Z_D_TAGS": "ZD", "X_Z_D_TAGS": "XZD", "X_Z_U_STAR_TAGS": "C",
}  # fmt: skip
_TABLE = "dicomfields_2026c"
#: Image classes in which no attribute with a choice of actions needs a value.
_PLAIN_IMAGES = frozenset({
    "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.128",
    "1.2.840.10008.5.1.4.1.1.20", "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.7",
})  # fmt: skip
#: UIDs below this root are defined by the standard and do not identify anyone.
_STANDARD_ROOT = "1.2.840.10008."
_DEFINITIONS = frozenset({"CodingSchemeUID", "ContextUID", "MappingResourceUID"})
_DATE_VRS = frozenset({"DA", "DT", "TM"})
#: Value representations of AE titles, people and web addresses; the table lists most attributes
#: with these.
_NAMING_VRS = frozenset({"AE", "PN", "UR"})
_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_DUMMIES: Mapping[str, Any] = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"), "ANONYMIZED"),
    "PN": "Anonymous", "AS": "000Y", "DA": "19000101", "DT": "19000101000000", "TM": "000000",
    "DS": "0", "IS": "0", "UR": "https://anonymized.invalid", "OB": b"\0\0", "UN": b"\0\0",
    **dict.fromkeys(("FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"), 0),
}  # fmt: skip
_PATIENT_GROUP, _CURVES, _OVERLAYS, _PADDING = 0x0010, 0x50, 0x60, 0xFFFCFFFC
#: Sequences whose items are the object's content: they are cleaned, not replaced.
_CONTENT = frozenset({"ContentSequence", "GraphicAnnotationSequence"})
#: Attributes that the option to retain patient characteristics keeps.
_CHARACTERISTICS = frozenset({
    "PatientAge", "PatientSex", "PatientSize", "PatientWeight", "EthnicGroup",
    "PregnancyStatus", "SmokingStatus", "PatientSexNeutered",
})  # fmt: skip
#: Choice: higher ages are rare enough to identify a patient, so they are capped at this value.
MAX_AGE_YEARS = 90
#: Choice: dates are shifted back by 30 to 729 days.
_MIN_SHIFT_DAYS, _SHIFT_RANGE_DAYS = 30, 700
#: Code of the content item that distinguishes measurements in a structured report.
_TRACKING_IDENTIFIER = ("112039", "DCM")
#: Attributes of an object's content that contain free text.
_FREE_TEXT = frozenset({"TextValue", "UnformattedTextValue"})
_METHODS = {
    "basic": ("113100", "Basic Application Confidentiality Profile"),
    "content": ("113104", "Clean Structured Content Option"),
    "kept": ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "shifted": ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "characteristics": ("113108", "Retain Patient Characteristics Option"),
}


class Dates(StrEnum):
    """How dates and times are treated; the birth date is always removed."""

    REMOVED = "removed"
    SHIFTED = "shifted"
    KEPT = "kept"


@dataclass(frozen=True)
class Profile:
    """How objects are anonymised.

    Attributes
    ----------
    key
        Secret from which new UIDs, patient numbers and shifts are derived. The same key gives the
        same values; without it they cannot be reversed.
    shift_days
        Days added to dates that are shifted; None for a number of days derived from the patient.
    patient
        New name and ID of the patient; empty for a number derived from the ID.
    keeps_characteristics
        Whether age (capped at 90), sex, height and weight of the patient are kept.
    """

    key: str
    dates: Dates = Dates.REMOVED
    shift_days: int | None = None
    patient: str = ""
    keeps_characteristics: bool = False

    def new_uid(self, uid: str) -> str:
        """Return the replacement of a UID; UIDs that the standard defines are kept."""
        if not uid or uid.startswith(_STANDARD_ROOT):
            return uid
        return f"2.25.{int.from_bytes(self._digest('uid', uid)[:16])}"

    def new_patient(self, patient_id: str, name: str) -> str:
        """Return the new name and ID of a patient."""
        if self.patient:
            return self.patient
        identifier = patient_id.strip() or name.strip().casefold()
        return f"ANON-{self._digest('patient', identifier).hex()[:8].upper()}"

    def shift_days_for(self, patient_id: str, name: str) -> int:
        """Return the number of days by which the dates of a patient are shifted."""
        if self.shift_days is not None:
            return self.shift_days
        identifier = patient_id.strip() or name.strip().casefold()
        number = int.from_bytes(self._digest("days", identifier)[:4])
        return -(_MIN_SHIFT_DAYS + number % _SHIFT_RANGE_DAYS)

    def new_key(self, text: str) -> str:
        """Return a short replacement that is the same for the same text and does not reveal it."""
        return self._digest("key", text).hex()[:8].upper()

    def _digest(self, purpose: str, value: str) -> bytes:
        return hmac.digest(self.key.encode(), f"{purpose}|{value}".encode(), hashlib.sha256)


def deidentify(data: Any, profile: Profile) -> None:
    """Remove everything that identifies the patient from a pydicom data set, in place.

    Pixels are neither changed nor searched for text.
    """
    patient_id, name = str(data.get("PatientID") or ""), str(data.get("PatientName") or "")
    known = " ".join(
        str(data.get(keyword) or "")
        for keyword in (
            "PatientName", "PatientID", "PatientBirthDate", "OtherPatientIDs", "OtherPatientNames",
            "PatientBirthName", "AccessionNumber", "ReferringPhysicianName",
        )
    )  # fmt: skip
    cleaner = _Cleaner(
        profile,
        days=profile.shift_days_for(patient_id, name),
        known=known,
        is_plain=str(data.get("SOPClassUID", "")) in _PLAIN_IMAGES,
    )
    cleaner.clean(data)
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName = data.PatientID = profile.new_patient(patient_id, name)
    if profile.keeps_characteristics:
        _limit_age(data)
    _state_method(data, profile, has_content="ContentSequence" in data)


@dataclass(frozen=True)
class _Cleaner:
    """Applies the table to one object.

    Attributes
    ----------
    days
        Days added to dates that are shifted.
    known
        Names, numbers and dates that identify the patient, and the name of the referring physician.
        Values that contain any of these words are removed.
    is_plain
        Whether the object's class needs no dummy values.
    """

    profile: Profile
    days: int
    known: str
    is_plain: bool

    def clean(self, data: Any) -> None:
        """Clean a data set and everything in its sequences."""
        from pydicom.datadict import dictionary_has_tag

        for tag in list(data.keys()):
            if (
                tag.is_private
                or tag.group >> 8 in (_CURVES, _OVERLAYS)
                or tag == _PADDING
                or not dictionary_has_tag(tag)
            ):
                del data[tag]
                continue
            try:
                self._clean_element(data, data[tag])
            except LIBRARY_ERRORS:  # a value that cannot be read cannot be judged
                del data[tag]

    def _clean_element(self, data: Any, element: Any) -> None:
        actions = _actions().get(int(element.tag), "")
        is_patients_own = element.tag.group == _PATIENT_GROUP
        if element.keyword in _CHARACTERISTICS and self.profile.keeps_characteristics:
            return
        if element.VR == "SQ":
            self._clean_sequence(data, element, actions)
        elif element.VR in _DATE_VRS and not is_patients_own and self._retains_dates:
            _set_values(
                element, [self._shift_value(value, element.VR) for value in _values(element)]
            )
        elif element.VR == "UI" and (actions or not _is_definition(element.keyword)):
            _set_values(element, [self.profile.new_uid(str(value)) for value in _values(element)])
        elif element.keyword in _FREE_TEXT:
            is_key = _is_tracking_identifier(data)
            element.value = self._opaque_key(element) if is_key else _DUMMIES[element.VR]
        elif actions:
            self._apply(data, element, self._choose(actions))
        elif element.VR in _DATE_VRS:
            del data[element.tag]
        elif element.VR in _NAMING_VRS or (
            element.VR in _TEXT_VRS and self._mentions_patient(element)
        ):
            element.clear()

    def _clean_sequence(self, data: Any, element: Any, actions: str) -> None:
        action = self._choose(actions)
        is_content = element.keyword in _CONTENT
        if action in ("X", "D") and not is_content:
            del data[element.tag]
        elif action == "Z":
            element.value = []
        else:
            for item in element.value:
                self.clean(item)
                if "SpecificCharacterSet" in item:
                    del item.SpecificCharacterSet

    def _choose(self, actions: str) -> str:
        """Return the action to take among those that the table allows."""
        if actions in ("XD", "ZD", "XZD"):
            return ("X" if actions == "XD" else "Z") if self.is_plain else "D"
        return actions[-1:]

    def _apply(self, data: Any, element: Any, action: str) -> None:
        if action == "X":
            del data[element.tag]
        elif action == "D":
            element.value = _DUMMIES.get(element.VR, "")
        else:
            element.clear()

    @property
    def _retains_dates(self) -> bool:
        return self.profile.dates is not Dates.REMOVED

    def _opaque_key(self, element: Any) -> str:
        """Return a replacement that distinguishes an element's value without revealing it."""
        return f"{_DUMMIES[element.VR]} {self.profile.new_key(str(element.value))}"

    def _shift_value(self, value: Any, vr: str) -> str:
        text = str(value)
        if self.profile.dates is Dates.KEPT or vr == "TM":
            return text
        return shift_date(text, self.days)

    def _mentions_patient(self, element: Any) -> bool:
        return any(contains_word_from(str(value), self.known) for value in _values(element))


def shift_date(text: str, days: int) -> str:
    """Return a DICOM date or date-time shifted by a number of days; empty if it is invalid."""
    plain = text.strip().replace(".", "", 2) if text.strip()[4:5] == "." else text.strip()
    day, rest = plain[:8], plain[8:]
    try:
        moved = date(int(day[:4]), int(day[4:6]), int(day[6:8])) + timedelta(days)
    except (ValueError, OverflowError):
        return ""
    return moved.strftime("%Y%m%d").zfill(8) + rest


def _is_tracking_identifier(item: Any) -> bool:
    """Return whether a content item of a structured report names what is measured."""
    names = item.get("ConceptNameCodeSequence") or ()
    return any(
        (name.get("CodeValue"), name.get("CodingSchemeDesignator")) == _TRACKING_IDENTIFIER
        for name in names
    )


def _is_definition(keyword: str) -> bool:
    """Return whether a UID attribute identifies a class, syntax or definition, not an instance."""
    return keyword.endswith(("ClassUID", "SyntaxUID")) or keyword in _DEFINITIONS


def _values(element: Any) -> Iterable[Any]:
    if element.value is None or element.value == "":
        return []
    return list(element.value) if element.VM > 1 else [element.value]


def _set_values(element: Any, values: list[str]) -> None:
    element.value = values if len(values) > 1 else (values[0] if values else "")


def _limit_age(data: Any) -> None:
    age = str(data.get("PatientAge") or "")
    if age[-1:] == "Y" and age[:-1].isdigit() and int(age[:-1]) > MAX_AGE_YEARS:
        data.PatientAge = f"{MAX_AGE_YEARS:03}Y"


def _state_method(data: Any, profile: Profile, *, has_content: bool) -> None:
    """State in the data set that it was de-identified, and how."""
    from pydicom.dataset import Dataset

    applied = ["basic"]
    if has_content:
        applied.append("content")
    if profile.dates is not Dates.REMOVED:
        applied.append(profile.dates.value)
    if profile.keeps_characteristics:
        applied.append("characteristics")
    codes = []
    for name in applied:
        code = Dataset()
        code.CodeValue, code.CodeMeaning = _METHODS[name]
        code.CodingSchemeDesignator = "DCM"
        codes.append(code)
    data.PatientIdentityRemoved = "YES"
    data.DeidentificationMethod = ["PS3.15 Basic Profile", f"Spineviewer {__version__}"]
    data.DeidentificationMethodCodeSequence = codes
    data.LongitudinalTemporalInformationModified = {
        Dates.REMOVED: "REMOVED", Dates.SHIFTED: "MODIFIED", Dates.KEPT: "UNMODIFIED",
    }[profile.dates]  # fmt: skip
    if data.get("VerificationFlag") == "VERIFIED":  # the verifying observer was removed
        data.VerificationFlag = "UNVERIFIED"


@cache
def _actions() -> Mapping[int, str]:
    """Return the possible actions for each attribute of the standard's table."""
    from dicomanonymizer.dicomfields_selector import dicom_anonymization_database_selector

    lists = dicom_anonymization_database_selector(_TABLE)
    return {
        (tag[0] << 16) | tag[1]: actions
        for name, actions in _LISTS.items()
        for tag in lists[name]
        if len(tag) == 2  # the others are curves and overlays, which are removed as groups
    }
