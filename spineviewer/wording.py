"""Sentences for the user that can be translated where they are shown.

They are written in English where they are used, even in layers without Qt. `worded` creates a
sentence with numbers or names: to other code it is a plain string, but it keeps its template and
fields, so that the window can show it in the user's language (`gui.kit.language.tr`). `mark`
registers a string without fields for translation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, TypeVar

import msgspec

Text = TypeVar("Text", bound=str)
#: Types of fields that can be sent to another process.
Field = str | int | float | bool | None
#: The minus sign in numbers that are shown; files and the command line use a hyphen.
MINUS = "\u2212"
#: Key of a sentence in a message between processes.
_TAG = "\u200bwording"
_PLURAL = re.compile(r"\((\w*)(?:\|(\w*))?\)")


class Wording(str):
    """An English sentence that keeps its template and fields.

    Attributes
    ----------
    template
        Text with named fields in braces, formatted as by `str.format`; `%n` is the count.
    hint
        Distinguishes strings that are equal in English but not in other languages.
    counted
        The count that selects singular or plural; None if there is none.
    fields
        Values by name; sentences among them are also translated.
    is_critical
        Whether missing the sentence would mislead the user; other notices never hide it.
    """

    template: str
    hint: str
    counted: int | None
    fields: Mapping[str, Field]
    is_critical: bool

    @classmethod
    def of(
        cls,
        template: str,
        hint: str,
        count: int | None,
        fields: Mapping[str, object],
        is_critical: bool = False,
    ) -> Wording:
        """Return the sentence with its fields filled in."""
        plain = plain_fields(fields)
        english = {name: _EnglishField(value) for name, value in plain.items()}
        wording = cls(in_english(template, count, english))
        wording.template, wording.hint, wording.counted, wording.fields = (
            template,
            hint,
            count,
            plain,
        )
        wording.is_critical = is_critical
        return wording

    def __str__(self) -> str:
        return self  # so that an error returns its sentence with all parts, not a plain copy

    def __reduce__(self) -> tuple[Any, ...]:
        fields = dict(self.fields)
        return Wording.of, (self.template, self.hint, self.counted, fields, self.is_critical)


def worded(template: str, hint: str = "", count: int | None = None, /, **fields: object) -> Wording:
    """Return a sentence with fields: ``worded("{file} is truncated.", file=path.name)``.

    Parameters
    ----------
    count
        For plurals: ``worded("%n slice(s) in {file}", "", 3, file="a.nii")``; in ``(was|were)`` the
        second form is the plural.
    """
    return Wording.of(template, hint, count, fields)


def critical(sentence: Wording) -> Wording:
    """Return the sentence marked as critical, so that other notices never hide it."""
    return Wording.of(sentence.template, sentence.hint, sentence.counted, sentence.fields, True)


def is_critical(sentence: str) -> bool:
    """Return whether a sentence was marked by `critical`."""
    return isinstance(sentence, Wording) and sentence.is_critical


def without_file_names(sentence: str) -> str:
    """Return a sentence in which `[file]` stands for each field called `file`."""
    if not isinstance(sentence, Wording):
        return sentence
    fields = {
        name: "[file]"
        if name == "file"
        else (without_file_names(value) if isinstance(value, str) else value)
        for name, value in sentence.fields.items()
    }
    return Wording.of(sentence.template, sentence.hint, sentence.counted, fields)


def formatted_number(value: float, spec: str, unit: str = "") -> Wording:
    """Return a number with its unit, shown with the decimal separator of the user's language.

    Example: ``formatted_number(3.14, ".1f", "mm")``. A percentage has the format ``.0f``, ``.1f``
    or ``+.0f``.
    """
    if unit == "%":
        return Wording.of(_PERCENTAGES[spec], "", None, {"value": value})
    return Wording.of(
        f"{{value:{spec}}}{'' if unit in ('', '°') else ' '}{unit}", "", None, {"value": value}
    )


def enumerated(texts: Sequence[str], between: str = ", ") -> Wording:
    """Return several strings joined by commas or another separator."""
    fields = {f"text_{number}": text for number, text in enumerate(texts)}
    return Wording.of(between.join(f"{{{name}}}" for name in fields), "", None, fields)


def plain_fields(fields: Mapping[str, object]) -> dict[str, Field]:
    """Return fields as a sentence stores them: Python numbers, and other objects as text."""
    return {name: _plain(value) for name, value in fields.items()}


def mark(text: Text, _hint: str = "") -> Text:
    """Return the string itself; `make texts` finds it through this call for translation."""
    return text


#: Percentages by format; languages other than English write a space before the sign.
_PERCENTAGES = {
    ".0f": mark("{value:.0f}%"),
    ".1f": mark("{value:.1f}%"),
    "+.0f": mark("{value:+.0f}%"),
}


def in_english(template: str, count: int | None, fields: Mapping[str, object]) -> str:
    """Return a template filled in; the count also replaces `%n` and the plurals in parentheses.

    `fields` are formatted by their own ``__format__``.
    """
    if count is not None:
        template = _PLURAL.sub(
            lambda found: _form(found, count), template.replace("%n", str(count))
        )
    return template.format_map(fields) if fields else template


def number_text(value: float, spec: str) -> str:
    """Return a number in ASCII, formatted as by `format`; one that rounds to zero has no sign."""
    text = format(value, spec)
    is_zero = "0" in text and not any(digit in text for digit in "123456789")
    return text.lstrip("+-") if is_zero else text


class _EnglishField:
    """A field that is formatted in English; numbers are written by `number_text`."""

    __slots__ = ("_value",)

    def __init__(self, value: Field) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        value = self._value
        return number_text(value, spec) if isinstance(value, (int, float)) else format(value, spec)


def as_json(message: object) -> str:
    """Return a message to another process as a line of JSON; sentences keep their parts."""
    return json.dumps(msgspec.to_builtins(message, enc_hook=_sendable))


def from_json(text: str | bytes) -> Any:
    """Return the message; the inverse of `as_json`.

    Raises
    ------
    ValueError
        When the text is not JSON.
    """
    return json.loads(text, object_hook=_with_wordings)


def _sendable(value: object) -> object:
    """Return a sentence, path or numpy number as a type that msgspec supports."""
    if isinstance(value, Wording):
        template, hint = str.__str__(value.template), str.__str__(value.hint)
        return {_TAG: [template, hint, value.counted, dict(value.fields), value.is_critical]}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, PurePath):
        return str(value)
    raise NotImplementedError(f"A message cannot hold {type(value).__name__}.")


def _with_wordings(sent: dict[str, Any]) -> Any:
    parts = sent.get(_TAG)
    if parts is None:
        return sent
    template, hint, count, fields, is_critical = parts
    return Wording.of(template, hint, count, fields, is_critical)


def _plain(value: object) -> Field:
    if isinstance(value, BaseException):
        value = str(value)
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    item = getattr(value, "item", None)  # a numpy number
    return _plain(item()) if callable(item) and not isinstance(value, type) else str(value)


def _form(match: re.Match[str], count: int) -> str:
    singular, plural = (match[1], match[2]) if match[2] is not None else ("", match[1])
    return singular if count == 1 else plural
