import pytest

from spineviewer.errors import UsageError
from spineviewer.volume.levels import (
    LEVEL_NAMES,
    VERSE_ORDER,
    level_colour,
    level_name,
    level_number,
)


def test_names_are_consecutive_from_the_head_down() -> None:
    necks = [f"C{n}" for n in range(1, 8)]
    chests = [f"T{n}" for n in range(1, 14)]
    loins = [f"L{n}" for n in range(1, 7)]
    assert list(LEVEL_NAMES) == necks + chests + loins


@pytest.mark.parametrize(
    ("name", "label"),
    [("C1", 1), ("c7", 7), ("T1", 8), (" t12 ", 19), ("T13", 28), ("L1", 20), ("L6", 25)],
)
def test_a_name_has_its_verse_number(name: str, label: int) -> None:
    assert level_number(name) == label


def test_names_and_numbers_are_inverse() -> None:
    assert [level_number(level_name(label)) for label in VERSE_ORDER] == list(VERSE_ORDER)


@pytest.mark.parametrize("name", ["", "L7", "T14", "C8", "S1", "L", "20"])
def test_what_is_not_a_vertebra_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not the name of a vertebra"):
        level_number(name)


def test_every_level_has_its_own_colour() -> None:
    colours = [level_colour(label) for label in VERSE_ORDER]
    assert len(set(colours)) == len(colours)
    assert all(0 <= value <= 255 for colour in colours for value in colour)
