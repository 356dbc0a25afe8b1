"""When one file or series can be read in several ways, nobody guesses: the ways are offered."""

from __future__ import annotations

from spineviewer.errors import GeometryError


class UndecidedError(GeometryError):
    """Something can be read in several ways.

    Attributes
    ----------
    choices
        (key, text) of each, the likeliest first.
    """

    def __init__(self, message: str, choices: list[tuple[str, str]]) -> None:
        super().__init__(message)
        self.choices = choices
