import pytest

from spineviewer.errors import UsageError
from spineviewer.volume.levels import (
    LEVEL_NAMES,
    VERSE_ORDER,
    level_colour,
    level_name,
    level_number,
    levels_in,
)


def test_names_are_consecutive_from_the_head_down() -> None:
    necks = [f"C{n}" for n in range(1, 8)]
    chests = [f"T{n}" for n in range(1, 14)]
    loins = [f"L{n}" for n in range(1, 7)]
    assert list(LEVEL_NAMES) == necks + chests + loins


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("C1", 1),
        ("c7", 7),
        ("T1", 8),
        (" t12 ", 19),
        ("T13", 28),
        ("L1", 20),
        ("L6", 25),
        ("Th8", 15),
        ("BWK 13", 28),
        ("lwk2", 21),
        ("HWK 3", 3),
    ],
)
def test_a_name_has_its_verse_number(name: str, label: int) -> None:
    assert level_number(name) == label


def test_names_and_numbers_are_inverse() -> None:
    assert [level_number(level_name(label)) for label in VERSE_ORDER] == list(VERSE_ORDER)


@pytest.mark.parametrize("name", ["", "L7", "T14", "C8", "S1", "L", "20", "BWK", "LWK 7", "T8 T9"])
def test_what_is_not_a_vertebra_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="not the name of a vertebra"):
        level_number(name)


def test_every_level_has_its_own_colour() -> None:
    colours = [level_colour(label) for label in VERSE_ORDER]
    assert len(set(colours)) == len(colours)
    assert all(0 <= value <= 255 for colour in colours for value in colour)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("Wedging of T7, 11 percent; L3/4 and c2.", {"T7", "L3", "C2"}),
        ("Fraktur BWK 12 und LWK1, Th10 unauffällig, HWK 3.", {"T12", "L1", "T10", "C3"}),
        ("T14, L 3 mm, TL5, CT1 and 12 vertebrae", set()),
    ],
)
def test_levels_are_found_as_people_write_them(text, levels):
    assert levels_in(text) == levels
