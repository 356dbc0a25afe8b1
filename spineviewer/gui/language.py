"""The reader's language: every text of the window passes through `tr` on its way to the screen."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from spineviewer.wording import Wording, in_english, plain_fields

#: By their codes, as each calls itself. English is the language of the texts in the source and needs no file.
LANGUAGES = {"en": "English", "de": "Deutsch"}
FOLDER = Path(__file__).parent / "translations"
#: Texts are told apart by themselves (and a hint), not by the class in which they stand.
_CONTEXT = ""


class _Locale(string.Formatter):
    """Fills fields in as the reader's language writes them."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, str):
            return super().format_field(said(value), format_spec)
        text = super().format_field(value, format_spec)
        if isinstance(value, (int, float)):
            return text.replace(",", "\u2009").replace(".", QLocale().decimalPoint())  # thousands stand apart in every language
        return text


_FORMATTER = _Locale()


def tr(text: str, hint: str = "", count: int | None = None, /, **fields: object) -> str:
    """A text in the reader's language, with its fields filled in.

    Parameters
    ----------
    text
        In English, as it stands in the source; or a sentence of another layer (`wording.worded`), which brings its fields.
    hint, count, fields
        As for `wording.worded`.
    """
    if isinstance(text, Wording):
        template, hint, count, filled = text.template, text.hint, text.counted, text.fields
    else:
        template, filled = text, plain_fields(fields)
    number = -1 if count is None else count
    said = QCoreApplication.translate(_CONTEXT, template, hint or None, number) if template else ""
    if number >= 0 and said == template.replace("%n", str(number)):
        return in_english(template, number, filled, _FORMATTER)
    return in_english(said, None, filled, _FORMATTER)


def said(text: str) -> str:
    """A sentence of ours in the reader's language; a text that came from a file, such as the name of a series, as it is."""
    return tr(text) if isinstance(text, Wording) else text


def language() -> str:
    """Code of the language in use."""
    return QLocale().name()[:2]


def language_of(wanted: str) -> str:
    """Code of the language that a setting means; '' is that of the system, where we speak it."""
    if wanted in LANGUAGES:
        return wanted
    return next((code for name in QLocale.system().uiLanguages() if (code := name[:2]) in LANGUAGES), "en")


def use_language(wanted: str) -> str:
    """Let texts, Qt's own dialogs and numbers be in a language from now on; what is on the screen already stays as it is.

    Returns
    -------
    str
        Code of the language.
    """
    code = language_of(wanted)
    app = QCoreApplication.instance()
    assert app is not None
    for old in app.findChildren(QTranslator):
        QCoreApplication.removeTranslator(old)
        old.deleteLater()
    places = ((f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)), (code, str(FOLDER)))
    for name, folder in places:
        translator = QTranslator(app)
        if code != "en" and translator.load(name, folder):
            QCoreApplication.installTranslator(translator)
        else:
            translator.deleteLater()
    locale = QLocale("en_US" if code == "en" else code)
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    QLocale.setDefault(locale)
    return code
