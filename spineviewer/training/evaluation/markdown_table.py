"""Tables of results in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table_lines(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; the first column is text, the others are numbers."""
    return [
        _line(titles),
        "|---|" + "---:|" * (len(titles) - 1),
        *(_line(row) for row in rows),
    ]


def cell(value: float | None, form: str) -> str:
    """Return a number in a format, or an empty cell."""
    return "" if value is None else f"{value:{form}}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
