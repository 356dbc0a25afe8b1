"""The user's language: every string in the window passes through `tr`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from spineviewer.wording import (
    MINUS,
    Field,
    Wording,
    in_english,
    mark,
    number_text,
    plain_fields,
)

FOLDER = Path(__file__).parent.parent / "translations"
#: Name of the translation's language, in that language.
_OWN_NAME = mark("English", "the name of this language in the language itself")
_OWN_TIP = mark("Use English", "in this language, with its own name")
#: Command-line options and commands, which messages name in brackets.
_OPTIONS = re.compile(r" \((?:--|spineviewer )[^)]*\)")
#: Strings are identified by their English wording and a hint, not by the class that shows them.
_CONTEXT = ""


class _LocalField:
    """A field that is formatted for the user's language."""

    __slots__ = ("_value",)

    def __init__(self, value: Field) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        value = self._value
        if isinstance(value, str):
            return format(translated(value), spec)
        return format(value, spec) if value is None else local_number(value, spec)


def local_number(value: float, spec: str = "") -> str:
    """Return a number as it is shown, with the decimal separator of the language.

    Negative numbers have a minus sign, not a hyphen. If `spec` separates thousands, a thin space
    does so in every language.
    """
    text = number_text(value, spec).replace(",", "\u2009").replace(".", QLocale().decimalPoint())
    return text.replace("-", MINUS)


def tr(text: str, hint: str = "", count: int | None = None, /, **fields: object) -> str:
    """Return a string in the user's language, with its fields filled in.

    Parameters
    ----------
    text
        English source text, or a sentence from another layer (`wording.worded`) with the fields
        that it contains.
    hint, count, fields
        As for `wording.worded`.
    """
    if isinstance(text, Wording):
        template, hint, count, filled = text.template, text.hint, text.counted, text.fields
    else:
        template, filled = text, plain_fields(fields)
    local = {name: _LocalField(value) for name, value in filled.items()}
    number = -1 if count is None else count
    local_template = (
        QCoreApplication.translate(_CONTEXT, template, hint or None, number) if template else ""
    )
    if number >= 0 and local_template == template.replace("%n", str(number)):
        return in_english(_without_options(template), number, local)
    return in_english(_without_options(local_template), None, local)


def _without_options(template: str) -> str:
    return _OPTIONS.sub("", template)


def translated(text: str) -> str:
    """Return a sentence of the program in the user's language, and other strings unchanged.

    Other strings come from files or from the user.
    """
    return tr(text) if isinstance(text, Wording) else text


@dataclass(frozen=True)
class Language:
    """A language in which the window can be shown.

    Attributes
    ----------
    code
        Same as in its file name: ``de``, ``pt_BR``.
    name, tip
        Written in the language itself.
    """

    code: str
    name: str
    tip: str


def languages(folder: Path = FOLDER) -> tuple[Language, ...]:
    """Return English (the source language) and every language that has a file in `folder`."""
    found = [Language("en", _OWN_NAME, _OWN_TIP)]
    for path in sorted(folder.glob("*.qm")):
        translator = QTranslator()
        if translator.load(path.stem, str(folder)):
            name = translator.translate(
                _CONTEXT, _OWN_NAME, "the name of this language in the language itself"
            )
            tip = translator.translate(_CONTEXT, _OWN_TIP, "in this language, with its own name")
            found.append(Language(path.stem, name or path.stem, tip or ""))
    return tuple(found)


def language() -> str:
    """Return the code of the current language, without the country."""
    return QLocale().name().partition("_")[0]


def select_language(setting: str, folder: Path = FOLDER) -> str:
    """Return the code of the language that a setting selects.

    If the setting is '' or its language has no file, return the first of the system's languages
    that has one; otherwise English.
    """
    available = {"en", *(path.stem for path in folder.glob("*.qm"))}
    system = [QLocale(name).name() for name in QLocale.system().uiLanguages()]
    candidates = [setting, *(code for name in system for code in (name, name.partition("_")[0]))]
    return next((code for code in candidates if code in available), "en")


def use_language(setting: str) -> str:
    """Switch the program's strings, Qt's dialogs and number formats to a language.

    What is already shown does not change.

    Returns
    -------
    str
        Code of the language.
    """
    code = select_language(setting)
    app = QCoreApplication.instance()
    assert app is not None
    for old in app.findChildren(QTranslator):
        QCoreApplication.removeTranslator(old)
        old.deleteLater()
    files = (
        (f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        (code, str(FOLDER)),
    )
    for name, folder in files:
        translator = QTranslator(app)
        if code != "en" and translator.load(name, folder):
            QCoreApplication.installTranslator(translator)
        else:
            translator.deleteLater()
    locale = QLocale("en_US" if code == "en" else code)
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    QLocale.setDefault(locale)
    return code
