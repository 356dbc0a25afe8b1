"""The argument parser of all commands, with one-line errors and short forms for common options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from spineviewer.errors import UsageError


class _HelpFormatter(argparse.HelpFormatter):
    """Adds the default value to the help of each option that does not mention a default."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text, value = action.help, action.default
        has_none = isinstance(value, bool) or value in (None, "", [], argparse.SUPPRESS)
        if text is None or "default" in text or has_none:
            return text
        values = value if isinstance(value, list | tuple) else [value]
        return f"{text} (default: {' '.join(map(str, values))})"


class CommandParser(argparse.ArgumentParser):
    """Argument parser that reports errors on one line, with methods for common options.

    In every method, `text` is the help of the option. Help states the default value.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _HelpFormatter, **options})

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")

    def add_flag(self, name: str, text: str) -> None:
        """Add an option without a value."""
        self.add_argument(name, action="store_true", help=text)

    def add_file(self, name: str, text: str, *, metavar: str = "FILE") -> None:
        """Add an option for a file, by default None."""
        self.add_argument(name, type=Path, metavar=metavar, help=text)

    def add_folder(
        self, name: str, text: str, *, default: str | None = None, is_required: bool = False
    ) -> None:
        """Add an option for a folder."""
        self.add_argument(
            name, type=Path, metavar="FOLDER", default=default, required=is_required, help=text
        )

    def add_output(self, metavar: str, text: str) -> None:
        """Add the required option -o for a file or folder to write."""
        self.add_argument("-o", "--output", type=Path, required=True, metavar=metavar, help=text)

    def add_text(self, name: str, metavar: str, text: str) -> None:
        """Add an option that takes a string, by default an empty one."""
        self.add_argument(name, default="", metavar=metavar, help=text)

    def add_count(self, name: str, text: str, *, default: int | None = None) -> None:
        """Add an option for a whole number."""
        self.add_argument(name, type=int, metavar="N", default=default, help=text)

    def add_list(self, name: str, metavar: str, text: str) -> None:
        """Add an option that can be repeated; its value is a list, by default empty."""
        self.add_argument(name, action="append", default=[], metavar=metavar, help=text)


def description_from(docstring: str | None) -> str:
    """Return the docstring of a command's module without the name of the command."""
    text = (docstring or "").split(": ", 1)[-1]
    return text[:1].upper() + text[1:]
