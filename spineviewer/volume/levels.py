"""The levels of the spine: clinical names, VerSe numbers, and order from head to foot."""

from __future__ import annotations

import re
from colorsys import hsv_to_rgb

from spineviewer.errors import UsageError

SACRUM, COCCYX, T13 = 26, 27, 28
#: VerSe numbers from the head down; T13 (28) is between T12 (19) and L1 (20).
VERSE_ORDER: tuple[int, ...] = (*range(1, 20), T13, *range(20, 26))
#: Neighbouring colours differ clearly, and none is the cyan of masks. The hues repeat along the
#: levels, a little paler each time.
_HUES_DEG = (215, 35, 290, 100, 335)
#: Levels as users write them: T7, Th7, BWK 7, L3.
_LEVEL = re.compile(r"(?<!\w)(C|T|L|TH|[HBL]WK) ?(1[0-3]|[1-9])(?!\w| ?(?:mm|cm))", re.IGNORECASE)
_REGIONS = {"TH": "T", "HWK": "C", "BWK": "T", "LWK": "L"}


def level_name(label: int) -> str:
    """Return the clinical name of a VerSe number: 20 is L1."""
    for letter, first, count in (("C", 1, 7), ("T", 8, 12), ("L", 20, 6)):
        if first <= label < first + count:
            return f"{letter}{label - first + 1}"
    return {SACRUM: "sacrum", COCCYX: "coccyx", T13: "T13"}.get(label, str(label))


def level_number(name: str) -> int:
    """Return the VerSe number of a vertebra's name, in any notation that `standard_name` accepts.

    Raises
    ------
    UsageError
        When no vertebra has this name.
    """
    wanted_name = standard_name(name)
    for label in VERSE_ORDER:
        if level_name(label) == wanted_name:
            return label
    raise UsageError(
        f"'{name}' is not the name of a vertebra. Use C1 to C7, T1 to T13 or L1 to L6."
    )


def standard_name(name: str) -> str:
    """Return the name of a level as the program writes it: T7 for th7 or BWK 7.

    Other strings are returned in upper case.
    """
    match = _LEVEL.fullmatch(name.strip())
    return name.strip().upper() if match is None else _standard_name(*match.groups())


def levels_in(text: str) -> set[str]:
    """Return the names of the levels that a text mentions."""
    return {_standard_name(region, number) for region, number in _LEVEL.findall(text)}


def _standard_name(region: str, number: str) -> str:
    return f"{_REGIONS.get(region.upper(), region.upper())}{number}"


def level_colour(label: int) -> tuple[int, int, int]:
    """Return the fixed colour of a level: red, green and blue from 0 to 255."""
    repetition, index = divmod(label, len(_HUES_DEG))
    red, green, blue = hsv_to_rgb(_HUES_DEG[index] / 360, 0.68 - 0.04 * repetition, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


#: Names of all vertebrae from the head down.
LEVEL_NAMES = tuple(level_name(label) for label in VERSE_ORDER)
